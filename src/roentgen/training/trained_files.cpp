#include "roentgen/training/trained_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/base/output_folder.h"
#include "roentgen/qwen2vl/adapter_config.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/save_model.h"
#include "roentgen/tensor/safetensors.h"
#include "roentgen/training/checkpoint.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr const char* kAdapterFile = "adapter_model.safetensors";
constexpr const char* kMastersFile = "trained.safetensors";

/// "model.layers.0.mlp.up_proj.lora_A.weight" as PEFT calls it.
std::string PeftName(const std::string& name) {
  const size_t part = name.find(".lora_");
  if (part == std::string::npos) return WholeTensorName(name);
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

/// Each tensor in the type that the base has it in, as LLaMA-Factory saves.
void SaveWholeModel(const PreparedRun& run, const fs::path& folder) {
  const TensorSource& base = *run.model().weights.source;
  SaveModel(run.model(), folder, {.type = [&](const std::string& name) {
              const TensorView* tensor = base.Find(name);
              // Tied embeddings may lie in the base as the head.
              if (tensor == nullptr) tensor = base.Find("lm_head.weight");
              return tensor != nullptr && IsFloat(tensor->dtype) ? std::optional(tensor->dtype)
                                                                 : std::nullopt;
            }});
}

bool SameValues(const std::shared_ptr<const OwnedMatrix>& a,
                const std::shared_ptr<const OwnedMatrix>& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->rows() == b->rows() && a->cols() == b->cols() &&
         std::memcmp(a->data(), b->data(), a->size() * sizeof(float)) == 0;
}

/// The adapter of the folder, opened as everybody opens it, must be the one that was trained:
/// better an error now than an adapter that nobody can load, or that computes something else.
void RequireSameAdapter(PreparedRun& run, const fs::path& folder) {
  const AdapterContent read = ReadAdapter(run.model().weights, folder);
  const auto fail = [&](const std::string& name) {
    throw Error(
        fmt::format("{}: {} is not what was trained when it is read again", folder.string(), name));
  };
  size_t linears = 0;
  VisitLinears(run.model().weights, [&](const std::string& name, Linear& linear) {
    if (linear.lora.empty() || !run.parameters().IsTrained(linear.lora.back().a->data())) return;
    const auto at = read.linears.find(name);
    const LoraDelta& trained = linear.lora.back();
    if (at == read.linears.end() || at->second.scale != trained.scale ||
        !SameValues(at->second.a, trained.a) || !SameValues(at->second.b, trained.b) ||
        !SameValues(at->second.magnitude, trained.magnitude)) {
      fail(name);
    }
    ++linears;
  });
  size_t whole = 0;
  for (const TrainedTensor& tensor : run.parameters().tensors()) {
    if (tensor.name.find(".lora_") != std::string::npos) continue;
    const auto at = read.whole.find(tensor.name);
    if (at == read.whole.end() || at->second.shape != tensor.shape ||
        !LiesInModule(tensor.name, read.config.modules_to_save) ||
        std::memcmp(at->second.data.data(), tensor.values.data(), at->second.data.size()) != 0) {
      fail(tensor.name);
    }
    ++whole;
  }
  if (linears != read.linears.size() || whole != read.whole.size()) fail("a tensor");
}

}  // namespace

void SaveMasters(PreparedRun& run, const fs::path& folder) {
  if (run.adapter()) {
    SaveAdapter(folder, *run.adapter(), Masters(run));
    RequireSameAdapter(run, folder);
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

void SaveTrainedModel(PreparedRun& run, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(fmt::format("{}: {}", folder.string(), error.message()));
  const fs::path staging = MakeUnfinishedFolder(folder);
  if (run.adapter()) {
    SaveMasters(run, staging);
  } else {
    SaveWholeModel(run, staging);
  }
  const std::string last = run.adapter() ? "adapter_config.json" : "config.json";
  KeepRights(folder / last, staging / last);  // which MoveFiles takes from what it replaces
  fs::remove(folder / last, error);
  for (const std::string& file : TrainedFiles(run)) {
    // One of an earlier run would be believed.
    if (!FileExists(staging / file)) fs::remove(folder / file, error);
  }
  MoveFiles(staging, folder, last);
  RemoveOwnFolder(staging);
}

std::set<std::string> TrainedFiles(const PreparedRun& run) {
  if (run.adapter()) return {kAdapterFile, "adapter_config.json", kOwnAdapterConfig};
  std::set<std::string> files = {"model.safetensors"};
  for (const fs::path& file : SettingsFiles(run.model().location.folder)) {
    files.insert(file.string());
  }
  return files;
}

}  // namespace roentgen
