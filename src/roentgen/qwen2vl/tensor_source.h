#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "roentgen/tensor/safetensors.h"

namespace roentgen {

/// Where a model's tensors come from. Every source speaks published names alone
/// ("model.layers.0.input_layernorm.weight", "visual.patch_embed.proj.weight"), whatever its file
/// calls them: see PublishedName. What a view points to lives as long as the source.
class TensorSource {
 public:
  virtual ~TensorSource() = default;
  /// Null when there is no tensor of that name.
  virtual const TensorView* Find(const std::string& name) const = 0;
  /// All names, sorted.
  virtual std::vector<std::string> Names() const = 0;
  /// What errors call it: the folder or the file.
  virtual std::string Describe() const = 0;
  /// These data of the source will hardly be read again: their memory may go back to the system
  /// where it can be filled again, from a file. They stay readable.
  virtual void Evict(std::span<const std::byte> /*data*/) const {}
};

}  // namespace roentgen
