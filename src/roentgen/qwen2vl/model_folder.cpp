#include "roentgen/qwen2vl/model_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/hub/manifest.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

/// Where Transformers keeps chat templates beside the default one.
constexpr const char* kTemplatesFolder = "additional_chat_templates";
constexpr const char* kWeightsFile = "model.safetensors";

/// Types of the files that Transformers, tokenizers and processors read beside weights.
constexpr std::string_view kSettingsTypes[] = {".json",  ".jinja",    ".txt",
                                               ".model", ".tiktoken", ".py"};

/// Of the same types, but about the weights' files, a training run, an adapter, generated weights,
/// or where the folder's files came from.
bool IsAboutSomethingElse(std::string_view name) {
  return name.ends_with(".index.json") || name.ends_with("_results.json") ||
         name.starts_with("trainer_") || name.starts_with("training_") ||
         name.starts_with("adapter_") || name == "seed.json" || name == PullManifest::kName;
}

bool IsSettingsFile(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name.starts_with('.') || IsAboutSomethingElse(name)) return false;
  if (name.starts_with("LICENSE") || name.starts_with("NOTICE")) return true;
  const std::string type = path.extension().string();
  return std::find(std::begin(kSettingsTypes), std::end(kSettingsTypes), type) !=
         std::end(kSettingsTypes);
}

/// Weights, what lists them, and what makes the folder an adapter on another model.
bool DecidesWeights(const std::string& name) {
  return name.ends_with(".safetensors") || name.ends_with(".index.json") ||
         name.starts_with("adapter_");
}

/// Throws unless the folder is there to be written into, or can be made.
void CheckCanBeWritten(const fs::path& folder) {
  std::error_code ignored;
  fs::path place = fs::absolute(folder).lexically_normal();
  if (!place.has_filename()) place = place.parent_path();  // after a slash at the end
  while (!fs::exists(fs::symlink_status(place, ignored)) && place.has_relative_path()) {
    place = place.parent_path();
  }
  const char* problem = nullptr;
  if (!fs::exists(place, ignored)) {
    problem = "is a link to nothing";
  } else if (!fs::is_directory(place, ignored)) {
    problem = "is no folder";
  } else if (::access(place.c_str(), W_OK | X_OK) != 0) {
    problem = "cannot be written to";
  }
  if (problem == nullptr) return;
  throw Error(fmt::format("{}: no model can be written there: {} {}", folder.string(),
                          place.string(), problem),
              "Name another folder.");
}

void AddFilesIn(const fs::path& folder, const fs::path& inside, std::vector<fs::path>& files) {
  std::error_code problem;
  fs::directory_iterator entries(folder / inside, problem);
  if (problem) {
    throw Error(fmt::format("{}: cannot read the folder: {}", (folder / inside).string(),
                            problem.message()));
  }
  for (const auto& entry : entries) {
    std::error_code ignored;  // what cannot be looked at is no file
    if (IsSettingsFile(entry.path()) && entry.is_regular_file(ignored) &&
        entry.file_size(ignored) <= kMaxSettingsBytes) {
      files.push_back(inside / entry.path().filename());
    }
  }
}

/// What decides how a model that is in the folder answers.
std::vector<fs::path> DecidingFiles(const fs::path& folder) {
  std::vector<fs::path> files = SettingsFiles(folder);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const fs::path name = entry.path().filename();
    if (DecidesWeights(name.string())) files.push_back(name);
  }
  return files;
}

[[noreturn]] void RefuseToMix(const fs::path& file) {
  throw Error(file.string() + ": it would become part of the model that is written there",
              "Other files lie there already; name an empty folder");
}

}  // namespace

ModelSettings ModelSettings::Load(const fs::path& folder) {
  ModelSettings settings;
  settings.config = ModelConfig::Load(folder);
  settings.generation = GenerationDefaults::Load(folder, settings.config);
  settings.preprocessor = PreprocessorConfig::Load(folder);
  CheckVocabulary(Tokenizer::Load(folder), settings.config);
  return settings;
}

void CheckVocabulary(const Tokenizer& tokenizer, const ModelConfig& config) {
  if (static_cast<size_t>(tokenizer.id_limit()) > config.vocab_size) {
    throw Error(fmt::format("the tokenizer has ids up to {}, the model's vocab_size is {}",
                            tokenizer.id_limit() - 1, config.vocab_size),
                "Tokenizer and weights are of different models.");
  }
}

std::vector<fs::path> SettingsFiles(const fs::path& folder) {
  std::vector<fs::path> files;
  AddFilesIn(folder, "", files);
  std::error_code ignored;
  if (fs::is_directory(folder / kTemplatesFolder, ignored)) {
    AddFilesIn(folder, kTemplatesFolder, files);
  }
  std::sort(files.begin(), files.end());
  return files;
}

void CheckOutputFolder(const fs::path& folder, const fs::path& base) {
  CheckCanBeWritten(folder);
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored) || fs::equivalent(folder, base, ignored)) return;
  std::vector<fs::path> written{kWeightsFile};
  if (!base.empty()) {
    const std::vector<fs::path> copied = SettingsFiles(base);
    written.insert(written.end(), copied.begin(), copied.end());
  }
  for (const fs::path& other : DecidingFiles(folder)) {
    if (std::find(written.begin(), written.end(), other) == written.end()) {
      RefuseToMix(folder / other);
    }
  }
}

OutputFolder MakeModelFolder(const fs::path& folder, const std::string& command,
                             std::span<const fs::path> inputs) {
  CheckFolderIsNoInput(folder, inputs);
  if (const FolderMark mark(folder); mark.exists()) {
    for (const fs::path& file : DecidingFiles(folder)) {
      if (mark.Owns(file.string())) continue;
      if (!mark.Has(file.string())) RefuseToMix(folder / file);
      throw Error(
          fmt::format("{} is there already, and {}", (folder / file).string(), kChangedSince),
          "Move it away, or name another folder.");
    }
  }
  return OutputFolder(folder, command);
}

void CommitModelFolder(OutputFolder& folder) {
  folder.Commit("config.json");
}

}  // namespace roentgen
