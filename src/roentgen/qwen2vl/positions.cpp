#include "roentgen/qwen2vl/positions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

/// Hands out the grids of one kind of placeholder in order.
class GridQueue {
 public:
  GridQueue(const char* kind, std::span<const GridThw> grids) : kind_(kind), grids_(grids) {}
  ~GridQueue() = default;

  const GridThw& Take() {
    if (used_ == grids_.size()) {
      throw Error(fmt::format("the text has placeholders for more than the {} {}s given",
                              grids_.size(), kind_));
    }
    return grids_[used_++];
  }
  void ExpectEmpty() const {
    if (used_ != grids_.size()) {
      throw Error(fmt::format("{} {}s were given, but the text has placeholders for {}",
                              grids_.size(), kind_, used_));
    }
  }
  const char* kind() const { return kind_; }

 private:
  const char* kind_;
  std::span<const GridThw> grids_;
  size_t used_ = 0;
};

void SetAngle(RotaryTable& table, size_t row, size_t j, int64_t position, float frequency) {
  // The angle is rounded to f32 before its cosine is taken, as in Transformers.
  const float angle = static_cast<float>(position) * frequency;
  table.cos.view().Row(row)[j] = std::cos(angle);
  table.sin.view().Row(row)[j] = std::sin(angle);
}

}  // namespace

size_t MergedTokens(const GridThw& grid, const VisionConfig& config) {
  return static_cast<size_t>(grid.t) * static_cast<size_t>(grid.h) * static_cast<size_t>(grid.w) /
         config.merged_patches();
}

TokenPositions ComputePositions(std::span<const int32_t> ids, std::span<const GridThw> images,
                                std::span<const GridThw> videos, const ModelConfig& config,
                                int64_t start) {
  GridQueue image_queue("image", images);
  GridQueue video_queue("video", videos);
  const int merge = static_cast<int>(config.vision.spatial_merge_size);
  TokenPositions result;
  int64_t current = start;
  int64_t largest = start - 1;
  for (size_t i = 0; i < ids.size();) {
    const bool image = ids[i] == config.image_token_id;
    if (!image && ids[i] != config.video_token_id) {
      result.tokens.push_back({current, current, current});
      largest = std::max(largest, current);
      ++current;
      ++i;
      continue;
    }
    GridQueue& queue = image ? image_queue : video_queue;
    const GridThw& grid = queue.Take();
    const size_t count = MergedTokens(grid, config.vision);
    const auto run_end = std::find_if(ids.begin() + static_cast<ptrdiff_t>(i), ids.end(),
                                      [&](int32_t id) { return id != ids[i]; });
    const auto run = static_cast<size_t>(run_end - ids.begin()) - i;
    if (run < count) {
      throw Error(fmt::format("{} placeholders for the {} at token {}, but it takes {}", run,
                              queue.kind(), i, count));
    }
    for (int t = 0; t < grid.t; ++t) {
      for (int h = 0; h < grid.h / merge; ++h) {
        for (int w = 0; w < grid.w / merge; ++w) {
          result.tokens.push_back({current + t, current + h, current + w});
          largest = std::max({largest, current + t, current + h, current + w});
        }
      }
    }
    current += std::max(grid.h, grid.w) / merge;
    i += count;
  }
  image_queue.ExpectEmpty();
  video_queue.ExpectEmpty();
  result.next = largest + 1;
  return result;
}

RotaryTable DecoderRotary(std::span<const Position> positions, const ModelConfig& config) {
  const size_t half = config.head_dim() / 2;
  const std::vector<float> frequencies = InverseFrequencies(config.rope_theta, config.head_dim());
  std::vector<size_t> axis;
  for (size_t section = 0; section < config.mrope_section.size(); ++section) {
    axis.insert(axis.end(), config.mrope_section[section], section);
  }
  RotaryTable table{OwnedMatrix(positions.size(), half), OwnedMatrix(positions.size(), half)};
  for (size_t row = 0; row < positions.size(); ++row) {
    for (size_t j = 0; j < half; ++j) {
      SetAngle(table, row, j, positions[row][axis[j]], frequencies[j]);
    }
  }
  return table;
}

RotaryTable VisionRotary(std::span<const GridThw> grids, const VisionConfig& config) {
  const size_t quarter = config.head_dim() / 4;
  const std::vector<float> frequencies = InverseFrequencies(10000.0, config.head_dim() / 2);
  const int merge = static_cast<int>(config.spatial_merge_size);
  size_t patches = 0;
  for (const GridThw& grid : grids) patches += MergedTokens(grid, config) * config.merged_patches();
  RotaryTable table{OwnedMatrix(patches, 2 * quarter), OwnedMatrix(patches, 2 * quarter)};
  size_t row = 0;
  const auto add_patch = [&](int h, int w) {
    for (size_t j = 0; j < quarter; ++j) {
      SetAngle(table, row, j, h, frequencies[j]);
      SetAngle(table, row, quarter + j, w, frequencies[j]);
    }
    ++row;
  };
  for (const GridThw& grid : grids) {
    for (int t = 0; t < grid.t; ++t) {
      for (int h = 0; h < grid.h; h += merge) {
        for (int w = 0; w < grid.w; w += merge) {
          for (int i = 0; i < merge * merge; ++i) add_patch(h + i / merge, w + i % merge);
        }
      }
    }
  }
  return table;
}

}  // namespace roentgen
