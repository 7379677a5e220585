// The scores of models/tiny-rad from its stored answers: golden/metrics/tiny-rad.

#include <gmock/gmock.h>

#include <cstdio>
#include <map>
#include <set>

#include "evaluation/golden_metrics.h"
#include "roentgen/evaluation/baseline.h"
#include "roentgen/evaluation/image_use.h"
#include "roentgen/evaluation/proportion.h"
#include "roentgen/evaluation/words.h"
#include "support/json_lines.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

fs::path Answers() {
  return test::Metrics() / "tiny-rad" / "answers.jsonl";
}

/// Answers to the questions of a set, or to some of them.
struct StoredAnswers {
  std::vector<std::string> gold, with_true, swapped, blank;

  void Add(const Json& row) {
    gold.push_back(row.at("gold"));
    with_true.push_back(row.at("answer"));
    swapped.push_back(row.at("answer_swapped"));
    blank.push_back(row.at("answer_blank"));
  }
};

std::vector<Json> RowsOf(const std::string& set) {
  std::vector<Json> rows = test::JsonLines(Answers());
  std::erase_if(rows, [&](const Json& row) { return row.at("set") != set; });
  return rows;
}

/// As models/tiny-rad/README.md writes it: percent with one decimal.
std::string Percent(size_t part, size_t whole) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f",
                100 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

/// The README's scores are exact matches: its "changed" and its tests, too.
struct ExactMatches {
  size_t examples = 0;
  size_t right_true = 0, right_other = 0, only_true = 0, only_other = 0, changed = 0;
};

ExactMatches Compare(const StoredAnswers& run, const std::vector<std::string>& other) {
  ExactMatches matches;
  matches.examples = run.gold.size();
  for (size_t i = 0; i < run.gold.size(); ++i) {
    const bool own_right = MeasureForm(run.with_true[i]) == MeasureForm(run.gold[i]);
    const bool other_right = MeasureForm(other[i]) == MeasureForm(run.gold[i]);
    matches.right_true += own_right ? 1 : 0;
    matches.right_other += other_right ? 1 : 0;
    matches.only_true += own_right && !other_right ? 1 : 0;
    matches.only_other += !own_right && other_right ? 1 : 0;
    matches.changed += MeasureForm(run.with_true[i]) != MeasureForm(other[i]) ? 1 : 0;
  }
  return matches;
}

void ExpectScores(const StoredAnswers& run, const char* with_true, const char* swapped,
                  const char* blank) {
  const ExactMatches a = Compare(run, run.swapped);
  const ExactMatches b = Compare(run, run.blank);
  EXPECT_EQ(Percent(a.right_true, a.examples), with_true);
  EXPECT_EQ(Percent(a.right_other, a.examples), swapped);
  EXPECT_EQ(Percent(b.right_other, b.examples), blank);
}

TEST(TinyRadGolden, SlakeShowsThatTheImageIsUsed) {
  ROENTGEN_NEED(Answers());
  StoredAnswers run;
  for (const Json& row : RowsOf("SLAKE validate")) run.Add(row);
  ASSERT_EQ(run.gold.size(), 2099u);
  ExpectScores(run, "69.8", "39.8", "43.3");
  const ExactMatches swapped = Compare(run, run.swapped);
  EXPECT_EQ(swapped.only_true, 721u);
  EXPECT_EQ(swapped.only_other, 92u);
  // In whole numbers, 2 Σ C(813, i) / 2^813 up to 92; "about 1e-121" in the README.
  EXPECT_NEAR(McNemarExact(swapped.only_true, swapped.only_other), 8.53551385084112e-122,
              1e-9 * 8.53551385084112e-122);
  EXPECT_EQ(Percent(swapped.changed, swapped.examples), "50.9");
  for (const auto& other : {run.swapped, run.blank}) {
    const ImageUse use = MeasureImageUse(run.gold, run.with_true, other);
    EXPECT_EQ(use.verdict(), ImageUseVerdict::kYes);
    EXPECT_GE(use.right_true, 1465u);  // 69.8 %, and what says the same in other words: 是的 for 是
    EXPECT_LT(use.p, 1e-90);
  }
}

/// VQA-RAD's test questions in file order, as the answers are.
std::vector<Sample> VqaRadTest() {
  return ReadSamples(test::SharedRoot() / "data" / "vqa-rad", "test");
}

TEST(TinyRadGolden, VqaRadDoesNotShowIt) {
  ROENTGEN_NEED(Answers());
  ROENTGEN_NEED(test::SharedRoot() / "data" / "vqa-rad");
  const std::vector<Json> rows = RowsOf("VQA-RAD test");
  const std::vector<Sample> samples = VqaRadTest();
  ASSERT_EQ(rows.size(), 451u);
  ASSERT_EQ(samples.size(), rows.size());
  StoredAnswers all;
  StoredAnswers closed;
  StoredAnswers open;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(StrictForm(AnswerOf(samples[i])), StrictForm(rows[i].at("gold").get<std::string>()));
    all.Add(rows[i]);
    (samples[i].answer_type.starts_with("CLOSED") ? closed : open).Add(rows[i]);
  }
  ExpectScores(all, "39.5", "37.5", "36.8");
  ExpectScores(closed, "57.0", "55.1", "57.7");
  ExpectScores(open, "12.8", "10.6", "5.0");
  const ExactMatches swapped = Compare(all, all.swapped);
  EXPECT_NEAR(McNemarExact(swapped.only_true, swapped.only_other), 0.25, 0.005);
  EXPECT_EQ(Percent(swapped.changed, swapped.examples), "38.1");
  const ExactMatches blank = Compare(all, all.blank);
  EXPECT_NEAR(McNemarExact(blank.only_true, blank.only_other), 0.16, 0.005);
  for (const auto& other : {all.swapped, all.blank}) {
    const ImageUse use = MeasureImageUse(all.gold, all.with_true, other);
    EXPECT_EQ(use.changes, ImageUseVerdict::kYes);
    EXPECT_EQ(use.righter, ImageUseVerdict::kNotShown);
    EXPECT_EQ(use.verdict(), ImageUseVerdict::kNotShown);
  }
}

TEST(TinyRadGolden, TheSwapMapIsADerangement) {
  ROENTGEN_NEED(Answers());
  std::map<std::string, std::string> swapped;
  for (const Json& row : test::JsonLines(Answers())) {
    const auto [entry, added] = swapped.try_emplace(row.at("image"), row.at("swapped_image"));
    EXPECT_EQ(entry->second, row.at("swapped_image").get<std::string>());
    EXPECT_NE(entry->first, entry->second);
  }
  std::vector<std::string> images;
  std::set<std::string> taken;
  for (const auto& [image, other] : swapped) {
    images.push_back(image);
    EXPECT_TRUE(taken.insert(other).second) << other;
  }
  EXPECT_EQ(DerangeImages(images, 1).size(), images.size());  // ours has that form too
}

TEST(TinyRadGolden, TheQuestionAlone) {
  ROENTGEN_NEED(Answers());
  const fs::path vqa_rad = test::SharedRoot() / "data" / "vqa-rad";
  ROENTGEN_NEED(vqa_rad);
  const std::vector<Sample> samples = VqaRadTest();
  std::vector<Example> examples;
  for (const Sample& sample : samples) {
    Example& example = examples.emplace_back();
    example.question = QuestionOf(sample);
    example.reference = AnswerOf(sample);
  }
  const auto baselines = MakeBaselines(examples, ReadSamples(vqa_rad, "train"));
  ASSERT_EQ(baselines.size(), 3u);
  size_t right = 0;
  for (size_t i = 0; i < examples.size(); ++i) {
    right += baselines[2].answers[i] == StrictForm(examples[i].reference) ? 1 : 0;
  }
  EXPECT_EQ(Percent(right, examples.size()), "36.1");  // "majority" in the model's README
}

}  // namespace
}  // namespace roentgen
