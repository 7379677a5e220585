// Every scorer against golden/metrics: files are found by their names' form, so that a new one is
// tested too.

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "evaluation/golden_metrics.h"
#include "roentgen/evaluation/llama_factory.h"
#include "roentgen/evaluation/llava_med.h"
#include "roentgen/evaluation/pope.h"
#include "roentgen/evaluation/scorers.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/evaluation/yes_no.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

using test::FilesLike;
using test::Metrics;
using test::Published;

std::vector<double> ScoresOf(const Scorer& scorer, const std::string& prediction,
                             const std::string& reference, bool closed) {
  std::vector<double> scores(scorer.values.size());
  scorer.score({prediction, reference, closed}, scores);
  return scores;
}

double ScoreOf(const Scorer& scorer, std::string_view value, const std::string& prediction,
               const std::string& reference, bool closed = false) {
  const std::vector<double> scores = ScoresOf(scorer, prediction, reference, closed);
  for (size_t i = 0; i < scores.size(); ++i) {
    if (scorer.values[i].name == value) return scores[i];
  }
  ADD_FAILURE() << scorer.name << " has no " << value;
  return 0;
}

void ExpectLlamaFactory(const LlamaFactoryScores& scores, const Json& row) {
  // Rounded to four decimals there and here: equal.
  EXPECT_EQ(scores.rouge1, row.at("rouge-1").get<double>()) << row;
  EXPECT_EQ(scores.rouge2, row.at("rouge-2").get<double>()) << row;
  EXPECT_EQ(scores.rouge_l, row.at("rouge-l").get<double>()) << row;
  EXPECT_EQ(scores.bleu4, row.at("bleu-4").get<double>()) << row;
}

TEST(ScorersGolden, LlamaFactoryFromItsWords) {
  ROENTGEN_NEED(Metrics());
  size_t rows = 0;
  for (const fs::path& file : FilesLike(Metrics(), "lf_", ".jsonl")) {
    SCOPED_TRACE(file);
    for (const Json& row : test::JsonLines(file)) {
      ExpectLlamaFactory(
          ScoreLlamaFactory(row.at("pred_words").get<std::vector<std::string>>(),
                            row.at("label_words").get<std::vector<std::string>>(),
                            row.at("pred").get<std::string>(), row.at("label").get<std::string>()),
          row);
      ++rows;
    }
  }
  EXPECT_GE(rows, 61u + 2 * 451);
}

TEST(ScorersGolden, LlamaFactoryCutsTextWithoutChineseAsJieba) {
  ROENTGEN_NEED(Metrics());
  size_t texts = 0;
  for (const fs::path& file : FilesLike(Metrics(), "lf_", ".jsonl")) {
    for (const Json& row : test::JsonLines(file)) {
      for (const char* side : {"pred", "label"}) {
        const auto text = row.at(side).get<std::string>();
        if (HasHan(text)) continue;
        EXPECT_EQ(CutWithoutDictionary(text),
                  row.at(std::string(side) + "_words").get<std::vector<std::string>>());
        ++texts;
      }
    }
  }
  EXPECT_GE(texts, 4u * 451);
}

TEST(ScorersGolden, LlamaFactoryMeans) {
  ROENTGEN_NEED(Metrics());
  const Json means = ReadJsonFile(Metrics() / "vqa_summary.json", 1 << 20).at("llama_factory");
  ASSERT_GE(means.size(), 2u);
  for (const auto& [model, expected] : means.items()) {
    const std::vector<Json> rows = test::JsonLines(Metrics() / ("lf_" + model + ".jsonl"));
    const Scorer& scorer = LlamaFactoryScorer();
    for (const ScoreValue& value : scorer.values) {
      double sum = 0;
      for (const Json& row : rows) {
        sum += ScoreOf(scorer, value.name, row.at("pred"), row.at("label"));
      }
      EXPECT_SCORE(sum / static_cast<double>(rows.size()),
                   expected.at(std::string(value.name)).get<double>())
          << value.name;
    }
  }
}

void ExpectLlavaMed(const LlavaMedOverlap& scores, const Json& row) {
  EXPECT_SCORE(scores.exact, row.at("exact").get<double>());
  EXPECT_SCORE(scores.precision, row.at("precision").get<double>());
  EXPECT_SCORE(scores.recall, row.at("recall").get<double>());
  EXPECT_SCORE(scores.f1, row.at("f1").get<double>());
}

/// The scores of a row of vqa_*.jsonl, by their names there.
void ExpectStrict(const std::string& prediction, const std::string& reference, const Json& row) {
  for (const char* value : {"exact_match", "f1", "rougeL", "bleu1"}) {
    EXPECT_SCORE(ScoreOf(StrictScorer(), value, prediction, reference), row.at(value).get<double>())
        << value << " of " << row;
  }
  if (row.contains("llava_med")) {
    ExpectLlavaMed(ScoreLlavaMedOpen(prediction, reference), row.at("llava_med"));
  }
}

TEST(ScorersGolden, EdgeCases) {
  ROENTGEN_NEED(Metrics());
  const std::vector<Json> rows = test::JsonLines(Metrics() / "vqa_cases.jsonl");
  ASSERT_GE(rows.size(), 18u);
  for (const Json& row : rows) {
    SCOPED_TRACE(row.dump());
    const auto prediction = row.at("prediction").get<std::string>();
    const auto reference = row.at("reference").get<std::string>();
    EXPECT_EQ(StrictForm(prediction), row.at("normalised")[0].get<std::string>());
    EXPECT_EQ(StrictForm(reference), row.at("normalised")[1].get<std::string>());
    EXPECT_EQ(LlavaMedForm(Lowercase(prediction)), row.at("llava_med_normalised")[0]);
    EXPECT_EQ(LlavaMedForm(Lowercase(reference)), row.at("llava_med_normalised")[1]);
    ExpectStrict(prediction, reference, row);
  }
}

TEST(ScorersGolden, PublishedPredictionsRowByRow) {
  ROENTGEN_NEED(Metrics());
  ROENTGEN_NEED(Published());
  size_t models = 0;
  for (const fs::path& file : FilesLike(Metrics(), "vqa_", ".jsonl")) {
    const std::string model = file.stem().string().substr(4);
    if (model == "cases") continue;
    ++models;
    const std::vector<Json> rows = test::JsonLines(file);
    const std::vector<Json> published = test::JsonLines(Published() / (model + ".jsonl"));
    ASSERT_EQ(rows.size(), published.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(rows[i].at("id"), published[i].at("id"));
      ExpectStrict(published[i].at("prediction"), published[i].at("reference"), rows[i]);
    }
  }
  EXPECT_GE(models, 2u);
}

TEST(ScorersGolden, PublishedScoresOfEveryExample) {
  ROENTGEN_NEED(Published());
  size_t examples = 0;
  for (const fs::path& file : FilesLike(Published(), "", ".per_example_scores.json")) {
    const std::string name = file.filename().string();
    const std::string model = name.substr(0, name.find('.'));
    const Json scores = ReadJsonFile(file, 1 << 20);
    const std::vector<Json> rows = test::JsonLines(Published() / (model + ".jsonl"));
    for (size_t i = 0; i < rows.size(); ++i, ++examples) {
      ASSERT_EQ(rows[i].at("id"), scores.at("ids").at(i));
      const bool open = rows[i].at("qtype") == "open";
      const auto ours = [&](const char* value) {
        return ScoreOf(StrictScorer(), value, rows[i].at("prediction"), rows[i].at("reference"));
      };
      EXPECT_EQ(ours("exact_match"), scores.at("correct").at(i).get<double>());
      // Published as 0 for closed questions.
      for (const char* value : {"f1", "rougeL", "bleu1"}) {
        EXPECT_SCORE(open ? ours(value) : 0, scores.at(value).at(i).get<double>()) << value;
      }
    }
  }
  EXPECT_EQ(examples, 2u * 451);
}

/// The mean of a scorer's values over rows for which they are defined.
double MeanOver(const std::vector<Json>& rows, const Scorer& scorer, std::string_view value) {
  double sum = 0;
  size_t count = 0;
  for (const Json& row : rows) {
    const double score = ScoreOf(scorer, value, row.at("prediction"), row.at("reference"),
                                 row.at("qtype") == "closed");
    if (std::isnan(score)) continue;
    sum += score;
    ++count;
  }
  return sum / static_cast<double>(count);
}

TEST(ScorersGolden, LlavaMedMeans) {
  ROENTGEN_NEED(Metrics());
  ROENTGEN_NEED(Published());
  const Json models = ReadJsonFile(Metrics() / "vqa_summary.json", 1 << 20).at("llava_med");
  ASSERT_GE(models.size(), 2u);
  for (const auto& [model, expected] : models.items()) {
    SCOPED_TRACE(model);
    const std::vector<Json> rows = test::JsonLines(Published() / (model + ".jsonl"));
    const auto mean = [&](const char* value) { return MeanOver(rows, LlavaMedScorer(), value); };
    for (const auto& [value, number] : expected.at("open").items()) {
      EXPECT_SCORE(mean(("open_" + value).c_str()), number.get<double>()) << value;
    }
    for (const char* value : {"closed_accuracy", "closed_accuracy_as_in_their_script"}) {
      EXPECT_SCORE(mean(value), expected.at(value).get<double>()) << value;
    }
  }
}

void ExpectTable(const YesNoTable& table, const Json& expected) {
  EXPECT_EQ(table.true_positives, expected.at("tp").get<size_t>());
  EXPECT_EQ(table.true_negatives, expected.at("tn").get<size_t>());
  EXPECT_EQ(table.false_positives, expected.at("fp").get<size_t>());
  EXPECT_EQ(table.false_negatives, expected.at("fn").get<size_t>());
  EXPECT_SCORE(table.accuracy(), expected.at("accuracy").get<double>());
  EXPECT_SCORE(table.precision(), expected.at("precision").get<double>());
  EXPECT_SCORE(table.recall(), expected.at("recall").get<double>());
  EXPECT_SCORE(table.f1(), expected.at("f1").get<double>());
  EXPECT_SCORE(table.yes_ratio(), expected.at("yes_ratio").get<double>());
}

TEST(ScorersGolden, Pope) {
  ROENTGEN_NEED(Metrics());
  const Json pope = ReadJsonFile(Metrics() / "pope.json", 1 << 20);
  for (const Json& answer : pope.at("answers")) {
    EXPECT_EQ(PopeSaysYes(answer.at("text").get<std::string>()), answer.at("answer") == "yes")
        << answer;
  }
  ASSERT_FALSE(pope.at("tables").empty());
  for (const Json& expected : pope.at("tables")) {
    const auto gold = expected.at("gold").get<std::string>();
    const auto answer = expected.at("answer").get<std::string>();
    YesNoTable table;
    for (size_t i = 0; i < gold.size(); ++i) table.Add(gold[i] == 'y', answer[i] == 'y');
    ExpectTable(table, expected);
  }
}

TEST(ScorersGolden, PopeOfPublishedPredictions) {
  ROENTGEN_NEED(Metrics());
  ROENTGEN_NEED(Published());
  const Json models = ReadJsonFile(Metrics() / "vqa_summary.json", 1 << 20).at("pope");
  ASSERT_GE(models.size(), 2u);
  for (const auto& [model, expected] : models.items()) {
    const std::vector<Json> rows = test::JsonLines(Published() / (model + ".jsonl"));
    YesNoTable table;
    for (const Json& row : rows) {
      const auto reference = Lowercase(row.at("reference").get<std::string>());
      if (reference != "yes" && reference != "no") continue;
      table.Add(reference == "yes", PopeSaysYes(row.at("prediction").get<std::string>()));
    }
    EXPECT_EQ(table.total(), expected.at("n").get<size_t>());
    ExpectTable(table, expected);
    EXPECT_SCORE(MeanOver(rows, PopeScorer(), "accuracy"), expected.at("accuracy").get<double>());
  }
}

}  // namespace
}  // namespace roentgen
