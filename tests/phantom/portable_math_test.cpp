#include "roentgen/phantom/portable_math.h"

#include <gtest/gtest.h>

#include <cmath>

namespace roentgen {
namespace {

TEST(PortableMath, AgreesWithTheLibrary) {
  for (int i = -30'000; i <= 30'000; ++i) {
    const double x = i * 1e-3 + 1e-7;
    EXPECT_NEAR(PortableExp(x) / std::exp(x), 1, 1e-14) << x;
    EXPECT_NEAR(PortableSin(x), std::sin(x), 1e-14) << x;
    EXPECT_NEAR(PortableCos(x), std::cos(x), 1e-14) << x;
    const double positive = std::exp(x);
    EXPECT_NEAR(PortableLog(positive), std::log(positive), 1e-13) << positive;
  }
}

TEST(PhantomRandom, NormalDrawsHaveMeanZeroAndVarianceOne) {
  PhantomRandom random(1, 2);
  constexpr int kDraws = 200'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double draw = random.Normal();
    sum += draw;
    squares += draw * draw;
  }
  // Five standard errors: 1/√n for the mean; √((kurtosis − 1)/n), below √(2/n), for the variance.
  EXPECT_NEAR(sum / kDraws, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
}

TEST(PhantomRandom, PurposesDrawIndependently) {
  PhantomRandom a(7, 1);
  PhantomRandom b(7, 2);
  PhantomRandom again(7, 1);
  const uint64_t first = a.Bits();
  EXPECT_NE(first, b.Bits());
  EXPECT_EQ(first, again.Bits());
}

}  // namespace
}  // namespace roentgen
