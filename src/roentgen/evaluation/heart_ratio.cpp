#include "roentgen/evaluation/heart_ratio.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>

namespace roentgen {
namespace {

constexpr std::array<std::string_view, 9> kMore = {">",    "≥",       "大于",    "超过",     "高于",
                                                   "以上", "greater", "exceeds", "more than"};
constexpr std::array<std::string_view, 13> kLess = {
    "<",      "≤",      "小于",   "不足",   "低于", "以下",      "未超过",
    "不超过", "不大于", "未大于", "不高于", "less", "not exceed"};
constexpr double kHalf = 0.5;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

/// The clause that the number stands in. A comma ends it, and so does a full stop but in a number.
std::string_view FirstClause(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const bool point = text[at] == '.' && at + 1 < text.size() && IsDigit(text[at + 1]);
    if (std::string_view(",;.(\n").find(text[at]) != std::string_view::npos && !point) {
      return text.substr(0, at);
    }
    if (text.substr(at).starts_with("。")) return text.substr(0, at);
  }
  return text;
}

bool HasAny(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

/// Numbers of a text one after the other.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : text_(text) {}

  std::optional<double> Next() {
    while (at_ < text_.size() && !IsDigit(text_[at_])) ++at_;
    if (at_ == text_.size()) return std::nullopt;
    const size_t begin = at_;
    while (at_ < text_.size() && (IsDigit(text_[at_]) || text_[at_] == '.')) ++at_;
    return std::strtod(std::string(text_.substr(begin, at_ - begin)).c_str(), nullptr);
  }

  /// Takes one of the characters, if it comes next but for blanks.
  bool Take(std::string_view characters) {
    size_t at = at_;
    while (at < text_.size() && text_[at] == ' ') ++at;
    if (at == text_.size() || characters.find(text_[at]) == std::string_view::npos) return false;
    at_ = at + 1;
    return true;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

/// The last ratio of a clause, of a range the larger end; in per cent or as a quotient, too.
std::optional<double> LastRatio(std::string_view clause) {
  Numbers numbers(clause);
  std::optional<double> ratio;
  bool range = false;
  while (const std::optional<double> number = numbers.Next()) {
    double value = *number;
    if (numbers.Take("%")) {
      value /= 100;
    } else if (numbers.Take(":/")) {
      const std::optional<double> whole = numbers.Next();
      if (!whole || *whole <= 0) return std::nullopt;
      value /= *whole;
    }
    if (value > 1) value /= 100;
    ratio = range ? std::max(*ratio, value) : value;
    range = numbers.Take("~-");
  }
  if (!ratio && clause.find("二分之一") != std::string_view::npos) ratio = kHalf;
  return ratio;
}

}  // namespace

std::optional<Finding> ReadHeartRatio(std::string_view behind) {
  const std::string_view clause = FirstClause(behind);
  const std::optional<double> ratio = LastRatio(clause);
  if (!ratio) return std::nullopt;
  const bool less = HasAny(clause, kLess);
  const bool more = !less && HasAny(clause, kMore);
  if (more) return *ratio >= kHalf ? std::optional(Finding::kPresent) : std::nullopt;
  if (less) return *ratio <= kHalf ? std::optional(Finding::kAbsent) : std::nullopt;
  return *ratio > kHalf ? Finding::kPresent : Finding::kAbsent;
}

}  // namespace roentgen
