#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roentgen {

/// The content of a file, and the name by which an Error shall call it.
struct NamedText {
  std::string name;
  std::string_view text;
};

/// What the files of a byte-level BPE tokenizer say, as it stands there: whether tokens and ids go
/// together is for the Tokenizer to find out.
struct TokenizerDefinition {
  struct Entry {
    std::string token;  // in the byte alphabet
    int32_t id;
  };
  struct AddedToken {
    std::string content;
    int32_t id;
    bool special;
  };

  std::vector<Entry> vocab;
  std::vector<std::pair<std::string, std::string>> merges;  // in order of rank
  std::vector<AddedToken> added_tokens;
  // Where to look for each, in messages.
  std::string vocab_name;
  std::string merges_name;
  std::string added_tokens_name;
};

/// Ids from here on are refused, so that no table is made as long as a broken file wants it.
inline constexpr int64_t kTokenIdLimit = 1 << 21;

/// Reads tokenizer.json of the tokenizers library, with merges as "a b" or ["a", "b"]. Throws Error
/// when the JSON is broken, or when it describes anything but what Qwen2's tokenizer does: BPE on
/// bytes, NFC, the split by kWordPattern, nothing added around the text.
TokenizerDefinition ParseTokenizerJson(const NamedText& tokenizer_json);

/// Reads the older form, three files. Throws Error as above.
TokenizerDefinition ParseVocabAndMerges(const NamedText& vocab_json, const NamedText& merges_txt,
                                        const NamedText& tokenizer_config_json);

}  // namespace roentgen
