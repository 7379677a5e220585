#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// A word, number, sign or Chinese words in a row.
struct Token {
  enum class Kind { kWord, kNumber, kSign, kChinese };
  Kind kind;
  std::string text;
};
using Tokens = std::vector<Token>;

/// A text in ComparisonForm with signs that are spelled as signs: "at least 5" and 不小于5 are ≥5.
/// What only rounds (约, about) goes.
std::string WithSigns(std::string_view form);

/// The words of a text in WithSigns. Numbers are quantities (measures.h), in words and in Roman
/// numerals of grades too; a number before "to" or "×" has the next one's unit; units and words
/// that only count (3个) are gone.
Tokens MeasuredTokens(std::string_view form);

}  // namespace roentgen
