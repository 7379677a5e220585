#include "roentgen/text/bpe.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <queue>

#include "roentgen/base/random.h"

namespace roentgen {
namespace {

constexpr int32_t kNoRank = std::numeric_limits<int32_t>::max();
constexpr uint64_t kEmptySlot = ~uint64_t{0};  // no pair: ids are not negative

// Up to here, looking through all neighbours for every merge is faster than keeping a heap.
constexpr size_t kShortWord = 32;

uint64_t PairKey(int32_t left, int32_t right) {
  return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
}

}  // namespace

BytePairEncoder::BytePairEncoder(const std::array<int32_t, 256>& byte_ids,
                                 const std::vector<Merge>& merges)
    : byte_ids_(byte_ids),
      slots_(std::bit_ceil(merges.size() * 3 / 2 + 1), Slot{kEmptySlot, kNoRank, 0}) {
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const Merge& merge = merges[rank];
    const uint64_t pair = PairKey(merge.left, merge.right);
    slots_[SlotOf(pair)] = {pair, static_cast<int32_t>(rank), merge.result};
  }
}

void BytePairEncoder::Encode(std::string_view word, std::vector<int32_t>& ids) const {
  if (word.size() <= kShortWord) {
    EncodeShort(word, ids);
  } else {
    EncodeLong(word, ids);
  }
}

/// The pair's slot, or the empty one where it belongs.
size_t BytePairEncoder::SlotOf(uint64_t pair) const {
  const size_t mask = slots_.size() - 1;
  size_t at = SplitMix64(pair) & mask;
  while (slots_[at].pair != pair && slots_[at].pair != kEmptySlot) at = (at + 1) & mask;
  return at;
}

BytePairEncoder::Slot BytePairEncoder::Find(int32_t left, int32_t right) const {
  return slots_[SlotOf(PairKey(left, right))];
}

void BytePairEncoder::EncodeShort(std::string_view word, std::vector<int32_t>& ids) const {
  std::array<int32_t, kShortWord> tokens;
  std::array<Slot, kShortWord> merges;  // merges[i] joins tokens i and i + 1
  size_t count = word.size();
  for (size_t i = 0; i < count; ++i) tokens[i] = byte_ids_[static_cast<uint8_t>(word[i])];
  for (size_t i = 0; i + 1 < count; ++i) merges[i] = Find(tokens[i], tokens[i + 1]);
  while (count > 1) {
    const auto best =
        std::min_element(merges.begin(), merges.begin() + (count - 1),
                         [](const Slot& a, const Slot& b) { return a.rank < b.rank; });
    if (best->rank == kNoRank) break;
    const auto at = static_cast<size_t>(best - merges.begin());
    tokens[at] = best->result;
    std::copy(tokens.begin() + at + 2, tokens.begin() + count, tokens.begin() + at + 1);
    std::copy(merges.begin() + at + 1, merges.begin() + count - 1, merges.begin() + at);
    --count;
    if (at > 0) merges[at - 1] = Find(tokens[at - 1], tokens[at]);
    if (at + 1 < count) merges[at] = Find(tokens[at], tokens[at + 1]);
  }
  ids.insert(ids.end(), tokens.begin(), tokens.begin() + count);
}

void BytePairEncoder::EncodeLong(std::string_view word, std::vector<int32_t>& ids) const {
  struct Symbol {
    int32_t token;
    int32_t rank;  // of the merge with the next symbol; tells a stale candidate from a live one
    size_t previous;
    size_t next;  // word.size(): none
  };
  struct Candidate {
    int32_t rank;
    int32_t result;
    size_t at;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };
  const size_t end = word.size();
  std::vector<Symbol> symbols(end);
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto consider = [&](size_t at) {
    Symbol& symbol = symbols[at];
    symbol.rank = kNoRank;
    if (symbol.next == end) return;
    const Slot merge = Find(symbol.token, symbols[symbol.next].token);
    symbol.rank = merge.rank;
    if (merge.rank != kNoRank) candidates.push({merge.rank, merge.result, at});
  };
  for (size_t i = 0; i < end; ++i) {
    symbols[i] = {byte_ids_[static_cast<uint8_t>(word[i])], kNoRank, i - 1, i + 1};
  }
  for (size_t i = 0; i < end; ++i) consider(i);
  while (!candidates.empty()) {
    const Candidate best = candidates.top();
    candidates.pop();
    Symbol& left = symbols[best.at];
    if (left.rank != best.rank) continue;
    Symbol& right = symbols[left.next];
    right.rank = kNoRank;
    left.token = best.result;
    left.next = right.next;
    if (left.next != end) symbols[left.next].previous = best.at;
    consider(best.at);
    if (best.at != 0) consider(left.previous);
  }
  for (size_t at = 0; at != end; at = symbols[at].next) ids.push_back(symbols[at].token);
}

}  // namespace roentgen
