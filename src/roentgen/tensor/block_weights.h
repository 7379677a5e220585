#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "roentgen/tensor/buffer.h"
#include "roentgen/tensor/quantized_weights.h"

namespace roentgen {

/// How many bits a code has. value = scale · (code − middle), where 32 inputs of an output share a
/// scale and middle is half the number of codes.
enum class BlockScheme { kQ4, kQ8 };

/// "q4", "q8".
std::string_view BlockSchemeName(BlockScheme scheme);
/// Nothing when the name is neither.
std::optional<BlockScheme> ParseBlockScheme(std::string_view name);

/// A weight matrix [rows = outputs, cols = inputs] in 4.5 or 8.5 bits a value, laid out as integer
/// kernels read it: from start to end, once.
///
///   matrix  strips of 16 outputs
///   strip   blocks of 32 inputs
///   block   codes of 8 chunks of 4 inputs each, then 16 scales, one an output, as f16
///   chunk   64 codes, place output · 4 + input, a byte each; in 4 bits two chunks share 64 bytes,
///           the first of them in the lower halves
///
/// What lies beyond the last output or input is zero: code = middle.
class BlockWeights : public QuantizedWeights {
 public:
  static constexpr size_t kStripOutputs = 16;
  static constexpr size_t kBlockInputs = 32;
  static constexpr size_t kChunkInputs = 4;
  static constexpr size_t kBlockChunks = kBlockInputs / kChunkInputs;
  static constexpr size_t kChunkCodes = kStripOutputs * kChunkInputs;

  static constexpr int Bits(BlockScheme scheme) { return scheme == BlockScheme::kQ4 ? 4 : 8; }
  static constexpr int Middle(BlockScheme scheme) { return 1 << (Bits(scheme) - 1); }
  static constexpr size_t CodeBytes(BlockScheme scheme) {
    return kBlockChunks * kChunkCodes * static_cast<size_t>(Bits(scheme)) / 8;
  }
  static constexpr size_t BlockBytes(BlockScheme scheme) {
    return CodeBytes(scheme) + kStripOutputs * sizeof(uint16_t);
  }
  /// What a matrix takes.
  static size_t Bytes(BlockScheme scheme, size_t rows, size_t cols);

  /// Owns its memory, Bytes(scheme, rows, cols) of it.
  BlockWeights(BlockScheme scheme, size_t rows, size_t cols, AlignedBytes bytes);
  /// A view, into a file for example. Throws ShapeError when it is not Bytes(scheme, rows, cols)
  /// long.
  BlockWeights(BlockScheme scheme, size_t rows, size_t cols, std::span<const std::byte> bytes);

  BlockScheme scheme() const { return scheme_; }
  size_t strips() const { return (rows_ + kStripOutputs - 1) / kStripOutputs; }
  size_t blocks() const { return (cols_ + kBlockInputs - 1) / kBlockInputs; }
  size_t strip_bytes() const { return blocks() * BlockBytes(scheme_); }
  const std::byte* Strip(size_t strip) const { return bytes_.data() + strip * strip_bytes(); }

  void Widen(size_t row, size_t begin, std::span<float> out) const override;
  std::vector<std::span<const std::byte>> Parts() const override { return {bytes_}; }

 private:
  BlockScheme scheme_;
  size_t rows_;
  size_t cols_;
  AlignedBytes owned_;
  std::span<const std::byte> bytes_;
};

}  // namespace roentgen
