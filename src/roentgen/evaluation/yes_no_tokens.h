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

/// How likely an answer takes a side, as SideTaken (language/answer.h) reads answers: the
/// probability of the likeliest token that takes it. Not the sum over a side's words: those of the
/// other side may be likelier together than the one word that a greedy answer says.
///
/// A token says what SideTaken says of its text alone, whatever may follow (有 says yes, though
/// 有没有 asks). One that takes no side but that a word of yes or no may begin with (the first
/// bytes of a Chinese character, 可 of 可见, "The" of "The answer is no") is followed: what the
/// model says behind it counts with the token's probability. The letters with which yes and no
/// begin count for themselves where a vocabulary has no token for the word.
///
/// The answer that was given is known to its end, and its tokens are followed until they say what
/// it says: 不 of 不仅有骨折 says yes. The sides are compared there, behind its longest beginning
/// that leaves both open. So the side that a greedy answer takes is never the less likely one.
class YesNoTokens {
 public:
  /// Reads the whole vocabulary. The tokenizer must live as long as this object.
  explicit YesNoTokens(const Tokenizer& tokenizer);

  /// The logits behind the prompt and the beginning of an answer.
  using LogitsBehind = std::function<std::span<const float>(std::span<const int32_t> beginning)>;

  /// From the logits of an answer's first token. Nothing where a side has no token.
  ///
  /// answer  that was given, without the token that ends it; may be empty
  /// behind  is called for beginnings of that answer and for others that are likely (kFollowed);
  ///         without it no token is followed
  std::optional<YesNoLogProbabilities> LogProbabilities(std::span<const float> logits,
                                                        std::span<const int32_t> answer = {},
                                                        const LogitsBehind& behind = {}) const;

  /// Beginnings of a smaller probability are not followed.
  static constexpr double kFollowed = 0.01;

 private:
  const Tokenizer& tokenizer_;
  std::vector<int32_t> yes_;
  std::vector<int32_t> no_;
  std::vector<int32_t> open_;  ///< that a side may follow behind
};

}  // namespace roentgen
