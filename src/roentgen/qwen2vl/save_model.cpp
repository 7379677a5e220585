#include "roentgen/qwen2vl/save_model.h"

#include <fmt/format.h>

#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/qwen2vl/names.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxSettingsBytes = size_t{64} << 20;

void CopySettings(const fs::path& from, const fs::path& to) {
  for (const char* name :
       {"config.json", "generation_config.json", "preprocessor_config.json", "chat_template.json",
        "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt"}) {
    if (!FileExists(from / name)) continue;
    std::error_code ignored;
    if (fs::equivalent(from / name, to / name, ignored)) continue;
    WriteFileAtomically(to / name, ReadFile(from / name, kMaxSettingsBytes));
  }
}

void AddToConfig(const fs::path& path, const Json& more) {
  if (more.empty()) return;
  auto config = nlohmann::ordered_json::parse(ReadFile(path, kMaxSettingsBytes));
  for (const auto& item : more.items()) config[item.key()] = item.value();
  WriteFileAtomically(path, config.dump(2) + "\n");
}

/// Where a matrix of blocks lies, and under which name.
std::pair<std::string, TensorView> BlockTensor(const std::string& published,
                                               const BlockWeights& blocks) {
  return {BlockTensorName(published, blocks.scheme()),
          {DType::kU8, {blocks.strips(), blocks.strip_bytes()}, blocks.Parts().front()}};
}

}  // namespace

NamedTensors TensorsWith(const TensorSource& source,
                         const std::map<std::string, TensorView>& changed) {
  NamedTensors tensors;
  for (const std::string& name : source.Names()) {
    const auto change = changed.find(name);
    tensors.emplace_back(name, change == changed.end() ? *source.Find(name) : change->second);
  }
  return tensors;
}

NamedTensors QuantizedTensors(ModelWeights& weights) {
  std::map<std::string, std::pair<std::string, TensorView>> quantized;
  VisitParameters(
      weights,
      [&](const std::string& name, const WeightMatrix& matrix) {
        const auto* blocks = dynamic_cast<const BlockWeights*>(matrix.quantized);
        if (blocks != nullptr) quantized[name] = BlockTensor(name, *blocks);
      },
      [](const std::string&, const std::vector<float>&) {});
  NamedTensors tensors;
  for (const std::string& name : weights.source->Names()) {
    const auto blocks = quantized.find(PublishedName(name));
    tensors.push_back(blocks == quantized.end() ? std::pair(name, *weights.source->Find(name))
                                                : blocks->second);
  }
  return tensors;
}

void SaveModel(const fs::path& folder, const NamedTensors& tensors, const fs::path& settings_folder,
               const Json& more) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(fmt::format("{}: cannot make it: {}", folder.string(), error.message()));
  SaveSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
  CopySettings(settings_folder, folder);
  AddToConfig(folder / "config.json", more);
}

}  // namespace roentgen
