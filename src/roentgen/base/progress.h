#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace roentgen {

/// Called from the thread that asked for the work, as it goes on: what is being done, and how many
/// of its steps are. An empty function means that nobody watches.
using Progress = std::function<void(std::string_view stage, size_t done, size_t total)>;

inline void Report(const Progress& progress, std::string_view stage, size_t done, size_t total) {
  if (progress) progress(stage, done, total);
}

}  // namespace roentgen
