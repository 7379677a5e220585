#include "roentgen/tensor/dtype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace roentgen {
namespace {

TEST(Float16, EveryHalfComesBack) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Float16 half{static_cast<uint16_t>(bits)};
    const float value = ToFloat(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(ToFloat(ToFloat16(value))));
    } else {
      ASSERT_EQ(ToFloat16(value).bits, half.bits) << value;
    }
  }
}

TEST(Float16, RoundsToTheNearestAndTiesToEven) {
  for (uint32_t bits = 0; bits + 1 < 0x7c00; ++bits) {
    const float low = ToFloat(Float16{static_cast<uint16_t>(bits)});
    const float high = ToFloat(Float16{static_cast<uint16_t>(bits + 1)});
    const float middle = (low + high) / 2;  // exact: a float has 13 bits more
    const uint32_t even = bits % 2 == 0 ? bits : bits + 1;
    ASSERT_EQ(ToFloat16(middle).bits, even) << middle;
    ASSERT_EQ(ToFloat16(std::nextafter(middle, 0.0f)).bits, bits) << middle;
    ASSERT_EQ(ToFloat16(std::nextafter(middle, high)).bits, bits + 1) << middle;
    ASSERT_EQ(ToFloat16(-middle).bits, even | 0x8000u) << middle;
  }
}

TEST(Float16, LargeValuesBecomeInfinite) {
  EXPECT_EQ(ToFloat16(65519.0f).bits, 0x7bff);
  EXPECT_EQ(ToFloat16(65520.0f).bits, 0x7c00);  // a tie between 65504 and 2^16, which is even
  EXPECT_EQ(ToFloat16(-1e30f).bits, 0xfc00);
  EXPECT_EQ(ToFloat16(std::numeric_limits<float>::infinity()).bits, 0x7c00);
}

}  // namespace
}  // namespace roentgen
