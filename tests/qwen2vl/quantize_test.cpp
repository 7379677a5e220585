#include "roentgen/qwen2vl/quantize.h"

#include <gmock/gmock.h>

#include "roentgen/qwen2vl/checkpoint.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/tensor/nf4.h"
#include "roentgen/tensor/widen_row.h"
#include "support/paths.h"

namespace roentgen {
namespace {

std::vector<float> ValuesOf(const WeightMatrix& weight) {
  std::vector<float> values(weight.rows * weight.cols);
  for (size_t row = 0; row < weight.rows; ++row) {
    WidenRow(weight, row, 0, {values.data() + row * weight.cols, weight.cols});
  }
  return values;
}

TEST(QuantizeLinears, EveryLinearButTheHeadKeepsWhatNf4Keeps) {
  ThreadPool pool(2);
  const std::filesystem::path folder = test::SourceDir() / "models" / "phantom";
  Model model = LoadModel(ResolveModel(folder.string()), {}, AdapterMode::kBeside, pool);
  Model original = LoadModel(ResolveModel(folder.string()), {}, AdapterMode::kBeside, pool);
  const size_t before = MatrixBytes(model.weights);
  QuantizeLinears(model.weights, /*double_quantization=*/true, pool);
  std::map<std::string, std::vector<float>> expected;
  VisitLinears(original.weights, [&](const std::string& name, Linear& linear) {
    std::vector<float>& values = expected[name];
    values = ValuesOf(linear.weight);
    Nf4Values quantized = QuantizeNf4(values);
    quantized.absmax = DequantizeScales(QuantizeScales(quantized.absmax));
    DequantizeNf4(quantized, 0, values);
  });
  VisitLinears(model.weights, [&](const std::string& name, Linear& linear) {
    EXPECT_NE(linear.weight.quantized, nullptr) << name;
    EXPECT_EQ(ValuesOf(linear.weight), expected.at(name)) << name;
  });
  EXPECT_EQ(model.weights.lm_head.quantized, nullptr);
  EXPECT_EQ(model.weights.vision.patch_embed.weight.quantized, nullptr);
  EXPECT_LT(MatrixBytes(model.weights), before);
  // What went back to the system is read from the file again.
  const std::shared_ptr<const TensorSource> file = OpenCheckpoint(folder);
  for (const std::string& name : file->Names()) {
    EXPECT_EQ(ToFloats(*model.weights.source->Find(name)), ToFloats(*file->Find(name))) << name;
  }
}

}  // namespace
}  // namespace roentgen
