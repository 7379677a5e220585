#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <span>
#include <string>

namespace roentgen {

// How files and folders know that this program made them, so that a later run may replace them, and
// nothing else.

/// Stands within the first or last 4 KiB of every file that the user named for the program to
/// write: "Made by roentgen 0.1.0".
std::string MadeByMark();
/// The mark of a JSON object: the same one with "made_by" before its other keys.
nlohmann::ordered_json MarkedJson(const nlohmann::ordered_json& object);

/// Whether a regular file has MadeByMark, of any version, or is empty. In JSON a key "made_by" or
/// "program" with "roentgen 0.1.0" is one, too.
bool IsMadeByThisProgram(const std::filesystem::path& file);

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
