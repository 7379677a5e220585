#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "conversation.h"
#include "study_desk.h"

namespace roentgen::app {

/// The files that a conversation is kept in: NAME.jsonl, from which it can go on, and NAME.md, to
/// read.
class ChatFiles {
 public:
  /// kept: the file of `--save`, or empty.
  explicit ChatFiles(std::filesystem::path kept);

  /// Throws Error when a conversation cannot be kept in `kept`: before anything is asked. A file
  /// that is there is written over when the conversation goes on from it, or with force.
  static void Check(const std::filesystem::path& kept, const std::filesystem::path& loaded,
                    bool force);

  /// Writes the file of `--save`, if there is one.
  void Keep(const Conversation& conversation, const StudyDesk& desk) const;
  /// "[--force] NAME". Throws Error for a file that is there and not of this conversation.
  void Save(const Conversation& conversation, const StudyDesk& desk, const std::string& arguments);
  /// The conversation is that of this file.
  void Loaded(const std::filesystem::path& path) { ours_.push_back(path); }

  /// The files that the conversation is kept in, or came from.
  const std::vector<std::filesystem::path>& ours() const { return ours_; }

 private:
  std::filesystem::path kept_;
  std::vector<std::filesystem::path> ours_;  // that may be written over
};

}  // namespace roentgen::app
