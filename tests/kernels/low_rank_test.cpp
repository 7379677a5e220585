#include "roentgen/kernels/low_rank.h"

#include <gmock/gmock.h>

#include "kernels/support.h"
#include "roentgen/base/error.h"

namespace roentgen {
namespace {

void CheckCorrections(size_t tokens, size_t rank, ThreadPool& pool) {
  SCOPED_TRACE(std::to_string(tokens) + " tokens, rank " + std::to_string(rank));
  const OwnedMatrix low = test::RandomMatrix(tokens, rank, 1);
  const std::vector<size_t> widths = {1, 3, 4, 37, 1025, 2100};
  std::vector<OwnedMatrix> b;
  std::vector<OwnedMatrix> y;
  std::vector<LowRankOutput> outputs;
  for (const size_t width : widths) {
    b.push_back(test::RandomMatrix(width, rank, width));
    y.push_back(test::RandomMatrix(tokens, width, width + 1));
  }
  for (size_t i = 0; i < widths.size(); ++i) outputs.push_back({low, b[i], y[i]});
  AddLowRankEach(outputs, pool);
  for (size_t i = 0; i < widths.size(); ++i) {
    const OwnedMatrix before = test::RandomMatrix(tokens, widths[i], widths[i] + 1);
    for (size_t t = 0; t < tokens; ++t) {
      for (size_t n = 0; n < widths[i]; ++n) {
        double exact = before.view().Row(t)[n];
        for (size_t k = 0; k < rank; ++k) {
          exact += static_cast<double>(low.view().Row(t)[k]) * b[i].view().Row(n)[k];
        }
        ASSERT_NEAR(y[i].view().Row(t)[n], exact, test::DotTolerance(rank + 1)) << t << "," << n;
      }
    }
  }
}

TEST(AddLowRank, EqualsTheSumOfProducts) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(3);
    for (const size_t tokens : {1, 2, 4, 5, 30}) {
      for (const size_t rank : {1, 4, 6, 8, 16, 64}) CheckCorrections(tokens, rank, pool);
    }
  });
}

TEST(AddLowRank, RefusesWhatDoesNotGoTogether) {
  ThreadPool pool(1);
  const OwnedMatrix low(1, 8);
  const OwnedMatrix b(10, 4);
  OwnedMatrix y(1, 10);
  const LowRankOutput output{low, b, y};
  EXPECT_THROW(AddLowRankEach({&output, 1}, pool), ShapeError);
  AddLowRankEach({}, pool);
}

}  // namespace
}  // namespace roentgen
