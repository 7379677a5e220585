#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "roentgen/base/output.h"

namespace roentgen {

// How files and folders know that this program made them, so that a later run may replace them, and
// nothing else.

/// Stands in every file that the user named for the program to write: "Made by roentgen 0.1.0:
/// report". Where it stands is part of it, and differs from format to format: see made_by.cpp.
std::string MadeByMark(FileKind kind);
/// The mark of a JSON object, "made_by" with "roentgen 0.1.0: evaluation", before its other keys.
nlohmann::ordered_json MarkedJson(FileKind kind, const nlohmann::ordered_json& object);

/// Whether a regular file has the MadeByMark of this kind, of any version and where its format has
/// it, or is empty. One that only quotes it does not have it. Without a kind: whether it is empty.
bool IsMadeByThisProgram(const std::filesystem::path& file, std::optional<FileKind> kind);

/// For messages, of a file of which that is not so: "is no report made by this program".
std::string NotMade(std::optional<FileKind> kind);

/// FOLDER/.roentgen.json: which files of a folder this program made, and by which of its commands.
class FolderMark {
 public:
  /// Of a folder that may not exist, or have none. Throws Error when it is broken, or names a file
  /// that is not in the folder: nobody follows it there.
  explicit FolderMark(std::filesystem::path folder);

  bool exists() const { return exists_; }
  const std::set<std::string>& files() const { return files_; }
  const std::set<std::string>& commands() const { return commands_; }
  /// By its path below the folder.
  bool Has(const std::string& file) const { return files_.contains(file); }

  /// Adds files and who made them ("merge"), and writes it.
  void Add(std::span<const std::string> files, const std::string& command);

  static constexpr const char* kName = ".roentgen.json";

 private:
  std::filesystem::path folder_;
  bool exists_ = false;
  std::set<std::string> files_;
  std::set<std::string> commands_;
};

}  // namespace roentgen
