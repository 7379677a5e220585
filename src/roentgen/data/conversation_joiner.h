#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include "roentgen/data/sample.h"

namespace roentgen {

/// Joins questions about the same images into conversations of several turns.
///
/// Samples come one by one; those of a group are held until its last one came, so that a set whose
/// rows lie by image needs little memory.
class ConversationJoiner {
 public:
  explicit ConversationJoiner(std::function<void(Sample)> emit) : emit_(std::move(emit)) {}

  /// Announces a row of the group, before any is added.
  void Expect(uint64_t group) { ++groups_[group].expected; }
  /// Throws Error when more than 256 MB of text wait for their groups to be complete.
  void Add(uint64_t group, Sample sample);

 private:
  struct Group {
    size_t expected = 0;
    Sample joined;  // what came so far, as one conversation
    bool begun = false;
  };

  std::function<void(Sample)> emit_;
  std::unordered_map<uint64_t, Group> groups_;
  size_t held_bytes_ = 0;
};

}  // namespace roentgen
