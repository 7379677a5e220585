#include "roentgen/training/trained_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr const char* kAdapterFile = "adapter_model.safetensors";
constexpr const char* kMastersFile = "trained.safetensors";
constexpr size_t kMaxSettingsBytes = size_t{64} << 20;

/// "model.layers.0.mlp.up_proj.lora_A.weight" as PEFT calls it.
std::string PeftName(const std::string& name) {
  const size_t part = name.find(".lora_");
  const std::string module = name.substr(0, part);
  const std::string_view ending = std::string_view(name).substr(part);
  if (ending.starts_with(".lora_A")) return AdapterTensorName(module, AdapterPart::kLoraA);
  if (ending.starts_with(".lora_B")) return AdapterTensorName(module, AdapterPart::kLoraB);
  return AdapterTensorName(module, AdapterPart::kMagnitude);
}

std::string NameInFile(const PreparedRun& run, const TrainedTensor& tensor) {
  return run.adapter() ? PeftName(tensor.name) : tensor.name;
}

std::vector<std::pair<std::string, TensorView>> Masters(const PreparedRun& run) {
  std::vector<std::pair<std::string, TensorView>> tensors;
  for (const TrainedTensor& tensor : run.parameters().tensors()) {
    tensors.emplace_back(NameInFile(run, tensor),
                         TensorView{DType::kF32, tensor.shape,
                                    std::as_bytes(std::span<const float>(tensor.values))});
  }
  return tensors;
}

/// Everything else that makes a checkpoint folder: configuration, tokenizer, processor, template.
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

void SaveWholeModel(const PreparedRun& run, const fs::path& folder) {
  std::map<std::string, const TrainedTensor*> trained;
  for (const TrainedTensor& tensor : run.parameters().tensors()) trained[tensor.name] = &tensor;
  std::vector<std::vector<BFloat16>> rounded;
  rounded.reserve(trained.size());
  std::vector<std::pair<std::string, TensorView>> tensors;
  const TensorSource& source = *run.model().weights.source;
  for (const std::string& name : source.Names()) {
    const auto change = trained.find(name);
    if (change == trained.end()) {
      tensors.emplace_back(name, *source.Find(name));
      continue;
    }
    std::vector<BFloat16>& values = rounded.emplace_back();
    for (const float value : change->second->values) values.push_back(ToBFloat16(value));
    tensors.emplace_back(
        name, TensorView{DType::kBF16, change->second->shape, std::as_bytes(std::span(values))});
  }
  SaveSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
  CopySettings(run.model().location.folder, folder);
}

}  // namespace

void SaveMasters(const PreparedRun& run, const fs::path& folder) {
  if (run.adapter()) {
    SaveAdapter(folder, *run.adapter(), Masters(run));
  } else {
    SaveSafetensors(folder / kMastersFile, Masters(run), {{"format", "pt"}});
  }
}

void LoadMasters(PreparedRun& run, const fs::path& folder, ThreadPool& pool) {
  const Safetensors file(folder / (run.adapter() ? kAdapterFile : kMastersFile));
  std::vector<TrainedTensor>& tensors = run.parameters().tensors();
  for (const TrainedTensor& tensor : tensors) {
    const TensorView& stored = file.At(NameInFile(run, tensor));
    if (stored.dtype == DType::kF32 && stored.elements() == tensor.values.size()) continue;
    throw Error(
        fmt::format("{}: {} is {} {}, not F32 {}", file.path().string(), NameInFile(run, tensor),
                    DTypeName(stored.dtype), stored.ShapeText(), ShapeText(tensor.shape)),
        "It belongs to another run; name another output_dir.");
  }
  for (TrainedTensor& tensor : tensors) {
    const TensorView& stored = file.At(NameInFile(run, tensor));
    std::memcpy(tensor.values.data(), stored.data.data(), stored.data.size());
  }
  run.parameters().ValuesChanged(run.model().weights, pool);
}

void SaveTrainedModel(const PreparedRun& run, const fs::path& folder) {
  if (run.adapter()) {
    SaveMasters(run, folder);
  } else {
    SaveWholeModel(run, folder);
  }
}

}  // namespace roentgen
