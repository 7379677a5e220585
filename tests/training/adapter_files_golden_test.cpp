// Names as PEFT writes them: adapters of golden/train.

#include <gmock/gmock.h>

#include <set>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/qwen2vl/adapter_config.h"
#include "roentgen/qwen2vl/names.h"
#include "roentgen/training/adapter_files.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

/// Modules of a model with so many layers and vision blocks: linears of the language model, of the
/// vision blocks, and those that LoRA on "all" leaves alone.
struct Modules {
  std::vector<std::string> language;
  std::vector<std::string> vision;
  std::vector<std::string> never = {"visual.patch_embed.proj",
                                    "visual.merger.mlp.0",
                                    "visual.merger.mlp.2",
                                    "visual.merger.ln_q",
                                    "model.embed_tokens",
                                    "model.norm",
                                    "lm_head"};
};

Modules ModulesOf(size_t layers, size_t blocks) {
  Modules modules;
  for (size_t i = 0; i < layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    for (const char* name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                             "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}) {
      modules.language.push_back(layer + name);
    }
    modules.never.push_back(layer + "input_layernorm");
  }
  for (size_t i = 0; i < blocks; ++i) {
    const std::string block = "visual.blocks." + std::to_string(i) + ".";
    for (const char* name : {"attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"}) {
      modules.vision.push_back(block + name);
    }
  }
  return modules;
}

std::vector<std::string> Joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::set<std::string> GoldenTargets(const std::string& run) {
  const fs::path file = test::GoldenRoot() / "train/lf/out" / run / "adapter_config.json";
  const Json config = ReadJsonFile(file, size_t{1} << 20);
  return config.at("target_modules").get<std::set<std::string>>();
}

std::set<std::string> Targets(const AdapterDescription& adapter) {
  const std::vector<std::string> targets = TargetModules(adapter);
  return {targets.begin(), targets.end()};
}

TEST(AdapterFilesGolden, TargetModules) {
  ROENTGEN_NEED(test::GoldenRoot() / "train/lf/out/lora_vision");
  const Modules modules = ModulesOf(2, 2);
  AdapterDescription adapter;
  adapter.adapted = modules.language;
  adapter.others = Joined(modules.vision, modules.never);
  EXPECT_EQ(Targets(adapter), GoldenTargets("train"));
  adapter.adapted = Joined(modules.language, modules.vision);
  adapter.others = modules.never;
  EXPECT_EQ(Targets(adapter), GoldenTargets("lora_vision"));
}

// The first layer of the merger is called "0", as the first block is.
TEST(AdapterFiles, EndingsFitNoContainer) {
  const Modules modules = ModulesOf(2, 2);
  AdapterDescription adapter;
  adapter.adapted = Joined(modules.language, modules.vision);
  adapter.adapted.push_back("visual.merger.mlp.0");
  for (const std::string& name : modules.never) {
    if (name != adapter.adapted.back()) adapter.others.push_back(name);
  }
  const std::set<std::string> targets = Targets(adapter);
  EXPECT_TRUE(targets.contains("mlp.0"));
  EXPECT_FALSE(targets.contains("0"));
}

TEST(AdapterFilesGolden, TensorNames) {
  const fs::path file = test::GoldenRoot() / "train/runs/dora/final/adapter_model.safetensors";
  ROENTGEN_NEED(file);
  std::set<std::string> names;
  for (const std::string& module : ModulesOf(3, 0).language) {
    for (const auto part : {AdapterPart::kLoraA, AdapterPart::kLoraB, AdapterPart::kMagnitude}) {
      names.insert(AdapterTensorName(module, part));
    }
  }
  const Safetensors stored(file);
  std::set<std::string> golden;
  for (const auto& [name, tensor] : stored.tensors()) golden.insert(name);
  EXPECT_EQ(names, golden);
}

TEST(AdapterFiles, AreReadBack) {
  const test::TemporaryFolder folder;
  const std::vector<float> a(2 * 3, 1);
  const std::vector<float> b(4 * 2, 2);
  AdapterDescription adapter;
  adapter.base_model = "base";
  adapter.rank = 2;
  adapter.alpha = 5;
  adapter.use_rslora = true;
  adapter.adapted = {"model.layers.0.mlp.up_proj"};
  adapter.image_max_pixels = 1234;
  const auto view = [](const std::vector<float>& values, size_t rows, size_t cols) {
    return TensorView{DType::kF32, {rows, cols}, std::as_bytes(std::span(values))};
  };
  SaveAdapter(folder.path(), adapter,
              {{AdapterTensorName(adapter.adapted[0], AdapterPart::kLoraA), view(a, 2, 3)},
               {AdapterTensorName(adapter.adapted[0], AdapterPart::kLoraB), view(b, 4, 2)}});
  const AdapterConfig config = AdapterConfig::Load(folder.path());
  EXPECT_EQ(config.rank, 2);
  EXPECT_EQ(config.alpha, 5);
  EXPECT_TRUE(config.use_rslora);
  EXPECT_EQ(config.image_max_pixels, 1234);
  const Safetensors file(folder.path() / "adapter_model.safetensors");
  EXPECT_EQ(ToFloats(file.At("base_model.model.model.language_model.layers.0.mlp.up_proj.lora_B."
                             "weight")),
            b);
  EXPECT_THROW(SaveAdapter(folder.path(), adapter, {}), ShapeError);
}

}  // namespace
}  // namespace roentgen
