#include "roentgen/imaging/patches.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "roentgen/imaging/named_errors.h"

namespace roentgen {
namespace {

/// The pixel value of every byte, by channel.
using ValueTable = std::array<std::array<float, 256>, 3>;

ValueTable MakeValueTable(const PreprocessorConfig& config) {
  ValueTable table;
  for (size_t c = 0; c < 3; ++c) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const auto x = static_cast<float>(static_cast<double>(byte) * config.rescale_factor);
      table[c][byte] = (x - config.image_mean[c]) / config.image_std[c];
    }
  }
  return table;
}

/// Writes one patch: channel, temporal copy, y, x. rgb points at its top left pixel.
float* WritePatch(const uint8_t* rgb, size_t row_bytes, const PreprocessorConfig& config,
                  const ValueTable& table, float* out) {
  const auto side = static_cast<size_t>(config.patch_size);
  const size_t plane = side * side;
  for (size_t c = 0; c < 3; ++c) {
    float* first = out;
    for (size_t y = 0; y < side; ++y) {
      const uint8_t* row = rgb + y * row_bytes + c;
      for (size_t x = 0; x < side; ++x) *out++ = table[c][row[3 * x]];
    }
    for (int copy = 1; copy < config.temporal_patch_size; ++copy) {
      out = std::copy_n(first, plane, out);
    }
  }
  return out;
}

}  // namespace

Patches MakePatches(const Image& image, const PreprocessorConfig& config, PassOrder order) {
  const int side = config.patch_size;
  const int block = side * config.merge_size;
  Patches patches;
  patches.resized = NamingErrors(image.provenance.source, [&] {
    return SmartResize(image.size(), block, config.min_pixels, config.max_pixels);
  });
  const std::vector<uint8_t> rgb =
      ResizeBicubic(std::span<const uint8_t>(image.rgb), image.size(), 3, patches.resized, order);
  patches.grid = {1, patches.resized.height / side, patches.resized.width / side};
  patches.values.resize(static_cast<size_t>(patches.grid.h) * static_cast<size_t>(patches.grid.w) *
                        static_cast<size_t>(config.PatchValues()));
  const ValueTable table = MakeValueTable(config);
  const size_t row_bytes = static_cast<size_t>(patches.resized.width) * 3;
  float* out = patches.values.data();
  for (int block_y = 0; block_y < patches.resized.height; block_y += block) {
    for (int block_x = 0; block_x < patches.resized.width; block_x += block) {
      for (int y = block_y; y < block_y + block; y += side) {
        for (int x = block_x; x < block_x + block; x += side) {
          const uint8_t* corner =
              rgb.data() + static_cast<size_t>(y) * row_bytes + static_cast<size_t>(x) * 3;
          out = WritePatch(corner, row_bytes, config, table, out);
        }
      }
    }
  }
  return patches;
}

}  // namespace roentgen
