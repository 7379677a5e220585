#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/tensor/safetensors.h"

namespace roentgen {

/// What a trained adapter is, beside its tensors.
struct AdapterDescription {
  std::string base_model;  ///< as it was given: a folder or a name
  int rank = 8;
  double alpha = 16;
  double dropout = 0;
  bool use_rslora = false;
  bool use_dora = false;
  /// Which linears it corrects and which it does not, by their published names
  /// ("model.layers.0.mlp.up_proj"). Every module of the model that has weights is in one of them.
  std::vector<std::string> adapted;
  std::vector<std::string> others;
  std::optional<int64_t> image_max_pixels;  ///< of its training
};

enum class AdapterPart { kLoraA, kLoraB, kMagnitude };

/// PEFT's name for a tensor, which Transformers 5 puts a module's nested name into:
/// "base_model.model.model.language_model.layers.0.mlp.up_proj.lora_A.weight".
std::string AdapterTensorName(const std::string& module, AdapterPart part);

/// target_modules as PEFT writes it: up to 20 full names; else the shortest endings that fit none
/// of the others.
std::vector<std::string> TargetModules(const AdapterDescription& adapter);

/// Writes adapter_config.json and adapter_model.safetensors, which PEFT, LLaMA-Factory and
/// Roentgen load.
///
/// tensors  f32, named by AdapterTensorName: A [rank, inputs], B [outputs, rank], magnitude
///          [outputs]
void SaveAdapter(const std::filesystem::path& folder, const AdapterDescription& adapter,
                 const std::vector<std::pair<std::string, TensorView>>& tensors);

}  // namespace roentgen
