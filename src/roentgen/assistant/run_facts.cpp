#include "roentgen/assistant/run_facts.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "roentgen/assistant/study.h"
#include "roentgen/base/error.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/kernels/key_value_rows.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

std::string NameOfFolder(const std::filesystem::path& folder) {
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

constexpr size_t kMostAdapters = 1000;
constexpr size_t kMostTokens = size_t{1} << 20;

/// "" or a SHA-256.
std::string HashOf(const JsonObject& json, const std::string& key) {
  std::string hash = json.GetOr<std::string>(key, "");
  if (!hash.empty() && !IsSha256(hash)) json.Fail(key, "no SHA-256");
  return hash;
}

std::string NameIn(const JsonObject& json, const std::string& key) {
  return OneLine(json.GetOr<std::string>(key, ""));
}

size_t Limit(const JsonObject& json, const std::string& key, size_t fallback) {
  const auto limit = json.GetOr<size_t>(key, fallback);
  if (limit > kMostTokens) json.Fail(key, "too large");
  return limit;
}

void ReadAdapters(const JsonObject& json, RunFacts& facts) {
  const auto adapters = json.json().find("adapters");
  if (adapters == json.json().end()) return;
  if (!adapters->is_array()) json.Fail("adapters", "expected a list");
  if (adapters->size() > kMostAdapters) json.Fail("adapters", "too many");
  for (const Json& adapter : *adapters) {
    const JsonObject object(adapter, json.where() + ": adapters");
    facts.adapters.push_back({NameIn(object, "name"), HashOf(object, "sha256")});
  }
}

void ReadSampling(const JsonObject& json, GenerationOptions& generation) {
  if (!json.Has("sampling")) return;
  const JsonObject object = json.Object("sampling");
  SamplingOptions& sampling = generation.sampling;
  sampling.temperature = object.GetOr("temperature", sampling.temperature);
  sampling.top_k = object.GetOr("top_k", sampling.top_k);
  sampling.top_p = object.GetOr("top_p", sampling.top_p);
  sampling.min_p = object.GetOr("min_p", sampling.min_p);
  sampling.repetition_penalty = object.GetOr("repetition_penalty", sampling.repetition_penalty);
  generation.seed = object.GetOr("seed", generation.seed);
  generation.max_new_tokens = Limit(object, "max_new_tokens", generation.max_new_tokens);
  if (generation.max_new_tokens == 0) object.Fail("max_new_tokens", "an answer has at least 1");
  try {
    sampling.Check();
  } catch (const Error& error) {
    json.Fail("sampling", error.what());
  }
}

constexpr const char* kNotRecorded = "not recorded";

/// Collects what differs.
class Comparison {
 public:
  void Add(const char* name, const std::string& then, const std::string& now, bool model = false) {
    if (then == now) return;
    const bool known = !then.empty() && !now.empty();
    differences_.push_back({name, Shown(then), Shown(now), model && known});
  }
  void AddNumber(const char* name, double then, double now) {
    Add(name, fmt::format("{}", then), fmt::format("{}", now));
  }
  /// 0: not recorded.
  void AddLimit(const char* name, int64_t then, int64_t now) {
    Add(name, then == 0 ? "" : std::to_string(then), now == 0 ? "" : std::to_string(now));
  }

  void AddModel(const RunFacts& then, const RunFacts& now) {
    const bool hashed = !then.model_sha256.empty() && !now.model_sha256.empty();
    if (hashed ? then.model_sha256 == now.model_sha256 : then.model == now.model) return;
    const bool known = hashed || (!then.model.empty() && !now.model.empty());
    differences_.push_back(
        {"model", Named(then.model, then.model_sha256), Named(now.model, now.model_sha256), known});
  }

  void AddAdapters(const RunFacts& then, const RunFacts& now) {
    std::vector<RunFacts::Adapter> gone = Without(then.adapters, now.adapters);
    std::vector<RunFacts::Adapter> come = Without(now.adapters, then.adapters);
    if (gone.empty() && come.empty()) {
      Add("order of adapters", Names(then.adapters), Names(now.adapters), true);
    }
    for (const RunFacts::Adapter& adapter : gone) {
      const auto changed = std::find_if(
          come.begin(), come.end(), [&](const auto& other) { return other.name == adapter.name; });
      const bool replaced = changed != come.end();
      Add("adapter", Named(adapter.name, adapter.sha256),
          replaced ? Named(changed->name, changed->sha256) : "none", true);
      if (replaced) come.erase(changed);
    }
    for (const RunFacts::Adapter& adapter : come) {
      Add("adapter", "none", Named(adapter.name, adapter.sha256), true);
    }
    if (then.adapters.empty() || now.adapters.empty()) return;
    const auto held = [](bool merged) {
      return merged ? "merged into the weights" : "beside them";
    };
    Add("adapters", held(then.adapters_merged), held(now.adapters_merged), true);
  }

  std::vector<FactDifference> Take() { return std::move(differences_); }

 private:
  static std::string Shown(const std::string& value) {
    return value.empty() ? kNotRecorded : OneLine(value);
  }
  static std::string Named(const std::string& name, const std::string& sha256) {
    if (name.empty() && sha256.empty()) return kNotRecorded;
    return OneLine(sha256.empty() ? name : fmt::format("{} ({:.12})", name, sha256));
  }
  static bool IsSame(const RunFacts::Adapter& a, const RunFacts::Adapter& b) {
    const bool hashed = !a.sha256.empty() && !b.sha256.empty();
    return hashed ? a.sha256 == b.sha256 : a.name == b.name;
  }
  /// Those that are not among the others.
  static std::vector<RunFacts::Adapter> Without(const std::vector<RunFacts::Adapter>& adapters,
                                                std::vector<RunFacts::Adapter> others) {
    std::vector<RunFacts::Adapter> left;
    for (const RunFacts::Adapter& adapter : adapters) {
      const auto same = std::find_if(others.begin(), others.end(),
                                     [&](const auto& other) { return IsSame(adapter, other); });
      if (same == others.end()) {
        left.push_back(adapter);
      } else {
        others.erase(same);
      }
    }
    return left;
  }
  /// By their hashes: they may be called otherwise.
  static std::string Names(const std::vector<RunFacts::Adapter>& adapters) {
    std::string names;
    for (const RunFacts::Adapter& adapter : adapters) {
      names += (names.empty() ? "" : ", ") +
               (adapter.sha256.empty() ? adapter.name : adapter.sha256.substr(0, 12));
    }
    return names;
  }

  std::vector<FactDifference> differences_;
};

}  // namespace

std::string NameOf(const ModelLocation& location) {
  // "Qwen/Qwen2-VL-2B-Instruct" is a name, a path may name people.
  std::error_code unreadable;
  const bool by_name = !location.seed && !std::filesystem::exists(location.spec, unreadable);
  const std::string name = by_name ? location.spec : NameOfFolder(location.folder);
  return location.seed ? "generated weights in the shape of " + name : name;
}

RunFacts DescribeRun(const Model& model, const SessionOptions& session,
                     const GenerationOptions& generation, int64_t max_pixels) {
  RunFacts facts;
  facts.program = ProgramName();
  facts.model = NameOf(model.location);
  for (const AdapterInfo& adapter : model.adapters) {
    facts.adapters.push_back({adapter.name, ""});
  }
  const std::string recipe = DescribeRecipe(RecipeOf(model.weights));
  facts.weights = recipe.empty() ? kAsPublished : recipe;
  facts.key_values = KeyValueTypeName(model.key_value_type);
  facts.instruction_set = InstructionSet();
  facts.system_prompt = session.system_prompt;
  facts.generation = generation;
  facts.context_tokens = session.context_tokens;
  facts.max_pixels = max_pixels;
  return facts;
}

nlohmann::ordered_json ToJson(const RunFacts& facts) {
  nlohmann::ordered_json json;
  json["program"] = facts.program;
  json["model"] = facts.model;
  json["model_sha256"] = facts.model_sha256;
  json["settings_sha256"] = facts.settings_sha256;
  json["adapters"] = nlohmann::ordered_json::array();
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    json["adapters"].push_back({{"name", adapter.name}, {"sha256", adapter.sha256}});
  }
  json["adapters_merged"] = facts.adapters_merged;
  json["weights"] = facts.weights;
  json["key_values"] = facts.key_values;
  json["instruction_set"] = facts.instruction_set;
  json["system_prompt"] = facts.system_prompt;
  const SamplingOptions& sampling = facts.generation.sampling;
  json["sampling"] = {{"temperature", sampling.temperature},
                      {"top_k", sampling.top_k},
                      {"top_p", sampling.top_p},
                      {"min_p", sampling.min_p},
                      {"repetition_penalty", sampling.repetition_penalty},
                      {"seed", facts.generation.seed},
                      {"max_new_tokens", facts.generation.max_new_tokens}};
  json["context_tokens"] = facts.context_tokens;
  json["max_pixels"] = facts.max_pixels;
  return json;
}

RunFacts ReadRunFacts(const JsonObject& json) {
  RunFacts facts;
  facts.program = NameIn(json, "program");
  facts.model = NameIn(json, "model");
  facts.model_sha256 = HashOf(json, "model_sha256");
  facts.settings_sha256 = HashOf(json, "settings_sha256");
  ReadAdapters(json, facts);
  facts.adapters_merged = json.GetOr("adapters_merged", false);
  facts.weights = NameIn(json, "weights");
  facts.key_values = NameIn(json, "key_values");
  if (!facts.key_values.empty() && !ParseKeyValueType(facts.key_values)) {
    json.Fail("key_values", fmt::format("unknown: \"{}\"", facts.key_values));
  }
  facts.instruction_set = NameIn(json, "instruction_set");
  facts.system_prompt = json.GetOr<std::string>("system_prompt", "");
  ReadSampling(json, facts.generation);
  facts.context_tokens = Limit(json, "context_tokens", 0);
  facts.max_pixels = json.GetOr("max_pixels", int64_t{0});
  if (facts.max_pixels < 0) json.Fail("max_pixels", "less than nothing");
  return facts;
}

std::vector<FactDifference> DifferencesOf(const RunFacts& then, const RunFacts& now) {
  Comparison comparison;
  comparison.Add("program", then.program, now.program);
  comparison.AddModel(then, now);
  comparison.Add("model settings", then.settings_sha256.substr(0, 12),
                 now.settings_sha256.substr(0, 12), /*model=*/true);
  comparison.AddAdapters(then, now);
  comparison.Add("weights", then.weights, now.weights, /*model=*/true);
  comparison.Add("key-value cache", then.key_values, now.key_values, /*model=*/true);
  comparison.Add("instruction set", then.instruction_set, now.instruction_set);
  // Either may be empty.
  comparison.Add("system prompt", fmt::format("\"{}\"", then.system_prompt),
                 fmt::format("\"{}\"", now.system_prompt));
  const SamplingOptions& sampling = then.generation.sampling;
  const SamplingOptions& other = now.generation.sampling;
  comparison.AddNumber("temperature", sampling.temperature, other.temperature);
  comparison.AddNumber("top_k", static_cast<double>(sampling.top_k),
                       static_cast<double>(other.top_k));
  comparison.AddNumber("top_p", sampling.top_p, other.top_p);
  comparison.AddNumber("min_p", sampling.min_p, other.min_p);
  comparison.AddNumber("repetition_penalty", sampling.repetition_penalty, other.repetition_penalty);
  comparison.Add("seed", std::to_string(then.generation.seed), std::to_string(now.generation.seed));
  comparison.Add("max_new_tokens", std::to_string(then.generation.max_new_tokens),
                 std::to_string(now.generation.max_new_tokens));
  comparison.AddLimit("context", static_cast<int64_t>(then.context_tokens),
                      static_cast<int64_t>(now.context_tokens));
  comparison.AddLimit("most pixels of an image", then.max_pixels, now.max_pixels);
  return comparison.Take();
}

std::string Describe(const FactDifference& difference) {
  return fmt::format("{}: {} then, {} now", difference.name, difference.then, difference.now);
}

std::string ProgramName() {
  return "roentgen " ROENTGEN_VERSION;
}

std::string UtcNow() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace roentgen
