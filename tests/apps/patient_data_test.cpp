// Nothing that a DICOM header says of a patient, and no file's name, leaves the program: neither in
// a report, in whatever form, nor in a transcript, an audit line or on the terminal.

#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "apps/small_model.h"
#include "imaging/dicom_writer.h"
#include "roentgen/base/base64.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;
using testing::IsEmpty;

// Stands in every value of the header, and in no other text.
constexpr const char* kSeed = "Qzxwvjk";
constexpr const char* kChineseName = "秦周氏";

/// A header with a name, a number or an address wherever one may stand, and in places that should
/// hold a term of DICOM.
std::string SeededDicom(bool terms) {
  const auto seeded = [](const std::string& what) { return kSeed + what; };
  test::DicomWriter file;
  file.Text(0x00080005, "CS", "ISO_IR 192").Text(0x00080018, "UI", "1.2.826.77.1");
  file.Text(0x00080020, "DA", "20190407").Text(0x00080021, "DA", "20190408");
  file.Text(0x00080050, "SH", seeded("Accession"));
  file.Text(0x00080060, "CS", terms ? "CT" : "CT QZXWVJK\x1b[31m");
  file.Text(0x00080080, "LO", seeded(" Hospital")).Text(0x00080090, "PN", seeded("Referring^Dr"));
  file.Text(0x00081030, "LO", seeded(" study description"));
  file.Text(0x0008103e, "LO", seeded(" series")).Text(0x00081050, "PN", seeded("Performing"));
  file.Text(0x00100010, "PN", seeded("Name^Jane=") + kChineseName);
  file.Text(0x00100020, "LO", seeded("Id-47110815")).Text(0x00100030, "DA", "19310723");
  file.Text(0x00101000, "LO", seeded("OtherId")).Text(0x00101001, "PN", seeded("OtherName"));
  file.Text(0x00101040, "LO", seeded(" Street 5")).Text(0x00102154, "SH", seeded("0123"));
  file.Text(0x00104000, "LT", seeded(" comment"));
  file.Text(0x00180015, "CS", terms ? "CHEST" : "QZXWVJK CHEST");
  file.Text(0x00181030, "LO", seeded(" protocol"));
  file.Text(0x0020000d, "UI", "1.2.826.77.2").Text(0x0020000e, "UI", "1.2.826.77.3");
  file.Text(0x00200010, "SH", seeded("StudyId")).Text(0x00204000, "LT", seeded(" image comment"));
  file.Grey(64, 64, 8, 8);
  std::string pixels;
  for (int i = 0; i < 64 * 64; ++i) pixels += static_cast<char>(i * 7 % 251);
  file.Raw(0x7fe00010, "OB", pixels);
  return file.bytes();
}

/// A PDF with its streams inflated behind it.
std::string Inflated(const std::string& pdf) {
  std::string text = pdf;
  for (size_t at = pdf.find("stream\n"); at != pdf.npos; at = pdf.find("stream\n", at + 1)) {
    const size_t begin = at + 7;
    std::string plain(size_t{4} << 20, '\0');
    z_stream stream{};
    ::inflateInit(&stream);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pdf.data() + begin));
    stream.avail_in = static_cast<uInt>(pdf.size() - begin);
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    ::inflate(&stream, Z_FINISH);
    text += plain.substr(0, stream.total_out);
    ::inflateEnd(&stream);
  }
  return text;
}

/// Which of the seeds stand in a text.
std::vector<std::string> SeedsIn(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::vector<std::string> found;
  for (const char* seed :
       {"qzxwvjk", kChineseName, "47110815", "19310723", "1931-07-23", "1.2.826.77"}) {
    if (text.find(seed) != text.npos) found.emplace_back(seed);
  }
  return found;
}

class PatientData : public testing::Test {
 protected:
  void SetUp() override {
    test::MakePhantomsAndModel(folder_.path(), "2");
    // Names of files and folders can name patients, too.
    const fs::path study = folder_.path() / "QzxwvjkFolder";
    fs::create_directories(study);
    for (const bool terms : {true, false}) {
      images_.push_back((study / fmt::format("Qzxwvjk{}.dcm", terms)).string());
      WriteFile(images_.back(), SeededDicom(terms));
    }
  }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string Model() const { return Path("model"); }

  test::TemporaryFolder folder_;
  std::vector<std::string> images_;
};

TEST_F(PatientData, IsInNoExportOfAReport) {
  for (const char* language : {"en", "zh"}) {
    for (const bool both : {false, true}) {
      std::vector<std::string> arguments = {"report", images_[0]};
      if (both) arguments.push_back(images_[1]);
      arguments.insert(arguments.end(), {"--model", Model(), "--language", language,
                                         "--max-new-tokens", "8", "--audit", Path("audit.jsonl")});
      const std::vector<std::string> names = {"r.json", "r.fhir.json", "r.html", "r.md", "r.pdf"};
      for (const std::string& name : names) {
        fs::remove(Path(name));
        arguments.insert(arguments.end(), {"--out", Path(name)});
      }
      const Outcome outcome = RunProgram(arguments);
      ASSERT_EQ(outcome.status, 0) << outcome.err;
      EXPECT_THAT(SeedsIn(outcome.out), IsEmpty());
      for (const std::string& name : names) {
        EXPECT_THAT(SeedsIn(Inflated(test::ReadAll(Path(name)))), IsEmpty()) << name;
      }
      const Json fhir = ReadJsonFile(Path("r.fhir.json"), 1 << 24);
      const auto markdown = FromBase64(fhir["presentedForm"][0]["data"].get<std::string>());
      EXPECT_THAT(SeedsIn(*markdown), IsEmpty());
      EXPECT_THAT(SeedsIn(test::ReadAll(Path("audit.jsonl"))), IsEmpty());
      // Of the header there is what DICOM defines, and the day of the study.
      EXPECT_EQ(fhir["effectiveDateTime"], "2019-04-07");
      const Json json = ReadJsonFile(Path("r.json"), 1 << 24);
      EXPECT_EQ(json["study"]["images"][0]["modality"], "CT");
      EXPECT_EQ(json["study"]["images"][0]["body_part"], "CHEST");
      if (both) {
        EXPECT_EQ(json["study"]["images"][1]["modality"], nullptr);
        EXPECT_EQ(json["study"]["images"][1]["body_part"], nullptr);
      }
    }
  }
}

TEST_F(PatientData, IsInNoTranscriptAndOnNoTerminal) {
  const Outcome chat = RunProgram(
      {"chat", "--model", Model(), "--max-new-tokens", "4", "--audit", Path("audit.jsonl")},
      fmt::format("/image {}\n/add {}\nIs it?\n/report en {}\n/save {}\n/save {}\n", images_[0],
                  images_[1], Path("c.json"), Path("c.jsonl"), Path("c.md")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(SeedsIn(chat.out), IsEmpty());
  for (const char* name : {"c.json", "c.jsonl", "c.md", "audit.jsonl"}) {
    EXPECT_THAT(SeedsIn(test::ReadAll(Path(name))), IsEmpty()) << name;
  }
  // The names of files, which the user typed, are shown to the user; nothing of their headers is.
  std::string shown = chat.err;
  for (const std::string& image : images_) {
    for (const std::string& name : {image, fs::path(image).filename().string()}) {
      for (size_t at = shown.find(name); at != shown.npos; at = shown.find(name, at)) {
        shown.erase(at, name.size());
      }
    }
  }
  EXPECT_THAT(SeedsIn(shown), IsEmpty()) << shown;
}

}  // namespace
}  // namespace roentgen
