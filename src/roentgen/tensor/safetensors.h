#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/tensor/dtype.h"

namespace roentgen {

/// "[2, 3]".
std::string ShapeText(std::span<const size_t> shape);

/// A tensor somewhere in memory: row-major, without gaps. Does not own it; need not be aligned.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<size_t> shape;
  std::span<const std::byte> data;

  size_t elements() const;
  std::string ShapeText() const { return roentgen::ShapeText(shape); }
};

/// What the bytes of a .safetensors file hold: an 8-byte little-endian header length, a JSON header
/// {name: {dtype, shape, data_offsets}}, the data (https://github.com/huggingface/safetensors).
struct SafetensorsContent {
  std::map<std::string, TensorView> tensors;  // views into the bytes
  std::map<std::string, std::string> metadata;

  /// where: what errors call the bytes. Throws Error, naming it and the tensor, when the header is
  /// longer than the file or not valid, when a name occurs twice, when data overlap, leave the file
  /// or do not fit dtype and shape, and when there are bytes that belong to no tensor.
  static SafetensorsContent Parse(std::span<const uint8_t> bytes, const std::string& where);
};

/// The tensors of one .safetensors file, mapped from disk.
class Safetensors {
 public:
  /// Throws Error when the file cannot be read or SafetensorsContent::Parse refuses it.
  explicit Safetensors(const std::filesystem::path& path);

  /// Null when there is none of that name.
  const TensorView* Find(const std::string& name) const;
  /// Throws Error when there is none of that name.
  const TensorView& At(const std::string& name) const;
  const std::map<std::string, TensorView>& tensors() const { return content_.tensors; }
  /// The header's __metadata__.
  const std::map<std::string, std::string>& metadata() const { return content_.metadata; }
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  MappedFile file_;
  SafetensorsContent content_;
};

/// A copy of the tensor as floats (F32, F16, BF16). Throws Error for integers.
std::vector<float> ToFloats(const TensorView& tensor);

/// Writes the tensors in the order given, atomically. Throws Error when that fails, a name occurs
/// twice, or a tensor's data do not fit its shape.
void SaveSafetensors(const std::filesystem::path& path,
                     const std::vector<std::pair<std::string, TensorView>>& tensors,
                     const std::map<std::string, std::string>& metadata = {});

}  // namespace roentgen
