#include "roentgen/training/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace roentgen {
namespace {

TEST(Schedule, Linear) {
  const Schedule schedule(ScheduleKind::kLinear, 2, 10, 4);
  EXPECT_EQ(schedule.At(0), 0);
  EXPECT_EQ(schedule.At(1), 0.5);
  EXPECT_EQ(schedule.At(4), 2);
  EXPECT_EQ(schedule.At(7), 1);
  EXPECT_EQ(schedule.At(10), 0);
  EXPECT_EQ(schedule.At(11), 0);
}

TEST(Schedule, Cosine) {
  const Schedule schedule(ScheduleKind::kCosine, 2, 8, 0);
  EXPECT_EQ(schedule.At(0), 2);
  EXPECT_NEAR(schedule.At(2), 1 + std::cos(std::numbers::pi / 4), 1e-15);
  EXPECT_NEAR(schedule.At(4), 1, 1e-15);
  EXPECT_NEAR(schedule.At(8), 0, 1e-15);
}

TEST(Schedule, Constant) {
  EXPECT_EQ(Schedule(ScheduleKind::kConstant, 2, 8, 4).At(0), 2);  // as there: no warm-up
  const Schedule warm(ScheduleKind::kConstantWithWarmup, 2, 8, 4);
  EXPECT_EQ(warm.At(0), 0);
  EXPECT_EQ(warm.At(2), 1);
  EXPECT_EQ(warm.At(4), 2);
  EXPECT_EQ(warm.At(8), 2);
}

TEST(Schedule, AShareOfTheStepsIsRoundedUp) {
  EXPECT_EQ(Schedule(ScheduleKind::kCosine, 1, 9, 0.1).warmup_steps(), 1u);
  EXPECT_EQ(Schedule(ScheduleKind::kCosine, 1, 21, 0.1).warmup_steps(), 3u);
  EXPECT_EQ(Schedule(ScheduleKind::kCosine, 1, 21, 1).warmup_steps(), 1u);
  EXPECT_EQ(Schedule(ScheduleKind::kCosine, 1, 21, 0).warmup_steps(), 0u);
}

TEST(Schedule, WarmUpLongerThanTheRun) {
  const Schedule schedule(ScheduleKind::kLinear, 1, 3, 6);
  EXPECT_EQ(schedule.At(2), 1.0 / 3);
}

}  // namespace
}  // namespace roentgen
