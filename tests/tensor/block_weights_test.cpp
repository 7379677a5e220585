#include "roentgen/tensor/block_weights.h"

#include <gmock/gmock.h>

#include <cstring>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using testing::ElementsAre;

TEST(BlockWeights, TellsWhatItTakes) {
  // 16 outputs · 32 inputs · bits / 8, and 16 scales of 2 bytes: 4.5 and 8.5 bits a value.
  EXPECT_EQ(BlockWeights::BlockBytes(BlockScheme::kQ4), 288u);
  EXPECT_EQ(BlockWeights::BlockBytes(BlockScheme::kQ8), 544u);
  EXPECT_EQ(BlockWeights::Bytes(BlockScheme::kQ4, 1, 1), 288u);
  EXPECT_EQ(BlockWeights::Bytes(BlockScheme::kQ8, 17, 33), 4 * 544u);
  EXPECT_EQ(BlockWeights::Bytes(BlockScheme::kQ4, 1536, 8960), 1536u * 8960 * 9 / 16);
}

/// A matrix of 17×40 whose codes are `code` but for some.
struct Hand {
  explicit Hand(BlockScheme scheme, int code)
      : bytes(BlockWeights::Bytes(scheme, 17, 40), std::byte(code)) {}
  void SetScale(BlockScheme scheme, size_t block, size_t output, uint16_t half) {
    std::memcpy(bytes.data() + block * BlockWeights::BlockBytes(scheme) +
                    BlockWeights::CodeBytes(scheme) + 2 * output,
                &half, sizeof(half));
  }
  std::vector<std::byte> bytes;
};

constexpr uint16_t kOne = 0x3c00;
constexpr uint16_t kQuarter = 0x3400;

TEST(BlockWeights, WidensBytes) {
  Hand hand(BlockScheme::kQ8, 128);
  hand.SetScale(BlockScheme::kQ8, 0, 3, kOne);
  hand.SetScale(BlockScheme::kQ8, 1, 3, kQuarter);
  hand.SetScale(BlockScheme::kQ8, 2, 0, kOne);
  // Output 3, input 5: chunk 1, place 3 · 4 + 1. Input 33: the next block's chunk 0.
  hand.bytes[64 + 13] = std::byte{130};
  hand.bytes[544 + 13] = std::byte{1};
  hand.bytes[2 * 544] = std::byte{255};  // the second strip's first output
  const BlockWeights weights(BlockScheme::kQ8, 17, 40, std::span<const std::byte>(hand.bytes));
  std::vector<float> row(40);
  weights.Widen(3, 0, row);
  std::vector<float> expected(40, 0.0f);
  expected[5] = 2;
  expected[33] = -127 * 0.25f;
  EXPECT_EQ(row, expected);
  std::vector<float> part(3);
  weights.Widen(3, 32, part);
  EXPECT_THAT(part, ElementsAre(0, -31.75f, 0));
  weights.Widen(16, 0, part);
  EXPECT_THAT(part, ElementsAre(127, 0, 0));
}

TEST(BlockWeights, WidensHalves) {
  Hand hand(BlockScheme::kQ4, 0x88);
  hand.SetScale(BlockScheme::kQ4, 0, 3, kOne);
  // Inputs 1 and 5 share a byte: chunks 0 and 1, place 3 · 4 + 1.
  hand.bytes[13] = std::byte{0xf0};
  const BlockWeights weights(BlockScheme::kQ4, 17, 40, std::span<const std::byte>(hand.bytes));
  std::vector<float> row(8);
  weights.Widen(3, 0, row);
  EXPECT_THAT(row, ElementsAre(0, -8, 0, 0, 0, 7, 0, 0));
}

TEST(BlockWeights, RefusesAnotherLength) {
  const std::vector<std::byte> bytes(287);
  EXPECT_THROW(BlockWeights(BlockScheme::kQ4, 1, 1, std::span<const std::byte>(bytes)), ShapeError);
}

TEST(BlockWeights, SchemesHaveNames) {
  for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
    EXPECT_EQ(ParseBlockScheme(BlockSchemeName(scheme)), scheme);
  }
  EXPECT_EQ(ParseBlockScheme("q5"), std::nullopt);
}

}  // namespace
}  // namespace roentgen
