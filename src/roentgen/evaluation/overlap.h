#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace roentgen {

/// Two texts' tokens as numbers, the same token under the same number.
struct TokenPair {
  std::vector<uint32_t> prediction;
  std::vector<uint32_t> reference;
};
TokenPair NumberTokens(std::span<const std::string> prediction,
                       std::span<const std::string> reference);

/// How many n-grams both have, and how many each has.
struct NGramOverlap {
  size_t common = 0;
  size_t in_prediction = 0;
  size_t in_reference = 0;
};
/// An n-gram counts as often as it occurs in both ("clipped", Papineni et al. 2002). n: 1 to 4.
NGramOverlap CountNGrams(const TokenPair& pair, size_t n);
/// An n-gram counts once however often it occurs.
NGramOverlap CountDistinctNGrams(const TokenPair& pair, size_t n);

/// The length of the longest common subsequence.
size_t LongestCommonSubsequence(const TokenPair& pair);

/// 2pr / (p + r) for p = common / in_prediction and r = common / in_reference; 0 without a common
/// one.
double FMeasure(size_t common, size_t in_prediction, size_t in_reference);

/// Sentence BLEU up to n-grams of max_n (1 to 4), uniform weights, brevity penalty 1 when the
/// prediction is longer than the reference, else exp(1 − reference/prediction) (Papineni et al.
/// 2002). The k-th n without a common n-gram counts as 1 / (2^k · n-grams of the prediction):
/// smoothing method 3 of Chen & Cherry 2014, as in NLTK. 0 without a common token.
double SentenceBleu(const TokenPair& pair, size_t max_n);

}  // namespace roentgen
