#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "roentgen/training/prepared_run.h"

namespace roentgen {

/// Writes what was trained, as f32 masters, so that a run can go on from it bit for bit: an adapter
/// in PEFT's form, or trained.safetensors with the tensors of the model by their published names.
/// An adapter is opened again; Error when it is not the one that was trained.
void SaveMasters(PreparedRun& run, const std::filesystem::path& folder);

/// Takes them back. Throws Error, naming file and tensor, when they are not of this run.
void LoadMasters(PreparedRun& run, const std::filesystem::path& folder, ThreadPool& pool);

/// Writes what others load: the adapter, or after full and freeze tuning the whole model as a
/// checkpoint folder in BF16, with the base's tokenizer and settings. It is written within the
/// folder under another name, and its configuration comes last: what is killed on the way leaves
/// nothing that opens.
void SaveTrainedModel(PreparedRun& run, const std::filesystem::path& folder);
/// The names of the files that SaveTrainedModel writes, some of them not always.
std::set<std::string> TrainedFiles(const PreparedRun& run);

}  // namespace roentgen
