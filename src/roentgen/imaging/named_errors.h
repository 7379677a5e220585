#pragma once

#include <fmt/format.h>

#include <string>

#include "roentgen/base/error.h"

namespace roentgen {

/// Runs work; an Error gets the picture's name before it, where it has one.
template <class Work>
auto NamingErrors(const std::string& source, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (source.empty()) throw;
    throw Error(fmt::format("{}: {}", source, error.what()), error.hint());
  }
}

}  // namespace roentgen
