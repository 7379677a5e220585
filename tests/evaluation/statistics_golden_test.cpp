// Intervals and tests against golden/metrics/stats.json and what was published for VQA-RAD.

#include <gmock/gmock.h>

#include "evaluation/golden_metrics.h"
#include "roentgen/base/numpy_random.h"
#include "roentgen/evaluation/bootstrap.h"
#include "roentgen/evaluation/proportion.h"
#include "roentgen/evaluation/scorers.h"
#include "support/json_lines.h"

namespace roentgen {
namespace {

using test::Metrics;
using test::Published;

/// golden/metrics/README.md: of p-values, relative.
#define EXPECT_P(is, should) EXPECT_NEAR(is, should, 1e-9 * (should))

Json Statistics() {
  return ReadJsonFile(Metrics() / "stats.json", 1 << 20);
}

TEST(StatisticsGolden, NumpysNumbers) {
  ROENTGEN_NEED(Metrics());
  const Json expected = Statistics().at("pcg64");
  NumpyGenerator raw(42);
  for (const Json& number : expected.at("raw_uint64")) {
    EXPECT_EQ(std::to_string(raw.Next64()), number.get<std::string>());
  }
  NumpyGenerator bounded(42);
  for (const Json& number : expected.at("first")) {
    EXPECT_EQ(bounded.Integer(251), number.get<uint64_t>());
  }
}

TEST(StatisticsGolden, McNemar) {
  ROENTGEN_NEED(Metrics());
  const Json cases = Statistics().at("mcnemar_exact");
  ASSERT_FALSE(cases.empty());
  for (const Json& c : cases) {
    EXPECT_P(McNemarExact(c.at("b"), c.at("c")), c.at("p_value").get<double>()) << c;
  }
}

TEST(StatisticsGolden, Wilson) {
  ROENTGEN_NEED(Metrics());
  const Json cases = Statistics().at("wilson95");
  ASSERT_FALSE(cases.empty());
  for (const Json& c : cases) {
    const Bounds bounds = WilsonInterval(c.at("k"), c.at("n"));
    EXPECT_SCORE(bounds.lower, c.at("lower").get<double>()) << c;
    EXPECT_SCORE(bounds.upper, c.at("upper").get<double>()) << c;
  }
}

void ExpectInterval(const MeanInterval& interval, const Json& expected) {
  EXPECT_SCORE(interval.mean, expected.at("point").get<double>());
  EXPECT_SCORE(interval.lower, expected.at("lower").get<double>());
  EXPECT_SCORE(interval.upper, expected.at("upper").get<double>());
  EXPECT_SCORE(interval.standard_error, expected.at("se").get<double>());
}

TEST(StatisticsGolden, Bootstrap) {
  ROENTGEN_NEED(Metrics());
  ThreadPool pool(2);
  const Json cases = Statistics().at("bootstrap");
  ASSERT_FALSE(cases.empty());
  for (const Json& c : cases) {
    const std::vector<std::vector<double>> column = {c.at("values").get<std::vector<double>>()};
    ExpectInterval(Bootstrap(column, {}, pool).at(0), c);
  }
}

/// A score of the published answers of a kind, or of all.
std::vector<double> PublishedScores(const std::string& model, std::string_view value,
                                    const std::string& kind) {
  const Scorer& scorer = StrictScorer();
  size_t place = 0;
  while (scorer.values.at(place).name != value) ++place;
  std::vector<double> scores;
  for (const Json& row : test::JsonLines(Published() / (model + ".jsonl"))) {
    if (kind != "overall" && row.at("qtype") != kind) continue;
    std::vector<double> of_row(scorer.values.size());
    const auto prediction = row.at("prediction").get<std::string>();
    const auto reference = row.at("reference").get<std::string>();
    scorer.score({prediction, reference, kind == "closed"}, of_row);
    scores.push_back(of_row[place]);
  }
  return scores;
}

void ExpectPublishedMetrics(const std::string& model, const Json& metrics, ThreadPool& pool) {
  const auto check = [&](const char* kind, const char* value, const char* interval) {
    const std::vector<std::vector<double>> column = {PublishedScores(model, value, kind)};
    const Json& expected = metrics.at(kind);
    EXPECT_EQ(column[0].size(), expected.at("n").get<size_t>());
    const MeanInterval ours = Bootstrap(column, {}, pool).at(0);
    EXPECT_SCORE(ours.mean, expected.at(value).get<double>()) << kind << " " << value;
    if (interval != nullptr) ExpectInterval(ours, expected.at(interval));
  };
  check("closed", "exact_match", "ci95");
  check("open", "f1", "ci95_f1");
  check("open", "bleu1", nullptr);
  check("open", "rougeL", nullptr);
  check("overall", "exact_match", "ci95");
}

TEST(StatisticsGolden, PublishedTotalsAndIntervals) {
  ROENTGEN_NEED(Published());
  ThreadPool pool(2);
  ExpectPublishedMetrics("zero-shot", ReadJsonFile(Published() / "zero-shot.metrics.json", 1 << 20),
                         pool);
  ExpectPublishedMetrics(
      "lora-r4",
      ReadJsonFile(Published() / "lora-r4.training_metrics.json", 1 << 20).at("evaluation"), pool);
}

TEST(StatisticsGolden, RecomputedIntervals) {
  ROENTGEN_NEED(Metrics());
  ROENTGEN_NEED(Published());
  ThreadPool pool(2);
  const Json models = ReadJsonFile(Metrics() / "vqa_summary.json", 1 << 20).at("recomputed");
  for (const auto& [model, kinds] : models.items()) {
    for (const char* kind : {"closed", "open", "overall"}) {
      const Json& expected = kinds.at(kind);
      for (const char* value : {"exact_match", "f1", "bleu1", "rougeL"}) {
        if (!expected.contains(value)) continue;
        SCOPED_TRACE(model + " " + kind + " " + value);
        const std::vector<std::vector<double>> column = {PublishedScores(model, value, kind)};
        ExpectInterval(Bootstrap(column, {}, pool).at(0), expected.at(value));
      }
      if (!expected.contains("wilson95")) continue;
      const std::vector<double> hits = PublishedScores(model, "exact_match", kind);
      const auto right = static_cast<size_t>(std::count(hits.begin(), hits.end(), 1.0));
      const Bounds bounds = WilsonInterval(right, hits.size());
      EXPECT_SCORE(bounds.lower, expected.at("wilson95").at(0).get<double>());
      EXPECT_SCORE(bounds.upper, expected.at("wilson95").at(1).get<double>());
    }
  }
}

void ExpectPairedTest(const std::string& name, const Json& expected, ThreadPool& pool) {
  SCOPED_TRACE(name);
  const std::string kind = name.starts_with("Closed") ? "closed"
                           : name.starts_with("Open") ? "open"
                                                      : "overall";
  const char* value = name.ends_with("EM")  ? "exact_match"
                      : name.ends_with("L") ? "rougeL"
                                            : "bleu1";
  const std::vector<double> first = PublishedScores("zero-shot", value, kind);
  const std::vector<double> second = PublishedScores("lora-r4", value, kind);
  EXPECT_EQ(first.size(), expected.at("n").get<size_t>());
  const PairedDifference paired = ComparePaired(first, second, {}, pool);
  ExpectInterval(paired.difference, expected.at("paired_bootstrap"));
  EXPECT_EQ(paired.p_two_sided, expected.at("paired_bootstrap").at("p_two_sided").get<double>());
  if (!expected.contains("mcnemar")) return;
  size_t only_first = 0;
  size_t only_second = 0;
  for (size_t i = 0; i < first.size(); ++i) {
    only_first += first[i] > second[i] ? 1 : 0;
    only_second += second[i] > first[i] ? 1 : 0;
  }
  EXPECT_EQ(only_first, expected.at("mcnemar").at("b").get<size_t>());
  EXPECT_EQ(only_second, expected.at("mcnemar").at("c").get<size_t>());
  EXPECT_P(McNemarExact(only_first, only_second),
           expected.at("mcnemar").at("p_value").get<double>());
}

TEST(StatisticsGolden, PublishedPairedTests) {
  ROENTGEN_NEED(Published());
  ThreadPool pool(2);
  const Json tests =
      ReadJsonFile(Published() / "zero-shot_vs_lora-r4.tests.json", 1 << 20).at("tests");
  ASSERT_EQ(tests.size(), 4u);
  for (const auto& [name, expected] : tests.items()) ExpectPairedTest(name, expected, pool);
}

}  // namespace
}  // namespace roentgen
