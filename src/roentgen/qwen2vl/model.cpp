#include "roentgen/qwen2vl/model.h"

#include "roentgen/qwen2vl/merge.h"

namespace roentgen {

Model LoadModel(const ModelLocation& location, std::span<const std::filesystem::path> adapters,
                AdapterMode mode, ThreadPool& pool, const Progress& progress) {
  Model model;
  model.location = location;
  model.config = ModelConfig::Load(location.folder);
  model.generation = GenerationDefaults::Load(location.folder, model.config);
  model.base = OpenTensors(location, model.config, pool, progress);
  model.weights = ModelWeights::Load(model.config, model.base);
  if (!model.weights.quantized.empty()) model.key_value_type = KeyValueType::kBF16;
  for (const std::filesystem::path& adapter : adapters) {
    const AdapterLocation found = ResolveAdapter(adapter.string());
    model.adapters.push_back(ApplyAdapter(model.weights, found.folder, pool));
    model.adapters.back().name = found.name;
    if (!found.note.empty()) model.adapters.back().notes.push_back(found.note);
  }
  if (mode == AdapterMode::kMerged && !model.adapters.empty()) {
    MergeAdapters(model.weights, MergedType::kLikeBase, pool, progress);
  }
  return model;
}

}  // namespace roentgen
