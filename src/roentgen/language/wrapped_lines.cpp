#include "roentgen/language/wrapped_lines.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/language/segments.h"
#include "roentgen/text/display_width.h"
#include "roentgen/text/simplified.h"

namespace roentgen {
namespace {

using Word = std::u32string_view;

// A line that ends in these is not complete.
constexpr Word kOpenEnds[] = {U"及", U"和", U"与", U"或", U"伴", U"并", U"且", U"见", U"无", U"的"};
// These are, in spite of their last characters.
constexpr Word kCompleteEnds[] = {U"未及", U"触及", U"扪及", U"柔和", U"缓和", U"饱和",
                                  U"所见", U"意见", U"少见", U"罕见", U"常见", U"多见"};
constexpr Word kCommas = U"、,，";
constexpr Word kSentenceMarks = U"。!?;";
// Of a column of values: "气胸：未见".
constexpr Word kBeforeValues = U" :|-";
// One character that is a statement or a value.
constexpr Word kAnswers = U"无有是否";

// Lines of a paragraph that was broken to a width, in cells. A wide character, or a mark that may
// not begin a line, leaves a little room or takes it.
constexpr size_t kShortestWidth = 20;
constexpr size_t kWidthsDiffer = 3;
constexpr size_t kFewestFullLines = 2;
constexpr size_t kNearLines = 6;  // are looked at, before and behind

// Characters of each line that are looked at for a word that lies in both.
constexpr size_t kNearBreak = 8;

bool Holds(Word set, char32_t c) {
  return c != 0 && set.find(c) != set.npos;
}

bool EndsInOneOf(Word line, std::span<const Word> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](Word end) { return line.ends_with(end); });
}

/// A line, in characters of the folded text, without the blanks around it.
struct Line {
  size_t begin = 0;
  size_t end = 0;
};

Line Stripped(const FoldedText& text, Line line) {
  while (line.begin < line.end && text[line.begin] == ' ') ++line.begin;
  while (line.begin < line.end && text[line.end - 1] == ' ') --line.end;
  return line;
}

/// The line that ends at a newline or at the end of the text.
Line LineBefore(const FoldedText& text, size_t end) {
  const size_t newline = end == 0 ? Word::npos : text.view().rfind(U'\n', end - 1);
  return Stripped(text, {newline == Word::npos ? 0 : newline + 1, end});
}

Line LineFrom(const FoldedText& text, size_t begin) {
  return Stripped(text, {begin, std::min(text.view().find(U'\n', begin), text.size())});
}

/// Behind 见 or 和, but neither behind 所见 nor behind the values of a table.
bool IsIncomplete(Word line) {
  if (EndsInOneOf(line, kCompleteEnds)) return false;
  if (!EndsInOneOf(line, kOpenEnds)) return false;
  const size_t before = line.find_last_of(kBeforeValues);
  const size_t word = before == Word::npos ? line.size() : line.size() - before - 1;
  return word > 2 || (before == Word::npos && line.size() > 1);
}

/// 积 and 液: the words at the break are pieces of one that lies on both sides.
bool BreaksWord(const FoldedText& text, const Line& line, const Line& next) {
  const size_t begin = std::max(line.begin, line.end - std::min(line.end, kNearBreak));
  const size_t end = std::min(next.end, next.begin + kNearBreak);
  const std::string_view left = text.Written(begin, line.end);
  const std::string_view right = text.Written(next.begin, end);
  const std::vector<std::string_view> left_words = SplitWords(left);
  const std::vector<std::string_view> right_words = SplitWords(right);
  if (left_words.empty() || right_words.empty()) return false;
  const auto is_one = [](std::string_view word) { return FoldedText(word).size() == 1; };
  if (!is_one(left_words.back()) && !is_one(right_words.front())) return false;
  const std::string joined = std::string(left) + std::string(right);
  const std::vector<std::string_view> words = SplitWords(joined);
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    const auto at = static_cast<size_t>(word.data() - joined.data());
    return at < left.size() && at + word.size() > left.size();
  });
}

/// Whether the lines around a newline, but for the last one of their paragraph, are equally full,
/// and a sentence ends within one of them.
class FullLines {
 public:
  FullLines(const FoldedText& text, size_t newline) : text_(text) {
    AddBefore(newline);
    AddBehind(newline + 1);
  }

  bool AreAround() const {
    return running_ && lines_ >= kFewestFullLines && least_ >= kShortestWidth &&
           most_ - least_ <= kWidthsDiffer;
  }

 private:
  void AddBefore(size_t end) {
    for (size_t i = 0; i < kNearLines; ++i) {
      const Line line = LineBefore(text_, end);
      if (line.begin == line.end) return;
      Add(line);
      const size_t newline = text_.view().rfind(U'\n', line.begin);
      if (newline == Word::npos) return;
      end = newline;
    }
  }

  void AddBehind(size_t begin) {
    for (size_t i = 0; i < kNearLines; ++i) {
      const Line line = LineFrom(text_, begin);
      begin = std::min(text_.view().find(U'\n', line.end), text_.size() - 1) + 1;
      const Line next = LineFrom(text_, begin);
      if (line.begin == line.end || next.begin == next.end) return;
      Add(line);
    }
  }

  void Add(const Line& line) {
    const size_t width = DisplayWidth(text_.Written(line.begin, line.end));
    least_ = std::min(least_, width);
    most_ = std::max(most_, width);
    ++lines_;
    const Word within = text_.view().substr(line.begin, line.end - line.begin - 1);
    running_ |= within.find_first_of(kSentenceMarks) != Word::npos;
  }

  const FoldedText& text_;
  size_t lines_ = 0;
  size_t least_ = Word::npos;
  size_t most_ = 0;
  bool running_ = false;
};

}  // namespace

bool ChineseLineGoesOn(const FoldedText& text, size_t newline) {
  const Line line = LineBefore(text, newline);
  const Line next = LineFrom(text, newline + 1);
  if (line.begin == line.end || next.begin == next.end) return false;
  const char32_t last = text[line.end - 1];
  const char32_t first = text[next.begin];
  if (Holds(kCommas, last)) {
    return last == U'、' || IsIdeograph(first) || (line.end > 1 && IsIdeograph(text[line.end - 2]));
  }
  if (!IsIdeograph(last) || !IsIdeograph(first)) return false;
  if (IsIncomplete(text.view().substr(line.begin, line.end - line.begin))) return true;
  const bool one = !IsIdeograph(text[next.begin + 1]);
  if (one && !Holds(kAnswers, first)) return true;
  return BreaksWord(text, line, next) || FullLines(text, newline).AreAround();
}

}  // namespace roentgen
