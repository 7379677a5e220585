#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/adapter_config.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// What a PEFT adapter folder turned out to be.
struct AdapterInfo {
  std::filesystem::path folder;
  std::string name;    // as it was asked for by name, or the folder's own
  size_t linears = 0;  // how many it corrects
  int rank = 0;        // the largest of them
  /// Parameters that it brings whole (PEFT's modules_to_save), by their published names.
  std::vector<std::string> whole;
  /// The pixel limit that its training used, when Roentgen wrote it.
  std::optional<int64_t> image_max_pixels;
  /// What people should know: weights beside it that are not read, linears that it should correct
  /// and has nothing for.
  std::vector<std::string> notes;
};

/// An adapter's tensors for a model that has not been changed yet.
struct AdapterContent {
  AdapterConfig config;
  std::shared_ptr<const Safetensors> file;
  std::map<std::string, LoraDelta> linears;          // by published name, row norms still missing
  std::map<std::string, std::string> names_in_file;  // of the linears, by published name
  std::map<std::string, TensorView> whole;  // parameters by published name; views into the file
};

/// Reads and checks an adapter; errors are those of ApplyAdapter.
AdapterContent ReadAdapter(ModelWeights& weights, const std::filesystem::path& folder);

/// Adds a PEFT LoRA or DoRA adapter (adapter_config.json, adapter_model.safetensors) to the linears
/// that it addresses, on top of those already there. Parameters that it brings whole take the place
/// of the model's own; a linear's earlier adapters are gone with its weight then. Embeddings that
/// were tied are not any more where only one of them is brought or both differ, as in PEFT. Module
/// names of Transformers 4 and 5 are understood.
///
/// Throws Error, and leaves the weights as they were, when a file is missing or damaged, a tensor
/// addresses nothing in the model or does not fit it, one of A and B or a parameter of a module
/// that modules_to_save names is missing, or the adapter is of a kind that neither LoRA nor DoRA
/// expresses (biases, LoRA on the embeddings, …), or when DoRA meets another adapter on one linear.
AdapterInfo ApplyAdapter(ModelWeights& weights, const std::filesystem::path& folder,
                         ThreadPool& pool);

/// Files in an adapter's folder that hold weights and that nobody reads: other programs keep parts
/// of a model beside PEFT's file. What a trainer needs to go on is not among them.
std::vector<std::string> UnreadWeights(const std::filesystem::path& folder);

}  // namespace roentgen
