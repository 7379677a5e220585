#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace roentgen {

/// How much a JSON text from outside may hold.
struct JsonLimits {
  /// Of nesting. Real files need some ten levels; what recurses over a value in memory (copying,
  /// comparing, writing) takes some 200 bytes of stack for each.
  size_t depth = 64;
  /// Objects, lists, texts and numbers: a byte or two in the file, up to a hundred in memory.
  size_t values = 2'000'000;
  /// Of a single text, as it is written.
  size_t text_bytes = static_cast<size_t>(-1);
};

/// Looks through the bytes of a JSON text, in pieces of any size, before anything is built of them.
/// Whether it is JSON at all is not judged.
class JsonScan {
 public:
  enum class Excess { kNone, kDepth, kValues, kText };

  explicit JsonScan(const JsonLimits& limits) : limits_(limits) {}

  /// Goes on with these bytes, up to the first one that is too much.
  Excess Follow(std::string_view bytes);
  /// Bytes that were looked at, the one that is too much included.
  size_t position() const { return position_; }

 private:
  size_t FollowText(std::string_view bytes);

  JsonLimits limits_;
  size_t position_ = 0;
  size_t depth_ = 0;
  size_t values_ = 1;
  size_t text_bytes_ = 0;
  bool inside_ = false;  // of a text
  bool escaped_ = false;
};

/// Line and column, in characters, of the byte with this number, both counted from 1: "line 3,
/// column 7".
std::string PlaceInText(std::string_view text, size_t byte);

}  // namespace roentgen
