#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "roentgen/base/json.h"
#include "roentgen/base/progress.h"
#include "roentgen/qwen2vl/model.h"

namespace roentgen {

/// How SaveModel writes.
struct SaveOptions {
  /// The type of a parameter in the file, by its published name. Without the function, or where it
  /// gives nothing: a matrix is written in the type that the model holds it in, a vector in that of
  /// the model's source.
  std::function<std::optional<DType>(const std::string& name)> type = {};
  /// Keys that are added to config.json.
  Json config = Json::object();
};

/// Throws Error when the folder of a model lacks a file that a model made from it will need, or
/// has a damaged one: what SaveModel says at the end of long work, said at its beginning.
void CheckSettingsOf(const std::filesystem::path& base);

/// Writes a model as a checkpoint folder: every parameter with the values that the model has in
/// memory now, merged, trained or quantised (see BlockTensorName), and the source's tensors that
/// are no parameters, in one model.safetensors; beside it SettingsFiles of the model's own folder.
/// Names are the published ones, which Transformers 4 and 5 both load, whatever the base's file
/// called them. Where tied embeddings differ, both are written and config.json unties them. Then
/// the folder is read back: see CheckSavedModel.
///
/// Throws Error when the model's own folder lacks something that the new one needs, an adapter is
/// not merged, a matrix is quantised in a way that no file has, something cannot be written, or
/// reading it back finds a difference: the folder is one that nobody else opens yet
/// (OutputFolder::staging).
void SaveModel(const Model& model, const std::filesystem::path& folder,
               const SaveOptions& options = {}, const Progress& progress = {});

/// Opens a folder as every command does that answers, and compares it with the model that was
/// written there: the configuration, and each parameter, rounded to the file's type, byte by byte.
/// Throws Error, naming the tensor, at the first difference, and when the folder cannot be opened.
void CheckSavedModel(const std::filesystem::path& folder, const ModelConfig& config,
                     const ModelWeights& weights, const Progress& progress = {});

}  // namespace roentgen
