#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "roentgen/base/random.h"

namespace roentgen {

/// How the next token is chosen; the names and the neutral values are those of Transformers.
struct SamplingOptions {
  double temperature = 0.0;         // 0: greedy, and only the repetition penalty counts
  int64_t top_k = 0;                // 0: off
  double top_p = 1.0;               // 1: off
  double min_p = 0.0;               // 0: off
  double repetition_penalty = 1.0;  // 1: off

  /// Throws Error naming the option that is out of range.
  void Check() const;
};

/// Processes logits in Transformers' order — repetition penalty, temperature, top-k, top-p, min-p,
/// softmax — and draws. Scores are f32, as there.
class Sampler {
 public:
  /// Throws Error when an option is out of range.
  Sampler(const SamplingOptions& options, uint64_t seed);

  /// The next token. `context` holds the tokens of prompt and answer so far, for the penalty.
  /// Greedy takes the largest score, among equal ones the lowest id. Throws Error when a logit is
  /// not a number.
  int32_t Next(std::span<const float> logits, std::span<const int32_t> context);

  /// The probabilities that Next draws from, by token id; sampling only.
  std::vector<float> Probabilities(std::span<const float> logits,
                                   std::span<const int32_t> context) const;

 private:
  struct Candidate {
    int32_t id;
    float score;
  };
  std::vector<float> Penalised(std::span<const float> logits,
                               std::span<const int32_t> context) const;
  std::vector<Candidate> Filter(const std::vector<float>& scores) const;

  SamplingOptions options_;
  Random random_;
};

}  // namespace roentgen
