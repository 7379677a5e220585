#pragma once

#include <cstdint>
#include <string>

#include "roentgen/text/tokenizer.h"

namespace roentgen {

/// Turns ids into text as they come, never giving out half a character: a Chinese character or an
/// emoji is often made of several tokens. What Push returns equals the tokenizers library's
/// DecodeStream.
class StreamDecoder {
 public:
  /// The tokenizer must live as long as this.
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special = true)
      : tokenizer_(tokenizer), skip_special_(skip_special) {}

  /// The text that is certain now: valid UTF-8, or nothing while the bytes held back do not end
  /// with a character (or end with U+FFFD itself, which cannot be told from a broken one).
  std::string Push(int32_t id);

  /// What is still held back, with U+FFFD for what is no character. The decoder is as new then.
  std::string Finish();

 private:
  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::string held_back_;
};

}  // namespace roentgen
