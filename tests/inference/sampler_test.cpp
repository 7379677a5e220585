#include "roentgen/inference/sampler.h"

#include <gmock/gmock.h>

#include <limits>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

SamplingOptions Sampling(double temperature) {
  SamplingOptions options;
  options.temperature = temperature;
  return options;
}

std::vector<int32_t> Draw(const SamplingOptions& options, uint64_t seed,
                          const std::vector<float>& logits, size_t count) {
  Sampler sampler(options, seed);
  std::vector<int32_t> drawn;
  for (size_t i = 0; i < count; ++i) drawn.push_back(sampler.Next(logits, {}));
  return drawn;
}

TEST(Sampler, GreedyTakesTheLargestAndAmongEqualsTheFirst) {
  Sampler greedy({}, 0);
  EXPECT_EQ(greedy.Next(std::vector<float>{0, 2, 1}, {}), 1);
  EXPECT_EQ(greedy.Next(std::vector<float>{-1, 3, 0, 3, 3}, {}), 1);
  EXPECT_EQ(greedy.Next(std::vector<float>{-kInfinity, -5, -kInfinity}, {}), 1);
}

TEST(Sampler, GreedyCountsNothingButThePenalty) {
  SamplingOptions options;
  options.repetition_penalty = 2;
  options.top_k = 1;
  options.top_p = 0.1;
  options.min_p = 1;
  Sampler greedy(options, 0);
  const std::vector<float> logits{4, 3, -1};
  EXPECT_EQ(greedy.Next(logits, {}), 0);
  EXPECT_EQ(greedy.Next(logits, std::vector<int32_t>{0}), 1);
  // Once for each id, however often it occurs: 4 / 2 still is more than −1.
  EXPECT_EQ(greedy.Next(logits, std::vector<int32_t>{0, 0, 0, 1, 1}), 0);
}

TEST(Sampler, APenaltyAlwaysMakesLessLikely) {
  SamplingOptions options = Sampling(1);
  options.repetition_penalty = 2;
  const Sampler sampler(options, 0);
  const std::vector<float> logits{1, -1, 0.5f, -2};
  const std::vector<float> free = sampler.Probabilities(logits, {});
  for (const int32_t id : {0, 1}) {
    const auto at = static_cast<size_t>(id);
    EXPECT_LT(sampler.Probabilities(logits, {&id, 1})[at], free[at]) << id;
  }
  // An id that the vocabulary lacks is nobody's.
  EXPECT_EQ(sampler.Probabilities(logits, std::vector<int32_t>{-1, 4}), free);
}

TEST(Sampler, OptionsOutOfRangeAreNamed) {
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  const auto refuse = [](const char* name, auto SamplingOptions::*option,
                         std::initializer_list<double> values) {
    for (const double value : values) {
      SamplingOptions options;
      options.*option = static_cast<std::remove_reference_t<decltype(options.*option)>>(value);
      ROENTGEN_EXPECT_ERROR(options.Check(), name);
      ROENTGEN_EXPECT_ERROR(Sampler(options, 0), name);
    }
  };
  refuse("temperature", &SamplingOptions::temperature, {-0.1, double{kInfinity}, not_a_number});
  refuse("top_k", &SamplingOptions::top_k, {-1});
  refuse("top_p", &SamplingOptions::top_p, {0, -0.5, 1.01, not_a_number});
  refuse("min_p", &SamplingOptions::min_p, {-0.1, 1.01, not_a_number});
  refuse("repetition_penalty", &SamplingOptions::repetition_penalty,
         {0, -1, double{kInfinity}, not_a_number});
  EXPECT_NO_THROW(SamplingOptions{}.Check());
}

TEST(Sampler, TheSameSeedDrawsTheSame) {
  const std::vector<float> logits(50, 0.0f);
  const SamplingOptions options = Sampling(1);
  EXPECT_EQ(Draw(options, 7, logits, 100), Draw(options, 7, logits, 100));
  EXPECT_NE(Draw(options, 7, logits, 100), Draw(options, 8, logits, 100));
}

TEST(Sampler, DrawsFollowTheProbabilities) {
  const std::vector<float> logits{0.0f, 1.0f, -1.0f, 2.0f, -kInfinity, 0.5f};
  const SamplingOptions options = Sampling(0.8);
  const std::vector<float> probabilities = Sampler(options, 0).Probabilities(logits, {});
  constexpr size_t kDraws = 20000;
  std::vector<double> counts(logits.size(), 0);
  for (const int32_t id : Draw(options, 1, logits, kDraws)) ++counts[static_cast<size_t>(id)];
  double chi_square = 0;
  for (size_t id = 0; id < logits.size(); ++id) {
    const double expected = static_cast<double>(probabilities[id]) * kDraws;
    if (expected == 0) {
      EXPECT_EQ(counts[id], 0) << id;
    } else {
      chi_square += (counts[id] - expected) * (counts[id] - expected) / expected;
    }
  }
  // Four degrees of freedom: right draws are above 18.5 one time in a thousand, and the seed is
  // fixed.
  EXPECT_LT(chi_square, 18.5);
}

TEST(Sampler, TheDefaultsOfQwen2vlLeaveNothingToChance) {
  SamplingOptions options = Sampling(0.01);
  options.top_k = 1;
  options.top_p = 0.001;
  const std::vector<float> logits{1.0f, 1.5f, 1.49f, -3.0f};
  EXPECT_THAT(Draw(options, 3, logits, 200), testing::Each(1));
  // Two that tie stay both in top_k; top_p then leaves the one that greedy takes.
  const std::vector<float> tied{1.0f, 1.5f, 1.5f, -3.0f};
  EXPECT_THAT(Draw(options, 3, tied, 200), testing::Each(1));
}

TEST(Sampler, ScoresThatAreHugeOrImpossibleGiveProbabilities) {
  const Sampler sampler(Sampling(0.01), 0);
  EXPECT_EQ(sampler.Probabilities(std::vector<float>{1e30f, -1e30f, -kInfinity, 1e30f}, {}),
            (std::vector<float>{0.5f, 0, 0, 0.5f}));
  EXPECT_EQ(sampler.Probabilities(std::vector<float>{-kInfinity, -1e30f}, {}),
            (std::vector<float>{0, 1}));
}

TEST(Sampler, TemperaturesTooSmallForFloatsTakeTheLargest) {
  const std::vector<float> logits{2.0f, 30.0f, -1.0f, 30.0f, 0.0f};
  for (const double temperature : {1e-39, 1e-60}) {
    const Sampler sampler(Sampling(temperature), 0);
    EXPECT_EQ(sampler.Probabilities(logits, {}), (std::vector<float>{0, 0.5f, 0, 0.5f, 0}));
    EXPECT_THAT(Draw(Sampling(temperature), 5, logits, 50), testing::Each(testing::AnyOf(1, 3)));
  }
}

TEST(Sampler, ScoresThatAreNoNumbersAreAnError) {
  const std::vector<float> logits{0, std::numeric_limits<float>::quiet_NaN(), 1};
  for (const double temperature : {0.0, 1.0}) {
    Sampler sampler(Sampling(temperature), 0);
    ROENTGEN_EXPECT_ERROR(sampler.Next(logits, {}), "not numbers");
  }
}

}  // namespace
}  // namespace roentgen
