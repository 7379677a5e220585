#include "roentgen/evaluation/overlap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>

namespace roentgen {
namespace {

constexpr size_t kMaxN = 4;
using NGram = std::array<uint32_t, kMaxN>;

std::vector<NGram> SortedNGrams(std::span<const uint32_t> tokens, size_t n) {
  std::vector<NGram> grams;
  for (size_t i = 0; i + n <= tokens.size(); ++i) {
    NGram gram{};
    std::copy_n(tokens.begin() + static_cast<std::ptrdiff_t>(i), n, gram.begin());
    grams.push_back(gram);
  }
  std::sort(grams.begin(), grams.end());
  return grams;
}

/// Common elements of two sorted lists.
NGramOverlap Intersect(const std::vector<NGram>& a, const std::vector<NGram>& b) {
  NGramOverlap overlap = {0, a.size(), b.size()};
  for (auto at_a = a.begin(), at_b = b.begin(); at_a != a.end() && at_b != b.end();) {
    if (*at_a < *at_b) {
      ++at_a;
    } else if (*at_b < *at_a) {
      ++at_b;
    } else {
      ++overlap.common;
      ++at_a;
      ++at_b;
    }
  }
  return overlap;
}

}  // namespace

TokenPair NumberTokens(std::span<const std::string> prediction,
                       std::span<const std::string> reference) {
  std::unordered_map<std::string_view, uint32_t> numbers;
  const auto number = [&](std::span<const std::string> tokens) {
    std::vector<uint32_t> list;
    list.reserve(tokens.size());
    for (const std::string& token : tokens) {
      list.push_back(
          numbers.try_emplace(token, static_cast<uint32_t>(numbers.size())).first->second);
    }
    return list;
  };
  TokenPair pair;
  pair.prediction = number(prediction);
  pair.reference = number(reference);
  return pair;
}

NGramOverlap CountNGrams(const TokenPair& pair, size_t n) {
  return Intersect(SortedNGrams(pair.prediction, n), SortedNGrams(pair.reference, n));
}

NGramOverlap CountDistinctNGrams(const TokenPair& pair, size_t n) {
  const auto distinct = [n](std::span<const uint32_t> tokens) {
    std::vector<NGram> grams = SortedNGrams(tokens, n);
    grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
    return grams;
  };
  return Intersect(distinct(pair.prediction), distinct(pair.reference));
}

size_t LongestCommonSubsequence(const TokenPair& pair) {
  std::vector<size_t> row(pair.reference.size() + 1, 0);
  for (const uint32_t token : pair.prediction) {
    size_t diagonal = 0;
    for (size_t j = 1; j < row.size(); ++j) {
      const size_t above = row[j];
      row[j] = token == pair.reference[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row.back();
}

double FMeasure(size_t common, size_t in_prediction, size_t in_reference) {
  if (common == 0) return 0;
  const double precision = static_cast<double>(common) / static_cast<double>(in_prediction);
  const double recall = static_cast<double>(common) / static_cast<double>(in_reference);
  return 2 * precision * recall / (precision + recall);
}

double SentenceBleu(const TokenPair& pair, size_t max_n) {
  double log_sum = 0;
  double missing = 1;  // 2^k
  for (size_t n = 1; n <= max_n; ++n) {
    const NGramOverlap overlap = CountNGrams(pair, n);
    if (n == 1 && overlap.common == 0) return 0;
    const auto total = static_cast<double>(std::max<size_t>(1, overlap.in_prediction));
    if (overlap.common == 0) missing *= 2;
    log_sum +=
        std::log((overlap.common == 0 ? 1 / missing : static_cast<double>(overlap.common)) / total);
  }
  const auto predicted = static_cast<double>(pair.prediction.size());
  const auto expected = static_cast<double>(pair.reference.size());
  const double brevity = predicted > expected ? 1 : std::exp(1 - expected / predicted);
  return brevity * std::exp(log_sum / static_cast<double>(max_n));
}

}  // namespace roentgen
