#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "roentgen/assistant/pasted_line.h"
#include "roentgen/assistant/pasted_text.h"

namespace roentgen {

/// A piece of a line that names what is not there, or not to be fetched.
struct MissingName {
  UnreadableName::Reason reason = UnreadableName::Reason::kMissing;
  size_t length = 0;
};

/// The word where the line is looked at, if it names something and nothing is there.
std::optional<MissingName> FindMissingName(PastedLine& line);

/// Whether a word that leads nowhere and that stands there can be nothing but a path or the name of
/// a file.
bool ReadsAsPath(PastedLine& line, std::string_view word);

}  // namespace roentgen
