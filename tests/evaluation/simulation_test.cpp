// What intervals and tests promise, by drawing question sets whose truth is known: how often a 95 %
// interval holds it, how often equal runs get a verdict, how often an image that is used is found
// to be. The short form draws little and is the same every time; the long form
// (scripts/long-checks) draws 10,000 sets and prints what it finds.

#include <gmock/gmock.h>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>
#include <vector>

#include "roentgen/base/random.h"
#include "roentgen/evaluation/holm.h"
#include "roentgen/evaluation/image_use.h"
#include "roentgen/evaluation/paired_test.h"
#include "roentgen/evaluation/unit_interval.h"
#include "support/long_checks.h"

namespace roentgen {
namespace {

using test::Trials;

double Normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.NextUniform()));
  return radius * std::cos(2 * std::numbers::pi * random.NextUniform());
}

/// Marsaglia & Tsang 2000.
double Gamma(double shape, Random& random) {
  if (shape < 1) {
    return Gamma(shape + 1, random) * std::pow(1 - random.NextUniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  while (true) {
    const double x = Normal(random);
    const double v = std::pow(1 + x / std::sqrt(9 * d), 3);
    if (v <= 0) continue;
    if (std::log(1 - random.NextUniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

/// How likely an image's questions are answered right: on average `accuracy`, so that two questions
/// about one image have the intraclass correlation (beta-binomial).
double ImageAccuracy(double accuracy, double correlation, Random& random) {
  if (correlation == 0) return accuracy;
  const double size = (1 - correlation) / correlation;
  const double right = Gamma(accuracy * size, random);
  return right / (right + Gamma((1 - accuracy) * size, random));
}

/// How many questions each image of a set has.
struct SetShape {
  std::string name;
  size_t images = 0;
  size_t fewest = 1;
  size_t most = 1;
};
const SetShape kForty = {"40 images, 5 to 17 questions", 40, 5, 17};
const SetShape kNinetySix = {"96 images, 11 questions", 96, 11, 11};
const SetShape kVqaRad = {"203 images, 2 or 3 questions", 203, 2, 3};
SetShape Single(size_t questions) {
  return {std::to_string(questions) + " single questions", questions, 1, 1};
}

/// The images of the questions of a set.
std::vector<uint32_t> Draw(const SetShape& shape, Random& random) {
  std::vector<uint32_t> units;
  for (uint32_t image = 0; image < shape.images; ++image) {
    const auto spread = static_cast<double>(shape.most - shape.fewest + 1);
    const size_t questions = shape.fewest + static_cast<size_t>(spread * random.NextUniform());
    units.insert(units.end(), questions, image);
  }
  return units;
}

/// Right and wrong answers to them.
std::vector<double> Answer(const std::vector<uint32_t>& units, double accuracy, double correlation,
                           Random& random) {
  std::vector<double> right;
  double of_image = 0;
  for (size_t i = 0; i < units.size(); ++i) {
    if (i == 0 || units[i] != units[i - 1]) {
      of_image = ImageAccuracy(accuracy, correlation, random);
    }
    right.push_back(random.NextUniform() < of_image ? 1 : 0);
  }
  return right;
}

/// A share of the trials, in percent, and three standard errors of one that is near 5 or 95 %.
double Percent(size_t part, size_t trials) {
  return 100 * static_cast<double>(part) / static_cast<double>(trials);
}
double Error(size_t trials) {
  return 300 * std::sqrt(0.05 * 0.95 / static_cast<double>(trials));
}

void Tell(const std::string& setting, double accuracy, double correlation, double percent) {
  const bool long_form = Trials(0, 1) == 1;
  if (!long_form) return;
  std::printf("  %-38s accuracy %.2f  ICC %.1f  %6.1f %%\n", setting.c_str(), accuracy, correlation,
              percent);
}

double Coverage(const SetShape& shape, double accuracy, double correlation, size_t trials) {
  Random random(1);
  size_t held = 0;
  for (size_t trial = 0; trial < trials; ++trial) {
    const std::vector<uint32_t> units = Draw(shape, random);
    const Bounds bounds =
        *EstimateMean(Answer(units, accuracy, correlation, random), units).interval;
    held += bounds.lower <= accuracy && accuracy <= bounds.upper ? 1 : 0;
  }
  const double percent = Percent(held, trials);
  Tell(shape.name, accuracy, correlation, percent);
  return percent;
}

TEST(Simulation, IntervalsHoldTheTruth) {
  const size_t trials = Trials(600, 10'000);
  for (const double accuracy : {0.6, 0.8}) {
    for (const SetShape& shape : {kForty, kNinetySix, kVqaRad}) {
      for (const double correlation : {0.0, 0.1, 0.2, 0.4}) {
        SCOPED_TRACE(shape.name + " " + std::to_string(correlation));
        const double coverage = Coverage(shape, accuracy, correlation, trials);
        EXPECT_GE(coverage, 93 - Error(trials));
        EXPECT_LE(coverage, 97 + Error(trials));
      }
    }
    for (const size_t questions : {30, 100, 451}) {
      SCOPED_TRACE(questions);
      const double coverage = Coverage(Single(questions), accuracy, 0, trials);
      EXPECT_GE(coverage, 93 - Error(trials));
      EXPECT_LE(coverage, 97 + Error(trials));
    }
  }
}

TEST(Simulation, IntervalsHoldTheTruthWhereQuestionsMakeUpForEachOther) {
  // Of two questions about an image one is right, whatever the image; of a few both.
  const size_t trials = Trials(600, 10'000);
  Random random(7);
  for (const size_t images : {20, 40, 100}) {
    for (const double both : {0.02, 0.08, 0.2}) {
      size_t held = 0;
      for (size_t trial = 0; trial < trials; ++trial) {
        std::vector<double> right;
        std::vector<uint32_t> units;
        for (uint32_t image = 0; image < images; ++image) {
          units.insert(units.end(), 2, image);
          right.push_back(1);
          right.push_back(random.NextUniform() < both ? 1 : 0);
        }
        const Bounds bounds = *EstimateMean(right, units).interval;
        const double truth = 0.5 + both / 2;
        held += bounds.lower <= truth && truth <= bounds.upper ? 1 : 0;
      }
      Tell("one of two right, " + std::to_string(images), 0.5 + both / 2, -1,
           Percent(held, trials));
      EXPECT_GE(Percent(held, trials), 93) << images << " " << both;
    }
  }
}

TEST(Simulation, IntervalsOfFewQuestionsHoldTheTruth) {
  const size_t trials = Trials(600, 10'000);
  for (const double accuracy : {0.6, 0.8, 0.9, 0.95}) {
    for (const size_t questions : {5, 10, 20}) {
      EXPECT_GE(Coverage(Single(questions), accuracy, 0, trials), 93 - Error(trials))
          << questions << " " << accuracy;
    }
  }
}

/// Second − first, of two runs that are right equally often but for `better`.
std::vector<double> Differences(const std::vector<uint32_t>& units, double correlation,
                                double better, Random& random) {
  const std::vector<double> first = Answer(units, 0.6, correlation, random);
  std::vector<double> differences = Answer(units, 0.6 + better, correlation, random);
  for (size_t i = 0; i < first.size(); ++i) differences[i] -= first[i];
  return differences;
}

struct Found {
  size_t verdicts = 0;
  size_t held = 0;  // intervals with the true difference
};

Found CompareTwo(const SetShape& shape, double correlation, double better, size_t trials) {
  Random random(2);
  Found found;
  for (size_t trial = 0; trial < trials; ++trial) {
    const std::vector<uint32_t> units = Draw(shape, random);
    const PairedTest test =
        TestPaired(Differences(units, correlation, better, random), units, {1000, trial});
    found.verdicts += *test.p <= 0.05 ? 1 : 0;
    found.held += test.interval->lower <= better && better <= test.interval->upper ? 1 : 0;
  }
  Tell("verdicts, " + shape.name, 0.6 + better, correlation, Percent(found.verdicts, trials));
  Tell("interval, " + shape.name, 0.6 + better, correlation, Percent(found.held, trials));
  return found;
}

TEST(Simulation, EqualRunsSeldomGetAVerdict) {
  const size_t trials = Trials(400, 10'000);
  const SetShape ten = {"40 images, 10 questions", 40, 10, 10};
  for (const SetShape& shape : {ten, kForty, kVqaRad}) {
    for (const double correlation : {0.0, 0.1, 0.2, 0.4}) {
      const Found found = CompareTwo(shape, correlation, 0, trials);
      EXPECT_LE(Percent(found.verdicts, trials), 5 + Error(trials)) << shape.name << correlation;
      EXPECT_GE(Percent(found.held, trials), 95 - Error(trials)) << shape.name << correlation;
    }
  }
  for (const size_t questions : {6, 10, 30, 451}) {
    const Found found = CompareTwo(Single(questions), 0, 0, trials);
    EXPECT_LE(Percent(found.verdicts, trials), 5 + Error(trials)) << questions;
  }
}

TEST(Simulation, IntervalsHoldTheDifference) {
  const size_t trials = Trials(400, 10'000);
  for (const SetShape& shape : {kForty, kVqaRad, Single(100), Single(451)}) {
    for (const double correlation : {0.0, 0.2}) {
      if (shape.most == 1 && correlation > 0) continue;
      const Found found = CompareTwo(shape, correlation, 0.1, trials);
      EXPECT_GE(Percent(found.held, trials), 93 - Error(trials)) << shape.name << correlation;
      EXPECT_LE(Percent(found.held, trials), 97 + Error(trials)) << shape.name << correlation;
    }
  }
}

TEST(Simulation, IntervalsHoldARareDifference) {
  // A question in ten gets better and none worse: in a small set hardly any.
  const size_t trials = Trials(400, 10'000);
  Random random(6);
  for (const size_t questions : {6, 10, 30, 100}) {
    const std::vector<uint32_t> units = Draw(Single(questions), random);
    size_t held = 0;
    for (size_t trial = 0; trial < trials; ++trial) {
      std::vector<double> differences;
      for (size_t i = 0; i < questions; ++i) {
        differences.push_back(random.NextUniform() < 0.1 ? 1 : 0);
      }
      const Bounds interval = *TestPaired(differences, units, {1000, trial}).interval;
      held += interval.lower <= 0.1 && 0.1 <= interval.upper ? 1 : 0;
    }
    Tell("rare difference, " + Single(questions).name, 0.1, 0, Percent(held, trials));
    EXPECT_GE(Percent(held, trials), 93 - Error(trials)) << questions;
  }
}

TEST(Simulation, NineMeasuresOfEqualRunsSeldomGetAVerdict) {
  const size_t trials = Trials(400, 10'000);
  Random random(3);
  size_t of_any = 0;
  size_t corrected = 0;
  for (size_t trial = 0; trial < trials; ++trial) {
    std::vector<double> p;
    for (int measure = 0; measure < 9; ++measure) {
      const std::vector<uint32_t> units = Draw(kForty, random);
      p.push_back(*TestPaired(Differences(units, 0.2, 0, random), units, {100, trial}).p);
    }
    const auto below = [](double value) { return value <= 0.05; };
    const std::vector<double> adjusted = HolmAdjusted(p);
    of_any += std::any_of(p.begin(), p.end(), below) ? 1 : 0;
    corrected += std::any_of(adjusted.begin(), adjusted.end(), below) ? 1 : 0;
  }
  Tell("pages of nine, not corrected", 0.6, 0.2, Percent(of_any, trials));
  Tell("pages of nine, Holm's", 0.6, 0.2, Percent(corrected, trials));
  EXPECT_GT(Percent(of_any, trials), 20);
  EXPECT_LE(Percent(corrected, trials), 5 + Error(trials));
}

/// Questions about images, half of them to be answered with yes.
std::vector<Example> Ask(const std::vector<uint32_t>& units, Random& random) {
  std::vector<Example> examples;
  for (const uint32_t unit : units) {
    Example& example = examples.emplace_back();
    example.images = {std::to_string(unit)};
    example.reference = random.NextUniform() < 0.5 ? "yes" : "no";
  }
  return examples;
}

std::string Other(const std::string& answer) {
  return answer == "yes" ? "no" : "yes";
}

TEST(Simulation, AnswersThatOnlyFollowTheImageDoNotUseIt) {
  // Each image has one answer to all of its questions, whatever is true.
  const size_t trials = Trials(200, 10'000);
  Random random(4);
  size_t yes = 0;
  for (size_t trial = 0; trial < trials; ++trial) {
    const std::vector<uint32_t> units = Draw(kNinetySix, random);
    std::vector<Example> examples = Ask(units, random);
    std::vector<std::string> of_image;
    for (size_t image = 0; image < kNinetySix.images; ++image) {
      of_image.push_back(random.NextUniform() < 0.5 ? "yes" : "no");
    }
    std::vector<std::string> swapped;
    for (size_t i = 0; i < examples.size(); ++i) {
      examples[i].prediction = of_image[units[i]];
      swapped.push_back(of_image[(units[i] + kNinetySix.images / 2) % kNinetySix.images]);
    }
    yes += MeasureImageUse(examples, swapped).righter == ImageUseVerdict::kYes ? 1 : 0;
  }
  Tell("image use, wrongly shown", 0.5, 1, Percent(yes, trials));
  EXPECT_LE(Percent(yes, trials), 1 + 300 * std::sqrt(0.01 * 0.99 / static_cast<double>(trials)));
}

double PowerOfImageUse(double accuracy, double correlation, size_t trials) {
  Random random(5);
  size_t yes = 0;
  for (size_t trial = 0; trial < trials; ++trial) {
    const std::vector<uint32_t> units = Draw(kVqaRad, random);
    std::vector<Example> examples = Ask(units, random);
    const std::vector<double> right = Answer(units, accuracy, correlation, random);
    const std::vector<double> right_swapped = Answer(units, 0.5, correlation, random);
    std::vector<std::string> swapped;
    for (size_t i = 0; i < examples.size(); ++i) {
      const std::string& truth = examples[i].reference;
      swapped.push_back(right_swapped[i] == 1 ? truth : Other(truth));
      examples[i].prediction = right[i] == 1 ? truth : Other(truth);
    }
    yes += MeasureImageUse(examples, swapped).righter == ImageUseVerdict::kYes ? 1 : 0;
  }
  Tell("image use found, VQA-RAD's shape", accuracy, correlation, Percent(yes, trials));
  return Percent(yes, trials);
}

TEST(Simulation, AnImageThatIsUsedIsFoundToBe) {
  const size_t trials = Trials(100, 10'000);
  EXPECT_LE(PowerOfImageUse(0.5, 0.2, trials), 1 + 3);
  EXPECT_GE(PowerOfImageUse(0.6, 0, trials), 60);
  EXPECT_GE(PowerOfImageUse(0.65, 0.1, trials), 90);
  EXPECT_GE(PowerOfImageUse(0.7, 0.2, trials), 97);
}

}  // namespace
}  // namespace roentgen
