#pragma once

#include "roentgen/text/tokenizer.h"
#include "support/paths.h"
#include "text/tiny_tokenizer.h"

namespace roentgen::test {

/// A tokenizer with one token a byte, but for "th" and " th", and one for an image's place.
inline Tokenizer ByteTokenizer() {
  const TemporaryFolder folder;
  TinyTokenizer files;
  files.tokenizer["added_tokens"].push_back(
      {{"id", 260}, {"content", "<|image_pad|>"}, {"special", true}, {"normalized", false}});
  files.WriteTokenizerJson(folder.path());
  return Tokenizer::Load(folder.path());
}

}  // namespace roentgen::test
