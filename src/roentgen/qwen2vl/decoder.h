#pragma once

#include <cstdint>
#include <span>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/key_value_cache.h"
#include "roentgen/qwen2vl/observer.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// Which rows of the last layer somebody will look at.
enum class Wanted {
  kAllRows,
  kLastRow,  // the others' last MLP, which nothing depends on, is left out
};

/// Runs tokens that follow the cached ones through all layers and adds them to the cache.
///
/// x          [tokens, hidden_size]: embeddings (image features in place) in, the residual stream
///            before the final norm out; with kLastRow only its last row is meaningful
/// positions  one per token
/// The cache must have room for the tokens. It is unchanged when Cancelled is thrown.
/// Qwen2VLTextModel in Transformers.
void RunDecoder(const ModelConfig& config, const ModelWeights& weights, Matrix x,
                std::span<const Position> positions, Wanted wanted, KeyValueCache& cache,
                ThreadPool& pool, const Observer& observer = {});

/// Final norm and vocabulary head: logits [rows, vocab_size] from the residual stream [rows,
/// hidden_size], which is overwritten by its normed values.
void ComputeLogits(const ModelConfig& config, const ModelWeights& weights, Matrix x, Matrix logits,
                   ThreadPool& pool, const Observer& observer = {});

}  // namespace roentgen
