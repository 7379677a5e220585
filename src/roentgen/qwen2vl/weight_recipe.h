#pragma once

#include <optional>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/weights.h"
#include "roentgen/tensor/block_weights.h"

namespace roentgen {

/// How many bits the matrices of a model's parts are told in; nothing: as they are.
struct WeightRecipe {
  std::optional<BlockScheme> decoder = std::nullopt;
  std::optional<BlockScheme> vision = std::nullopt;  // the tower and its merger
  std::optional<BlockScheme> head = std::nullopt;    // the embedding and the vocabulary head

  /// What people mean by the name of a scheme. q8: all parts in 8 bits. q4: the decoder in 4; the
  /// others in 8, where 4 cost more than their share (docs/speed.md has the measurements).
  static WeightRecipe Of(BlockScheme scheme);

  /// For a parameter of the model, under its published name.
  std::optional<BlockScheme> For(const std::string& parameter) const;
};

/// What the weights are held in, by the first matrix of each part.
WeightRecipe RecipeOf(const ModelWeights& weights);

/// "decoder q4, vision q8, head q8"; empty when no part is quantised.
std::string DescribeRecipe(const WeightRecipe& recipe);

/// Matrices become BlockWeights as the recipe says, one after the other; what has been read is
/// evicted from the source, so that a checkpoint of any size leaves little more than its codes in
/// memory. Adapters stay beside them; merged matrices are freed.
///
/// Throws Error, naming the tensor, when a value cannot be told in a scheme, and when a matrix is
/// quantised already; Cancelled when the pool is told to stop.
void QuantizeByRecipe(ModelWeights& weights, const WeightRecipe& recipe, ThreadPool& pool,
                      const Progress& progress = {});

}  // namespace roentgen
