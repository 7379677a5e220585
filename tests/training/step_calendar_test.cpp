#include "roentgen/training/step_calendar.h"

#include <gmock/gmock.h>

#include "training/trainable.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The steps of a run of so many rows after which something is due.
struct Days {
  Days(size_t rows, const TrainingArguments& arguments) {
    const StepPlan plan(RowOrder(test::RowsOf(std::vector<std::vector<size_t>>(rows)), {}),
                        arguments.steps);
    for (size_t step = 1; step <= plan.total_steps(); ++step) {
      const Due due = DueAfter(step, arguments, plan);
      if (due.log) log.push_back(step);
      if (due.evaluate) evaluate.push_back(step);
      if (due.save) save.push_back(step);
    }
  }
  std::vector<size_t> log;
  std::vector<size_t> evaluate;
  std::vector<size_t> save;
};

// golden/train/lf/yaml/train_val.yaml: its log has evaluations after 4, 8 and 9, checkpoints 5, 9.
TEST(StepCalendar, IsTheTrainers) {
  TrainingArguments arguments;
  arguments.steps = {1, 8, 3, 0};
  arguments.logging_steps = 1;
  arguments.save_steps = 5;
  arguments.eval_strategy = Interval::kSteps;
  arguments.eval_steps = 4;
  const Days days(21, arguments);
  EXPECT_THAT(days.log, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(days.evaluate, ElementsAre(4, 8, 9));
  EXPECT_THAT(days.save, ElementsAre(5, 9));
}

TEST(StepCalendar, EpochsSharesAndNever) {
  TrainingArguments arguments;
  arguments.steps = {1, 2, 2.5, 0};  // 4 steps an epoch, 10 in all
  arguments.logging_steps = 0.3;
  arguments.save_strategy = Interval::kNo;
  arguments.eval_strategy = Interval::kEpoch;
  const Days days(8, arguments);
  EXPECT_THAT(days.log, ElementsAre(3, 6, 9));
  EXPECT_THAT(days.evaluate, ElementsAre(4, 8, 10));
  EXPECT_THAT(days.save, IsEmpty());
}

TEST(StepCalendar, EvaluationsComeWithLogsUnlessToldOtherwise) {
  TrainingArguments arguments;
  arguments.steps = {1, 1, 1, 0};
  arguments.logging_steps = 3;
  arguments.eval_strategy = Interval::kSteps;
  EXPECT_THAT(Days(7, arguments).evaluate, ElementsAre(3, 6, 7));
}

TEST(StepCalendar, TheLogMayComeWithEpochsNeverAndAtOnce) {
  TrainingArguments arguments;
  arguments.steps = {1, 2, 2.5, 0};  // 4 steps an epoch, 10 in all
  arguments.logging_steps = 3;
  arguments.logging_first_step = true;
  EXPECT_THAT(Days(8, arguments).log, ElementsAre(1, 3, 6, 9));
  arguments.logging_first_step = false;
  arguments.logging_strategy = Interval::kEpoch;
  EXPECT_THAT(Days(8, arguments).log, ElementsAre(4, 8));
  arguments.logging_strategy = Interval::kNo;
  EXPECT_THAT(Days(8, arguments).log, IsEmpty());
}

TEST(BestEvaluation, WaitsForAsManyAsItIsTold) {
  BestEvaluation best(2);
  EXPECT_TRUE(best.Add(3));
  EXPECT_FALSE(best.Add(3));
  EXPECT_TRUE(best.Add(2));
  EXPECT_FALSE(best.Add(2.5));
  EXPECT_FALSE(best.ShouldStop());
  EXPECT_FALSE(best.Add(2.1));
  EXPECT_TRUE(best.ShouldStop());
  BestEvaluation endless(0);
  for (int i = 0; i < 100; ++i) endless.Add(1);
  EXPECT_FALSE(endless.ShouldStop());
}

}  // namespace
}  // namespace roentgen
