#include "roentgen/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "roentgen/base/error.h"
#include "roentgen/text/byte_alphabet.h"
#include "roentgen/text/pretokenizer.h"
#include "roentgen/text/tokenizer_folder.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using TokenIndex = std::unordered_map<std::string_view, int32_t>;

/// The ids by token, as the file writes it. The views point into the definition.
TokenIndex IndexOf(const TokenizerDefinition& definition) {
  TokenIndex index;
  index.reserve(definition.vocab.size());
  for (const auto& [token, id] : definition.vocab) {
    if (!index.emplace(token, id).second) {
      throw Error(fmt::format("{}: token \"{}\" is there twice", definition.vocab_name, token));
    }
  }
  return index;
}

std::array<int32_t, 256> ByteIds(const TokenizerDefinition& definition, const TokenIndex& index) {
  std::array<int32_t, 256> ids{};
  for (size_t byte = 0; byte < ids.size(); ++byte) {
    const std::string& symbol = ByteSymbol(static_cast<unsigned char>(byte));
    const auto at = index.find(symbol);
    if (at == index.end()) {
      throw Error(
          fmt::format("{}: no token \"{}\" for byte 0x{:02x}: not every text could be encoded",
                      definition.vocab_name, symbol, byte));
    }
    ids[byte] = at->second;
  }
  return ids;
}

std::vector<BytePairEncoder::Merge> Merges(const TokenizerDefinition& definition,
                                           const TokenIndex& index) {
  std::vector<BytePairEncoder::Merge> merges;
  merges.reserve(definition.merges.size());
  const auto id_of = [&](const std::string& token) {
    const auto at = index.find(token);
    if (at == index.end()) {
      throw Error(fmt::format("{}: merge {} needs the token \"{}\", which is not in the vocabulary",
                              definition.merges_name, merges.size() + 1, token));
    }
    return at->second;
  };
  for (const auto& [left, right] : definition.merges) {
    merges.push_back({id_of(left), id_of(right), id_of(left + right)});
  }
  return merges;
}

/// The longest of these, which are in the order of their contents, that the text begins with.
template <class Added>
const Added* LongestAtBeginning(const std::vector<Added>& added, std::string_view text) {
  while (!text.empty()) {
    auto token = std::upper_bound(
        added.begin(), added.end(), text,
        [](std::string_view sought, const Added& each) { return sought < each.content; });
    if (token == added.begin()) return nullptr;
    const std::string_view content = (--token)->content;
    if (text.starts_with(content)) return &*token;
    // One that fits comes before this one, so it is within what this one and the text share.
    const auto differ = std::mismatch(text.begin(), text.end(), content.begin(), content.end());
    text = text.substr(0, static_cast<size_t>(differ.first - text.begin()));
  }
  return nullptr;
}

}  // namespace

Tokenizer Tokenizer::Load(const std::filesystem::path& folder) {
  return Tokenizer(ReadTokenizerFolder(folder));
}

Tokenizer::Tokenizer(const TokenizerDefinition& definition)
    : Tokenizer(definition, IndexOf(definition)) {}

Tokenizer::Tokenizer(const TokenizerDefinition& definition, TokenIndex index)
    : name_(definition.added_tokens_name),
      bpe_{ByteIds(definition, index), Merges(definition, index)} {
  AddVocabulary(definition);
  AddAddedTokens(definition, index);
}

void Tokenizer::Define(int32_t id, std::string_view bytes, Kind kind) {
  const auto index = static_cast<size_t>(id);
  if (index >= tokens_.size()) tokens_.resize(index + 1);
  if (tokens_[index].kind == Kind::kUnassigned) ++size_;
  tokens_[index] = {static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(bytes.size()),
                    kind};
  bytes_ += bytes;
}

void Tokenizer::AddVocabulary(const TokenizerDefinition& definition) {
  for (const auto& [token, id] : definition.vocab) {
    if (KindOf(id) != Kind::kUnassigned) {
      throw Error(fmt::format("{}: token \"{}\" has id {}, as another has", definition.vocab_name,
                              token, id));
    }
    // A token that is not written in the byte alphabet stands for its own text. BPE never makes
    // one; it is there for an added token that is listed in the vocabulary too.
    Define(id, BytesOfSymbols(token).value_or(token), Kind::kPlain);
  }
}

void Tokenizer::AddAddedTokens(const TokenizerDefinition& definition, TokenIndex& index) {
  std::unordered_set<std::string_view> contents;
  for (const auto& [content, id, special] : definition.added_tokens) {
    const auto [known, is_new] = index.emplace(content, id);
    const bool taken = is_new && KindOf(id) != Kind::kUnassigned;
    if (taken || known->second != id) {
      throw Error(fmt::format(
          "{}: \"{}\" has id {}, but {}", name_, content, id,
          taken ? "another token has it too" : fmt::format("also id {}", known->second)));
    }
    if (!contents.insert(content).second) {
      throw Error(fmt::format("{}: \"{}\" is there twice", name_, content));
    }
    Define(id, content, special ? Kind::kSpecial : Kind::kPlain);
    added_.push_back({content, id});
    begins_added_[static_cast<uint8_t>(content.front())] = true;
  }
  std::sort(added_.begin(), added_.end(),
            [](const Added& a, const Added& b) { return a.content < b.content; });
}

std::vector<int32_t> Tokenizer::Encode(std::string_view text) const {
  if (const auto bad = FindInvalidUtf8(text)) {
    throw Error(fmt::format("text: not valid UTF-8 at byte {} (0x{:02x})", *bad,
                            static_cast<uint8_t>(text[*bad])));
  }
  std::vector<int32_t> ids;
  for (size_t at = 0; at < text.size();) {
    const Match match = FindAdded(text, at);
    EncodePlain(text.substr(at, match.begin - at), ids);
    at = match.begin;
    if (match.token == nullptr) break;
    ids.push_back(match.token->id);
    at += match.token->content.size();
  }
  return ids;
}

Tokenizer::Match Tokenizer::FindAdded(std::string_view text, size_t from) const {
  for (size_t at = from; at < text.size(); ++at) {
    if (!begins_added_[static_cast<uint8_t>(text[at])]) continue;
    if (const Added* found = LongestAtBeginning(added_, text.substr(at))) return {at, found};
  }
  return {text.size(), nullptr};
}

void Tokenizer::EncodePlain(std::string_view text, std::vector<int32_t>& ids) const {
  const std::string normal = ToNfc(text);
  for (std::string_view rest = normal; !rest.empty();) {
    const size_t length = WordLength(rest);
    bpe_.Encode(rest.substr(0, length), ids);
    rest.remove_prefix(length);
  }
}

std::string Tokenizer::DecodeBytes(std::span<const int32_t> ids, bool skip_special) const {
  std::string bytes;
  for (const int32_t id : ids) {
    const Kind kind = KindOf(id);
    if (kind == Kind::kUnassigned || (skip_special && kind == Kind::kSpecial)) continue;
    bytes += BytesOf(tokens_[static_cast<size_t>(id)]);
  }
  return bytes;
}

std::string Tokenizer::Decode(std::span<const int32_t> ids, bool skip_special) const {
  return ToValidUtf8(DecodeBytes(ids, skip_special));
}

std::optional<int32_t> Tokenizer::FindSpecial(std::string_view content) const {
  const auto found = std::lower_bound(
      added_.begin(), added_.end(), content,
      [](const Added& token, std::string_view text) { return token.content < text; });
  if (found == added_.end() || found->content != content) return std::nullopt;
  return found->id;
}

int32_t Tokenizer::Special(std::string_view content) const {
  if (const auto id = FindSpecial(content)) return *id;
  throw Error(fmt::format("{}: no token \"{}\"", name_, content),
              "The tokenizer is not that of a Qwen2-VL model; take its files from the checkpoint");
}

}  // namespace roentgen
