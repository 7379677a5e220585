#include "roentgen/tensor/block_weights.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/tensor/dtype.h"

namespace roentgen {
namespace {

/// Code of an output (of a strip) and an input (of a block).
int CodeAt(const std::byte* block, BlockScheme scheme, size_t output, size_t input) {
  const size_t chunk = input / BlockWeights::kChunkInputs;
  const size_t place = output * BlockWeights::kChunkInputs + input % BlockWeights::kChunkInputs;
  if (scheme == BlockScheme::kQ8) {
    return std::to_integer<int>(block[chunk * BlockWeights::kChunkCodes + place]);
  }
  const int both = std::to_integer<int>(block[chunk / 2 * BlockWeights::kChunkCodes + place]);
  return chunk % 2 == 0 ? both & 0xf : both >> 4;
}

}  // namespace

std::string_view BlockSchemeName(BlockScheme scheme) {
  return scheme == BlockScheme::kQ4 ? "q4" : "q8";
}

std::optional<BlockScheme> ParseBlockScheme(std::string_view name) {
  for (const BlockScheme scheme : {BlockScheme::kQ4, BlockScheme::kQ8}) {
    if (name == BlockSchemeName(scheme)) return scheme;
  }
  return std::nullopt;
}

size_t BlockWeights::Bytes(BlockScheme scheme, size_t rows, size_t cols) {
  const size_t strips = (rows + kStripOutputs - 1) / kStripOutputs;
  const size_t blocks = (cols + kBlockInputs - 1) / kBlockInputs;
  return strips * blocks * BlockBytes(scheme);
}

BlockWeights::BlockWeights(BlockScheme scheme, size_t rows, size_t cols, AlignedBytes bytes)
    : BlockWeights(scheme, rows, cols, std::span<const std::byte>(bytes.data(), bytes.size())) {
  owned_ = std::move(bytes);
}

BlockWeights::BlockWeights(BlockScheme scheme, size_t rows, size_t cols,
                           std::span<const std::byte> bytes)
    : scheme_(scheme), rows_(rows), cols_(cols), bytes_(bytes) {
  if (bytes.size() != Bytes(scheme, rows, cols)) {
    throw ShapeError(fmt::format("{} bytes for a {} matrix of {}×{}, which takes {}", bytes.size(),
                                 BlockSchemeName(scheme), rows, cols, Bytes(scheme, rows, cols)));
  }
}

void BlockWeights::Widen(size_t row, size_t begin, std::span<float> out) const {
  const std::byte* const strip = Strip(row / kStripOutputs);
  const size_t output = row % kStripOutputs;
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t col = begin + i;
    const std::byte* const block = strip + col / kBlockInputs * BlockBytes(scheme_);
    Float16 scale;
    std::memcpy(&scale, block + CodeBytes(scheme_) + output * sizeof(scale), sizeof(scale));
    const int code = CodeAt(block, scheme_, output, col % kBlockInputs);
    out[i] = ToFloat(scale) * static_cast<float>(code - Middle(scheme_));
  }
}

}  // namespace roentgen
