#pragma once

#include <cstdint>
#include <cstdlib>

namespace roentgen::test {

/// How often a test with random draws tries: a few times in every run, many times where
/// scripts/long-checks runs it (ROENTGEN_LONG=1).
inline uint64_t Trials(uint64_t usually, uint64_t in_long_checks) {
  return std::getenv("ROENTGEN_LONG") != nullptr ? in_long_checks : usually;
}

}  // namespace roentgen::test
