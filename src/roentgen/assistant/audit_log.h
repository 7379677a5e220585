#pragma once

#include <filesystem>

#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/run_facts.h"

namespace roentgen {

/// A file that grows by one JSON line for every answer: when, with which model, adapters, settings
/// and seed, about which pictures, to which question, all by their hashes, so that nobody can read
/// from it what was asked or about whom. Only its owner can read it.
class AuditLog {
 public:
  /// Throws Error when the file cannot be made or written to.
  explicit AuditLog(std::filesystem::path path);

  /// Throws Error when the line cannot be added.
  void Add(const RunFacts& facts, const Exchange& exchange);

 private:
  std::filesystem::path path_;
};

}  // namespace roentgen
