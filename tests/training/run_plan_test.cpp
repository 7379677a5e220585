#include "roentgen/training/run_plan.h"

#include <gtest/gtest.h>

#include "training/trainable.h"

namespace roentgen {
namespace {

constexpr int32_t kImageToken = 9;

/// A prefix of 6 tokens with the image and 3 of its own, one of them a label.
TrainingRow Question(size_t image) {
  return {test::SampleOf({1, 8, kImageToken, kImageToken, kImageToken, 7, 2, 3, 4}, 1, {image})};
}

TEST(RunPlan, ShowsWhatSharingSavesAndGroupingWould) {
  // Two images with four questions each, in turn; four rows a step.
  std::vector<TrainingRow> rows;
  for (size_t i = 0; i < 8; ++i) rows.push_back(Question(i % 2));
  const StepOptions steps{
      .per_device_train_batch_size = 1, .gradient_accumulation_steps = 4, .num_train_epochs = 3};
  const RunPlan plan = PlanRun(rows, {.shuffle = false}, steps, kImageToken, {});
  EXPECT_EQ(plan.rows, 8u);
  EXPECT_EQ(plan.samples, 8u);
  EXPECT_EQ(plan.steps, 6u);
  EXPECT_EQ(plan.steps_per_epoch, 2u);
  EXPECT_EQ(plan.tokens, 3u * 8 * 9);
  EXPECT_EQ(plan.label_tokens, 3u * 8);
  EXPECT_EQ(plan.images, 8u);
  EXPECT_EQ(plan.distinct_images, 2u);
  EXPECT_EQ(plan.longest_sample, 9u);
  // Each step: two prefixes and four questions without their last token; grouped: one prefix.
  EXPECT_EQ(plan.computed_tokens, 6u * (2 * 6 + 4 * 2));
  EXPECT_EQ(plan.computed_tokens_grouped, 6u * (6 + 4 * 2));
  EXPECT_EQ(plan.passes, 6u);
  EXPECT_EQ(plan.largest_pass, 20u);

  const RunPlan apart = PlanRun(rows, {.shuffle = false}, steps, kImageToken,
                                {.share_prefixes = false, .max_tokens = 20});
  EXPECT_EQ(apart.computed_tokens, apart.tokens);
  EXPECT_EQ(apart.passes, 12u);
  EXPECT_EQ(apart.largest_pass, 18u);
}

TEST(RunPlan, MaxStepsWithinAnEpochAndBeyond) {
  const std::vector<TrainingRow> rows = {Question(0), Question(1), Question(2)};
  StepOptions steps{.per_device_train_batch_size = 1, .gradient_accumulation_steps = 1};
  steps.max_steps = 2;
  EXPECT_EQ(PlanRun(rows, {.shuffle = false}, steps, kImageToken, {}).tokens, 18u);
  steps.max_steps = 7;
  EXPECT_EQ(PlanRun(rows, {.shuffle = false}, steps, kImageToken, {}).tokens, 63u);
}

}  // namespace
}  // namespace roentgen
