#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "roentgen/text/tokenizer.h"

namespace roentgen {

/// How likely an answer begins with yes or with no, natural logarithms.
struct YesNoLogProbabilities {
  double yes = 0;
  double no = 0;
};

/// The first tokens of the words that say yes and no: "yes", "Yes", "YES", "no", "No", "NO" and the
/// Chinese 是, 有, 否, 不, 没, 无. A token that is no whole character, or that begins words of both
/// sides, tells nothing and is left out.
class YesNoTokens {
 public:
  explicit YesNoTokens(const Tokenizer& tokenizer);

  /// From the logits of an answer's first token: the sum of the probabilities of each side's
  /// tokens. Nothing where a side has no token.
  std::optional<YesNoLogProbabilities> LogProbabilities(std::span<const float> logits) const;

 private:
  std::vector<int32_t> yes_;
  std::vector<int32_t> no_;
};

}  // namespace roentgen
