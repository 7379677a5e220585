// Studies in `chat` and `report`, as a user meets them.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <utility>

#include "apps/small_model.h"
#include "imaging/dicom_writer.h"
#include "roentgen/base/json.h"
#include "roentgen/base/random.h"
#include "support/long_checks.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

/// What a report is made from but when: dates are left out, at any depth.
Json WithoutDates(Json json) {
  if (!json.is_structured()) return json;
  if (json.is_object()) json.erase("date");
  for (auto& item : json.items()) item.value() = WithoutDates(item.value());
  return json;
}

class StudyProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<test::TemporaryFolder>();
    test::MakePhantomsAndModel(made_->path(), "6");
  }
  static void TearDownTestSuite() { made_.reset(); }

  static std::string Tiny() { return (made_->path() / "model").string(); }
  /// The model that comes with the program: what it says depends on the image.
  static std::vector<std::string> Trained() {
    return {"--model", (test::SourceDir() / "models/phantom").string(), "--adapter",
            (test::SourceDir() / "models/phantom-radiology").string()};
  }
  static std::string Picture(int number) {
    return (made_->path() / fmt::format("data/images/phantom-{:06}.png", number)).string();
  }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  static Outcome Run(std::vector<std::string> arguments, const std::vector<std::string>& more,
                     const std::string& input = "") {
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--audit", "none"});
    return RunProgram(arguments, input);
  }
  Outcome Chat(const std::string& lines, std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--model", Tiny(), "--max-new-tokens", "4"});
    return Run({"chat"}, more, lines);
  }
  static Json Report(const std::string& path) { return WithoutDates(ReadJsonFile(path, 1 << 24)); }

  /// How many images a report is about: each has a hash of its pixels.
  static size_t CountImages(const std::string& path) {
    return ReadJsonFile(path, 1 << 24)["study"]["images"].size();
  }

  std::vector<std::string> Lines(const std::string& name) const {
    std::vector<std::string> lines;
    std::istringstream text(test::ReadAll(Path(name)));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  static std::unique_ptr<test::TemporaryFolder> made_;
  test::TemporaryFolder folder_;
};
std::unique_ptr<test::TemporaryFolder> StudyProgram::made_;

TEST_F(StudyProgram, TheReportOfAnImageKnowsNothingOfTheOneBefore) {
  const Outcome chat =
      Run({"chat"}, Trained(),
          fmt::format("/image {}\n/report en\n/image {}\n/report en {}\n/report zh {}\n",
                      Picture(1), Picture(2), Path("r2.json"), Path("r2zh.json")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, HasSubstr("study 2 begins"));
  EXPECT_THAT(chat.err, HasSubstr("study 2: phantom-000002.png"));
  for (const auto& [language, name] : {std::pair("en", "r2.json"), std::pair("zh", "r2zh.json")}) {
    const Outcome alone =
        Run({"report", Picture(2), "--language", language, "--out", Path("alone.json")}, Trained());
    ASSERT_EQ(alone.status, 0) << alone.err;
    EXPECT_EQ(Report(Path(name)), Report(Path("alone.json")));
  }
}

TEST_F(StudyProgram, AnImageAfterAQuestionBeginsAnotherStudyUnlessItIsAdded) {
  const auto images_in_report = [&](const std::string& attach) {
    const Outcome chat = Chat(fmt::format("/image {}\nIs it normal?\n{}\n/report en {}\n",
                                          Picture(1), attach, Path("a.json")));
    EXPECT_EQ(chat.status, 0) << chat.err;
    return CountImages(Path("a.json"));
  };
  EXPECT_EQ(images_in_report("/image " + Picture(2)), 1u);
  EXPECT_EQ(images_in_report("/new " + Picture(2)), 1u);
  EXPECT_EQ(images_in_report("/add " + Picture(2)), 2u);
  EXPECT_EQ(images_in_report(Picture(2) + " And this one?"), 1u);
  EXPECT_EQ(images_in_report(""), 1u);
}

TEST_F(StudyProgram, AReportIsAboutAllImagesThatWereAttachedBeforeAnythingWasAsked) {
  const Outcome chat = Chat(fmt::format("/image {}\n/image {}\n/report en {}\n/images\n",
                                        Picture(1), Picture(2), Path("a.json")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_EQ(CountImages(Path("a.json")), 2u);
  EXPECT_THAT(chat.err, HasSubstr("study 1: phantom-000001.png, phantom-000002.png"));
  EXPECT_THAT(chat.err, HasSubstr("(for the next question)"));  // a report takes no image away
}

TEST_F(StudyProgram, ReportsTakeNamesWithBlanksAndAnExamination) {
  const Outcome chat = Chat(fmt::format(
      "/image {}\n/report zh --examination head \"{}\" {} '{}'\n/report --examination=腹部 {}\n",
      Picture(1), Path("a b.json"), Path("my own report.md"), Path("en.html"), Path("c.json")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  for (const char* name : {"a b.json", "my own report.md", "en.html", "c.json"}) {
    EXPECT_TRUE(fs::exists(Path(name))) << name;
  }
  EXPECT_THAT(test::ReadAll(Path("a b.json")), HasSubstr("请描述脑实质。"));
  EXPECT_THAT(chat.out, HasSubstr("（用户指定）"));
  EXPECT_THAT(test::ReadAll(Path("c.json")), HasSubstr("\"liver\""));
  const std::string image = "/image " + Picture(1) + "\n";
  EXPECT_THAT(Chat(image + "/report --examination knee a.md\n").err,
              HasSubstr("no examination: knee"));
  EXPECT_THAT(Chat(image + "/report \"a.md\n").err, HasSubstr("has no end"));
  EXPECT_THAT(Chat(image + "/report en a.doc\n").err, HasSubstr("no form of a report"));
  EXPECT_THAT(Chat("/report en\n").err, HasSubstr("a report needs a picture"));
}

TEST_F(StudyProgram, ACutFirstAnswerChoosesNoOtherQuestions) {
  const auto questions = [&](const char* tokens) {
    const Outcome outcome = Run({"report", Picture(2), "--language", "en", "--max-new-tokens",
                                 tokens, "--out", Path("a.json")},
                                Trained());
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const Json report = ReadJsonFile(Path("a.json"), 1 << 24);
    std::vector<std::string> asked;
    for (const Json& question : report["questions"]) {
      asked.push_back(question["question"]);
    }
    return asked;
  };
  EXPECT_THAT(questions("40"), Not(testing::IsEmpty()));
  EXPECT_EQ(questions("1"), questions("40"));
  EXPECT_EQ(questions("3"), questions("40"));
}

TEST_F(StudyProgram, ReportTakesAnExaminationAndAnIndication) {
  const Outcome outcome = Run({"report", Picture(1), "--examination", "abdomen", "--indication",
                               "流感", "--language", "zh", "--out", Path("a.json")},
                              {"--model", Tiny(), "--max-new-tokens", "4"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(test::ReadAll(Path("a.json")), HasSubstr("\"spleen\""));
  const Outcome wrong = Run({"report", Picture(1), "--examination", "knee"}, {"--model", Tiny()});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("There are chest, head, abdomen and other."));
}

/// What a header says of a patient besides the ID.
struct Person {
  const char* name = "";
  const char* birth_date = "";
  const char* sex = "";
};

/// A small image of a head, of a patient and a study.
std::string DicomOf(const char* patient, const char* study, int seed, const Person& person = {}) {
  test::DicomWriter file;
  file.Text(0x00080020, "DA", "20190407");
  file.Text(0x00080060, "CS", "CT").Text(0x00100010, "PN", person.name);
  file.Text(0x00100020, "LO", patient).Text(0x00100030, "DA", person.birth_date);
  file.Text(0x00100040, "CS", person.sex);
  file.Text(0x00180015, "CS", "HEAD").Text(0x0020000d, "UI", study);
  file.Word(0x00280002, 1).Text(0x00280004, "CS", "MONOCHROME2");
  file.Word(0x00280010, 64).Word(0x00280011, 64).Word(0x00280100, 8).Word(0x00280101, 8);
  file.Word(0x00280102, 7).Word(0x00280103, 0);
  std::string pixels;
  for (int i = 0; i < 64 * 64; ++i) pixels += static_cast<char>(i * seed % 251);
  file.Raw(0x7fe00010, "OB", pixels);
  return file.bytes();
}

TEST_F(StudyProgram, DicomFilesTellPatientsAndStudiesApart) {
  WriteFile(folder_.path() / "a1.dcm", DicomOf("A-17", "1.2.3", 1));
  WriteFile(folder_.path() / "a2.dcm", DicomOf("A-17", "1.2.3", 2));
  WriteFile(folder_.path() / "b.dcm", DicomOf("B-18", "1.2.4", 3));
  const auto chat = [&](const std::string& lines) {
    const Outcome outcome =
        Chat(lines + "/report en " + Path("a.json") + "\n/save --force " + Path("a.jsonl") + "\n");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    for (const char* name : {"a.json", "a.jsonl"}) {
      EXPECT_THAT(test::ReadAll(Path(name)), Not(HasSubstr("A-17"))) << name;
    }
    EXPECT_THAT(outcome.err, Not(HasSubstr("A-17")));
    return std::pair(CountImages(Path("a.json")), outcome.err);
  };
  const std::string first = "/image " + Path("a1.dcm") + "\n";
  EXPECT_EQ(chat(first + "Is it?\n/image " + Path("a2.dcm") + "\n").first, 2u);
  EXPECT_EQ(chat(first + "/image " + Path("b.dcm") + "\n").first, 1u);
  const auto [added, said] = chat(first + "/add " + Path("b.dcm") + "\n");
  EXPECT_EQ(added, 2u);
  EXPECT_THAT(said, HasSubstr("the files name different patients"));
  const Outcome report =
      Run({"report", Path("a1.dcm"), Path("b.dcm")}, {"--model", Tiny(), "--max-new-tokens", "4"});
  EXPECT_EQ(report.status, 0) << report.err;
  EXPECT_THAT(report.err, HasSubstr("the files name different patients"));
}

TEST_F(StudyProgram, PatientsDifferByWhateverTheFilesSayOfThem) {
  const auto differ = [&](const std::string& a, const std::string& b) {
    WriteFile(folder_.path() / "a.dcm", a);
    WriteFile(folder_.path() / "b.dcm", b);
    const std::vector<std::string> images = {"--image", Path("a.dcm"), "--image", Path("b.dcm")};
    std::vector<std::string> arguments = {"ask", "Is it normal?"};
    arguments.insert(arguments.end(), images.begin(), images.end());
    const Outcome outcome = Run(arguments, {"--model", Tiny(), "--max-new-tokens", "2"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.err.find("the files name different patients") != std::string::npos;
  };
  const auto of = [](const char* id, const Person& person, int seed) {
    return DicomOf(id, "1.2.3", seed, person);
  };
  EXPECT_TRUE(differ(of("1", {"DOE^JANE"}, 1), of("1", {"ROE^JANE"}, 2)));
  EXPECT_TRUE(differ(of("", {"DOE^JANE"}, 1), of("", {"王^小东"}, 2)));
  EXPECT_TRUE(differ(of("", {"", "19700101"}, 1), of("", {"", "19710101"}, 2)));
  EXPECT_TRUE(differ(of("", {"", "", "M"}, 1), of("", {"", "", "F"}, 2)));
  EXPECT_TRUE(differ(of("1", {"A"}, 1), of("2", {"A"}, 2)));
  EXPECT_FALSE(differ(of("1", {"DOE^JANE"}, 1), of("1", {"Doe^Jane^^"}, 2)));
  EXPECT_FALSE(differ(of("1", {"Wang^Xiaodong=王^小东"}, 1), of("1", {"WANG^XIAODONG"}, 2)));
  EXPECT_FALSE(differ(of("1", {"A", "19700101", "F"}, 1), of("", {"A", "", "O"}, 2)));
  EXPECT_FALSE(differ(of("1", {}, 1), of("", {}, 2)));
}

TEST_F(StudyProgram, AReportSaysThatItsFilesNameDifferentPatients) {
  WriteFile(folder_.path() / "a.dcm", DicomOf("A-17", "1.2.3", 1, {"王^小东"}));
  WriteFile(folder_.path() / "b.dcm", DicomOf("A-17", "1.2.3", 2, {"李^小红"}));
  const auto report = [&](const std::string& language, const std::vector<std::string>& images) {
    std::vector<std::string> arguments = {"report",       "--language", language,     "--out",
                                          Path("a.json"), "--out",      Path("a.md"), "--force"};
    arguments.insert(arguments.end(), images.begin(), images.end());
    const Outcome outcome = Run(arguments, {"--model", Tiny(), "--max-new-tokens", "2"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return std::pair(test::ReadAll(Path("a.md")),
                     ReadJsonFile(Path("a.json"), 1 << 24)["study"]["different_patients"]);
  };
  const auto english = report("en", {Path("a.dcm"), Path("b.dcm")});
  EXPECT_THAT(english.first, HasSubstr("The files name different patients"));
  EXPECT_EQ(english.second, true);
  EXPECT_THAT(report("zh", {Path("a.dcm"), Path("b.dcm")}).first, HasSubstr("各文件所记患者不同"));
  const auto one = report("en", {Path("a.dcm")});
  EXPECT_THAT(one.first, Not(HasSubstr("different patients")));
  EXPECT_EQ(one.second, false);
  const Outcome chat = Chat(fmt::format("/image {}\n/add {}\n/report zh {}\n", Path("a.dcm"),
                                        Path("b.dcm"), Path("c.md")));
  EXPECT_THAT(test::ReadAll(Path("c.md")), HasSubstr("各文件所记患者不同")) << chat.err;
}

TEST_F(StudyProgram, WhoseLoadedImagesAreIsNotKnown) {
  WriteFile(folder_.path() / "a.dcm", DicomOf("A-17", "1.2.3", 1));
  WriteFile(folder_.path() / "b.dcm", DicomOf("B-18", "1.2.4", 2));
  ASSERT_EQ(Chat(Path("a.dcm") + " Is it?\n/save " + Path("a.jsonl") + "\n").status, 0);
  const Outcome chat = Chat("/add " + Path("b.dcm") + "\n", {"--load", Path("a.jsonl")});
  EXPECT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, HasSubstr("a transcript names nobody"));
}

TEST_F(StudyProgram, AnIndicationSaysWhoseItIs) {
  const Outcome chat = Chat(fmt::format(
      "/indication 咳嗽\n/image {}\nIs it?\n/indication fever\n/image {}\n/indication none\n",
      Picture(1), Picture(2)));
  EXPECT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, HasSubstr("study 1: indication: 咳嗽\n"));
  EXPECT_THAT(chat.err,
              HasSubstr("study 1: indication: fever; for another study, begin it first: /new\n"));
  EXPECT_THAT(chat.err, HasSubstr("study 2: no indication\n"));
}

TEST_F(StudyProgram, WhatDicomSaysChoosesTheQuestions) {
  WriteFile(folder_.path() / "a.dcm", DicomOf("A-17", "1.2.3", 1));
  const Outcome outcome =
      Run({"report", Path("a.dcm"), "--language", "en", "--out", Path("a.json")},
          {"--model", Tiny(), "--max-new-tokens", "4"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(test::ReadAll(Path("a.json")), HasSubstr("\"Midline and ventricles\""));
  const Outcome chat =
      Chat(fmt::format("/image {}\n/report en {}\n", Path("a.dcm"), Path("b.json")));
  EXPECT_THAT(chat.out, HasSubstr("head (from DICOM: CT HEAD)"));
  EXPECT_EQ(CountImages(Path("b.json")), 1u);
}

TEST_F(StudyProgram, UndoGivesTheImageBackAndIsNotSaved) {
  const std::string kept = Path("kept.jsonl");
  const Outcome chat =
      Chat(fmt::format("/image {}\nIs it normal?\n/undo\nIs it normal?\nAnd the heart?\n/undo\n",
                       Picture(1)),
           {"--save", kept});
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, HasSubstr("taken back: Is it normal?"));
  EXPECT_THAT(chat.err, HasSubstr("its image waits for the next question"));
  EXPECT_THAT(chat.err, Not(HasSubstr("no image was given")));
  const std::vector<std::string> lines = Lines("kept.jsonl");
  ASSERT_THAT(lines, SizeIs(4));  // the head, the settings, the image, the question
  EXPECT_THAT(lines[3], HasSubstr("\"image_reached\":true"));
  EXPECT_THAT(test::ReadAll(kept), Not(HasSubstr("And the heart?")));
}

TEST_F(StudyProgram, AQuestionThatIsAskedAgainWithItsImageHasItOnce) {
  const Outcome chat = Chat(fmt::format("{0} Is it normal?\n/undo\n{0} Is it normal?\n/save {1}\n",
                                        Picture(1), Path("a.jsonl")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(Lines("a.jsonl"), SizeIs(4));
}

TEST_F(StudyProgram, UndoLeavesAllAsItWasBeforeTheQuestion) {
  const auto pictures = [&](const std::string& between, const char* question) {
    const Outcome chat = Chat(fmt::format("{0} {1}\n{2}/undo\n{1}\n/save --force {3}\n", Picture(1),
                                          question, between, Path("a.jsonl")));
    EXPECT_EQ(chat.status, 0) << chat.err;
    std::vector<std::string> hashes;
    for (const std::string& line : Lines("a.jsonl")) {
      const Json json = ParseJson(line, "line");
      if (json["type"] == "picture") hashes.push_back(json["sha256"]);
    }
    return std::pair(hashes, chat.err);
  };
  for (const char* question : {"Is it normal?", "有异常吗？"}) {
    const auto [alone, nothing] = pictures("", question);
    ASSERT_THAT(alone, SizeIs(1));
    EXPECT_THAT(nothing, Not(HasSubstr("no longer attached")));
    const auto [added, said] = pictures("/add " + Picture(2) + "\n", question);
    EXPECT_EQ(added, alone);
    EXPECT_THAT(said, HasSubstr("no longer attached, since added behind it: phantom-000002.png"));
    const auto [asked, too] = pictures("/add " + Picture(2) + "\ntwo?\n/undo\n", question);
    EXPECT_EQ(asked, alone);
  }
}

TEST_F(StudyProgram, ANewSystemPromptLeavesNothingOfWhatWasAskedAbout) {
  WriteFile(folder_.path() / "a.dcm", DicomOf("A-17", "1.2.3", 1));
  WriteFile(folder_.path() / "b.dcm", DicomOf("B-18", "1.2.4", 2));
  const auto study = [&](const std::string& lines) {
    const Outcome chat = Chat(lines + "/report en " + Path("a.json") + " --force\n");
    EXPECT_EQ(chat.status, 0) << chat.err;
    EXPECT_THAT(chat.err, Not(HasSubstr("name different patients")));
    return ReadJsonFile(Path("a.json"), 1 << 24)["study"];
  };
  const std::string first = "/image " + Path("a.dcm") + "\n";
  const std::string second = "/image " + Path("b.dcm") + "\n";
  for (const char* indication : {"prostate cancer", "前列腺癌"}) {
    const std::string told = fmt::format("/indication {}\n", indication);
    const Json other = study(first + told + "what?\n/system 简短回答。\n" + second);
    EXPECT_EQ(other["indication"], Json());
    EXPECT_EQ(other["different_patients"], false);
    EXPECT_THAT(other["images"], SizeIs(1));
    EXPECT_EQ(study(told + "what?\n/system Be brief.\n" + second)["indication"], Json());
    // What nothing was asked about waits on.
    const Json same = study(first + told + "/system Be brief.\n");
    EXPECT_EQ(same["indication"], indication);
    EXPECT_THAT(same["images"], SizeIs(1));
  }
}

/// A transcript as the first version of the format had it.
std::string AsVersionOne(const std::vector<std::string>& lines) {
  std::string old =
      Json{{"type", "roentgen transcript"}, {"version", 1}, {"model", "tiny"}}.dump() + "\n";
  for (const std::string& line : lines) {
    Json json = ParseJson(line, "line");
    for (const char* later : {"begins_study", "study", "images", "line_sha256", "made_with",
                              "follows", "different_patients"}) {
      json.erase(later);
    }
    if (json["type"] == "picture" || json["type"] == "exchange") old += json.dump() + "\n";
  }
  return old;
}

TEST_F(StudyProgram, ThatFilesNameDifferentPatientsIsKept) {
  WriteFile(folder_.path() / "a.dcm", DicomOf("A-17", "1.2.3", 1));
  WriteFile(folder_.path() / "a2.dcm", DicomOf("A-17", "1.2.3", 3));
  WriteFile(folder_.path() / "b.dcm", DicomOf("B-18", "1.2.4", 2));
  const auto save = [&](const std::string& second, const std::string& question) {
    const Outcome chat = Chat(fmt::format("/image {}\n/add {}\n{}/save --force {}\n", Path("a.dcm"),
                                          Path(second), question, Path("s.jsonl")));
    EXPECT_EQ(chat.status, 0) << chat.err;
  };
  const auto report = [&](const std::string& language, const std::string& lines) {
    const Outcome chat = Chat(fmt::format("{}/report {} {} {} --force\n", lines, language,
                                          Path("r.json"), Path("r.fhir.json")),
                              {"--load", Path("s.jsonl")});
    EXPECT_EQ(chat.status, 0) << chat.err;
    const Json study = ReadJsonFile(Path("r.json"), 1 << 24)["study"];
    const Json fhir = ReadJsonFile(Path("r.fhir.json"), 1 << 24);
    const std::string told = study.contains("different_patients")
                                 ? study["different_patients"].dump()
                                 : std::string("absent");
    return std::pair(told, fhir["conclusion"].get<std::string>());
  };
  for (const char* question : {"Is it?\n", ""}) {
    save("b.dcm", question);
    EXPECT_EQ(report("en", "").first, "true") << question;
    EXPECT_THAT(report("en", "").second, HasSubstr("The files name different patients"));
    EXPECT_THAT(report("zh", "").second, HasSubstr("各文件所记患者不同"));
    save("a2.dcm", question);
    EXPECT_EQ(report("en", "").first, "false") << question;
    EXPECT_EQ(report("en", "/add " + Path("b.dcm") + "\n").first, "absent") << question;
    EXPECT_EQ(report("en", "/add " + Picture(1) + "\n").first, "false") << question;
  }
  save("b.dcm", "Is it?\n");
  const std::string old = AsVersionOne(Lines("s.jsonl"));
  WriteFile(folder_.path() / "s.jsonl", old);
  EXPECT_EQ(report("en", "").first, "absent");
  EXPECT_THAT(report("zh", "").second, HasSubstr("各文件是否属于同一患者不详"));
}

TEST_F(StudyProgram, ImagesAreListedByTheirNamesAndALoadedChatByItsStudies) {
  const Outcome chat = Chat(fmt::format("{} Is it?\n/new {}\n/images\n/save {}\n", Picture(1),
                                        Picture(2), Path("a.jsonl")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, testing::ContainsRegex("  1  phantom-000002.png  [0-9a-f]+  PNG "));
  const Outcome begun = Chat("/images\n", {"--load", Path("a.jsonl")});
  EXPECT_THAT(begun.err, HasSubstr("1 turn about 2 studies; study 2 goes on: 0 turns, 0 tokens\n"));
  EXPECT_THAT(begun.err, HasSubstr("  1  (an image)  "));
  ASSERT_EQ(Chat("And this?\n/save --force " + Path("a.jsonl") + "\n", {"--load", Path("a.jsonl")})
                .status,
            0);
  EXPECT_THAT(Chat("", {"--load", Path("a.jsonl")}).err,
              HasSubstr("2 turns about 2 studies; study 2 goes on: 1 turn, "));
}

TEST_F(StudyProgram, ABeginningOfAStudyIsTakenBackToo) {
  const Outcome chat =
      Chat(fmt::format("{} Is it normal?\n/new {}\n/undo\n/images\n/report en {}\n/undo\n/stats\n",
                       Picture(1), Picture(2), Path("a.json")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, HasSubstr("back to study 1"));
  EXPECT_EQ(CountImages(Path("a.json")), 1u);
  EXPECT_THAT(chat.err, HasSubstr("0 turns"));
  EXPECT_THAT(Chat("/undo\n").err, HasSubstr("no turn to take back"));
}

TEST_F(StudyProgram, ABeginningIsTakenBackToAStudyThatWasNotAskedAbout) {
  const Outcome chat = Chat(fmt::format("/image {}\n/new {}\n/undo\n有异常吗？\n/save {}\n",
                                        Picture(1), Picture(2), Path("a.jsonl")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, HasSubstr("back to study 1\nstudy 1: phantom-000001.png"));
  ASSERT_EQ(Chat(Picture(1) + " Is it?\n/save " + Path("b.jsonl") + "\n").status, 0);
  const auto hash = [](const std::string& line) { return ParseJson(line, "line")["sha256"]; };
  ASSERT_THAT(Lines("a.jsonl"), SizeIs(4));
  EXPECT_EQ(hash(Lines("a.jsonl")[2]), hash(Lines("b.jsonl")[2]));
  // Also when the second study was asked about, and that is taken back first.
  const Outcome more = Chat(
      fmt::format("/image {}\n/new {}\nIs it?\n/undo\n/undo\n/images\n", Picture(1), Picture(2)));
  ASSERT_EQ(more.status, 0) << more.err;
  EXPECT_THAT(more.err, HasSubstr("back to study 1\nstudy 1: phantom-000001.png\n"));
}

TEST_F(StudyProgram, AStudyThatWasOnlyBegunIsSavedWithTheConversation) {
  const std::string saved = Path("s.jsonl");
  const Outcome chat = Chat(fmt::format(
      "/image {}\nIs it?\n/new {}\n/indication 发热\n/save {}\n/save {}\n/load {}\n"
      "And this?\n/save {}\n/report en {}\n",
      Picture(1), Picture(2), saved, Path("s.md"), saved, Path("t.jsonl"), Path("a.json")));
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_EQ(CountImages(Path("a.json")), 1u);
  EXPECT_EQ(ReadJsonFile(Path("a.json"), 1 << 24)["study"]["indication"], "发热");
  EXPECT_THAT(Lines("t.jsonl").back(), HasSubstr("\"begins_study\":true"));
  EXPECT_THAT(test::ReadAll(Path("s.md")), HasSubstr("## Study 2"));
  EXPECT_THAT(test::ReadAll(Path("s.md")), HasSubstr("nothing was asked about this yet"));
  const Outcome replay = RunProgram({"replay", saved, "--model", Tiny()});
  EXPECT_THAT(replay.out, HasSubstr("1 of 1 answers equal")) << replay.err;
  // Nothing was asked at all.
  const std::string first = Path("f.jsonl");
  ASSERT_EQ(Chat("/image " + Picture(2) + "\n/report en\n/save " + first + "\n").status, 0);
  const Outcome loaded = Chat("/report en " + Path("b.json") + "\n", {"--load", first});
  ASSERT_EQ(loaded.status, 0) << loaded.err;
  EXPECT_EQ(Report(Path("b.json"))["study"]["images"], Report(Path("a.json"))["study"]["images"]);
}

TEST_F(StudyProgram, AConversationThatIsThereIsNotWrittenOver) {
  const std::string kept = Path("kept.jsonl");
  ASSERT_EQ(Chat("first?\n", {"--save", kept}).status, 0);
  const std::string before = test::ReadAll(kept);
  const Outcome refused = Chat("second?\n", {"--save", kept});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("is there already"));
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(test::ReadAll(kept), before);
  const Outcome command = Chat("second?\n/save " + kept + "\n");
  EXPECT_EQ(command.status, 1);
  EXPECT_EQ(test::ReadAll(kept), before);
  EXPECT_EQ(Chat("second?\n", {"--save", kept, "--load", kept}).status, 0);
  EXPECT_THAT(test::ReadAll(kept), testing::AllOf(HasSubstr("first?"), HasSubstr("second?")));
  EXPECT_EQ(Chat("third?\n", {"--save", kept, "--force"}).status, 0);
  EXPECT_THAT(test::ReadAll(kept), Not(HasSubstr("first?")));
  EXPECT_EQ(Chat("fourth?\n/save --force " + kept + "\n/save " + kept + "\n").status, 0);
  EXPECT_THAT(test::ReadAll(kept), HasSubstr("fourth?"));
  const Outcome named = Chat("q?\n", {"--save", Path("a.txt")});
  EXPECT_EQ(named.status, 1);
  EXPECT_THAT(named.err, HasSubstr("ends in .jsonl or .md"));
}

TEST_F(StudyProgram, AnImageBesideALoadedConversationIsAnotherStudy) {
  ASSERT_EQ(Chat(Picture(1) + " Is it normal?\n/save " + Path("a.jsonl") + "\n").status, 0);
  const Outcome chat = Chat("And this?\n/report en " + Path("a.json") + "\n/report zh\n",
                            {"--load", Path("a.jsonl"), "--image", Picture(2)});
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, HasSubstr("study 2: phantom-000002.png"));
  EXPECT_EQ(CountImages(Path("a.json")), 1u);
}

/// A chat at random, with what its current study should be.
class RandomChat {
 public:
  RandomChat(uint64_t seed, std::vector<std::vector<std::string>> studies, fs::path folder)
      : random_(seed), studies_(std::move(studies)), folder_(std::move(folder)) {}

  struct ExpectedReport {
    std::string file;
    std::string language;
    std::vector<std::string> images;
  };

  void Play(size_t steps) {
    New();
    for (size_t i = 0; i < steps; ++i) Step();
    Report();
  }
  const std::string& lines() const { return lines_; }
  const std::vector<ExpectedReport>& reports() const { return reports_; }

 private:
  struct Asked {
    std::vector<std::string> images;
    bool begins_study = false;
  };

  /// A study that another followed.
  struct Left {
    bool asked = true;
    bool reported = false;
    std::vector<std::string> waiting;
    size_t given_back = 0;
  };
  struct Saved {
    std::string file;
    std::vector<Asked> asked;
    std::vector<std::string> waiting;
    bool begun = false;  // nothing was asked about the last study
  };

  size_t Draw(size_t count) { return random_.NextBits() % count; }
  bool Empty() const { return begin_ == asked_.size(); }

  void Step() {
    switch (Draw(10)) {
      case 0:
        return New();
      case 1:
      case 2:
        return Attach(Draw(2) == 0);
      case 3:
      case 4:
        return Ask();
      case 5:
        return Undo();
      case 6:
        return Draw(4) == 0 ? Clear() : Load();
      case 7:
        return Save();
      default:
        return Report();
    }
  }

  void Begin() {
    if (!Empty() || !waiting_.empty()) {
      earlier_.push_back({!Empty(), reported_, waiting_, given_back_});
    }
    begin_ = asked_.size();
    waiting_.clear();
    given_back_ = 0;
    reported_ = false;
  }

  void New() {
    const std::vector<std::string>& images = studies_[Draw(studies_.size())];
    lines_ += "/new " + images[0] + "\n";
    Begin();
    waiting_ = {images[0]};
  }

  /// One more image, of any study: as the user says, or as may be expected.
  void Attach(bool add) {
    const std::vector<std::string>& study = studies_[Draw(studies_.size())];
    const std::string& image = study[Draw(study.size())];
    lines_ += (add ? "/add " : "/image ") + image + "\n";
    const auto end = waiting_.begin() + static_cast<ptrdiff_t>(given_back_);
    const auto same = std::find(waiting_.begin(), end, image);
    const bool has_images = !waiting_.empty() || !ImagesAsked().empty();
    if (!add && has_images && (!Empty() || reported_) && same == end) {
      Begin();
    } else if (same != end) {
      waiting_.erase(same);
      --given_back_;
    }
    waiting_.push_back(image);
  }

  void Ask() {
    lines_ += "Is it normal, case " + std::to_string(Draw(5)) + "?\n";
    asked_.push_back({std::exchange(waiting_, {}), Empty() && !asked_.empty()});
    given_back_ = 0;
  }

  void Undo() {
    if (Empty() && earlier_.empty()) return;
    lines_ += "/undo\n";
    if (Empty()) {
      const Left left = earlier_.back();
      earlier_.pop_back();
      while (left.asked && begin_ > 0 && !asked_[--begin_].begins_study) continue;
      waiting_ = left.waiting;
      given_back_ = left.given_back;
      reported_ = left.reported;
      return;
    }
    const std::vector<std::string> images = asked_.back().images;
    asked_.pop_back();
    waiting_ = images;
    given_back_ = images.size();
  }

  void Forget() {
    waiting_.clear();
    given_back_ = 0;
    reported_ = false;
    earlier_.clear();
  }

  void Clear() {
    lines_ += "/clear\n";
    asked_.clear();
    begin_ = 0;
    Forget();
  }

  void Save() {
    const std::string file = Name("jsonl");
    lines_ += "/save " + file + "\n";
    saved_.push_back({file, asked_, waiting_, Empty()});
  }

  void Load() {
    if (saved_.empty()) return;
    const Saved& saved = saved_[Draw(saved_.size())];
    lines_ += "/load " + saved.file + "\n";
    asked_ = saved.asked;
    begin_ = 0;
    Forget();
    for (size_t i = 0; i < asked_.size(); ++i) {
      if (!asked_[i].begins_study) continue;
      begin_ = i;
      earlier_.push_back({});
    }
    if (saved.begun && !asked_.empty()) {
      begin_ = asked_.size();
      earlier_.push_back({});
    }
    waiting_ = saved.waiting;
  }

  void Report() {
    std::vector<std::string> images = ImagesAsked();
    images.insert(images.end(), waiting_.begin(), waiting_.end());
    if (images.empty()) return;
    const std::string language = Draw(2) == 0 ? "en" : "zh";
    reports_.push_back({Name("json"), language, images});
    lines_ += "/report " + language + " " + reports_.back().file + "\n";
    reported_ = true;
  }

  std::vector<std::string> ImagesAsked() const {
    std::vector<std::string> images;
    for (size_t i = begin_; i < asked_.size(); ++i) {
      images.insert(images.end(), asked_[i].images.begin(), asked_[i].images.end());
    }
    return images;
  }

  std::string Name(const std::string& ending) {
    return (folder_ / (std::to_string(++files_) + "." + ending)).string();
  }

  Random random_;
  std::vector<std::vector<std::string>> studies_;
  fs::path folder_;
  std::string lines_;
  std::vector<Asked> asked_;
  size_t begin_ = 0;  // of the current study
  std::vector<std::string> waiting_;
  size_t given_back_ = 0;
  bool reported_ = false;
  std::vector<Left> earlier_;
  std::vector<Saved> saved_;
  std::vector<ExpectedReport> reports_;
  size_t files_ = 0;
};

TEST_F(StudyProgram, EveryReportIsThatOfItsStudyAlone) {
  const std::vector<std::string> model = [] {
    std::vector<std::string> options = Trained();
    options.insert(options.end(), {"--max-new-tokens", "12", "--threads", "1"});
    return options;
  }();
  std::vector<std::vector<std::string>> studies;
  for (int patient = 1; patient <= 6; ++patient) {
    studies.push_back({Picture(patient)});
    const std::string twin =
        (made_->path() / fmt::format("data/images/phantom-{:06}-twin.png", patient)).string();
    if (fs::exists(twin)) studies.back().push_back(twin);
  }
  std::map<std::pair<std::string, std::vector<std::string>>, Json> alone;
  for (uint64_t trial = 0; trial < test::Trials(3, 200); ++trial) {
    const test::TemporaryFolder folder;
    RandomChat chat(trial, studies, folder.path());
    chat.Play(24);
    const Outcome outcome = Run({"chat"}, model, chat.lines());
    ASSERT_EQ(outcome.status, 0) << chat.lines() << outcome.err;
    for (const RandomChat::ExpectedReport& report : chat.reports()) {
      Json& expected = alone[{report.language, report.images}];
      if (expected.is_null()) {
        std::vector<std::string> arguments = {"report"};
        arguments.insert(arguments.end(), report.images.begin(), report.images.end());
        const std::string file = (folder.path() / "alone.json").string();
        arguments.insert(arguments.end(), {"--language", report.language, "--out", file});
        ASSERT_EQ(Run(arguments, model).status, 0);
        expected = Report(file);
      }
      ASSERT_EQ(Report(report.file), expected) << trial << "\n" << chat.lines() << report.file;
    }
  }
}

}  // namespace
}  // namespace roentgen
