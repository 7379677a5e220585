#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>

#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/adapter.h"
#include "roentgen/qwen2vl/checkpoint.h"
#include "roentgen/qwen2vl/generation_config.h"
#include "roentgen/qwen2vl/merge.h"
#include "roentgen/qwen2vl/procedural.h"
#include "support/paths.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

constexpr size_t kMaxJson = size_t{16} << 20;

TEST(CheckpointGolden, ProceduralWeightsEqualTheStoredBitForBit) {
  const fs::path root = test::GoldenRoot() / "model";
  ROENTGEN_NEED(root / "tiny_spec.json");
  const Json spec = ReadJsonFile(root / "tiny_spec.json", kMaxJson);
  ThreadPool pool(2);
  size_t compared = 0;
  for (const Json& model : spec.at("models")) {
    const fs::path folder = root / model.at("name").get<std::string>();
    SCOPED_TRACE(folder.string());
    const ModelConfig config = ModelConfig::Load(folder);
    const auto stored = OpenCheckpoint(folder);
    const auto generated = GenerateWeights(config, model.at("seed").get<std::string>(), pool);
    ASSERT_EQ(generated->Names(), stored->Names());
    for (const std::string& name : stored->Names()) {
      EXPECT_EQ(generated->Find(name)->shape, stored->Find(name)->shape) << name;
      EXPECT_TRUE(std::ranges::equal(generated->Find(name)->data, stored->Find(name)->data))
          << name;
    }
    EXPECT_TRUE(ModelWeights::Load(config, stored).unused.empty());
    ++compared;
  }
  EXPECT_GT(compared, 0u);
}

TEST(CheckpointGolden, TrainedModelsLoad) {
  const fs::path root = test::SharedRoot() / "models";
  ROENTGEN_NEED(root);
  size_t loaded = 0;
  for (const auto& entry : fs::directory_iterator(root)) {
    const ModelConfig config = ModelConfig::Load(entry.path());
    EXPECT_FALSE(GenerationDefaults::Load(entry.path(), config).eos_token_ids.empty());
    if (!fs::exists(entry.path() / "model.safetensors")) continue;
    const ModelWeights weights = ModelWeights::Load(config, OpenCheckpoint(entry.path()));
    EXPECT_TRUE(weights.unused.empty());
    EXPECT_EQ(weights.layers.size(), config.num_hidden_layers);
    ++loaded;
  }
  EXPECT_GT(loaded, 0u);
}

/// The published index of a full model lists exactly the tensors of its configuration.
TEST(CheckpointGolden, PublishedIndexesNameTheExpectedTensors) {
  const fs::path root = test::SharedRoot() / "models";
  ROENTGEN_NEED(root);
  for (const auto& entry : fs::directory_iterator(root)) {
    const fs::path index = entry.path() / "model.safetensors.index.json";
    if (!fs::exists(index)) continue;
    std::vector<std::string> expected;
    for (const TensorSpec& spec : ExpectedTensors(ModelConfig::Load(entry.path()))) {
      expected.push_back(spec.name);
    }
    std::vector<std::string> listed;
    const Json json = ReadJsonFile(index, kMaxJson);
    for (const auto& item : json.at("weight_map").items()) listed.push_back(item.key());
    EXPECT_EQ(listed, expected);
  }
}

/// The folder below golden/train that holds a model by its seed.
fs::path TrainedBase() {
  for (const fs::path& folder : test::GoldenFolders("train", "seed.json")) {
    if (folder.parent_path() == test::GoldenRoot() / "train") return folder;
  }
  return {};
}

const Linear& LinearNamed(ModelWeights& weights, const std::string& tensor) {
  const Linear* found = nullptr;
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    if (name + ".weight" == tensor) found = &linear;
  });
  EXPECT_NE(found, nullptr) << tensor;
  return *found;
}

ModelWeights Merged(const fs::path& adapter, MergedType type) {
  ThreadPool pool(2);
  const fs::path base = TrainedBase();
  const ModelConfig config = ModelConfig::Load(base);
  ModelWeights weights =
      ModelWeights::Load(config, GenerateWeights(config, ProceduralSeed(base), pool));
  ApplyAdapter(weights, adapter, pool);
  MergeAdapters(weights, type, pool);
  return weights;
}

TEST(CheckpointGolden, MergedWeightsEqualPeft) {
  const fs::path root = test::GoldenRoot() / "train";
  ROENTGEN_NEED(root / "merge" / "merge.json");
  const Json merge = ReadJsonFile(root / "merge" / "merge.json", kMaxJson);
  const fs::path adapter = root / merge.at("adapter").get<std::string>();
  const Safetensors stored(root / "merge" / "merge.safetensors");
  ModelWeights f32 = Merged(adapter, MergedType::kF32);
  ModelWeights bf16 = Merged(adapter, MergedType::kLikeBase);
  size_t compared = 0;
  for (const auto& [key, tensor] : stored.tensors()) {
    const std::string kind = key.substr(0, key.find('.'));
    if (kind.starts_with("logits")) continue;
    SCOPED_TRACE(key);
    const WeightMatrix weight =
        LinearNamed(kind == "merged_f32" ? f32 : bf16, key.substr(kind.size() + 1)).weight;
    ASSERT_EQ(weight.dtype, tensor.dtype);
    const auto ours = ToFloats({weight.dtype, tensor.shape, {weight.data, weight.bytes()}});
    const auto theirs = ToFloats(tensor);
    // Eight products are summed in another order, beside weights below 1/4: an error of some units
    // of 2^-24 of the sum. bf16 has 2^-9, and no sum here is so near the middle of two of them.
    const float tolerance = weight.dtype == DType::kBF16 ? 0.0f : 0x1p-24f;
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], tolerance) << i;
    ++compared;
  }
  EXPECT_GT(compared, 0u);
}

/// The model that an adapter was trained on: the one of the name that it gives, else the one of
/// most.
fs::path BaseOf(const Json& adapter_config) {
  const fs::path named = adapter_config.at("base_model_name_or_path").get<std::string>();
  for (const fs::path& base : test::GoldenFolders("train", "seed.json")) {
    if (base.filename() == named.filename()) return base;
  }
  return test::GoldenRoot() / "train" / "tiny-t";
}

/// Every adapter that PEFT and LLaMA-Factory wrote is read, DoRA among them.
TEST(CheckpointGolden, EveryStoredAdapterApplies) {
  ROENTGEN_NEED(test::GoldenRoot() / "train");
  ThreadPool pool(2);
  std::map<fs::path, std::shared_ptr<const TensorSource>> sources;
  for (const fs::path& folder : test::GoldenFolders("train", "adapter_model.safetensors")) {
    SCOPED_TRACE(folder.string());
    const Json json = ReadJsonFile(folder / "adapter_config.json", kMaxJson);
    const fs::path base = BaseOf(json);
    const ModelConfig config = ModelConfig::Load(base);
    auto& source = sources[base];
    if (!source) source = GenerateWeights(config, ProceduralSeed(base), pool);
    ModelWeights weights = ModelWeights::Load(config, source);
    EXPECT_EQ(ApplyAdapter(weights, folder, pool).rank, json.at("r").get<int>());
  }
}

}  // namespace
}  // namespace roentgen
