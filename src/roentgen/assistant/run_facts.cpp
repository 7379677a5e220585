#include "roentgen/assistant/run_facts.h"

#include <fmt/chrono.h>

#include <ctime>
#include <filesystem>
#include <system_error>

#include "roentgen/kernels/key_value_rows.h"
#include "roentgen/qwen2vl/weight_recipe.h"

namespace roentgen {
namespace {

std::string NameOfFolder(const std::filesystem::path& folder) {
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

}  // namespace

RunFacts DescribeRun(const Model& model, const SessionOptions& session,
                     const GenerationOptions& generation, int64_t max_pixels) {
  RunFacts facts;
  facts.program = "roentgen " ROENTGEN_VERSION;
  const ModelLocation& location = model.location;
  // "Qwen/Qwen2-VL-2B-Instruct" is a name, a path may name people.
  std::error_code unreadable;
  const bool by_name = !location.seed && !std::filesystem::exists(location.spec, unreadable);
  const std::string name = by_name ? location.spec : NameOfFolder(location.folder);
  facts.model = location.seed ? "generated weights in the shape of " + name : name;
  for (const AdapterInfo& adapter : model.adapters) {
    facts.adapters.push_back({adapter.name, ""});
  }
  const std::string recipe = DescribeRecipe(RecipeOf(model.weights));
  facts.weights = recipe.empty() ? "as published" : recipe;
  facts.key_values = KeyValueTypeName(model.key_value_type);
  facts.system_prompt = session.system_prompt;
  facts.generation = generation;
  facts.max_pixels = max_pixels;
  return facts;
}

nlohmann::ordered_json ToJson(const RunFacts& facts) {
  nlohmann::ordered_json json;
  json["program"] = facts.program;
  json["model"] = facts.model;
  json["model_sha256"] = facts.model_sha256;
  json["adapters"] = nlohmann::ordered_json::array();
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    json["adapters"].push_back({{"name", adapter.name}, {"sha256", adapter.sha256}});
  }
  json["weights"] = facts.weights;
  json["system_prompt"] = facts.system_prompt;
  const SamplingOptions& sampling = facts.generation.sampling;
  json["sampling"] = {{"temperature", sampling.temperature},
                      {"top_k", sampling.top_k},
                      {"top_p", sampling.top_p},
                      {"min_p", sampling.min_p},
                      {"repetition_penalty", sampling.repetition_penalty},
                      {"seed", facts.generation.seed},
                      {"max_new_tokens", facts.generation.max_new_tokens}};
  json["max_pixels"] = facts.max_pixels;
  return json;
}

std::string UtcNow() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace roentgen
