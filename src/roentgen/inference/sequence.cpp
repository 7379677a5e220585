#include "roentgen/inference/sequence.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"
#include "roentgen/kernels/embedding.h"
#include "roentgen/qwen2vl/decoder.h"

namespace roentgen {

Sequence::Sequence(const Model& model, ThreadPool& pool)
    : config_(model.config),
      weights_(model.weights),
      pool_(pool),
      cache_(config_.num_hidden_layers, model.KeyValues()) {}

void Sequence::Append(std::span<const int32_t> ids, std::span<const VisualFeatures> images,
                      const Progress& progress, size_t answered) {
  if (ids.empty()) return;
  int64_t next = next_position_;
  const std::vector<Position> positions = PositionsOf(ids, images, answered, next);
  OwnedMatrix x = Embed(ids, images, answered);
  cache_.Reserve(ids_.size() + ids.size());
  const Mark before = mark();
  try {
    Run(ids, x, positions, progress);
  } catch (...) {
    Rewind(before);
    throw;
  }
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  next_position_ = next;
}

/// next: where the first of them stands; then, where the token behind them does.
std::vector<Position> Sequence::PositionsOf(std::span<const int32_t> ids,
                                            std::span<const VisualFeatures> images, size_t answered,
                                            int64_t& next) const {
  std::vector<Position> positions;
  for (size_t i = 0; i < answered; ++i, ++next) positions.push_back({next, next, next});
  std::vector<GridThw> grids;
  for (const VisualFeatures& image : images) grids.push_back(image.grid);
  const TokenPositions asked = ComputePositions(ids.subspan(answered), grids, {}, config_, next);
  positions.insert(positions.end(), asked.tokens.begin(), asked.tokens.end());
  next = asked.next;
  return positions;
}

OwnedMatrix Sequence::Embed(std::span<const int32_t> ids, std::span<const VisualFeatures> images,
                            size_t answered) const {
  OwnedMatrix x(ids.size(), config_.hidden_size);
  LookUpRows(weights_.embed_tokens, ids, x);
  size_t row = answered;
  const auto skip_text = [&] {
    while (row < ids.size() && ids[row] != config_.image_token_id) ++row;
  };
  for (const VisualFeatures& image : images) {
    skip_text();
    const ConstMatrix features = *image.features;
    if (features.rows != MergedTokens(image.grid, config_.vision) ||
        features.cols != config_.hidden_size || row + features.rows > ids.size()) {
      throw ShapeError(fmt::format("features {}×{} for an image of {}×{}×{} patches", features.rows,
                                   features.cols, image.grid.t, image.grid.h, image.grid.w));
    }
    std::copy_n(features.data, features.rows * features.cols, x.view().Row(row));
    row += features.rows;
  }
  return x;
}

void Sequence::Run(std::span<const int32_t> ids, Matrix x, const std::vector<Position>& positions,
                   const Progress& progress) {
  for (size_t begin = 0; begin < ids.size(); begin += kPrefillTokens) {
    Report(progress, "Reading the prompt", begin, ids.size());
    const size_t count = std::min(kPrefillTokens, ids.size() - begin);
    RunDecoder(config_, weights_, x.Rows(begin, count), std::span(positions).subspan(begin, count),
               Wanted::kLastRow, cache_, pool_);
  }
  logits_.resize(config_.vocab_size);
  ComputeLogits(config_, weights_, x.Rows(ids.size() - 1, 1),
                {logits_.data(), 1, logits_.size(), logits_.size()}, pool_);
  Report(progress, "Reading the prompt", ids.size(), ids.size());
}

void Sequence::Restore(const Snapshot& snapshot) {
  cache_.Restore(snapshot.key_values, snapshot.ids.size());
  ids_ = snapshot.ids;
  next_position_ = snapshot.next_position;
  logits_.clear();
}

void Sequence::Rewind(const Mark& mark) {
  cache_.Truncate(mark.size);
  ids_.resize(mark.size);
  next_position_ = mark.next_position;
  logits_.clear();
}

}  // namespace roentgen
