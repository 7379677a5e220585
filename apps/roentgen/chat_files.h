#pragma once

#include <sys/types.h>

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "conversation.h"
#include "study_desk.h"

namespace roentgen::app {

/// Which content of a file somebody looked at or wrote: another one has another state. All zeros
/// where there is no file.
struct FileState {
  explicit FileState(const std::filesystem::path& path);

  bool operator==(const FileState&) const = default;

  bool exists = false;
  std::array<int64_t, 7> facts = {};  ///< device, number, size, times of change
};

/// The files that a conversation is kept in: NAME.jsonl, from which it can go on, and NAME.md, to
/// read. A file is written over only as long as it holds this conversation, as this program left
/// it: one that holds another, or that somebody else wrote to, stays as it is.
class ChatFiles {
 public:
  /// kept: the file of `--save`, or empty. audit: that of `--audit`, or empty.
  ChatFiles(std::filesystem::path kept, std::filesystem::path audit);

  /// Throws Error when a conversation cannot be kept in `kept`: before anything is asked. A file
  /// that is there is written over when the conversation goes on from it, or with force; one of the
  /// inputs, files and folders, never.
  static void Check(const std::filesystem::path& kept, const std::filesystem::path& loaded,
                    const std::filesystem::path& audit, bool force,
                    std::span<const std::filesystem::path> inputs);

  /// Writes the file of `--save`, if there is one; NAME-2.jsonl (the first number that is free)
  /// from when on that file must stay as it is, which is said.
  void Keep(const Conversation& conversation, const StudyDesk& desk);
  /// "[--force] NAME". Throws Error for a file that is there and not of this conversation, or that
  /// somebody else changed; for one of the inputs with --force, too.
  void Save(const Conversation& conversation, const StudyDesk& desk, const std::string& arguments,
            std::span<const std::filesystem::path> inputs);
  /// The conversation is that of this file, which was in this state before it was read; the one
  /// before it is left.
  void Loaded(const std::filesystem::path& path, const FileState& state);
  /// A conversation begins that none of the files holds.
  void Left();

  /// The files that the conversation is or was kept in, or came from.
  std::vector<std::filesystem::path> InUse() const;

 private:
  struct File {
    std::filesystem::path path;
    FileState state;  ///< as it was left
    bool replaceable = true;
    bool holds = false;  ///< the conversation
  };

  File* Find(const std::filesystem::path& path);
  void Write(const Conversation& conversation, const StudyDesk& desk,
             const std::filesystem::path& path);
  void MoveOn(const char* why);

  std::filesystem::path asked_;  // the file of --save
  std::filesystem::path kept_;   // it, or one with a number
  std::filesystem::path audit_;
  std::vector<File> files_;
};

}  // namespace roentgen::app
