#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/key_value_cache.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// The features that take the places of one image's placeholders.
struct VisualFeatures {
  GridThw grid;
  std::shared_ptr<const OwnedMatrix> features;  // [merged tokens, hidden_size]
};

/// A token sequence that has gone through the decoder: its ids, its cache, where it goes on. It
/// only grows, or is rewound to an earlier mark; nothing in it is computed twice.
class Sequence {
 public:
  /// The most tokens that go through the decoder at once: enough to keep the matrix product at its
  /// full speed, few enough that activations stay small beside the weights.
  static constexpr size_t kPrefillTokens = 512;

  /// model must live as long as the sequence.
  Sequence(const Model& model, ThreadPool& pool);

  /// Appends tokens, image placeholders among them, one per merged patch and in the order of
  /// `images`. The first `answered` of them are of an answer: text, even where the model drew a
  /// placeholder's token. Throws Error when placeholders and images do not match, Cancelled in a
  /// CancelScope; the sequence is as before then.
  void Append(std::span<const int32_t> ids, std::span<const VisualFeatures> images,
              const Progress& progress = {}, size_t answered = 0);

  /// Logits after the last token, [vocab_size]; empty at the start and after a rewind.
  std::span<const float> logits() const { return logits_; }
  const std::vector<int32_t>& ids() const { return ids_; }
  size_t size() const { return ids_.size(); }
  const KeyValueCache& cache() const { return cache_; }

  struct Mark {
    size_t size = 0;
    int64_t next_position = 0;
  };
  /// A sequence as it is behind its last token: all that is needed to go on from there.
  struct Snapshot {
    std::vector<int32_t> ids;
    int64_t next_position = 0;
    std::string key_values;

    size_t bytes() const { return ids.size() * sizeof(int32_t) + key_values.size(); }
  };
  Snapshot Save() const { return {ids_, next_position_, cache_.Save(ids_.size())}; }
  /// Makes an empty sequence of the same model what another was. There are no logits until
  /// something is appended. Throws ShapeError when the snapshot is of another format.
  void Restore(const Snapshot& snapshot);

  Mark mark() const { return {ids_.size(), next_position_}; }
  void Rewind(const Mark& mark);

 private:
  std::vector<Position> PositionsOf(std::span<const int32_t> ids,
                                    std::span<const VisualFeatures> images, size_t answered,
                                    int64_t& next) const;
  OwnedMatrix Embed(std::span<const int32_t> ids, std::span<const VisualFeatures> images,
                    size_t answered) const;
  void Run(std::span<const int32_t> ids, Matrix x, const std::vector<Position>& positions,
           const Progress& progress);

  const ModelConfig& config_;
  const ModelWeights& weights_;
  ThreadPool& pool_;
  KeyValueCache cache_;
  std::vector<int32_t> ids_;
  std::vector<float> logits_;
  int64_t next_position_ = 0;
};

}  // namespace roentgen
