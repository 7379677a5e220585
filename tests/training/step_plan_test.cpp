#include "roentgen/training/step_plan.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "support/paths.h"
#include "training/trainable.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

StepPlan PlanOf(size_t rows, const StepOptions& options) {
  return {RowOrder(test::RowsOf(std::vector<std::vector<size_t>>(rows)), {.shuffle = false}),
          options};
}

TEST(StepPlan, ShortGroupsStepToo) {
  const StepPlan plan = PlanOf(
      11,
      {.per_device_train_batch_size = 2, .gradient_accumulation_steps = 4, .num_train_epochs = 2});
  EXPECT_EQ(plan.steps_per_epoch(), 2u);
  EXPECT_EQ(plan.total_steps(), 4u);
  EXPECT_EQ(plan.epochs(), 2u);
  EXPECT_EQ(plan.rows_seen(), 22);
  EXPECT_THAT(plan.At(0).micro_batches, ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3),
                                                    ElementsAre(4, 5), ElementsAre(6, 7)));
  const StepPlan::Step last = plan.At(3);
  EXPECT_EQ(last.epoch, 1u);
  EXPECT_THAT(last.micro_batches, ElementsAre(ElementsAre(8, 9), ElementsAre(10)));
  EXPECT_EQ(last.epochs_done, 2);
  EXPECT_EQ(plan.At(2).epochs_done, 1 + 4.0 / 6);
}

TEST(StepPlan, FractionsOfEpochsAreRoundedUpToSteps) {
  EXPECT_EQ(PlanOf(10, {.per_device_train_batch_size = 1, .num_train_epochs = 0.25}).total_steps(),
            3u);
  EXPECT_EQ(PlanOf(10, {.per_device_train_batch_size = 1, .num_train_epochs = 1.5}).epochs(), 2u);
}

TEST(StepPlan, MaxStepsOverrideEpochs) {
  const StepPlan plan = PlanOf(5, {.per_device_train_batch_size = 2,
                                   .gradient_accumulation_steps = 2,
                                   .num_train_epochs = 1,
                                   .max_steps = 7});
  EXPECT_EQ(plan.total_steps(), 7u);
  EXPECT_EQ(plan.epochs(), 4u);
  EXPECT_EQ(plan.rows_seen(), 28);
  EXPECT_THAT(plan.At(6).micro_batches, SizeIs(2));
}

TEST(StepPlan, AnyStepCanBeAskedFor) {
  const auto plan = [] {
    return StepPlan(RowOrder(test::RowsOf(std::vector<std::vector<size_t>>(30)), {}),
                    {.per_device_train_batch_size = 4, .gradient_accumulation_steps = 3});
  };
  const StepPlan through = plan();
  std::vector<std::vector<std::vector<size_t>>> all;
  for (size_t step = 0; step < through.total_steps(); ++step) {
    all.push_back(through.At(step).micro_batches);
  }
  for (size_t step = through.total_steps(); step-- > 0;) {
    EXPECT_EQ(plan().At(step).micro_batches, all[step]) << step;
  }
}

TEST(StepPlan, NothingToTrainOn) {
  ROENTGEN_EXPECT_ERROR(PlanOf(0, {}), "no rows to train on");
}

}  // namespace
}  // namespace roentgen
