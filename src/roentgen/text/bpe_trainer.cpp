#include "roentgen/text/bpe_trainer.h"

#include <fmt/format.h>

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
    for (const auto& [text, count] : words) {
      Word word{{}, static_cast<int64_t>(count)};
      for (const char byte : text) word.tokens.push_back(static_cast<unsigned char>(byte));
      words_.push_back(std::move(word));
      CountPairs(words_.size() - 1, +1);
    }
  }

  /// The most frequent pair; of equal ones the one with the lowest ids. Null when none occurs
  /// twice.
  const Pair* Best() const {
    if (order_.empty() || order_.begin()->first > -2) return nullptr;
    return &order_.begin()->second;
  }

  void Merge(Pair pair, int32_t into) {
    const std::set<size_t> where = pairs_.at(pair).words;
    for (const size_t index : where) {
      CountPairs(index, -1);
      std::vector<int32_t>& tokens = words_[index].tokens;
      size_t to = 0;
      for (size_t from = 0; from < tokens.size(); ++from) {
        const bool here = from + 1 < tokens.size() && tokens[from] == pair.first &&
                          tokens[from + 1] == pair.second;
        tokens[to++] = here ? into : tokens[from];
        from += here ? 1 : 0;
      }
      tokens.resize(to);
      CountPairs(index, +1);
    }
  }

 private:
  struct Word {
    std::vector<int32_t> tokens;
    int64_t count;
  };
  struct Occurrences {
    int64_t count = 0;
    std::set<size_t> words;
  };

  void CountPairs(size_t index, int sign) {
    const Word& word = words_[index];
    for (size_t i = 0; i + 1 < word.tokens.size(); ++i) {
      const Pair pair{word.tokens[i], word.tokens[i + 1]};
      Occurrences& occurrences = pairs_[pair];
      order_.erase({-occurrences.count, pair});
      occurrences.count += sign * word.count;
      if (occurrences.count > 0) order_.insert({-occurrences.count, pair});
      if (sign > 0) {
        occurrences.words.insert(index);
      } else {
        occurrences.words.erase(index);
      }
    }
  }

  std::vector<Word> words_;
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
