#include "roentgen/evaluation/overlap.h"

#include <algorithm>
#include <array>
#include <bit>
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

/// Some of the places of a token in the reference: bits of the 64 places from 64 · word.
struct PlacesInWord {
  size_t word;
  uint64_t bits;
};

/// The table's next row, for a token of the prediction with these places.
void AddRow(std::span<const PlacesInWord> places, std::vector<uint64_t>& row) {
  auto next = places.begin();
  uint64_t carry = 0;
  for (size_t word = next->word; word < row.size(); ++word) {
    const uint64_t bits = next != places.end() && next->word == word ? (next++)->bits : 0;
    const uint64_t before = row[word];
    const uint64_t grown = before + (before & bits);
    const uint64_t sum = grown + carry;
    row[word] = sum | (before & ~bits);
    carry = grown < before || sum < grown ? 1 : 0;
  }
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

// Bit by bit of a machine word, 64 columns of the usual table at a time (Hyyrö 2004): a bit is 0
// where the table's row grows by one.
size_t LongestCommonSubsequence(const TokenPair& pair) {
  std::unordered_map<uint32_t, std::vector<PlacesInWord>> places;
  for (size_t i = 0; i < pair.reference.size(); ++i) {
    std::vector<PlacesInWord>& of_token = places[pair.reference[i]];
    if (of_token.empty() || of_token.back().word != i / 64) of_token.push_back({i / 64, 0});
    of_token.back().bits |= uint64_t{1} << (i % 64);
  }
  std::vector<uint64_t> row((pair.reference.size() + 63) / 64, ~uint64_t{0});
  for (const uint32_t token : pair.prediction) {
    const auto found = places.find(token);
    if (found != places.end()) AddRow(found->second, row);
  }
  size_t length = 0;
  for (const uint64_t word : row) length += static_cast<size_t>(std::popcount(~word));
  return length;
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
