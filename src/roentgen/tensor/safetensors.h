#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/tensor/dtype.h"

namespace roentgen {

/// A tensor somewhere in memory: row-major, without gaps. Does not own it; need not be aligned.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<size_t> shape;
  std::span<const std::byte> data;

  size_t elements() const;
  /// "[2, 3]".
  std::string ShapeText() const;
};

/// The tensors of one .safetensors file, mapped from disk: an 8-byte little-endian header length, a
/// JSON header {name: {dtype, shape, data_offsets}}, the data
/// (https://github.com/huggingface/safetensors).
class Safetensors {
 public:
  /// Throws Error, naming file and tensor, when the header is longer than the file or not valid,
  /// when data overlap, leave the file or do not fit dtype and shape.
  explicit Safetensors(const std::filesystem::path& path);

  /// Null when there is none of that name.
  const TensorView* Find(const std::string& name) const;
  /// Throws Error when there is none of that name.
  const TensorView& At(const std::string& name) const;
  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  /// The header's __metadata__.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  MappedFile file_;
  std::map<std::string, TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// A copy of the tensor as floats (F32, F16, BF16). Throws Error for integers.
std::vector<float> ToFloats(const TensorView& tensor);

/// Writes the tensors in the order given, atomically. Throws Error when that fails.
void SaveSafetensors(const std::filesystem::path& path,
                     const std::vector<std::pair<std::string, TensorView>>& tensors,
                     const std::map<std::string, std::string>& metadata = {});

}  // namespace roentgen
