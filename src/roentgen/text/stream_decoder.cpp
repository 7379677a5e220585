#include "roentgen/text/stream_decoder.h"

#include <algorithm>
#include <span>
#include <utility>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// True when the bytes end with a whole character other than U+FFFD. The last four tell: bytes that
/// make a character by themselves are that character after any others.
bool EndsWithCharacter(std::string_view bytes) {
  for (size_t length = 1; length <= std::min<size_t>(bytes.size(), 4); ++length) {
    const Utf8Step step = ReadUtf8(bytes, bytes.size() - length);
    if (step.valid && step.length == length) return step.code_point != kReplacementCharacter;
  }
  return false;
}

}  // namespace

std::string StreamDecoder::Push(int32_t id) {
  held_back_ += tokenizer_.DecodeBytes(std::span(&id, 1), skip_special_);
  return EndsWithCharacter(held_back_) ? Finish() : std::string();
}

std::string StreamDecoder::Finish() {
  return ToValidUtf8(std::exchange(held_back_, {}));
}

}  // namespace roentgen
