// Intervals of F1 over report labels: what they promise, and where there is none.

#include "roentgen/evaluation/report_intervals.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "roentgen/base/random.h"
#include "roentgen/evaluation/evaluate.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "support/long_checks.h"

namespace roentgen {
namespace {

using test::Trials;
using testing::Optional;

constexpr size_t kDrawnLabels = 14;

/// What references and reports state in a set whose truth is known.
struct ReportWorld {
  const char* name;
  std::array<double, kDrawnLabels> stated;  ///< by references
  double found;                             ///< of these, by reports too
  double invented;                          ///< of the others, by reports
};
constexpr std::array<double, kDrawnLabels> kFiveAlike = {.25, .25, .25, .25, .25};
constexpr std::array<double, kDrawnLabels> kMixed = {.4, .3, .25, .2,  .2,  .15, .15,
                                                     .1, .1, .08, .06, .05, .04, .03};
const ReportWorld kWorlds[] = {{"five labels alike", kFiveAlike, .75, .05},
                               {"common and rare labels", kMixed, .6, .08},
                               {"common and rare labels, nearly all right", kMixed, .9, .01}};

LabelTable DrawReport(const ReportWorld& world, Random& random) {
  LabelTable table{};
  for (size_t label = 0; label < kDrawnLabels; ++label) {
    if (world.stated[label] == 0) continue;
    const bool reference = random.NextUniform() < world.stated[label];
    const bool report = random.NextUniform() < (reference ? world.found : world.invented);
    table[label].both = reference && report ? 1 : 0;
    table[label].only_report = !reference && report ? 1 : 0;
    table[label].only_reference = reference && !report ? 1 : 0;
  }
  return table;
}

double F1(double both, double others) {
  return 2 * both / (2 * both + others);
}

/// The F1 of infinitely many reports: over all labels, and the labels' mean.
std::pair<double, double> TrueF1(const ReportWorld& world) {
  double both = 0;
  double others = 0;
  double sum = 0;
  double labels = 0;
  for (const double stated : world.stated) {
    if (stated == 0) continue;
    const double agreed = stated * world.found;
    const double rest = stated * (1 - world.found) + (1 - stated) * world.invented;
    both += agreed;
    others += rest;
    sum += F1(agreed, rest);
    ++labels;
  }
  return {F1(both, others), sum / labels};
}

TEST(Simulation, IntervalsOfReportF1HoldTheTruth) {
  const size_t trials = Trials(400, 10'000);
  const double error = 300 * std::sqrt(0.95 * 0.05 / static_cast<double>(trials));
  for (const ReportWorld& world : kWorlds) {
    const auto [micro, macro] = TrueF1(world);
    for (const size_t reports : {6, 10, 20, 40}) {
      Random random(3);
      size_t made = 0;
      size_t micro_held = 0;
      size_t macro_held = 0;
      for (size_t trial = 0; trial < trials; ++trial) {
        std::vector<LabelTable> tables;
        for (size_t i = 0; i < reports; ++i) tables.push_back(DrawReport(world, random));
        const ReportIntervals::F1 intervals = MeasureF1Intervals(tables);
        if (!intervals.micro) continue;
        ++made;
        micro_held += intervals.micro->lower <= micro && micro <= intervals.micro->upper ? 1 : 0;
        macro_held += intervals.macro->lower <= macro && macro <= intervals.macro->upper ? 1 : 0;
      }
      const auto percent = [&](size_t held) {
        return 100 * static_cast<double>(held) / static_cast<double>(made);
      };
      if (Trials(0, 1) == 1) {
        std::printf("  %zu reports, %s: over all %.1f %%, labels' mean %.1f %%\n", reports,
                    world.name, percent(micro_held), percent(macro_held));
      }
      EXPECT_GE(percent(micro_held), 94 - error) << world.name << ", " << reports;
      EXPECT_GE(percent(macro_held), 93 - error) << world.name << ", " << reports;
    }
  }
}

/// A report that agrees, invents or misses one observation.
LabelTable One(size_t both, size_t only_report, size_t only_reference) {
  LabelTable table{};
  table[static_cast<size_t>(ReportLabel::kPneumothorax)] = {both, only_report, only_reference};
  return table;
}

TEST(ReportIntervals, NeedFiveUnitsThatStateSomething) {
  // Those that state nothing tell nothing of F1.
  std::vector<LabelTable> tables(20, LabelTable{});
  EXPECT_EQ(MeasureF1Intervals(tables).units, 0u);
  EXPECT_EQ(MeasureF1Intervals(tables).missing(), std::nullopt);
  for (size_t i = 0; i < 4; ++i) tables[i] = One(1, 0, 0);
  const ReportIntervals::F1 four = MeasureF1Intervals(tables);
  EXPECT_EQ(four.units, 4u);
  EXPECT_EQ(four.micro, std::nullopt);
  EXPECT_EQ(four.macro, std::nullopt);
  EXPECT_THAT(four.missing(), Optional(std::string("too few reports (4) for an interval")));
  // All five right: Wilson's for n_eff = 5 and t = 2.776, so 5 / (5 + t²).
  tables[4] = One(1, 0, 0);
  const ReportIntervals::F1 five = MeasureF1Intervals(tables);
  EXPECT_EQ(five.missing(), std::nullopt);
  EXPECT_NEAR(five.micro->lower, 5 / (5 + 2.7764451 * 2.7764451), 1e-6);
  EXPECT_NEAR(five.macro->lower, five.micro->lower, 1e-9);
}

TEST(ReportIntervals, OfTheLabelsMeanAreTheJackknifes) {
  // One label, four agreed and one invented: F1 8/9; without an agreed one 6/7, without the
  // invented one 1. Their mean is 31/35: variance 4/5 · (4 · (1/35)² + (4/35)²), bias 4 · (31/35 −
  // 8/9) = −4/315.
  std::vector<LabelTable> tables(4, One(1, 0, 0));
  tables.push_back(One(0, 1, 0));
  const double square = 0.8 * (4.0 / 1225 + 16.0 / 1225) + 16.0 / (315 * 315);
  const Bounds expected = WilsonBounds(8.0 / 9, 8.0 / 81 / square, 2.7764451);
  const ReportIntervals::F1 intervals = MeasureF1Intervals(tables);
  EXPECT_NEAR(intervals.macro->lower, expected.lower, 1e-6);
  EXPECT_NEAR(intervals.macro->upper, expected.upper, 1e-6);
}

Example Report(const std::string& prediction, const std::string& reference, int image) {
  Example example;
  example.prediction = prediction;
  example.reference = reference;
  example.images = {std::to_string(image) + ".png"};
  example.fields = {{"question_type", {"REPORT"}}, {"organ", {"chest"}}};
  return example;
}

TEST(ReportIntervals, F1OfNothingIsNoValue) {
  ThreadPool pool(1);
  for (const std::string text : {"Left pneumothorax.", "左侧气胸。"}) {
    std::vector<Example> examples;
    for (int i = 0; i < 3; ++i) examples.push_back(Report(text, text, i));
    const auto few = ToJson(Evaluate(examples, {}, pool))["reports"]["chest"];
    EXPECT_EQ(few["present"]["micro_f1"], 1) << text;
    EXPECT_EQ(few["present"]["no_interval"], "too few reports (3) for an interval") << text;
    EXPECT_FALSE(few["present"].contains("micro_f1_interval95")) << text;
    EXPECT_TRUE(few["uncertain"]["micro_f1"].is_null()) << text;
    EXPECT_TRUE(few["uncertain"]["macro_f1"].is_null()) << text;
    EXPECT_FALSE(few["uncertain"].contains("no_interval")) << text;
    for (int i = 3; i < 8; ++i) examples.push_back(Report(text, text, i));
    const auto enough = ToJson(Evaluate(examples, {}, pool))["reports"]["chest"]["present"];
    EXPECT_EQ(enough["units"], 8) << text;
    EXPECT_EQ(enough["micro_f1_interval95"][1], 1) << text;
    EXPECT_FALSE(enough.contains("no_interval")) << text;
    // Several reports of one image are one draw.
    for (Example& example : examples) example.images = {"0.png"};
    EXPECT_EQ(ToJson(Evaluate(examples, {}, pool))["reports"]["chest"]["present"]["no_interval"],
              "too few reports (1) for an interval")
        << text;
  }
}

}  // namespace
}  // namespace roentgen
