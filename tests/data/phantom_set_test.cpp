#include "roentgen/data/phantom_set.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "data/generated_set.h"
#include "roentgen/base/error.h"
#include "roentgen/data/import.h"
#include "roentgen/data/phantom_questions.h"
#include "roentgen/data/phantom_report.h"
#include "roentgen/imaging/load.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::vector<Language> kBoth = {Language::kEnglish, Language::kChinese};

std::map<std::string, PhantomQuestion> ByKey(const Patient& patient, const Patient& twin) {
  std::map<std::string, PhantomQuestion> questions;
  for (PhantomQuestion& question : AskAboutPhantom(patient, twin, kBoth)) {
    EXPECT_TRUE(questions.emplace(question.key, question).second) << question.key;
  }
  return questions;
}

TEST(PhantomQuestions, TwinsAreAskedTheSame) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Patient patient = DrawPatient(seed);
    const Patient twin = CounterfactualTwin(patient);
    const auto ours = ByKey(patient, twin);
    const auto theirs = ByKey(twin, patient);
    bool some_answer_differs = false;
    for (const auto& [key, question] : ours) {
      const auto other = theirs.find(key);
      const bool about_what_is_there =
          key.starts_with("where/") || key.starts_with("is-left/") || key.starts_with("size/");
      if (other == theirs.end()) {
        EXPECT_TRUE(about_what_is_there) << key;
        continue;
      }
      EXPECT_EQ(question.question, other->second.question);
      EXPECT_EQ(question.type, other->second.type);
      some_answer_differs = some_answer_differs || question.answer != other->second.answer;
    }
    EXPECT_TRUE(some_answer_differs) << seed;
  }
}

TEST(PhantomQuestions, ClosedOnesAreAnsweredYesOrNoByTheTruth) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Patient patient = DrawPatient(seed);
    for (const auto& [key, question] : ByKey(patient, CounterfactualTwin(patient))) {
      EXPECT_THAT(question.question, Not(HasSubstr("{")));
      if (!question.closed) continue;
      const std::optional<bool> yes = YesOrNo(question.answer);
      ASSERT_TRUE(yes) << question.answer;
      if (key.starts_with("is-normal")) {
        EXPECT_EQ(*yes, patient.findings.empty());
      }
      if (key.starts_with("is-abnormal")) {
        EXPECT_EQ(*yes, !patient.findings.empty());
      }
      for (int k = 0; k < kFindingKinds; ++k) {
        const auto kind = static_cast<FindingKind>(k);
        const std::string name(NameOf(kind));
        if (key.starts_with("presence/" + name)) {
          EXPECT_EQ(*yes, patient.Find(kind) != nullptr);
        }
        if (key.starts_with("is-left/" + name)) {
          EXPECT_EQ(*yes, patient.Find(kind)->side == Side::kLeft);
        }
      }
    }
  }
}

TEST(PhantomReport, HasTwoPartsAndNamesWhatThereIs) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Patient patient = DrawPatient(seed);
    const std::string english = PhantomReport(patient, Language::kEnglish);
    const std::string chinese = PhantomReport(patient, Language::kChinese);
    EXPECT_THAT(english, testing::StartsWith("Findings:\n"));
    EXPECT_THAT(english, HasSubstr("\nImpression:\n"));
    EXPECT_THAT(chinese, testing::StartsWith("影像表现：\n"));
    EXPECT_THAT(chinese, HasSubstr("\n诊断意见：\n"));
    const std::string impression = english.substr(english.find("Impression:"));
    for (const ImagingFinding& finding : patient.findings) {
      // The first letter may be a capital.
      EXPECT_THAT(impression, HasSubstr(TermOf(finding.kind, Language::kEnglish).substr(1)));
    }
    EXPECT_EQ(impression.find("No abnormality") != std::string::npos, patient.findings.empty());
    EXPECT_THAT(english, Not(HasSubstr("  ")));
    EXPECT_THAT(english, Not(HasSubstr("{")));
  }
}

TEST(PhantomReport, SaysWhichSideAndHowLarge) {
  Patient patient;
  patient.findings = {{FindingKind::kNodule, Side::kLeft, Zone::kUpper, 22, 1, 5}};
  EXPECT_THAT(PhantomReport(patient, Language::kEnglish),
              HasSubstr("a nodule of about 20 mm in the left upper zone"));
  EXPECT_THAT(PhantomReport(patient, Language::kChinese),
              HasSubstr("左肺上野见一结节，直径约20毫米"));
  EXPECT_THAT(PhantomReport(patient, Language::kChinese), HasSubstr("1. 左肺上野结节。"));
}

class PhantomSetTest : public testing::Test {
 protected:
  PhantomSetTest() {
    options_.output = {folder_.path() / "set", "phantom", false, false};
    options_.patients = 12;
    options_.side = 64;
  }
  std::vector<SourceSample> Written() const {
    return test::ReadAll(*OpenLlamaFactory(options_.output.folder, {}));
  }

  test::TemporaryFolder folder_;
  ThreadPool pool_{2};
  PhantomSetOptions options_;
};

TEST_F(PhantomSetTest, IsAnOrdinarySetInWhichCleaningFindsNothing) {
  const PhantomSetSummary summary = WritePhantomSet(options_, pool_);
  EXPECT_EQ(summary.images, 24u);
  ImportOptions check;
  check.rules.Set("near-duplicate-image=off");  // twins are meant to look alike
  check.rules.Set("blur=off");                  // an outlier of so few is no fault
  const auto source = OpenLlamaFactory(options_.output.folder, {});
  const ImportSummary cleaned = Import(*source, check, pool_);
  EXPECT_EQ(cleaned.kept, cleaned.rows);
  for (const RuleInfo& info : AllRules()) {
    EXPECT_TRUE(cleaned.rules[static_cast<size_t>(info.rule)].tally.empty()) << info.name;
  }
  EXPECT_TRUE(cleaned.overlaps.empty());
  EXPECT_TRUE(cleaned.unused_images.empty());
  EXPECT_EQ(cleaned.images, 24u);
}

TEST_F(PhantomSetTest, TwinsStayTogetherAndKnowEachOther) {
  WritePhantomSet(options_, pool_);
  std::map<int, std::string> part_of;
  std::set<std::string> splits;
  for (const SourceSample& row : Written()) {
    const Json& extra = row.sample.extra;
    const int patient = extra["patient"]["number"];
    EXPECT_EQ(part_of.try_emplace(patient, row.sample.split).first->second, row.sample.split);
    splits.insert(row.sample.split);
    EXPECT_TRUE(
        FileExists(options_.output.folder / "images" / extra["twin_image"].get<std::string>()));
    EXPECT_EQ(row.sample.boxes.size(), extra["findings"].size());
  }
  EXPECT_EQ(splits, (std::set<std::string>{"train", "test"}));
}

TEST_F(PhantomSetTest, TheSameSeedGivesTheSameSet) {
  options_.output.folder = folder_.path() / "a";
  WritePhantomSet(options_, pool_);
  options_.output.folder = folder_.path() / "b";
  ThreadPool one(1);
  WritePhantomSet(options_, one);
  for (const char* file : {"phantom_train.json", "phantom_test.json", "dataset_info.json",
                           "images/phantom-000003.png", "images/phantom-000012-twin.png"}) {
    EXPECT_EQ(ReadFile(folder_.path() / "a" / file, 1 << 24),
              ReadFile(folder_.path() / "b" / file, 1 << 24))
        << file;
  }
}

TEST_F(PhantomSetTest, SixteenBitsOneLanguageOneStudyNoTwins) {
  options_.sixteen_bits = true;
  options_.languages = {Language::kChinese};
  options_.studies = {Study::kHead};
  options_.twins = false;
  options_.test_share = 0;
  EXPECT_EQ(WritePhantomSet(options_, pool_).images, 12u);
  for (const SourceSample& row : Written()) {
    EXPECT_EQ(row.sample.language, "zh");
    EXPECT_EQ(row.sample.organ, "HEAD");
    EXPECT_EQ(row.sample.split, "train");
  }
  const Image image = LoadImage(options_.output.folder / "images/phantom-000001.png");
  ASSERT_FALSE(image.provenance.notes.empty());
  EXPECT_THAT(image.provenance.notes[0], HasSubstr("16-bit"));
}

TEST_F(PhantomSetTest, WhatIsStoppedLeavesNothing) {
  std::stop_source stop;
  options_.stop = stop.get_token();
  options_.patients = 100;
  const auto stop_soon = [&](std::string_view, size_t done, size_t) {
    if (done > 0) stop.request_stop();
  };
  EXPECT_THROW(WritePhantomSet(options_, pool_, stop_soon), Cancelled);
  EXPECT_FALSE(FileExists(options_.output.folder));
}

TEST_F(PhantomSetTest, AnotherSetOfTheSameNameReplacesTheFirst) {
  const auto files = [&] {
    std::map<std::string, std::string> found;
    for (const auto& each : fs::recursive_directory_iterator(options_.output.folder)) {
      if (each.is_regular_file()) found[each.path()] = ReadFile(each.path(), 1 << 24);
    }
    return found;
  };
  WritePhantomSet(options_, pool_);
  const auto first = files();
  WritePhantomSet(options_, pool_);
  EXPECT_TRUE(files() == first);
  EXPECT_THAT(first.at(options_.output.folder / "phantom_report.html"),
              Not(HasSubstr("class=\"missing\"")));
  options_.seed = 2;
  options_.patients = 4;
  WritePhantomSet(options_, pool_);
  size_t images = 0;
  for (const auto& [path, content] : files()) images += path.ends_with(".png") ? 1 : 0;
  EXPECT_EQ(images, 8u);
  std::set<std::string> shown;
  for (const SourceSample& row : Written()) {
    const std::string& image = row.sample.images.at(0);
    EXPECT_TRUE(FileExists(image));
    const std::string twin = row.sample.extra["twin_image"];
    EXPECT_TRUE(FileExists(options_.output.folder / "images" / twin));
    EXPECT_NE(fs::path(image).filename(), twin);
    shown.insert(image);
  }
  EXPECT_EQ(shown.size(), 8u);
}

TEST_F(PhantomSetTest, AnybodysQuestionsAreAnsweredInSentences) {
  options_.questioner = PhantomQuestioner::kAnybody;
  options_.languages = {Language::kEnglish};
  WritePhantomSet(options_, pool_);
  for (const SourceSample& row : Written()) {
    EXPECT_THAT(row.sample.turns.back().text, testing::EndsWith("."));
    EXPECT_EQ(row.sample.answer_type, kOpen);
  }
}

TEST_F(PhantomSetTest, MarksFalsePremisesAndParaphrases) {
  options_.patients = 60;
  options_.languages = {Language::kEnglish};
  WritePhantomSet(options_, pool_);
  size_t false_premises = 0;
  std::map<std::string, std::set<std::string>> paraphrases;
  for (const SourceSample& row : Written()) {
    const Json& extra = row.sample.extra;
    if (extra.contains("premise")) {
      ++false_premises;
      EXPECT_THAT(row.sample.turns.back().text, testing::StartsWith("There is no "));
    }
    if (extra.contains("paraphrase")) {
      paraphrases[extra["paraphrase"]].insert(row.sample.turns.front().text);
    }
  }
  EXPECT_GT(false_premises, 0u);
  EXPECT_FALSE(paraphrases.empty());
  for (const auto& [name, questions] : paraphrases) EXPECT_EQ(questions.size(), 2u) << name;
}

TEST_F(PhantomSetTest, ASetOfNothingIsRefused) {
  options_.studies.clear();
  ROENTGEN_EXPECT_ERROR(WritePhantomSet(options_, pool_), "needs a language, a study");
}

}  // namespace
}  // namespace roentgen
