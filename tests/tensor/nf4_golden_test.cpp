// NF4 against bitsandbytes' formulas: golden/train/nf4.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "roentgen/tensor/nf4.h"
#include "roentgen/tensor/safetensors.h"
#include "support/paths.h"

namespace roentgen {
namespace {

std::vector<uint8_t> Bytes(const TensorView& tensor) {
  const auto* data = reinterpret_cast<const uint8_t*>(tensor.data.data());
  return {data, data + tensor.data.size()};
}

std::vector<float> Dequantized(const Nf4Values& values) {
  std::vector<float> out(values.size);
  DequantizeNf4(values, 0, out);
  return out;
}

class Nf4Golden : public testing::Test {
 protected:
  void SetUp() override { ROENTGEN_NEED(path_); }
  const std::filesystem::path path_ = test::GoldenRoot() / "train" / "nf4" / "nf4.safetensors";
};

TEST_F(Nf4Golden, Tables) {
  const Safetensors golden(path_);
  EXPECT_THAT(ToFloats(golden.At("nf4")), testing::ElementsAreArray(Nf4Table()));
  EXPECT_THAT(ToFloats(golden.At("dynamic_map")), testing::ElementsAreArray(DynamicMap()));
}

TEST_F(Nf4Golden, ZeroBlocksTiesAndAShortBlock) {
  const Safetensors golden(path_);
  const Nf4Values values = QuantizeNf4(ToFloats(golden.At("edge.input")));
  EXPECT_EQ(values.packed, Bytes(golden.At("edge.packed")));
  EXPECT_EQ(values.absmax, ToFloats(golden.At("edge.absmax")));
  EXPECT_EQ(Dequantized(values), ToFloats(golden.At("edge.dequant")));
}

TEST_F(Nf4Golden, DequantisingAndItsWayBack) {
  const Safetensors golden(path_);
  size_t tensors = 0;
  for (const auto& [name, packed] : golden.tensors()) {
    if (!name.ends_with(".weight.packed")) continue;
    SCOPED_TRACE(name);
    const std::string weight = name.substr(0, name.size() - std::string("packed").size());
    const std::vector<float> expected = ToFloats(golden.At(weight + "dequant"));
    Nf4Values values{expected.size(), Bytes(packed), ToFloats(golden.At(weight + "absmax"))};
    EXPECT_EQ(Dequantized(values), expected);
    // Quantised values keep their codes and scales.
    const Nf4Values again = QuantizeNf4(expected);
    EXPECT_EQ(again.packed, values.packed);
    EXPECT_EQ(again.absmax, values.absmax);
    std::vector<float> part(100);
    DequantizeNf4(values, 33, part);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), expected.begin() + 33));
    ++tensors;
  }
  EXPECT_EQ(tensors, 3u);
}

TEST_F(Nf4Golden, DoubleQuantisation) {
  const Safetensors golden(path_);
  for (const auto& [name, codes] : golden.tensors()) {
    if (!name.ends_with(".dq.code8")) continue;
    SCOPED_TRACE(name);
    const std::string dq = name.substr(0, name.size() - std::string("code8").size());
    const std::string weight = dq.substr(0, dq.size() - std::string("dq.").size());
    const std::vector<float> scales = ToFloats(golden.At(weight + "absmax"));
    // From the stored codes everything is exact.
    QuantizedScales stored{Bytes(codes), ToFloats(golden.At(dq + "absmax2")),
                           ToFloats(golden.At(dq + "offset"))[0]};
    const std::vector<float> back = DequantizeScales(stored);
    EXPECT_EQ(back, ToFloats(golden.At(dq + "absmax")));
    // Our own may differ by one step in 0.5 % of the blocks: the mean is summed in another order.
    const QuantizedScales own = QuantizeScales(scales);
    ASSERT_EQ(own.codes.size(), stored.codes.size());
    size_t differ = 0;
    for (size_t i = 0; i < own.codes.size(); ++i) {
      const int step = std::abs(int{own.codes[i]} - int{stored.codes[i]});
      EXPECT_LE(step, 1) << i;
      differ += step != 0 ? 1 : 0;
    }
    EXPECT_LE(static_cast<double>(differ), 0.005 * static_cast<double>(own.codes.size()) + 1);
    Nf4Values values{scales.size() * kNf4Block, Bytes(golden.At(weight + "packed")), back};
    values.size = golden.At(weight + "dequant").elements();
    EXPECT_EQ(Dequantized(values), ToFloats(golden.At(dq + "dequant")));
  }
}

TEST(Nf4, NothingAndZeros) {
  EXPECT_EQ(QuantizeNf4({}).absmax.size(), 0u);
  EXPECT_EQ(QuantizeScales({}).codes.size(), 0u);
  const std::vector<float> zeros(70);
  EXPECT_EQ(Dequantized(QuantizeNf4(zeros)), zeros);
  const std::vector<float> equal(300, 0.25f);
  EXPECT_EQ(DequantizeScales(QuantizeScales(equal)), equal);
}

}  // namespace
}  // namespace roentgen
