#include "roentgen/training/image_features.h"

#include <gmock/gmock.h>

#include <optional>
#include <utility>

#include "roentgen/qwen2vl/trained_parameters.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// One image of four patches, shown to a tiny model.
class ImageFeaturesTest : public testing::Test {
 protected:
  ImageFeaturesTest() {
    Sample sample;
    sample.images = {"one"};
    const PrepareImage prepare = [](const fs::path&) {
      return Patches{{1, 2, 2}, std::vector<float>(4 * 1176, 0.5f), {28, 28}};
    };
    images_.emplace(std::span(&sample, 1), prepare, 2, pool_);
  }

  /// The file that the image's features are kept in: its name is a hash of what they depend on.
  std::string FileName() const {
    const test::TemporaryFolder folder;
    ImageFeatures(config_, weights_, *images_, folder.path(), pool_).Compute({});
    return fs::directory_iterator(folder.path())->path().filename().string();
  }

  mutable ThreadPool pool_{1};
  ModelConfig config_ = test::ParseConfig(test::TinyConfigJson());
  ModelWeights weights_ = ModelWeights::Load(config_, test::TinyWeights(config_));
  std::optional<ImageSet> images_;
};

TEST_F(ImageFeaturesTest, EveryParameterOfTheTowerCounts) {
  const std::string name = FileName();
  EXPECT_EQ(FileName(), name);
  size_t vectors = 0;
  VisitParameters(
      weights_, [](const std::string&, WeightMatrix&) {},
      [&](const std::string& parameter, std::vector<float>& values) {
        const float before = std::exchange(values[0], values[0] + 1);
        EXPECT_EQ(FileName() != name, parameter.starts_with("visual.")) << parameter;
        values[0] = before;
        ++vectors;
      });
  EXPECT_GT(vectors, 10u);
  EXPECT_EQ(FileName(), name);
  const std::vector<std::byte> zeros(weights_.vision.patch_embed.weight.bytes());
  weights_.vision.patch_embed.weight.data = zeros.data();
  EXPECT_NE(FileName(), name);
}

TEST_F(ImageFeaturesTest, EveryPartOfAnAdapterCounts) {
  const LoraSettings settings{.rank = 2, .alpha = 4, .use_dora = true};
  TrainedParameters adapter = TrainedParameters::NewLora(
      weights_, settings,
      [](const std::string& module) { return module == "visual.blocks.0.attn.qkv"; }, pool_);
  ASSERT_EQ(adapter.tensors().size(), 3u);  // A, B, magnitude
  const std::string name = FileName();
  for (TrainedTensor& tensor : adapter.tensors()) {
    const float before = std::exchange(tensor.values[0], tensor.values[0] + 1);
    EXPECT_NE(FileName(), name) << tensor.name;
    tensor.values[0] = before;
  }
  EXPECT_EQ(FileName(), name);
}

}  // namespace
}  // namespace roentgen
