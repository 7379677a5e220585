#include "roentgen/base/thread_pool.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

TEST(ThreadPool, EveryTaskRunsOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const size_t count : {size_t{0}, size_t{1}, size_t{3}, size_t{1000}}) {
      std::vector<std::atomic<int>> runs(count);
      pool.ForEach(count, [&](size_t i, int worker) {
        EXPECT_LT(worker, threads);
        ++runs[i];
      });
      for (const auto& n : runs) EXPECT_EQ(n, 1);
    }
  }
}

TEST(ThreadPool, ATaskThatTakesLongDoesNotHoldUpItsNeighbours) {
  ThreadPool pool(2);
  std::atomic<int> others{0};
  // Whoever begins with task 0 waits for the rest, which the other must then help with.
  pool.ForEach(100, [&](size_t i, int) {
    if (i != 0) {
      ++others;
      return;
    }
    while (others < 99) std::this_thread::yield();
  });
  EXPECT_EQ(others, 99);
}

TEST(ThreadPool, JobsAfterAPauseRunToo) {
  ThreadPool pool(3);
  std::atomic<int> sum{0};
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // longer than the workers spin
    pool.ForEach(10, [&](size_t, int) { ++sum; });
  }
  EXPECT_EQ(sum, 30);
}

TEST(ThreadPool, ExceptionsReachTheCallerAndThePoolStaysUsable) {
  ThreadPool pool(2);
  ROENTGEN_EXPECT_ERROR(pool.ForEach(100,
                                     [](size_t i, int) {
                                       if (i == 40) throw Error("task 40");
                                     }),
                        "task 40");
  std::atomic<int> runs{0};
  pool.ForEach(100, [&](size_t, int) { ++runs; });
  EXPECT_EQ(runs, 100);
}

TEST(ThreadPool, CancelScopeStopsTheWork) {
  ThreadPool pool(2);
  std::stop_source source;
  std::atomic<int> runs{0};
  {
    const ThreadPool::CancelScope scope(pool, source.get_token());
    EXPECT_THROW(pool.ForEach(1000000,
                              [&](size_t, int) {
                                if (++runs == 10) source.request_stop();
                              }),
                 Cancelled);
    EXPECT_LT(runs, 20);
  }
  pool.ForEach(5, [&](size_t, int) { runs = 0; });
  EXPECT_EQ(runs, 0);
}

TEST(ThreadPool, NeedsAThread) {
  ROENTGEN_EXPECT_ERROR(ThreadPool(0), "0 threads");
  EXPECT_GE(PhysicalCores(), 1);
}

}  // namespace
}  // namespace roentgen
