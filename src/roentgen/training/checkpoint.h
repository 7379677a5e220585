#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen {

/// A folder checkpoint-N as Hugging Face's Trainer names it, with whatever files the trainer puts
/// there, and checkpoint.json, which makes it a whole: the state, and every file with its size and
/// SHA-256.
struct Checkpoint {
  std::filesystem::path folder;
  size_t step = 0;
  Json state;  ///< what was given to SaveCheckpoint
};

/// Everything in output_dir that has a checkpoint's name, of a step up to last_step, but is no
/// folder with a checkpoint.json of ours: another program's checkpoints, whole or not, files,
/// links. By step. None of them is ever replaced or removed by what is declared here.
std::vector<std::filesystem::path> ForeignCheckpoints(const std::filesystem::path& output_dir,
                                                      size_t last_step = SIZE_MAX);

/// Writes output_dir/checkpoint-STEP. write puts the files into the folder that it is given, which
/// gets its name only when all of them are on the disk: whenever the program is killed, the
/// checkpoints that were there before are whole, and the new one is there whole or not at all. One
/// of the same step is replaced in one instant; files in it that we did not write are in the new
/// one, too.
///
/// Throws Error (a full disk, a folder that cannot be written to, a foreign checkpoint of that
/// name), leaving nothing behind.
Checkpoint SaveCheckpoint(const std::filesystem::path& output_dir, size_t step, const Json& state,
                          const std::function<void(const std::filesystem::path& folder)>& write);

/// Makes a folder of a name that nobody takes for a checkpoint, with a FolderMark by which the next
/// run knows it for ours, if this one does not come to remove it (RemoveOwnFolder). What killed
/// runs left is removed. Throws Error.
std::filesystem::path MakeUnfinishedFolder(const std::filesystem::path& output_dir);

/// Opens one checkpoint folder. Throws Error, naming the file, when it is incomplete or damaged.
Checkpoint LoadCheckpoint(const std::filesystem::path& folder);

struct LastCheckpoint {
  std::optional<Checkpoint> checkpoint;  ///< of the largest step
  std::vector<std::string> skipped;      ///< why later ones were passed over, each by name
};
/// The last whole checkpoint below output_dir, which may not exist.
LastCheckpoint FindLastCheckpoint(const std::filesystem::path& output_dir);

/// Removes the oldest checkpoints until `limit` are left (0: no limit), but never the newest, which
/// is known to be whole, nor the best so far, if there is one, nor one with files in it that we did
/// not write: with a limit of 1 all these stay. This is save_total_limit of Hugging Face's Trainer.
/// Foreign checkpoints are not counted.
void RotateCheckpoints(const std::filesystem::path& output_dir, size_t limit,
                       const std::filesystem::path& newest, const std::filesystem::path& best = {});

}  // namespace roentgen
