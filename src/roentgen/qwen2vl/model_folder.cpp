#include "roentgen/qwen2vl/model_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

/// Where Transformers keeps chat templates beside the default one.
constexpr const char* kTemplatesFolder = "additional_chat_templates";

/// Types of the files that Transformers, tokenizers and processors read beside weights.
constexpr std::string_view kSettingsTypes[] = {".json",  ".jinja",    ".txt",
                                               ".model", ".tiktoken", ".py"};

/// Of the same types, but about the weights' files, a training run, an adapter, or generated
/// weights.
bool IsAboutSomethingElse(std::string_view name) {
  return name.ends_with(".index.json") || name.ends_with("_results.json") ||
         name.starts_with("trainer_") || name.starts_with("training_") ||
         name.starts_with("adapter_") || name == "seed.json";
}

bool IsSettingsFile(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name.starts_with('.') || IsAboutSomethingElse(name)) return false;
  if (name.starts_with("LICENSE") || name.starts_with("NOTICE")) return true;
  const std::string type = path.extension().string();
  return std::find(std::begin(kSettingsTypes), std::end(kSettingsTypes), type) !=
         std::end(kSettingsTypes);
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

}  // namespace roentgen
