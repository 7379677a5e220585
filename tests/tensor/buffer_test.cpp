#include "roentgen/tensor/buffer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

namespace roentgen {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

TEST(AlignedBytes, IsAlignedAndMoves) {
  for (const size_t size : {size_t{1}, size_t{1000}, kMiB - 1, kMiB, 9 * kMiB + 5}) {
    AlignedBytes bytes(size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % AlignedBytes::kAlignment, 0u);
    std::memset(bytes.data(), 1, size);
    const std::byte* const data = bytes.data();
    const AlignedBytes moved = std::move(bytes);
    EXPECT_EQ(moved.data(), data);
    EXPECT_EQ(moved.size(), size);
  }
  EXPECT_EQ(AlignedBytes(0).data(), nullptr);
}

TEST(MemoryReuse, GivesFreedBlocksToTheNextOfTheSize) {
  const MemoryReuse outer;
  std::optional<AlignedBytes> first(std::in_place, 9 * kMiB);
  const std::byte* const place = first->data();
  first.reset();
  {
    const MemoryReuse inner;  // its end frees nothing: the outer one lives
  }
  const AlignedBytes again(9 * kMiB - 100);
  EXPECT_EQ(again.data(), place);
  const AlignedBytes another(9 * kMiB);
  EXPECT_NE(another.data(), place);
}

TEST(MemoryReuse, IsForAllThreads) {
  const MemoryReuse reuse;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int round = 0; round < 200; ++round) {
        const AlignedBytes bytes(kMiB + static_cast<size_t>(round % 7) * kMiB / 2);
        std::memset(bytes.data(), i, 4096);
        for (size_t k = 0; k < 4096; ++k) ASSERT_EQ(bytes.data()[k], std::byte(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace roentgen
