#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/text/tokenizer.h"

namespace roentgen {

/// How likely an answer begins with yes or with no, natural logarithms.
struct YesNoLogProbabilities {
  double yes = 0;
  double no = 0;
};

/// The probability that an answer takes a side, as SideTaken (language/answer.h) reads answers: a
/// token says what SideTaken says of its text alone, whatever may follow (有 says yes, though
/// 有没有 asks; a vocabulary that has 不 and not 不仅 counts that for no). So the side of a greedy
/// answer is the likelier one, unless several words of the other are likelier together than the one
/// word.
///
/// A token that takes no side but that a word of yes or no may begin with (the first bytes of a
/// Chinese character, 可 of 可见, "The" of "The answer is no") is followed: what the model says
/// behind it counts with the token's probability. The letters with which yes and no begin count for
/// themselves where a vocabulary has no token for the word.
class YesNoTokens {
 public:
  /// Reads the whole vocabulary. The tokenizer must live as long as this object.
  explicit YesNoTokens(const Tokenizer& tokenizer);

  /// The logits behind the prompt and the beginning of an answer.
  using LogitsBehind = std::function<std::span<const float>(std::span<const int32_t> beginning)>;

  /// From the logits of an answer's first token. `behind`, if any, is called for beginnings that
  /// are likely enough to matter (kFollowed). Nothing where a side has no token.
  std::optional<YesNoLogProbabilities> LogProbabilities(std::span<const float> logits,
                                                        const LogitsBehind& behind = {}) const;

  /// Beginnings of a smaller probability are not followed.
  static constexpr double kFollowed = 0.01;

 private:
  struct Beginning;
  struct Sums;
  void Follow(const Beginning& beginning, const LogitsBehind& behind, Sums& sums) const;

  const Tokenizer& tokenizer_;
  std::vector<int32_t> yes_;
  std::vector<int32_t> no_;
  std::vector<int32_t> open_;  ///< that a side may follow behind
};

}  // namespace roentgen
