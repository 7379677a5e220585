#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/output_folder.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/generation_config.h"
#include "roentgen/text/tokenizer.h"

namespace roentgen {

/// What a model folder says beside its weights.
struct ModelSettings {
  ModelConfig config;
  GenerationDefaults generation;
  PreprocessorConfig preprocessor;

  bool operator==(const ModelSettings&) const = default;

  /// Reads everything that answering needs but the weights, the tokenizer too. Throws Error, naming
  /// the file, when something is missing or wrong, or the tokenizer is another model's.
  static ModelSettings Load(const std::filesystem::path& folder);
};

/// Throws Error when the tokenizer has ids that the model has no embedding for.
void CheckVocabulary(const Tokenizer& tokenizer, const ModelConfig& config);

/// The largest file that is taken for a setting; vocabularies have a quarter of this.
inline constexpr size_t kMaxSettingsBytes = size_t{64} << 20;

/// The files of a model folder that programs need to load it, beside its weights, as paths within
/// the folder: configurations, vocabularies, chat templates and code of whatever name, and the
/// licence. Not among them is what describes the weights' files, a training run or an adapter, and
/// what is larger than kMaxSettingsBytes. Throws Error when the folder cannot be read.
std::vector<std::filesystem::path> SettingsFiles(const std::filesystem::path& folder);

/// Throws Error when a model made from the one in base cannot be written into the folder, or would
/// not be what is read from it afterwards: the folder cannot be made or written to, or has
/// settings, weights or an adapter that stay beside what is written. To be called before long work.
/// The folder of the base itself may be written to.
///
/// base  empty: a model that is made from none
void CheckOutputFolder(const std::filesystem::path& folder, const std::filesystem::path& base = {});

/// The folder of a model that a command makes: "merge". Throws Error when it is or holds an input,
/// or lies in one; when OutputFolder may not replace it; and when it replaces one of its own into
/// which others have put settings, weights or an adapter: they would become part of the model.
/// Commit it by CommitModelFolder.
///
/// inputs  folders of models and adapters that are read
OutputFolder MakeModelFolder(const std::filesystem::path& folder, const std::string& command,
                             std::span<const std::filesystem::path> inputs = {});
void CommitModelFolder(OutputFolder& folder);

}  // namespace roentgen
