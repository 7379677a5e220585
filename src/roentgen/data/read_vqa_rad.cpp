#include <fmt/format.h>

#include <map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/reading.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/language/answer.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRows = "VQA_RAD Dataset Public.json";
constexpr const char* kImages = "VQA_RAD Image Folder";

/// The modality that a text names, where it names exactly one.
std::string ModalityIn(std::string_view text) {
  static constexpr std::pair<std::string_view, const char*> kWords[] = {
      {" ct ", "CT"},
      {" cat ", "CT"},
      {" computed tomography ", "CT"},
      {" mri ", "MRI"},
      {" mr ", "MRI"},
      {" magnetic resonance ", "MRI"},
      {" flair ", "MRI"},
      {" t1 ", "MRI"},
      {" t2 ", "MRI"},
      {" dwi ", "MRI"},
      {" x ray ", "X-Ray"},
      {" xray ", "X-Ray"},
      {" xr ", "X-Ray"},
      {" cxr ", "X-Ray"},
      {" radiograph ", "X-Ray"},
      {" plain film ", "X-Ray"},
      {" ultrasound ", "Ultrasound"}};
  const std::string words = " " + ComparisonForm(text) + " ";
  std::string found;
  for (const auto& [word, modality] : kWords) {
    if (words.find(word) == std::string::npos || found == modality) continue;
    if (!found.empty()) return "";
    found = modality;
  }
  return found;
}

/// What a row says about its image's modality; mostly nothing.
std::string ModalityToldBy(const JsonObject& row) {
  if (row.GetOr<std::string>("question_type", "").find("MODALITY") == std::string::npos) return "";
  const std::string question = " " + ComparisonForm(row.Get<std::string>("question")) + " ";
  if (question.find(" not ") != std::string::npos) return "";  // "What is this image not?"
  const auto answer = row.Get<std::string>("answer");
  const std::optional<bool> yes = YesOrNo(answer);
  if (yes) return *yes ? ModalityIn(question) : "";
  return ModalityIn(answer);
}

/// The part by a phrase_type, in any case and with any separator: "test_freeform", "Test para".
std::string_view PartOf(const JsonObject& row) {
  const auto type = row.Get<std::string>("phrase_type");
  std::string letters;
  for (const char c : type) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (std::string_view(" \t_-").find(c) == std::string_view::npos) {
      letters += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (letters == "freeform" || letters == "para") return kTrain;
  if (letters == "testfreeform" || letters == "testpara") return kTest;
  row.Fail("phrase_type",
           fmt::format("\"{}\" is none of freeform, para, test_freeform, test_para", type));
}

/// Empty where the row does not say it.
std::string PartIfKnown(const JsonObject& row) {
  try {
    return std::string(PartOf(row));
  } catch (const Error&) {  // it is said when the row is read
    return {};
  }
}

class VqaRad : public SampleSource {
 public:
  explicit VqaRad(const fs::path& folder)
      : rows_(FindNamed(folder, kRows)), images_(FindNamed(folder, kImages)) {
    if (!FileExists(rows_) || !FileExists(images_)) {
      throw Error(fmt::format("{}: no VQA-RAD: expected \"{}\" and \"{}\" there", folder.string(),
                              kRows, kImages),
                  "Download both from osf.io/89kps and unpack them into one folder.");
    }
    for (const fs::path& file : JsonFilesIn(folder)) {
      if (file.filename() == rows_.filename()) continue;
      notes_.push_back(fmt::format("not read: {}: the published set is {} alone",
                                   file.filename().string(), rows_.filename().string()));
    }
    ForEachObject(
        rows_, {{"", "answer"}},
        [this](const JsonObject& row, const SourceSample&) {
          try {
            NoteModality(row);
          } catch (const Error&) {  // what is wrong with a row is said when it is read
          }
        },
        [](const SourceSample&) {});
  }

  void ForEach(const std::function<void(SourceSample)>& take) const override {
    RowReading reading(take);
    ForEachObject(
        rows_, {{"", "answer"}},
        [&](const JsonObject& row, SourceSample found) {
          const SourceRow source = found.sample.source;
          found.sample.split = PartIfKnown(row);
          found.tabs_are_commas = true;
          found.text_columns = {"question_rephrase", "question_frame"};
          reading.Row(row.where(), std::move(found), [&] { return Read(row, source); });
        },
        take);
    reading.RequireAny();
  }

  std::vector<fs::path> Files() const override { return {rows_}; }
  std::vector<fs::path> Images() const override { return ImageFilesBelow(images_); }
  std::vector<std::string> Notes() const override { return notes_; }

 private:
  void NoteModality(const JsonObject& row) {
    const std::string modality = ModalityToldBy(row);
    if (modality.empty()) return;
    const auto [entry, added] = modality_.try_emplace(row.Get<std::string>("image_name"), modality);
    if (!added && entry->second != modality) entry->second.clear();
  }

  Sample Read(const JsonObject& row, SourceRow source) const {
    Sample sample;
    sample.extra = row.json();
    for (const char* key :
         {"image_name", "image_organ", "question", "question_type", "answer", "answer_type"}) {
      sample.extra.erase(key);
    }
    const Json& qid = row.json().contains("qid") ? row.json()["qid"] : Json();
    if (!qid.is_string() && !qid.is_number_integer()) row.Fail("qid", "expected a number or text");
    sample.id = "vqa-rad-" + (qid.is_string() ? qid.get<std::string>() : qid.dump());
    const auto image = row.Get<std::string>("image_name");
    sample.images = {ImageInside(images_, row.where() + ": image_name", image).string()};
    sample.turns =
        QuestionAndAnswer(row.Get<std::string>("question"), row.Get<std::string>("answer"));
    sample.language = "en";
    if (const auto known = modality_.find(image); known != modality_.end()) {
      sample.modality = known->second;
    }
    sample.organ = row.GetOr<std::string>("image_organ", "");
    if (row.Has("question_type")) sample.question_types = {row.Get<std::string>("question_type")};
    const auto type = row.GetOr<std::string>("answer_type", "");
    // Blanks around it are for the rule label-spelling to mend.
    const bool plain = WithoutBlanksAtEdges(type).size() == type.size();
    sample.answer_type = plain ? AnswerTypeOrName(type) : type;
    sample.split = PartOf(row);
    sample.source = std::move(source);
    return sample;
  }

  fs::path rows_;
  fs::path images_;
  std::vector<std::string> notes_;
  std::map<std::string, std::string> modality_;  // by image; empty where its answers disagree
};

}  // namespace

std::unique_ptr<SampleSource> OpenVqaRad(const fs::path& folder) {
  return std::make_unique<VqaRad>(folder);
}

}  // namespace roentgen
