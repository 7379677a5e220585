#pragma once

#include <filesystem>

#include "roentgen/assistant/dialogue.h"

namespace roentgen {

/// A file that grows by one JSON line for every answer: when, in which conversation, about which
/// study and all the images of it that the model had been shown, to which question, with which
/// model, adapters and system prompt, all by their hashes, so that nobody can read from it what was
/// asked or about whom; and with which settings. Only its owner can read it.
class AuditLog {
 public:
  /// Throws Error when the file cannot be made or written to.
  explicit AuditLog(std::filesystem::path path);

  /// Throws Error when the line cannot be added.
  void Add(const Exchange& exchange);

 private:
  std::filesystem::path path_;
};

}  // namespace roentgen
