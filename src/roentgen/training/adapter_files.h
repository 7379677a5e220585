#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/qwen2vl/adapter.h"
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
  /// Values that differ by module, as PEFT's rank_pattern and alpha_pattern have them.
  std::vector<std::pair<std::string, double>> rank_pattern;
  std::vector<std::pair<std::string, double>> alpha_pattern;
  /// Modules that are saved whole, as they were named (PEFT's modules_to_save).
  std::vector<std::string> modules_to_save;
  std::optional<int64_t> image_max_pixels;  ///< of its training
};

/// The patterns of an adapter that is trained on: as they are where they give the modules, under
/// the names that are written, what these have; else every module that differs by its full name.
void SetPatterns(const AdapterContent& trained_on, AdapterDescription& adapter);

enum class AdapterPart { kLoraA, kLoraB, kMagnitude };

/// PEFT's name for a tensor, which Transformers 5 puts a module's nested name into:
/// "base_model.model.model.language_model.layers.0.mlp.up_proj.lora_A.weight".
std::string AdapterTensorName(const std::string& module, AdapterPart part);

/// Its name for a parameter of a module that is saved whole.
std::string WholeTensorName(const std::string& parameter);

/// target_modules as PEFT writes it: up to 20 full names; else the shortest endings that fit none
/// of the others.
std::vector<std::string> TargetModules(const AdapterDescription& adapter);

/// Writes adapter_config.json and adapter_model.safetensors, which PEFT from 0.12 on, LLaMA-Factory
/// and Roentgen load, and what is only ours in a file of its own.
///
/// tensors  f32, named by AdapterTensorName: A [rank, inputs], B [outputs, rank], magnitude
///          [outputs]; parameters that are saved whole, by WholeTensorName
void SaveAdapter(const std::filesystem::path& folder, const AdapterDescription& adapter,
                 const std::vector<std::pair<std::string, TensorView>>& tensors);

}  // namespace roentgen
