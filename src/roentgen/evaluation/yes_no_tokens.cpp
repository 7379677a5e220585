#include "roentgen/evaluation/yes_no_tokens.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <set>
#include <string_view>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr std::array<std::string_view, 5> kYes = {"yes", "Yes", "YES", "是", "有"};
constexpr std::array<std::string_view, 7> kNo = {"no", "No", "NO", "否", "不", "没", "无"};

std::set<int32_t> FirstTokens(const Tokenizer& tokenizer, std::span<const std::string_view> words) {
  std::set<int32_t> tokens;
  for (const std::string_view word : words) {
    const int32_t first = tokenizer.Encode(word).front();
    if (!FindInvalidUtf8(tokenizer.DecodeBytes({&first, 1}, /*skip_special=*/false))) {
      tokens.insert(first);
    }
  }
  return tokens;
}

/// log Σ exp(logit) over some of the logits, less the largest of all.
double LogSum(std::span<const float> logits, std::span<const int32_t> ids, double largest) {
  double sum = 0;
  for (const int32_t id : ids) sum += std::exp(logits[static_cast<size_t>(id)] - largest);
  return std::log(sum);
}

}  // namespace

YesNoTokens::YesNoTokens(const Tokenizer& tokenizer) {
  const std::set<int32_t> yes = FirstTokens(tokenizer, kYes);
  const std::set<int32_t> no = FirstTokens(tokenizer, kNo);
  std::set_difference(yes.begin(), yes.end(), no.begin(), no.end(), std::back_inserter(yes_));
  std::set_difference(no.begin(), no.end(), yes.begin(), yes.end(), std::back_inserter(no_));
}

std::optional<YesNoLogProbabilities> YesNoTokens::LogProbabilities(
    std::span<const float> logits) const {
  if (yes_.empty() || no_.empty()) return std::nullopt;
  const double largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  const double all = std::log(sum);
  const YesNoLogProbabilities found = {LogSum(logits, yes_, largest) - all,
                                       LogSum(logits, no_, largest) - all};
  // A probability below what a double holds has no logarithm that JSON could.
  if (!std::isfinite(found.yes) || !std::isfinite(found.no)) return std::nullopt;
  return YesNoLogProbabilities{std::min(found.yes, 0.0), std::min(found.no, 0.0)};
}

}  // namespace roentgen
