#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "roentgen/text/bpe.h"
#include "roentgen/text/tokenizer_files.h"

namespace roentgen {

/// Qwen2's tokenizer: byte-level BPE. Encode and decode equal the tokenizers library's, id for id.
///
/// Besides the vocabulary there are added tokens ("<|im_end|>"), which a text is searched for
/// before anything else; most of them are special, which only matters when decoding. No member
/// changes the object: threads may share it.
class Tokenizer {
 public:
  /// Reads tokenizer.json from a checkpoint's folder or, where there is none, vocab.json,
  /// merges.txt and tokenizer_config.json. Throws Error naming the file and what is wrong with it.
  static Tokenizer Load(const std::filesystem::path& folder);
  /// Throws Error when tokens, merges and added tokens do not go together.
  explicit Tokenizer(const TokenizerDefinition& definition);

  /// The ids of the text; nothing is put before or after it. Text that spells an added token
  /// becomes that token, whoever wrote it. Throws Error, with the byte offset, when it is not valid
  /// UTF-8.
  std::vector<int32_t> Encode(std::string_view text) const;

  /// The bytes of all tokens, joined: possibly no valid UTF-8, where the ids end inside a
  /// character. An id that stands for nothing (models have more rows than tokens) gives nothing.
  std::string DecodeBytes(std::span<const int32_t> ids, bool skip_special) const;
  /// The same as valid UTF-8, with U+FFFD for what is no character.
  std::string Decode(std::span<const int32_t> ids, bool skip_special) const;

  /// The id of an added token.
  std::optional<int32_t> FindSpecial(std::string_view content) const;
  /// The same; throws Error when there is no such token.
  int32_t Special(std::string_view content) const;
  bool IsSpecial(int32_t id) const { return KindOf(id) == Kind::kSpecial; }

  /// How many ids stand for something.
  size_t size() const { return size_; }
  /// All ids that stand for something are below this: a model's embedding must have as many rows.
  int32_t id_limit() const { return static_cast<int32_t>(tokens_.size()); }

 private:
  enum class Kind : uint8_t { kUnassigned, kPlain, kSpecial };
  struct Token {
    uint32_t offset = 0;  // in bytes_
    uint32_t length = 0;
    Kind kind = Kind::kUnassigned;
  };
  struct Added {
    std::string content;
    int32_t id;
  };
  struct Match {
    size_t begin;  // the text's size when nothing matches
    const Added* token;
  };

  using TokenIndex = std::unordered_map<std::string_view, int32_t>;

  Tokenizer(const TokenizerDefinition& definition, TokenIndex index);

  Kind KindOf(int32_t id) const {
    return id >= 0 && id < id_limit() ? tokens_[static_cast<size_t>(id)].kind : Kind::kUnassigned;
  }
  std::string_view BytesOf(const Token& token) const {
    return std::string_view(bytes_).substr(token.offset, token.length);
  }
  void Define(int32_t id, std::string_view bytes, Kind kind);
  void AddVocabulary(const TokenizerDefinition& definition);
  void AddAddedTokens(const TokenizerDefinition& definition, TokenIndex& index);
  Match FindAdded(std::string_view text, size_t from) const;
  void EncodePlain(std::string_view text, std::vector<int32_t>& ids) const;

  std::string name_;           // where the added tokens were read
  std::string bytes_;          // of all tokens
  std::vector<Token> tokens_;  // by id
  size_t size_ = 0;
  std::vector<Added>
      added_;  // in order of content; of two that match at one place the longer one counts
  std::array<bool, 256> begins_added_{};
  BytePairEncoder bpe_;
};

}  // namespace roentgen
