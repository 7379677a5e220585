#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "roentgen/base/error.h"
#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// What ResolveModel throws when nobody named a model and none is installed.
class NoModelInstalled : public Error {
 public:
  using Error::Error;
};

/// The model that a command works with.
struct ModelLocation {
  std::string spec;                 // as it was asked for, or the folder's name
  std::filesystem::path folder;     // holds config.json, tokenizer and weights
  std::optional<std::string> seed;  // weights are generated from this, not read
  std::string found_by;             // "--model", "ROENTGEN_MODEL", "data folder", …
  std::string note = {};            // what the user should know about it; mostly empty
};

/// Which revision of a model named OWNER/NAME is looked for, and in which Hugging Face cache.
struct HubPlace {
  std::string revision = "main";  ///< a branch, a tag or a commit
  std::filesystem::path cache;    ///< the cache's folder; empty: as huggingface_hub finds it
};

/// Finds the model: what the flag names, else what ROENTGEN_MODEL names, else the one model in the
/// user's data folder ($XDG_DATA_HOME/roentgen/models), else Qwen/Qwen2-VL-2B-Instruct in the
/// Hugging Face cache.
///
/// A name is one of
///   FOLDER                  with config.json
///   procedural:FOLDER       its shape with generated weights, seed from its seed.json
///   procedural:FOLDER#SEED
///   NAME                    a folder of the data folder, or the one pulled model of that name
///   OWNER/NAME              a model that was pulled (hub/placement.h), else one of the Hugging
///   Face
///                           cache, at the revision that hub names; a folder is what it is. Else
///                           the folder NAME of the data folder, into which earlier versions pulled
///                           it: it has no owner, which the note tells
///   OWNER/NAME@REVISION     the same at this branch, tag or commit
///
/// A folder with a manifest is looked at (CheckPulledFolder): one that is not whole is an Error.
/// named_by is what the user gave the flag's value with, for messages. Throws Error, listing where
/// it looked, when there is none (NoModelInstalled where none was named), and when there are
/// several to choose from.
ModelLocation ResolveModel(const std::optional<std::string>& flag, const HubPlace& hub = {},
                           const std::string& named_by = "--model");

/// Where an adapter lies.
struct AdapterLocation {
  std::filesystem::path folder;  // holds adapter_config.json
  std::string name;              // the one it was found by, or the folder's own
  std::string note = {};         // as ModelLocation's
};

/// Finds an adapter by FOLDER, NAME, OWNER/NAME or OWNER/NAME@REVISION, in the same places. Throws
/// Error, listing them, when there is none.
AdapterLocation ResolveAdapter(const std::string& spec, const HubPlace& hub = {});

/// NAME or OWNER/NAME without the revision behind it, which other programs do not know in a name;
/// a folder stays as it is. Where a revision stands there, hub gets it; Error where hub has
/// another.
std::string TakeRevision(const std::string& spec, HubPlace& hub);

/// The located model's tensors: mapped from its folder, or generated.
std::shared_ptr<const TensorSource> OpenTensors(const ModelLocation& model,
                                                const ModelConfig& config, ThreadPool& pool,
                                                const Progress& progress = {});

}  // namespace roentgen
