#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// What a PEFT adapter folder turned out to be.
struct AdapterInfo {
  std::filesystem::path folder;
  size_t linears = 0;  // how many it corrects
  int rank = 0;        // the largest of them
  /// The pixel limit that its training used, when Roentgen wrote it ("roentgen" in its
  /// adapter_config.json).
  std::optional<int64_t> image_max_pixels;
};

/// Adds a PEFT LoRA or DoRA adapter (adapter_config.json, adapter_model.safetensors) to the linears
/// that it addresses, on top of those already there. Module names of Transformers 4 and 5 are
/// understood.
///
/// Throws Error, and leaves the weights as they were, when a file is missing or damaged, a tensor
/// addresses no linear of the model or does not fit it, one of A and B is missing, or the adapter
/// is of a kind that neither LoRA nor DoRA expresses (biases, modules_to_save, …), or when DoRA
/// meets another adapter on one linear.
AdapterInfo ApplyAdapter(ModelWeights& weights, const std::filesystem::path& folder,
                         ThreadPool& pool);

}  // namespace roentgen
