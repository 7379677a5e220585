#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/text/tokenizer_files.h"

namespace roentgen {

/// Learns a byte-level BPE vocabulary from texts, as Qwen2's tokenizer uses one: texts are brought
/// to NFC and cut into words by kWordPattern, words are sequences of bytes, and the most frequent
/// pair of neighbours is merged, again and again (Sennrich, Haddow, Birch 2016).
class BpeTrainer {
 public:
  /// Throws Error, with the byte offset, when the text is not valid UTF-8.
  void Add(std::string_view text);

  /// The tokens of all bytes, then those of the merges, until there are vocab_size in all or no
  /// pair occurs twice. Ids follow this order; of pairs equally frequent the one whose tokens were
  /// made earlier is merged first, so the result depends on the texts alone, not on their order.
  ///
  /// vocab_size  at least 256
  TokenizerDefinition Learn(size_t vocab_size) const;

 private:
  std::map<std::string, uint64_t, std::less<>> words_;  // how often each occurs
};

}  // namespace roentgen
