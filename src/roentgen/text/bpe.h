#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace roentgen {

/// Byte-pair encoding: a word starts as the tokens of its bytes, and the neighbours whose merge has
/// the lowest rank (the leftmost on a tie) become one token until no merge applies.
class BytePairEncoder {
 public:
  struct Merge {
    int32_t left;
    int32_t right;
    int32_t result;
  };

  /// byte_ids: the token of each byte. merges: in order of rank; ids must not be negative. When a
  /// pair stands there twice, the later rank holds, as in the tokenizers library.
  BytePairEncoder(const std::array<int32_t, 256>& byte_ids, const std::vector<Merge>& merges);

  /// Appends the tokens of the word. Time grows as n log n at most: a word is as long as whoever
  /// wrote the text wants it to be.
  void Encode(std::string_view word, std::vector<int32_t>& ids) const;

 private:
  struct Slot {
    uint64_t pair;
    int32_t rank;
    int32_t result;
  };

  Slot Find(int32_t left, int32_t right) const;
  size_t SlotOf(uint64_t pair) const;
  void EncodeShort(std::string_view word, std::vector<int32_t>& ids) const;
  void EncodeLong(std::string_view word, std::vector<int32_t>& ids) const;

  std::array<int32_t, 256> byte_ids_{};
  // A hash table with open addressing and linear probing; the size is a power of two.
  std::vector<Slot> slots_;
};

}  // namespace roentgen
