#include "roentgen/text/bpe_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/text/byte_alphabet.h"
#include "roentgen/text/pretokenizer.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr int32_t kBytes = 256;

using Pair = std::pair<int32_t, int32_t>;

struct PairHash {
  size_t operator()(const Pair& pair) const {
    return std::hash<uint64_t>()(static_cast<uint64_t>(static_cast<uint32_t>(pair.first)) << 32 |
                                 static_cast<uint32_t>(pair.second));
  }
};

/// Words as sequences of tokens, and where each pair of neighbours occurs.
class PairCounts {
 public:
  explicit PairCounts(const std::map<std::string, uint64_t, std::less<>>& words) {
    for (const auto& [text, count] : words) AddWord(text, static_cast<int64_t>(count));
    for (const auto& [pair, occurrences] : pairs_) order_.insert({-occurrences.count, pair});
  }

  /// The most frequent pair; of equal ones the one with the lowest ids. Null when none occurs
  /// twice.
  const Pair* Best() const {
    if (order_.empty() || order_.begin()->first > -2) return nullptr;
    return &order_.begin()->second;
  }

  /// Takes time in proportion to the places of the pair, however long their words are.
  void Merge(Pair pair, int32_t into) {
    std::vector<size_t> places = std::exchange(pairs_.at(pair).places, {});
    std::sort(places.begin(), places.end());  // of "aaa" the first two are merged
    for (const size_t place : places) {
      if (!IsAt(place, pair)) continue;
      const size_t previous = tokens_[place].previous;
      const size_t second = tokens_[place].next;
      const size_t next = tokens_[second].next;
      if (previous != kNone) Change(previous, place, -1);
      Change(place, second, -1);
      if (next != kNone) Change(second, next, -1);
      tokens_[place].id = into;
      tokens_[place].next = next;
      tokens_[second].id = kGone;
      if (next != kNone) tokens_[next].previous = place;
      if (previous != kNone) Change(previous, place, +1);
      if (next != kNone) Change(place, next, +1);
    }
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;
  static constexpr int32_t kGone = -1;

  /// Linked to its neighbours in the word. A pair is where its first token is.
  struct Token {
    int32_t id;
    size_t previous;
    size_t next;
    int64_t count;  // of the word
  };
  struct Occurrences {
    int64_t count = 0;
    std::vector<size_t> places;  // also where it was once
  };

  void AddWord(std::string_view text, int64_t count) {
    for (size_t i = 0; i < text.size(); ++i) {
      const size_t at = tokens_.size();
      tokens_.push_back({static_cast<unsigned char>(text[i]), i > 0 ? at - 1 : kNone,
                         i + 1 < text.size() ? at + 1 : kNone, count});
      if (i == 0) continue;
      Occurrences& occurrences = pairs_[{tokens_[at - 1].id, tokens_[at].id}];
      occurrences.count += count;
      occurrences.places.push_back(at - 1);
    }
  }

  bool IsAt(size_t place, const Pair& pair) const {
    const Token& token = tokens_[place];
    return token.id == pair.first && token.next != kNone && tokens_[token.next].id == pair.second;
  }

  /// Counts the pair of these neighbours as come or gone.
  void Change(size_t first, size_t second, int sign) {
    const Pair pair{tokens_[first].id, tokens_[second].id};
    Occurrences& occurrences = pairs_[pair];
    order_.erase({-occurrences.count, pair});
    occurrences.count += sign * tokens_[first].count;
    if (occurrences.count > 0) order_.insert({-occurrences.count, pair});
    if (sign > 0) occurrences.places.push_back(first);
  }

  std::vector<Token> tokens_;
  std::unordered_map<Pair, Occurrences, PairHash> pairs_;
  std::set<std::pair<int64_t, Pair>> order_;  // by falling count
};

}  // namespace

void BpeTrainer::Add(std::string_view text) {
  if (const auto bad = FindInvalidUtf8(text)) {
    throw Error(fmt::format("text: not valid UTF-8 at byte {}", *bad));
  }
  const std::string normal = ToNfc(text);
  for (std::string_view rest = normal; !rest.empty();) {
    const size_t length = WordLength(rest);
    const std::string_view word = rest.substr(0, length);
    const auto known = words_.find(word);
    if (known != words_.end()) {
      ++known->second;
    } else {
      words_.emplace(word, 1);
    }
    rest.remove_prefix(length);
  }
}

TokenizerDefinition BpeTrainer::Learn(size_t vocab_size) const {
  if (vocab_size < static_cast<size_t>(kBytes) || vocab_size >= kTokenIdLimit) {
    throw Error("a vocabulary holds at least the 256 bytes, and fewer than 2,097,152 tokens");
  }
  TokenizerDefinition definition;
  std::unordered_map<std::string, int32_t> ids;
  const auto id_of = [&](const std::string& token) {
    const auto [entry, added] = ids.try_emplace(token, static_cast<int32_t>(ids.size()));
    if (added) definition.vocab.push_back({token, entry->second});
    return entry->second;
  };
  for (int32_t byte = 0; byte < kBytes; ++byte) id_of(ByteSymbol(static_cast<unsigned char>(byte)));
  PairCounts counts(words_);
  while (definition.vocab.size() < vocab_size) {
    const Pair* best = counts.Best();
    if (best == nullptr) break;
    const Pair pair = *best;  // Merge takes it out of its place
    const std::string left = definition.vocab[static_cast<size_t>(pair.first)].token;
    const std::string right = definition.vocab[static_cast<size_t>(pair.second)].token;
    definition.merges.emplace_back(left, right);
    // "ab" + "c" and "a" + "bc" are one token.
    counts.Merge(pair, id_of(left + right));
  }
  return definition;
}

}  // namespace roentgen
