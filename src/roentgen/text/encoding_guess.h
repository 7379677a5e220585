#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// The encoding that the first bytes of a table say by a byte order mark, or, of UTF-16, by the
/// zero bytes of its separators: "UTF-8", "UTF-16LE", "UTF-16BE". Nothing where they say none.
std::optional<std::string> EncodingByBeginning(std::string_view bytes);

/// What a text that is no UTF-8 is in.
struct EncodingGuess {
  /// Those of "GB18030" (and so GBK), "Big5" and "windows-1252" that it may be, likely ones first.
  std::vector<std::string> candidates;
  /// Whether it is the first: nearly all characters are usual ones there, and far fewer are in the
  /// others.
  bool proven = false;
};

/// lines  some of its lines that have bytes beyond ASCII
EncodingGuess GuessEncoding(std::string_view lines);

}  // namespace roentgen
