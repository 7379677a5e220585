#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// What a scorer sees of one question. A reference that LLaMA-Factory wrote ends with a line feed;
/// its own scorers count it, the others take no notice of blanks at the ends.
struct AnswerPair {
  std::string_view prediction;
  std::string_view reference;
  bool closed = false;  ///< from a fixed set of answers, mostly yes or no
};

/// The value of a score that is not made for a question: an open one's closed accuracy.
inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

enum class ScoreUnit {
  kShare,    ///< 0 to 1
  kPercent,  ///< 0 to 100, where it is published so
  kRatio,    ///< 0 and more, 1 is even
};

/// One number that a scorer gives for a question.
struct ScoreValue {
  std::string_view name;  ///< unique among its scorer's
  ScoreUnit unit = ScoreUnit::kShare;
};

/// A published way of scoring, under its published name. A set's score is the mean of the
/// questions' values, those that are kUndefined left out.
struct Scorer {
  std::string_view name;
  std::string_view source;  ///< paper or program that defines it
  std::vector<ScoreValue> values;

  /// Writes one number for each of `values`.
  void (*score)(const AnswerPair& pair, std::span<double> to);

  /// Why a group of questions with this one cannot be scored; nothing when it can. May be null.
  std::optional<std::string> (*refusal)(const AnswerPair& pair) = nullptr;
};

}  // namespace roentgen
