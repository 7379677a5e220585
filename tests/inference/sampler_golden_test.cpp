// What the logits processors of Transformers leave to draw from.

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "roentgen/base/json.h"
#include "roentgen/inference/sampler.h"
#include "support/golden.h"
#include "support/paths.h"

namespace roentgen {
namespace {

// golden/model/README.md: six times what numpy differs from torch.
constexpr double kProbabilityTolerance = 2e-6;

/// What a parameter set leaves out is neutral; for temperature that is 1, since 0 means greedy
/// here.
SamplingOptions OptionsOf(const Json& parameters) {
  SamplingOptions options;
  options.temperature = parameters.value("temperature", 1.0);
  options.top_k = parameters.value("top_k", int64_t{0});
  options.top_p = parameters.value("top_p", 1.0);
  options.min_p = parameters.value("min_p", 0.0);
  options.repetition_penalty = parameters.value("repetition_penalty", 1.0);
  return options;
}

TEST(SamplerGolden, EveryCase) {
  const auto folder = test::GoldenRoot() / "model";
  ROENTGEN_NEED(folder / "sampling.json");
  const Json json = ReadJsonFile(folder / "sampling.json", size_t{16} << 20);
  const Safetensors file(folder / "sampling.safetensors");
  std::map<std::string, SamplingOptions> options;
  for (const Json& parameters : json.at("params")) {
    options[parameters.at("name")] = OptionsOf(parameters);
  }
  EXPECT_FALSE(json.at("cases").empty());
  for (const Json& sample : json.at("cases")) {
    const std::string vector = sample.at("vector");
    const std::string parameters = sample.at("params");
    SCOPED_TRACE(vector + " " + parameters);
    const Sampler sampler(options.at(parameters), 0);
    std::vector<float> is =
        sampler.Probabilities(ToFloats(file.At("scores." + vector)),
                              test::Integers<int32_t>(file.At("context." + vector)));
    std::vector<float> expected = ToFloats(file.At("probs." + vector + "." + parameters));
    EXPECT_EQ(is.size() - static_cast<size_t>(std::count(is.begin(), is.end(), 0.0f)),
              sample.at("positive").get<size_t>());
    if (sample.at("top_p_cuts_a_tie")) {  // which of the equal ones stay is open
      std::sort(is.begin(), is.end());
      std::sort(expected.begin(), expected.end());
    }
    ASSERT_EQ(is.size(), expected.size());
    for (size_t id = 0; id < is.size(); ++id) {
      ASSERT_NEAR(is[id], expected[id], kProbabilityTolerance) << id;
    }
  }
}

}  // namespace
}  // namespace roentgen
