#include "roentgen/training/optimizer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "support/paths.h"

namespace roentgen {
namespace {

/// Tensors with made-up values and gradients.
struct Trained {
  explicit Trained(const std::vector<size_t>& sizes, uint64_t seed = 1) {
    Random random(seed);
    const auto draw = [&] { return static_cast<float>(random.NextUniform() - 0.5); };
    for (const size_t size : sizes) {
      values.emplace_back(size);
      gradients.emplace_back(size);
      for (float& value : values.back()) value = draw();
      for (float& gradient : gradients.back()) gradient = draw();
    }
  }
  std::vector<OptimizedTensor> Tensors() {
    std::vector<OptimizedTensor> tensors;
    for (size_t i = 0; i < values.size(); ++i) {
      tensors.push_back({fmt::format("t{}", i), values[i], gradients[i]});
    }
    return tensors;
  }
  std::vector<std::vector<float>> values;
  std::vector<std::vector<float>> gradients;
};

TEST(AdamW, FollowsItsFormula) {
  Trained trained({7});
  const AdamWOptions options{.beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-3, .weight_decay = 0.1};
  std::vector<double> p(trained.values[0].begin(), trained.values[0].end());
  std::vector<double> m(7);
  std::vector<double> v(7);
  AdamW adam(trained.Tensors(), options);
  ThreadPool pool(1);
  Random random(9);
  for (int t = 1; t <= 5; ++t) {
    const double lr = 0.01 * t;
    for (float& g : trained.gradients[0]) g = static_cast<float>(random.NextUniform() - 0.5);
    for (size_t i = 0; i < 7; ++i) {
      const double g = 0.5 * trained.gradients[0][i];
      p[i] *= 1 - lr * 0.1;
      m[i] = 0.8 * m[i] + 0.2 * g;
      v[i] = 0.9 * v[i] + 0.1 * g * g;
      p[i] -= lr / (1 - std::pow(0.8, t)) * m[i] /
              (std::sqrt(v[i]) / std::sqrt(1 - std::pow(0.9, t)) + 1e-3);
    }
    adam.Step(lr, 0.5f, pool);
  }
  // Some ten f32 roundings of 6e-8 a step on values below 1.
  for (size_t i = 0; i < 7; ++i) EXPECT_NEAR(trained.values[0][i], p[i], 3e-6) << i;
}

TEST(AdamW, DecayAndRatioByTensor) {
  Trained trained({1, 1, 1});
  for (auto& gradient : trained.gradients) gradient = {1};
  for (auto& value : trained.values) value = {2};
  std::vector<OptimizedTensor> tensors = trained.Tensors();
  tensors[1].decay = false;
  tensors[2].lr_ratio = 4;
  AdamW adam(tensors, {.weight_decay = 0.5});
  ThreadPool pool(1);
  adam.Step(0.1, 1, pool);
  // The first step moves by lr whatever the gradient: m / √v = 1 after correction.
  EXPECT_NEAR(trained.values[0][0], 2 * (1 - 0.05) - 0.1, 1e-6);
  EXPECT_NEAR(trained.values[1][0], 2 - 0.1, 1e-6);
  EXPECT_NEAR(trained.values[2][0], 2 * (1 - 0.2) - 0.4, 1e-6);
}

TEST(AdamW, AStepWithRateZeroFeedsTheMoments) {
  Trained trained({3});
  const std::vector<float> before = trained.values[0];
  AdamW adam(trained.Tensors(), {.weight_decay = 0.5});
  ThreadPool pool(1);
  adam.Step(0, 1, pool);
  EXPECT_EQ(trained.values[0], before);
  EXPECT_NE(ToFloats(adam.State()[0].second)[0], 0);
  EXPECT_EQ(adam.steps(), 1u);
}

TEST(AdamW, AnyNumberOfThreadsGivesTheSame) {
  const std::vector<size_t> sizes = {200'000, 3, 70'000, 1};
  Trained one(sizes);
  Trained three(sizes);
  ThreadPool small(1);
  ThreadPool large(3);
  const auto run = [](Trained& trained, ThreadPool& pool) {
    AdamW adam(trained.Tensors(), {});
    const double norm = GradientNorm(adam.tensors(), pool);
    for (int i = 0; i < 3; ++i) adam.Step(0.01, ClipFactor(norm, 1), pool);
    return norm;
  };
  EXPECT_EQ(run(one, small), run(three, large));
  EXPECT_EQ(one.values, three.values);
}

TEST(AdamW, GoesOnBitIdenticallyFromItsState) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "optimizer.safetensors";
  ThreadPool pool(1);
  Trained whole({5, 9});
  AdamW through(whole.Tensors(), {.weight_decay = 0.01});
  for (int i = 0; i < 3; ++i) through.Step(0.01, 1, pool);
  SaveSafetensors(file, through.State(), through.Metadata());
  Trained half = whole;
  for (int i = 0; i < 4; ++i) through.Step(0.02, 1, pool);

  AdamW resumed(half.Tensors(), {.weight_decay = 0.01});
  resumed.Restore(Safetensors(file));
  EXPECT_EQ(resumed.steps(), 3u);
  for (int i = 0; i < 4; ++i) resumed.Step(0.02, 1, pool);
  EXPECT_EQ(half.values, whole.values);
}

TEST(AdamW, AnotherRunsStateIsRefused) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "optimizer.safetensors";
  Trained saved({5, 9});
  const AdamW adam(saved.Tensors(), {});
  SaveSafetensors(file, adam.State(), adam.Metadata());
  Trained fewer({5});
  Trained other({5, 8});
  AdamW a(fewer.Tensors(), {});
  AdamW b(other.Tensors(), {});
  ROENTGEN_EXPECT_ERROR(a.Restore(Safetensors(file)), "the state of 2 tensors, but 1 are trained");
  ROENTGEN_EXPECT_ERROR(b.Restore(Safetensors(file)), "t1.m does not fit");
  SaveSafetensors(file, adam.State());
  Trained same({5, 9});
  AdamW c(same.Tensors(), {});
  ROENTGEN_EXPECT_ERROR(c.Restore(Safetensors(file)), "no state of an optimiser");
  EXPECT_EQ(c.steps(), 0u);
}

TEST(GradientNorm, IsSummedInDouble) {
  // In f32 the small squares would vanish beside the large one.
  Trained trained({100'001});
  trained.gradients[0].assign(100'001, 1e-3f);
  trained.gradients[0][50'000] = 1e3f;
  ThreadPool pool(2);
  EXPECT_NEAR(GradientNorm(trained.Tensors(), pool), std::sqrt(1e6 + 0.1), 1e-9);
  EXPECT_EQ(GradientNorm({}, pool), 0);
}

TEST(ClipFactor, OnlyShrinks) {
  EXPECT_EQ(ClipFactor(0.5, 1), 1);
  EXPECT_EQ(ClipFactor(4, 1), static_cast<float>(1 / (4 + 1e-6)));
  EXPECT_EQ(ClipFactor(4, 0), 1);
}

TEST(LoraPlus, IsForBAndMagnitudes) {
  const std::string module = "base_model.model.model.layers.0.mlp.up_proj.";
  EXPECT_EQ(LoraPlusRatio(module + "lora_A.weight", 16), 1);
  EXPECT_EQ(LoraPlusRatio(module + "lora_B.weight", 16), 16);
  EXPECT_EQ(LoraPlusRatio(module + "lora_magnitude_vector", 16), 16);
}

}  // namespace
}  // namespace roentgen
