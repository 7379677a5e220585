#include "roentgen/qwen2vl/weight_recipe.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/qwen2vl/checkpoint.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/qwen2vl/save_model.h"
#include "roentgen/tensor/widen_row.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr auto kQ4 = BlockScheme::kQ4;
constexpr auto kQ8 = BlockScheme::kQ8;

std::map<std::string, std::vector<float>> ValuesOf(Model& model) {
  std::map<std::string, std::vector<float>> values;
  VisitParameters(
      model.weights,
      [&](const std::string& name, const WeightMatrix& matrix) {
        std::vector<float>& all = values[name];
        all.resize(matrix.rows * matrix.cols);
        for (size_t row = 0; row < matrix.rows; ++row) {
          WidenRow(matrix, row, 0, {all.data() + row * matrix.cols, matrix.cols});
        }
      },
      [&](const std::string& name, const std::vector<float>& vector) { values[name] = vector; });
  return values;
}

class WeightRecipeTest : public testing::Test {
 protected:
  Model Load(const fs::path& folder) {
    return LoadModel({"test", folder, {}, "test"}, {}, AdapterMode::kBeside, pool_);
  }
  Model Phantom() { return Load(test::SourceDir() / "models" / "phantom"); }

  ThreadPool pool_{2};
  test::TemporaryFolder folder_;
};

TEST_F(WeightRecipeTest, NamesPartsOfTheModel) {
  const WeightRecipe q4 = WeightRecipe::Of(kQ4);
  EXPECT_EQ(q4.For("model.layers.3.mlp.up_proj.weight"), kQ4);
  EXPECT_EQ(q4.For("visual.blocks.0.attn.qkv.weight"), kQ8);
  EXPECT_EQ(q4.For("visual.merger.mlp.0.weight"), kQ8);
  EXPECT_EQ(q4.For("model.embed_tokens.weight"), kQ8);
  EXPECT_EQ(q4.For("lm_head.weight"), kQ8);
  EXPECT_EQ(WeightRecipe::Of(kQ8).For("model.layers.3.mlp.up_proj.weight"), kQ8);
  EXPECT_EQ(WeightRecipe{}.For("lm_head.weight"), std::nullopt);
  EXPECT_EQ(DescribeRecipe(q4), "decoder q4, vision q8, head q8");
  EXPECT_EQ(DescribeRecipe({.decoder = kQ4}), "decoder q4");
  EXPECT_EQ(DescribeRecipe({}), "");
}

TEST_F(WeightRecipeTest, QuantisesThePartsAskedFor) {
  Model model = Phantom();
  const size_t before = MatrixBytes(model.weights);
  const auto original = ValuesOf(model);
  QuantizeByRecipe(model.weights, {.decoder = kQ4, .vision = kQ8}, pool_);
  EXPECT_EQ(DescribeRecipe(RecipeOf(model.weights)), "decoder q4, vision q8");
  EXPECT_LT(MatrixBytes(model.weights), before);
  const auto quantised = ValuesOf(model);
  for (const auto& [name, values] : original) {
    const bool touched = name.ends_with(".weight") && values.size() > 1000 &&
                         (name.starts_with("model.layers.") || name.starts_with("visual."));
    EXPECT_EQ(quantised.at(name) != values, touched) << name;
    // Half a step of 4 bits, of the largest value there is.
    float most = 0;
    for (const float value : values) most = std::max(most, std::abs(value));
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_NEAR(quantised.at(name)[i], values[i], most / 8) << name;
    }
  }
}

TEST_F(WeightRecipeTest, TiedEmbeddingsStayOne) {
  Model model = Phantom();
  ASSERT_TRUE(SameMemory(model.weights.lm_head, model.weights.embed_tokens));
  QuantizeByRecipe(model.weights, WeightRecipe::Of(kQ4), pool_);
  EXPECT_TRUE(SameMemory(model.weights.lm_head, model.weights.embed_tokens));
  EXPECT_NE(model.weights.lm_head.quantized, nullptr);
}

TEST_F(WeightRecipeTest, IsTheSameFromAFile) {
  Model model = Phantom();
  QuantizeByRecipe(model.weights, WeightRecipe::Of(kQ4), pool_);
  SaveModel(model, folder_.path(),
            {.config = {{"quantization_config", {{"quant_method", "roentgen"}}}}});
  Model loaded = Load(folder_.path());
  EXPECT_EQ(ValuesOf(loaded), ValuesOf(model));
  EXPECT_EQ(DescribeRecipe(RecipeOf(loaded.weights)), "decoder q4, vision q8, head q8");
  EXPECT_EQ(loaded.key_value_type, KeyValueType::kBF16);
  EXPECT_TRUE(loaded.weights.unused.empty());
  EXPECT_TRUE(SameMemory(loaded.weights.lm_head, loaded.weights.embed_tokens));
  EXPECT_THAT(ReadFile(folder_.path() / "config.json", 1 << 20),
              testing::AllOf(testing::HasSubstr("\"quant_method\": \"roentgen\""),
                             testing::HasSubstr("\"vision_config\"")));
  ROENTGEN_EXPECT_ERROR(QuantizeByRecipe(loaded.weights, WeightRecipe::Of(kQ8), pool_),
                        "is quantised already");
}

TEST_F(WeightRecipeTest, NoAdapterIsMergedIntoIt) {
  Model model = Phantom();
  QuantizeByRecipe(model.weights, WeightRecipe::Of(kQ8), pool_);
  SaveModel(model, folder_.path());
  const std::vector<fs::path> adapters = {test::SourceDir() / "models" / "phantom-radiology"};
  const ModelLocation location{"test", folder_.path(), {}, "test"};
  EXPECT_EQ(LoadModel(location, adapters, AdapterMode::kBeside, pool_).adapters.size(), 1u);
  ROENTGEN_EXPECT_ERROR(LoadModel(location, adapters, AdapterMode::kMerged, pool_),
                        "no adapter can be merged");
}

TEST_F(WeightRecipeTest, MergedMatricesAreFreed) {
  const std::vector<fs::path> adapters = {test::SourceDir() / "models" / "phantom-radiology"};
  Model model = LoadModel({"test", test::SourceDir() / "models" / "phantom", {}, "test"}, adapters,
                          AdapterMode::kMerged, pool_);
  ASSERT_FALSE(model.weights.merged.empty());
  QuantizeByRecipe(model.weights, WeightRecipe::Of(kQ8), pool_);
  EXPECT_TRUE(model.weights.merged.empty());
}

TEST_F(WeightRecipeTest, AFileOfAnotherShapeIsRefused) {
  Model model = Phantom();
  QuantizeByRecipe(model.weights, WeightRecipe::Of(kQ8), pool_);
  SaveModel(model, folder_.path());
  const Safetensors saved(folder_.path() / "model.safetensors");
  std::vector<std::pair<std::string, TensorView>> tensors(saved.tensors().begin(),
                                                          saved.tensors().end());
  for (auto& [name, view] : tensors) {
    if (name != "model.layers.0.mlp.up_proj.weight.q8") continue;
    view.shape[0] -= 1;
    view.data = view.data.first(view.shape[0] * view.shape[1]);
  }
  SaveSafetensors(saved.path(), tensors);
  ROENTGEN_EXPECT_ERROR(Load(folder_.path()), "up_proj.weight.q8 has shape");
}

TEST_F(WeightRecipeTest, NamesTheTensorThatCannotBeTold) {
  Model model = Phantom();
  std::vector<float> values(model.weights.lm_head.rows * model.weights.lm_head.cols, 1.0f);
  values.back() = std::numeric_limits<float>::infinity();
  model.weights.embed_tokens.dtype = DType::kF32;
  model.weights.embed_tokens.data = reinterpret_cast<const std::byte*>(values.data());
  model.weights.lm_head = model.weights.embed_tokens;
  ROENTGEN_EXPECT_ERROR(QuantizeByRecipe(model.weights, {.head = kQ8}, pool_),
                        "model.embed_tokens.weight: a weight of inf");
}

}  // namespace
}  // namespace roentgen
