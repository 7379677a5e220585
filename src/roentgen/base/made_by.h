#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
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
/// report, 0000000000000000". Where it stands is part of it, and differs from format to format: see
/// made_by.cpp. The zeros are the place of its seal, see Sealed.
std::string MadeByMark(FileKind kind);
/// The same without a seal: for PNG, whose chunks have sums of their own.
std::string UnsealedMark(FileKind kind);
/// The mark of a JSON object, "made_by" with "roentgen 0.1.0: evaluation, 0000000000000000", before
/// its other keys.
nlohmann::ordered_json MarkedJson(FileKind kind, const nlohmann::ordered_json& object);

/// A file's content with its seal in the mark: the first 16 digits of the SHA-256 of the content in
/// which they are zeros. What has no MadeByMark of this kind, or one without a seal, stays as it
/// is.
std::string Sealed(FileKind kind, std::string content);

/// Why a regular file is none that this program made, for messages: "is no report made by this
/// program", or "was changed since this program made it", where its seal does not fit. Nothing
/// where it has the MadeByMark of this kind, of any version and where its format has it, or is
/// empty. A file that only quotes a mark does not have it. Without a kind: unless it is empty.
std::optional<std::string> WhyNotMade(const std::filesystem::path& file,
                                      std::optional<FileKind> kind);
bool IsMadeByThisProgram(const std::filesystem::path& file, std::optional<FileKind> kind);

/// Of a file whose content is not the one that was written.
inline constexpr const char* kChangedSince = "was changed since this program made it";

/// FOLDER/.roentgen.json: which files of a folder this program made, with their sizes and SHA-256,
/// and by which of its commands.
class FolderMark {
 public:
  /// Of a folder that may not exist, or have none. Throws Error when it is broken, or names a file
  /// that is not in the folder: nobody follows it there.
  explicit FolderMark(std::filesystem::path folder);

  bool exists() const { return exists_; }
  const std::set<std::string>& commands() const { return commands_; }

  /// Whether it names the file, by its path below the folder.
  bool Has(const std::string& file) const { return files_.contains(file); }
  /// Whether the file is this program's: claimed, or what was sealed. Reads the whole file.
  bool Owns(const std::string& file) const;
  /// All of those.
  std::set<std::string> Owned() const;

  /// Claims files, which will be written, for a command ("merge"), and writes the mark.
  void Add(std::span<const std::string> files, const std::string& command);
  /// The files are written: seals what is there of them, forgets the others, and writes the mark.
  void Seal(std::span<const std::string> files, const std::string& command);

  static constexpr const char* kName = ".roentgen.json";

 private:
  struct Content {
    uint64_t bytes;
    std::string sha256;
    bool operator==(const Content&) const = default;
  };
  static Content ContentOf(const std::filesystem::path& path);
  void Write(const std::string& command);

  std::filesystem::path folder_;
  bool exists_ = false;
  std::map<std::string, std::optional<Content>> files_;  // nothing: claimed
  std::set<std::string> commands_;
};

/// Whether it is a folder, not a link to one, that this program made for its own use: with a
/// FolderMark, or with nothing in it.
bool IsOwnFolder(const std::filesystem::path& path);
/// Removes a folder with all that is in it, as far as possible, and the file by which it is known
/// last: stopped on the way, it is still known.
void RemoveOwnFolder(const std::filesystem::path& folder,
                     const std::string& known_by = FolderMark::kName);

}  // namespace roentgen
