#include "roentgen/qwen2vl/model_lookup.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/model_on_hub.h"
#include "roentgen/hub/placement.h"
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

/// The cached snapshot of a model that holds the file.
std::optional<fs::path> FindInHub(const ModelName& name, const char* file, const HubPlace& hub) {
  if (!IsPlainPath(name.revision)) return std::nullopt;
  const fs::path repository = CacheOf(hub) / fmt::format("models--{}--{}", name.owner, name.name);
  const std::string commit = CommitOf(repository, name.revision);
  const fs::path snapshot = repository / "snapshots" / commit;
  if (!IsPlainPath(commit) || !Holds(snapshot, file)) return std::nullopt;
  return snapshot;
}

/// What a spec names on a hub, the revision with it; nothing where it is no such name.
std::optional<ModelName> NameOnHub(const std::string& spec, const HubPlace& hub) {
  std::optional<ModelName> name = ModelName::Parse(spec);
  if (name && name->revision.empty()) name->revision = hub.revision;
  return name;
}

/// Whether a pulled folder is searched for by this file. One that lacks both is looked at, too: it
/// is told what is missing in it.
bool MayHold(const PulledModel& pulled, const char* file) {
  const char* other = file == std::string_view(kModelFile) ? kAdapterFile : kModelFile;
  return Holds(pulled.folder, file) || !Holds(pulled.folder, other);
}

bool IsMain(const PulledModel& pulled) {
  constexpr const char* kModelScope = "modelscope.cn";
  return pulled.name.revision == (pulled.hub == kModelScope ? "master" : kMainRevision);
}

bool IsOfRevision(const PulledModel& pulled, const std::string& revision) {
  if (pulled.name.revision == revision) return true;
  if (revision == kMainRevision) return IsMain(pulled);
  const std::optional<PullManifest> manifest = PullManifest::Read(pulled.folder);
  return manifest && manifest->commit == revision;
}

/// "OWNER/NAME", with the revision where that is not the main one.
std::string NameOf(const PulledModel& pulled) {
  std::string name = pulled.name.owner + "/" + pulled.name.name;
  return IsMain(pulled) ? name : fmt::format("{}@{}", name, pulled.name.revision);
}

/// The one that was pulled under a name: OWNER/NAME, or NAME alone, whosever it is. Throws Error
/// when there are several.
std::optional<fs::path> FindPulled(const std::string& spec, const char* file, const HubPlace& hub) {
  const std::optional<ModelName> name = NameOnHub(spec, hub);
  std::vector<PulledModel> found;
  for (const PulledModel& pulled : PulledModels()) {
    const bool named = name ? pulled.name.owner == name->owner && pulled.name.name == name->name
                            : pulled.name.name == spec;
    if (!named || !MayHold(pulled, file)) continue;
    if (!IsOfRevision(pulled, name ? name->revision : hub.revision)) continue;
    // A branch and its commit may both be there: the same files.
    const bool twice = !found.empty() && found.back().hub == pulled.hub &&
                       found.back().name.owner == pulled.name.owner;
    if (!twice) found.push_back(pulled);
  }
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) {
    std::vector<std::string> folders;
    for (const PulledModel& pulled : found) folders.push_back(pulled.folder.string());
    throw Error(fmt::format("{}: several models of that name were pulled: {}", spec,
                            fmt::join(folders, ", ")),
                "Give OWNER/NAME where the owners differ, else one of these folders.");
  }
  return found[0].folder;
}

struct Installed {
  fs::path folder;
  std::string note;
};

/// What is installed under a name: in the data folder or in the Hugging Face cache.
std::optional<Installed> FindInstalled(const std::string& spec, const char* file,
                                       const HubPlace& hub) {
  if (spec.empty()) return std::nullopt;
  const std::optional<ModelName> name = NameOnHub(spec, hub);
  const bool main = (name ? name->revision : hub.revision) == kMainRevision;
  if (main && Holds(ModelsFolder() / spec, file)) return Installed{ModelsFolder() / spec, ""};
  if (auto pulled = FindPulled(spec, file, hub)) return Installed{*pulled, ""};
  if (!name) return std::nullopt;
  if (auto snapshot = FindInHub(*name, file, hub)) return Installed{*snapshot, ""};
  const fs::path ownerless = ModelsFolder() / name->name;
  if (!main || !Holds(ownerless, file)) return std::nullopt;
  return Installed{ownerless,
                   fmt::format("{0}: pulled by an earlier version, which did not keep whose it is; "
                               "taken for {1}/{2}. To be sure: roentgen pull {1}/{2}",
                               ownerless.string(), name->owner, name->name)};
}

struct NamedFolder {
  std::string name;
  fs::path folder;
};

/// Models of the data folder, sorted by name: those directly in it, and those that were pulled.
std::vector<NamedFolder> ModelsInDataFolder() {
  std::vector<NamedFolder> models;
  std::error_code ignored;  // an absent folder has no models
  for (const auto& entry : fs::directory_iterator(ModelsFolder(), ignored)) {
    const std::string name = entry.path().filename().string();
    // One whose name begins with a dot is being made.
    if (!name.starts_with('.') && IsModel(entry.path())) models.push_back({name, entry.path()});
  }
  for (const PulledModel& pulled : PulledModels()) {
    if (IsModel(pulled.folder)) models.push_back({NameOf(pulled), pulled.folder});
  }
  std::sort(models.begin(), models.end(),
            [](const NamedFolder& a, const NamedFolder& b) { return a.name < b.name; });
  return models;
}

/// Throws for a name of which other revisions were pulled.
void CheckOtherRevisions(const std::string& named, const std::string& spec, const HubPlace& hub) {
  const std::optional<ModelName> name = NameOnHub(spec, hub);
  std::vector<std::string> others;
  for (const PulledModel& pulled : PulledModels()) {
    if (name && pulled.name.owner == name->owner && pulled.name.name == name->name) {
      others.push_back(fmt::format("{}/{}@{}", name->owner, name->name, pulled.name.revision));
    }
  }
  if (others.empty()) return;
  throw Error(fmt::format("{}: revision {} of it was not pulled; there are: {}", named,
                          name->revision, fmt::join(others, ", ")),
              fmt::format("Name one of them, or: roentgen pull {}/{}@{}", name->owner, name->name,
                          name->revision));
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
  return {spec, folder, seed ? *seed : ProceduralSeed(folder), found_by, ""};
}

[[noreturn]] void ThrowNotInstalled(const std::string& spec, const std::string& found_by,
                                    const HubPlace& hub) {
  const std::string named = fmt::format("{} {}", found_by, spec);
  CheckOtherRevisions(named, spec, hub);
  const std::optional<ModelName> name = NameOnHub(spec, hub);
  const std::string& revision = name ? name->revision : hub.revision;
  if (revision != kMainRevision) {
    throw Error(
        fmt::format("{}: revision {} is not in {}", named, revision, CacheOf(hub).string()),
        "Pull that revision: roentgen pull OWNER/NAME --revision … Or give the folder of a copy.");
  }
  if (const fs::path in_data = ModelsFolder() / spec; !spec.empty() && FileExists(in_data)) {
    ThrowNotAModel(named, in_data);
  }
  if (const auto adapter = FindInstalled(spec, kAdapterFile, hub)) {
    ThrowNotAModel(named, adapter->folder);
  }
  throw Error(
      fmt::format("{}: no such folder, and no model of that name in {} or {}", named,
                  ModelsFolder().string(), CacheOf(hub).string()),
      "Give a folder, or download the model first: roentgen pull " + std::string(kDefaultName));
}

/// What the user named, in the flag or in the environment.
ModelLocation FindNamed(const std::string& spec, const std::string& found_by, const HubPlace& hub) {
  if (spec.starts_with(kProcedural)) return ResolveProcedural(spec, found_by);
  if (IsModel(spec)) return {spec, spec, std::nullopt, found_by, ""};
  if (FileExists(spec)) {
    CheckPulledFolder(spec);
    ThrowNotAModel(fmt::format("{} {}", found_by, spec), spec);
  }
  if (const auto found = FindInstalled(spec, kModelFile, hub)) {
    return {spec, found->folder, std::nullopt, found_by, found->note};
  }
  ThrowNotInstalled(spec, found_by, hub);
}

[[noreturn]] void ThrowNoModel() {
  throw NoModelInstalled(
      fmt::format("no model found: --model and ROENTGEN_MODEL are not given, {} has none, "
                  "{} has no {}",
                  ModelsFolder().string(), HubCache().string(), kDefaultName),
      fmt::format("Name a folder with --model, or download one: roentgen pull {}", kDefaultName));
}

ModelLocation FindModel(const std::optional<std::string>& flag, const HubPlace& hub,
                        const std::string& named_by) {
  if (flag) return FindNamed(*flag, named_by, hub);
  if (const auto name = Environment("ROENTGEN_MODEL")) {
    return FindNamed(*name, "ROENTGEN_MODEL", hub);
  }
  const std::vector<NamedFolder> models = ModelsInDataFolder();
  if (models.size() > 1) {
    std::vector<std::string> names;
    for (const NamedFolder& model : models) names.push_back(model.name);
    throw Error(
        fmt::format("{} holds several models: {}", ModelsFolder().string(), fmt::join(names, ", ")),
        "Choose one with --model NAME or ROENTGEN_MODEL");
  }
  if (models.size() == 1) {
    return {models[0].name, models[0].folder, std::nullopt, "data folder", ""};
  }
  if (const auto snapshot = FindInHub(*NameOnHub(kDefaultName, hub), kModelFile, hub)) {
    return {kDefaultName, *snapshot, std::nullopt, "Hugging Face cache", ""};
  }
  ThrowNoModel();
}

AdapterLocation FindAdapter(const std::string& spec, const HubPlace& hub) {
  const fs::path folder = spec;
  const auto installed =
      Holds(folder, kAdapterFile) ? std::nullopt : FindInstalled(spec, kAdapterFile, hub);
  if (installed) return {installed->folder, spec, installed->note};
  if (FileExists(folder)) {  // what is missing in it is told when it is read
    return {folder, (folder.has_filename() ? folder : folder.parent_path()).filename().string(),
            ""};
  }
  CheckOtherRevisions("adapter " + spec, spec, hub);
  throw Error(fmt::format("adapter {}: no such folder, and no adapter of that name in {} or {}",
                          spec, ModelsFolder().string(), CacheOf(hub).string()),
              "Give a folder with adapter_config.json, or download the adapter first: roentgen "
              "pull OWNER/NAME");
}

}  // namespace

std::string TakeRevision(const std::string& spec, HubPlace& hub) {
  const std::optional<ModelName> name = ModelName::Parse(spec);
  if (!name || name->revision.empty() || FileExists(spec)) return spec;
  if (hub.revision != kMainRevision && hub.revision != name->revision) {
    throw Error(fmt::format("{}: another revision is named beside it, {}", spec, hub.revision),
                "Name one of them.");
  }
  hub.revision = name->revision;
  return name->owner + "/" + name->name;
}

ModelLocation ResolveModel(const std::optional<std::string>& flag, const HubPlace& hub,
                           const std::string& named_by) {
  ModelLocation found = FindModel(flag, hub, named_by);
  CheckPulledFolder(found.folder);
  return found;
}

AdapterLocation ResolveAdapter(const std::string& spec, const HubPlace& hub) {
  AdapterLocation found = FindAdapter(spec, hub);
  CheckPulledFolder(found.folder);
  return found;
}

std::shared_ptr<const TensorSource> OpenTensors(const ModelLocation& model,
                                                const ModelConfig& config, ThreadPool& pool,
                                                const Progress& progress) {
  if (model.seed) return GenerateWeights(config, *model.seed, pool, progress);
  return OpenCheckpoint(model.folder);
}

}  // namespace roentgen
