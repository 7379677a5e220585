#include "roentgen/training/row_order.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "roentgen/base/error.h"
#include "support/paths.h"
#include "training/trainable.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::vector<size_t> Sorted(std::vector<size_t> order) {
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<size_t> Counting(size_t count) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  return order;
}

TEST(SplitValidation, SharesAreRoundedUpAndCountsTaken) {
  EXPECT_THAT(SplitValidation(21, 0.1, 1).validation, SizeIs(3));
  const ValidationSplit split = SplitValidation(21, 5, 1);
  EXPECT_THAT(split.validation, SizeIs(5));
  std::vector<size_t> all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  EXPECT_EQ(Sorted(all), Counting(21));
  EXPECT_THAT(SplitValidation(5, 0, 1).validation, SizeIs(0));
}

TEST(SplitValidation, SomethingMustBeLeft) {
  ROENTGEN_EXPECT_ERROR(SplitValidation(3, 3, 1), "val_size 3 leaves none of 3 rows");
  ROENTGEN_EXPECT_ERROR(SplitValidation(1, 0.5, 1), "leaves none");
  ROENTGEN_EXPECT_ERROR(SplitValidation(9, -1, 1), "leaves none");
}

TEST(RowOrder, WithoutShufflingRowsStayAsTheyAre) {
  const RowOrder order(test::RowsOf({{0}, {1}, {0}, {}}), {.shuffle = false});
  EXPECT_EQ(order.OfEpoch(0), Counting(4));
  EXPECT_EQ(order.OfEpoch(3), Counting(4));
}

TEST(RowOrder, EveryEpochShufflesAnew) {
  const RowOrder order(test::RowsOf(std::vector<std::vector<size_t>>(200)), {.seed = 5});
  const std::vector<size_t> first = order.OfEpoch(0);
  EXPECT_EQ(Sorted(first), Counting(200));
  EXPECT_NE(first, Counting(200));
  EXPECT_NE(first, order.OfEpoch(1));
  EXPECT_EQ(first, order.OfEpoch(0));
  const RowOrder other(test::RowsOf(std::vector<std::vector<size_t>>(200)), {.seed = 6});
  EXPECT_NE(first, other.OfEpoch(0));
}

TEST(RowOrder, GroupedRowsFollowTheFirstOfTheirImages) {
  const RowOrder order(test::RowsOf({{0}, {1}, {}, {0}, {1, 0}, {1}, {}}),
                       {.shuffle = false, .group_by_image = true});
  EXPECT_THAT(order.OfEpoch(0), ElementsAre(0, 3, 1, 5, 2, 4, 6));
}

TEST(RowOrder, ImagesAreShuffledWhole) {
  std::vector<std::vector<size_t>> images;
  for (size_t i = 0; i < 120; ++i) images.push_back({i % 40});
  const RowOrder order(test::RowsOf(images), {.group_by_image = true, .seed = 1});
  const std::vector<size_t> epoch = order.OfEpoch(0);
  EXPECT_EQ(Sorted(epoch), Counting(120));
  bool moved = false;
  for (size_t i = 0; i < 120; i += 3) {
    EXPECT_EQ(images[epoch[i]], images[epoch[i + 1]]);
    EXPECT_EQ(images[epoch[i]], images[epoch[i + 2]]);
    moved = moved || images[epoch[i]] != std::vector<size_t>{i / 3};
  }
  EXPECT_TRUE(moved);
}

}  // namespace
}  // namespace roentgen
