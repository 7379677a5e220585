#include "roentgen/qwen2vl/weight_recipe.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/kernels/block_quantize.h"

namespace roentgen {
namespace {

struct Task {
  std::string name;
  WeightMatrix* matrix;
  BlockScheme scheme;
};

std::shared_ptr<const BlockWeights> Quantize(const Task& task, ThreadPool& pool) {
  if (task.matrix->quantized != nullptr) {
    throw Error(task.name + " is quantised already", "Quantise the original model.");
  }
  try {
    return QuantizeBlocks(*task.matrix, task.scheme, pool);
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", task.name, error.what()));
  }
}

}  // namespace

WeightRecipe WeightRecipe::Of(BlockScheme scheme) {
  return {scheme, BlockScheme::kQ8, BlockScheme::kQ8};
}

std::optional<BlockScheme> WeightRecipe::For(const std::string& parameter) const {
  if (parameter.starts_with("visual.")) return vision;
  if (parameter.starts_with("model.layers.")) return decoder;
  return head;
}

WeightRecipe RecipeOf(const ModelWeights& weights) {
  const auto scheme_of = [](const WeightMatrix& matrix) -> std::optional<BlockScheme> {
    const auto* blocks = dynamic_cast<const BlockWeights*>(matrix.quantized);
    return blocks == nullptr ? std::nullopt : std::optional(blocks->scheme());
  };
  return {weights.layers.empty() ? std::nullopt : scheme_of(weights.layers[0].q_proj.weight),
          scheme_of(weights.vision.patch_embed.weight), scheme_of(weights.lm_head)};
}

std::string DescribeRecipe(const WeightRecipe& recipe) {
  std::string text;
  const auto add = [&](const char* part, const std::optional<BlockScheme>& scheme) {
    if (!scheme) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", part, BlockSchemeName(*scheme));
  };
  add("decoder", recipe.decoder);
  add("vision", recipe.vision);
  add("head", recipe.head);
  return text;
}

void QuantizeByRecipe(ModelWeights& weights, const WeightRecipe& recipe, ThreadPool& pool,
                      const Progress& progress) {
  const bool tied = SameMemory(weights.lm_head, weights.embed_tokens);
  std::vector<Task> tasks;
  VisitParameters(
      weights,
      [&](const std::string& name, WeightMatrix& matrix) {
        const std::optional<BlockScheme> scheme = recipe.For(name);
        if (scheme) tasks.push_back({name, &matrix, *scheme});
      },
      [](const std::string&, const std::vector<float>&) {});
  for (size_t done = 0; done < tasks.size(); ++done) {
    Report(progress, "Quantising", done, tasks.size());
    WeightMatrix& matrix = *tasks[done].matrix;
    std::shared_ptr<const BlockWeights> blocks = Quantize(tasks[done], pool);
    const std::byte* const before = matrix.data;
    const bool merged = std::erase_if(weights.merged, [&](const auto& bytes) {
                          return bytes->data() == before;
                        }) > 0;
    if (!merged) weights.source->Evict({before, matrix.bytes()});
    matrix = {DType::kF32, nullptr, matrix.rows, matrix.cols, blocks.get()};
    weights.quantized.push_back(std::move(blocks));
  }
  if (tied) weights.lm_head = weights.embed_tokens;
  Report(progress, "Quantising", tasks.size(), tasks.size());
}

}  // namespace roentgen
