#pragma once

#include <string>
#include <string_view>

#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "roentgen/text/byte_alphabet.h"
#include "roentgen/text/pretokenizer.h"

namespace roentgen::test {

/// The files of a small tokenizer, to be broken by tests: bytes are tokens 0 to 255, "th" is 256,
/// " th" 257, and "<|end|>" 258 (special) and "<b>" 259 (not special) are added.
struct TinyTokenizer {
  Json vocab = Json::object();
  std::string merges = "t h\nĠ th\n";
  Json config = {{"added_tokens_decoder",
                  {{"258", {{"content", "<|end|>"}, {"special", true}}},
                   {"259", {{"content", "<b>"}, {"special", false}, {"normalized", false}}}}}};
  Json tokenizer;

  TinyTokenizer() {
    for (int byte = 0; byte < 256; ++byte) {
      vocab[ByteSymbol(static_cast<unsigned char>(byte))] = byte;
    }
    vocab["th"] = 256;
    vocab["Ġth"] = 257;
    tokenizer = {
        {"added_tokens",
         {{{"id", 258}, {"content", "<|end|>"}, {"special", true}, {"normalized", false}},
          {{"id", 259}, {"content", "<b>"}, {"special", false}, {"normalized", false}}}},
        {"normalizer", {{"type", "NFC"}}},
        {"pre_tokenizer",
         {{"type", "Sequence"},
          {"pretokenizers",
           {{{"type", "Split"}, {"pattern", {{"Regex", kWordPattern}}}, {"behavior", "Isolated"}},
            {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}}},
        {"post_processor", nullptr},
        {"decoder", {{"type", "ByteLevel"}}},
        {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", {"t h", "Ġ th"}}}}};
  }

  void WriteTokenizerJson(const std::filesystem::path& folder) const {
    WriteFile(folder / "tokenizer.json", tokenizer.dump());
  }
  void WriteOlderFiles(const std::filesystem::path& folder) const {
    WriteFile(folder / "vocab.json", vocab.dump());
    WriteFile(folder / "merges.txt", merges);
    WriteFile(folder / "tokenizer_config.json", config.dump());
  }
};

}  // namespace roentgen::test
