#include "roentgen/kernels/key_value_rows.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/support.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/tensor/dtype.h"

namespace roentgen {
namespace {

constexpr KeyValueType kTypes[] = {KeyValueType::kF32, KeyValueType::kBF16, KeyValueType::kQ8};

/// Rows as they are kept, and what they are in f32.
struct Kept {
  Kept(const OwnedMatrix& rows, const KeyValueFormat& format)
      : bytes(rows.rows() * format.RowBytes()), widened(rows.rows(), rows.cols()) {
    for (size_t i = 0; i < rows.rows(); ++i) {
      StoreKeyValueRow(format, rows.view().Row(i), bytes.data() + i * format.RowBytes());
      for (size_t head = 0; head < format.heads; ++head) {
        WidenKeyValueHead(format, bytes.data() + i * format.RowBytes() + head * format.HeadBytes(),
                          format.RowBytes(), 1, widened.view().Row(i) + head * format.head_dim);
      }
    }
  }
  std::vector<std::byte> bytes;
  OwnedMatrix widened;
};

TEST(KeyValueRows, ComeBackWithinTheirRounding) {
  test::ForEachInstructionSet([] {
    for (const size_t head_dim : {1, 7, 16, 80, 128}) {
      const OwnedMatrix rows = test::RandomMatrix(5, 2 * head_dim, head_dim);
      for (const KeyValueType type : kTypes) {
        const Kept kept(rows, {type, 2, head_dim});
        for (size_t i = 0; i < rows.size(); ++i) {
          const float value = rows.data()[i];
          const float back = kept.widened.data()[i];
          const float bound = type == KeyValueType::kQ8 ? 0.501f / 127 : 0.0f;
          const float expected = type == KeyValueType::kBF16 ? ToFloat(ToBFloat16(value)) : value;
          ASSERT_NEAR(back, expected, bound);
        }
      }
    }
  });
}

TEST(KeyValueRows, WhatIsNotFiniteStaysSo) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    OwnedMatrix rows = test::RandomMatrix(1, 32, 1);
    rows.data()[3] = bad;
    for (const KeyValueType type : kTypes) {
      const Kept kept(rows, {type, 2, 16});
      EXPECT_FALSE(std::isfinite(kept.widened.data()[3]));
      EXPECT_TRUE(std::isfinite(kept.widened.data()[16])) << "of another head";
    }
  }
}

TEST(KeyValueRows, NothingIsNothing) {
  OwnedMatrix rows(1, 16);
  std::fill_n(rows.data(), 16, 0.0f);
  for (const KeyValueType type : kTypes) {
    const Kept kept(rows, {type, 1, 16});
    for (size_t i = 0; i < 16; ++i) EXPECT_EQ(kept.widened.data()[i], 0.0f);
  }
}

TEST(KeyValueRows, HaveNames) {
  for (const KeyValueType type : kTypes) {
    EXPECT_EQ(ParseKeyValueType(KeyValueTypeName(type)), type);
  }
  EXPECT_EQ(ParseKeyValueType(""), std::nullopt);
}

/// Attention on rows in fewer bits has the bits of attention on their f32 values, for a step and
/// for a long prompt, whose rows are sorted by head first.
TEST(KeyValueRows, AttentionReadsThemAsTheirValues) {
  constexpr size_t kTokens = 300;
  const AttentionShape shape{6, 2, 16};
  const OwnedMatrix keys = test::RandomMatrix(kTokens, 32, 1);
  const OwnedMatrix values = test::RandomMatrix(kTokens, 32, 2);
  ThreadPool pool(2);
  test::ForEachInstructionSet([&] {
    for (const KeyValueType type : kTypes) {
      const KeyValueFormat format{type, 2, 16};
      const Kept kept_keys(keys, format);
      const Kept kept_values(values, format);
      constexpr size_t kPage = 128;  // the last one holds 44
      std::vector<const std::byte*> key_pages;
      std::vector<const std::byte*> value_pages;
      for (size_t first = 0; first < kTokens; first += kPage) {
        key_pages.push_back(kept_keys.bytes.data() + first * format.RowBytes());
        value_pages.push_back(kept_values.bytes.data() + first * format.RowBytes());
      }
      for (const size_t queries : {1, 150}) {
        const size_t before = kTokens - queries;
        const std::vector<Segment> plan = {{0, before}, {before, kTokens, 0}};
        const OwnedMatrix q = test::RandomMatrix(queries, 96, 3);
        OwnedMatrix out(queries, 96);
        OwnedMatrix expected(queries, 96);
        Attention(q, {key_pages, kPage, format.RowBytes(), type},
                  {value_pages, kPage, format.RowBytes(), type}, plan, before, shape, out, pool);
        // In pages too: where a page ends, sums are taken anew.
        std::vector<const std::byte*> wide_keys;
        std::vector<const std::byte*> wide_values;
        for (size_t first = 0; first < kTokens; first += kPage) {
          wide_keys.push_back(
              reinterpret_cast<const std::byte*>(kept_keys.widened.view().Row(first)));
          wide_values.push_back(
              reinterpret_cast<const std::byte*>(kept_values.widened.view().Row(first)));
        }
        Attention(q, {wide_keys, kPage, 32 * sizeof(float)},
                  {wide_values, kPage, 32 * sizeof(float)}, plan, before, shape, expected, pool);
        for (size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out.data()[i], expected.data()[i]);
      }
    }
  });
}

}  // namespace
}  // namespace roentgen
