#include "roentgen/qwen2vl/model_lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/qwen2vl/checkpoint.h"
#include "roentgen/qwen2vl/not_a_model.h"
#include "roentgen/qwen2vl/procedural.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view kProcedural = "procedural:";
constexpr const char* kDefaultName = "Qwen/Qwen2-VL-2B-Instruct";
constexpr const char* kMainRevision = "main";
constexpr size_t kMaxRefBytes = 4096;

/// The hub's cache folder, found as huggingface_hub finds it.
fs::path HubCache() {
  if (const auto folder = Environment("HF_HUB_CACHE")) return *folder;
  if (const auto home = Environment("HF_HOME")) return fs::path(*home) / "hub";
  return UserFolder("XDG_CACHE_HOME", ".cache") / "huggingface" / "hub";
}

// The file by which a folder is known to hold a model, or an adapter.
constexpr const char* kModelFile = "config.json";
constexpr const char* kAdapterFile = "adapter_config.json";

bool Holds(const fs::path& folder, const char* file) {
  return FileExists(folder / file);
}

bool IsModel(const fs::path& folder) {
  return Holds(folder, kModelFile);
}

fs::path CacheOf(const HubPlace& hub) {
  return hub.cache.empty() ? HubCache() : hub.cache;
}

/// Whether the text can be a part of a path, and stays where it is put.
bool IsPlainPath(const std::string& text) {
  const fs::path path(text);
  return !path.empty() && path.is_relative() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

/// NAME of "OWNER/NAME"; empty for anything else.
std::string NameOnHub(const std::string& spec) {
  const size_t slash = spec.find('/');
  if (slash == std::string::npos || slash == 0) return "";
  std::string name = spec.substr(slash + 1);
  return name.find('/') == std::string::npos && name != "." && name != ".." ? name : "";
}

/// The commit that a branch or tag stands for in the cache; what is none may be a commit itself.
std::string CommitOf(const fs::path& repository, const std::string& revision) {
  const fs::path ref = repository / "refs" / revision;
  if (!fs::is_regular_file(ref)) return revision;
  std::string commit = ReadFile(ref, kMaxRefBytes);
  while (!commit.empty() && std::isspace(static_cast<unsigned char>(commit.back())) != 0) {
    commit.pop_back();
  }
  return commit;
}

/// The cached snapshot of OWNER/NAME that holds the file.
std::optional<fs::path> FindInHub(const std::string& spec, const char* file, const HubPlace& hub) {
  const std::string name = NameOnHub(spec);
  if (name.empty()) return std::nullopt;
  if (!IsPlainPath(hub.revision)) return std::nullopt;
  const fs::path repository =
      CacheOf(hub) / fmt::format("models--{}--{}", spec.substr(0, spec.find('/')), name);
  const std::string commit = CommitOf(repository, hub.revision);
  const fs::path snapshot = repository / "snapshots" / commit;
  if (!IsPlainPath(commit) || !Holds(snapshot, file)) return std::nullopt;
  return snapshot;
}

/// What is installed under a name: in the data folder, which has no revisions, or in the Hugging
/// Face cache.
std::optional<fs::path> FindInstalled(const std::string& spec, const char* file,
                                      const HubPlace& hub) {
  if (spec.empty()) return std::nullopt;
  const bool main = hub.revision == kMainRevision;
  if (main && Holds(ModelsFolder() / spec, file)) return ModelsFolder() / spec;
  if (auto snapshot = FindInHub(spec, file, hub)) return snapshot;
  const std::string name = NameOnHub(spec);
  if (!main || name.empty() || !Holds(ModelsFolder() / name, file)) return std::nullopt;
  return ModelsFolder() / name;
}

/// Model folders directly in the data folder, sorted.
std::vector<std::string> ModelsInDataFolder() {
  std::vector<std::string> names;
  std::error_code ignored;  // an absent folder has no models
  for (const auto& entry : fs::directory_iterator(ModelsFolder(), ignored)) {
    if (IsModel(entry.path())) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

ModelLocation ResolveProcedural(const std::string& spec, const std::string& found_by) {
  std::string folder = spec.substr(kProcedural.size());
  std::optional<std::string> seed;
  // A folder's own name may have a # in it.
  if (const size_t mark = folder.rfind('#'); mark != std::string::npos && !IsModel(folder)) {
    seed = folder.substr(mark + 1);
    folder.resize(mark);
  }
  if (!IsModel(folder)) {
    throw Error(fmt::format("{} {}: no config.json in {}", found_by, spec, folder),
                "procedural:FOLDER takes a model's shape from its config.json");
  }
  return {spec, folder, seed ? *seed : ProceduralSeed(folder), found_by};
}

/// What the user named, in the flag or in the environment.
ModelLocation ResolveNamed(const std::string& spec, const std::string& found_by,
                           const HubPlace& hub) {
  if (spec.starts_with(kProcedural)) return ResolveProcedural(spec, found_by);
  if (IsModel(spec)) return {spec, spec, std::nullopt, found_by};
  if (FileExists(spec)) ThrowNotAModel(fmt::format("{} {}", found_by, spec), spec);
  if (const auto folder = FindInstalled(spec, kModelFile, hub)) {
    return {spec, *folder, std::nullopt, found_by};
  }
  if (hub.revision != kMainRevision) {
    throw Error(fmt::format("{} {}: revision {} is not in {}", found_by, spec, hub.revision,
                            CacheOf(hub).string()),
                "Give the folder of a copy of that revision instead of a name.");
  }
  if (const fs::path in_data = ModelsFolder() / spec; !spec.empty() && FileExists(in_data)) {
    ThrowNotAModel(fmt::format("{} {}", found_by, spec), in_data);
  }
  if (const auto adapter = FindInstalled(spec, kAdapterFile, hub)) {
    ThrowNotAModel(fmt::format("{} {}", found_by, spec), *adapter);
  }
  throw Error(
      fmt::format("{} {}: no such folder, and no model of that name in {} or {}", found_by, spec,
                  ModelsFolder().string(), CacheOf(hub).string()),
      "Give a folder, or download the model first: roentgen pull " + std::string(kDefaultName));
}

[[noreturn]] void ThrowNoModel() {
  throw NoModelInstalled(
      fmt::format("no model found: --model and ROENTGEN_MODEL are not given, {} has none, "
                  "{} has no {}",
                  ModelsFolder().string(), HubCache().string(), kDefaultName),
      fmt::format("Name a folder with --model, or download one: roentgen pull {}", kDefaultName));
}

}  // namespace

ModelLocation ResolveModel(const std::optional<std::string>& flag, const HubPlace& hub,
                           const std::string& named_by) {
  if (flag) return ResolveNamed(*flag, named_by, hub);
  if (const auto name = Environment("ROENTGEN_MODEL")) {
    return ResolveNamed(*name, "ROENTGEN_MODEL", hub);
  }
  const std::vector<std::string> names = ModelsInDataFolder();
  if (names.size() > 1) {
    throw Error(
        fmt::format("{} holds several models: {}", ModelsFolder().string(), fmt::join(names, ", ")),
        "Choose one with --model NAME or ROENTGEN_MODEL");
  }
  if (names.size() == 1) {
    return {names[0], ModelsFolder() / names[0], std::nullopt, "data folder"};
  }
  if (const auto snapshot = FindInHub(kDefaultName, kModelFile, hub)) {
    return {kDefaultName, *snapshot, std::nullopt, "Hugging Face cache"};
  }
  ThrowNoModel();
}

AdapterLocation ResolveAdapter(const std::string& spec, const HubPlace& hub) {
  const fs::path folder = spec;
  const auto installed =
      Holds(folder, kAdapterFile) ? std::nullopt : FindInstalled(spec, kAdapterFile, hub);
  if (installed) return {*installed, spec};
  if (FileExists(folder)) {  // what is missing in it is told when it is read
    return {folder, (folder.has_filename() ? folder : folder.parent_path()).filename().string()};
  }
  throw Error(fmt::format("adapter {}: no such folder, and no adapter of that name in {} or {}",
                          spec, ModelsFolder().string(), CacheOf(hub).string()),
              "Give a folder with adapter_config.json, or download the adapter first: roentgen "
              "pull OWNER/NAME");
}

std::shared_ptr<const TensorSource> OpenTensors(const ModelLocation& model,
                                                const ModelConfig& config, ThreadPool& pool,
                                                const Progress& progress) {
  if (model.seed) return GenerateWeights(config, *model.seed, pool, progress);
  return OpenCheckpoint(model.folder);
}

}  // namespace roentgen
