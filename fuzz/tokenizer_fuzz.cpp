// Tokenizer files as someone may hand them to us, and text through whatever tokenizer they make.
//
// The first byte of the input selects the file that the rest stands for: 0 tokenizer.json, 1
// vocab.json, 2 merges.txt, 3 tokenizer_config.json. The other files are sound. So that a tokenizer
// is made often, a file that names no bytes gets them: "@BYTES@" in the input stands for the 256
// entries of the byte alphabet.

#include <cstdlib>
#include <string>

#include "roentgen/base/error.h"
#include "roentgen/text/byte_alphabet.h"
#include "roentgen/text/stream_decoder.h"
#include "roentgen/text/tokenizer.h"
#include "roentgen/text/utf8.h"

namespace {

using roentgen::Tokenizer;

const std::string& ByteEntries() {
  static const std::string entries = [] {
    std::string made;
    for (int byte = 0; byte < 256; ++byte) {
      std::string symbol = roentgen::ByteSymbol(static_cast<unsigned char>(byte));
      if (symbol == "\"" || symbol == "\\") symbol = "\\" + symbol;
      made += (byte > 0 ? ",\"" : "\"") + symbol + "\":" + std::to_string(byte);
    }
    return made;
  }();
  return entries;
}

std::string WithByteEntries(std::string text) {
  constexpr std::string_view kMark = "@BYTES@";
  const size_t at = text.find(kMark);
  if (at != std::string::npos) text.replace(at, kMark.size(), ByteEntries());
  return text;
}

Tokenizer MakeTokenizer(int which, const std::string& text) {
  if (which == 0) return Tokenizer(roentgen::ParseTokenizerJson({"tokenizer.json", text}));
  static const std::string vocab =
      WithByteEntries(R"({@BYTES@, "th": 256, "Ġth": 257, "aa": 258})");
  static const std::string merges = "t h\nĠ th\na a\n";
  static const std::string config =
      R"({"added_tokens_decoder": {"259": {"content": "<|end|>", "special": true}}})";
  return Tokenizer(roentgen::ParseVocabAndMerges(
      {"vocab.json", which == 1 ? text : vocab}, {"merges.txt", which == 2 ? text : merges},
      {"tokenizer_config.json", which == 3 ? text : config}));
}

void Require(bool holds) {
  if (!holds) std::abort();
}

/// What must hold for every tokenizer and text.
void UseTokenizer(const Tokenizer& tokenizer, const std::string& text) {
  const std::string valid = roentgen::ToValidUtf8(text);
  const auto ids = tokenizer.Encode(valid);
  roentgen::StreamDecoder stream(tokenizer, true);
  std::string streamed;
  for (const int32_t id : ids) {
    Require(id >= 0 && id < tokenizer.id_limit());
    streamed += stream.Push(id);
  }
  Require(streamed + stream.Finish() == tokenizer.Decode(ids, true));
  const std::string decoded = tokenizer.Decode(ids, false);
  Require(!roentgen::FindInvalidUtf8(decoded));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    UseTokenizer(MakeTokenizer(data[0] % 4, WithByteEntries(text)), text);
  } catch (const roentgen::Error&) {
    // Refused, as broken files should be.
  }
  return 0;
}
