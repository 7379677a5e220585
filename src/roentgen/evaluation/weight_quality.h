#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/qwen2vl/model.h"

namespace roentgen {

/// A prompt and the answer whose tokens are looked at one by one, each after the true ones before.
struct ForcedAnswer {
  std::vector<int32_t> prompt;   ///< a placeholder for every token of its pictures
  std::vector<size_t> pictures;  ///< their numbers
  std::vector<int32_t> answer;
};

/// How far a model is from the original.
struct WeightQuality {
  size_t tokens = 0;           ///< of answers
  double mean_divergence = 0;  ///< KL(original ‖ model) of the next token's distribution, in nats
  double worst_divergence = 0;  ///< of a token
  double agreement = 0;         ///< share of tokens for which both find the same one likeliest
  size_t pictures = 0;
  double mean_cosine = 1;   ///< of a picture's features, all as one vector
  double worst_cosine = 1;  ///< of a picture
};

/// What a model says and sees, kept so that other weights can be compared with it.
class WeightQualityProbe {
 public:
  using LoadPicture = std::function<Patches(size_t number)>;

  /// Holds vocabulary floats for every token of every answer. Throws ShapeError when placeholders
  /// and pictures do not match, Cancelled in a CancelScope.
  WeightQualityProbe(const Model& original, std::vector<ForcedAnswer> answers, LoadPicture picture,
                     ThreadPool& pool, const Progress& progress = {});

  /// model: of the same configuration. Throws as the constructor.
  WeightQuality Compare(const Model& model, const Progress& progress = {}) const;

 private:
  struct Seen {
    std::vector<std::vector<float>> log_probabilities;         // a token's, over the vocabulary
    std::vector<std::shared_ptr<const OwnedMatrix>> features;  // of the pictures, by number
  };
  Seen Look(const Model& model, const Progress& progress) const;

  std::vector<ForcedAnswer> answers_;
  LoadPicture picture_;
  ThreadPool& pool_;
  Seen original_;
};

}  // namespace roentgen
