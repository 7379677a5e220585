#include "roentgen/evaluation/chinese_report_tokens.h"

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "roentgen/text/simplified.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum ChineseRole;

/// The table's words, by their text.
class WordTable {
 public:
  WordTable() {
    for (const std::span<const ChineseWords> rows :
         {ChineseReportWords(), ChineseReportVocabulary()}) {
      for (const ChineseWords& row : rows) Add(row);
    }
  }

  const ChineseWords* Find(std::string_view word) const {
    const auto found = words_.find(word);
    return found == words_.end() ? nullptr : found->second;
  }
  size_t longest() const { return longest_; }

 private:
  void Add(const ChineseWords& row) {
    std::string_view rest = row.words;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (word.empty()) continue;
      words_.try_emplace(word, &row);
      longest_ = std::max(longest_, word.size());
    }
  }

  std::unordered_map<std::string_view, const ChineseWords*> words_;
  size_t longest_ = 0;  // bytes
};

const WordTable& Table() {
  static const WordTable kTable;
  return kTable;
}

bool IsAsciiWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// A run of ASCII letters and digits, with the points and signs inside a number: "t1wi", "3.5cm",
/// "30%", "2*3".
size_t AsciiRun(std::string_view text) {
  size_t end = 0;
  while (end < text.size()) {
    const bool inside = end > 0 && end + 1 < text.size() && IsAsciiWord(text[end - 1]) &&
                        IsAsciiWord(text[end + 1]) &&
                        std::string_view(".*+/-").find(text[end]) != std::string_view::npos;
    if (!IsAsciiWord(text[end]) && !inside) break;
    ++end;
  }
  while (end < text.size() && text[end] == '%') ++end;
  return end;
}

/// A number, with or without a unit, or the number of a vertebra or a stage: "12mm", "l4/5", "t1".
bool IsNumber(std::string_view run) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto letters = std::find_if(run.begin(), run.end(), is_digit) - run.begin();
  return letters <= 2 && static_cast<size_t>(letters) < run.size();
}

/// The best cut of a text, from its end to its beginning.
class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text), best_(text.size() + 1) {
    for (size_t at = text.size(); at-- > 0;) {
      if (IsStart(at)) Look(at);
    }
  }

  std::vector<ChineseToken> Cut() const {
    std::vector<ChineseToken> tokens;
    bool blank = false;
    bool unknown = false;  // whether the last token may be added to
    for (size_t at = 0; at < text_.size();) {
      const Best& best = best_[at];
      const std::string_view text = text_.substr(at, best.length);
      at += best.length;
      if (text == " ") {
        blank = true;
        unknown = false;
        continue;
      }
      const bool ideograph = IsIdeograph(ReadUtf8(text, 0).code_point);
      if (std::exchange(blank, false) && ideograph && !tokens.empty()) {
        const std::string_view last = tokens.back().text;
        if ((last.back() & 0x80) != 0) tokens.push_back({kComma, text.substr(0, 0)});
      }
      if (best.role == kUnknown && unknown) {
        std::string_view& whole = tokens.back().text;
        whole = {whole.data(), whole.size() + text.size()};
      } else {
        tokens.push_back({best.role, text, best.words});
      }
      unknown = best.role == kUnknown;
    }
    return tokens;
  }

 private:
  struct Best {
    uint32_t unknown = 0;  // bytes, to the end of the text
    uint32_t tokens = 0;
    uint32_t length = 1;
    ChineseRole role = kUnknown;
    const ChineseWords* words = nullptr;
  };

  bool IsStart(size_t at) const { return (static_cast<uint8_t>(text_[at]) & 0xc0) != 0x80; }

  void Take(size_t at, size_t length, ChineseRole role, const ChineseWords* words) {
    const Best& rest = best_[at + length];
    const Best way = {rest.unknown + (role == kUnknown ? static_cast<uint32_t>(length) : 0),
                      rest.tokens + 1, static_cast<uint32_t>(length), role, words};
    Best& best = best_[at];
    const auto cost = [](const Best& b) { return std::pair(b.unknown, b.tokens); };
    if (best.tokens == 0 || cost(way) < cost(best) ||
        (cost(way) == cost(best) && way.length > best.length)) {
      best = way;
    }
  }

  void Look(size_t at) {
    const std::string_view rest = text_.substr(at);
    const size_t run = AsciiRun(rest);
    const size_t longest = std::min(Table().longest(), rest.size());
    for (size_t length = 1; length <= longest; ++length) {
      const bool inside_run = length < run || (length > run && run > 0 && InsideRun(rest, length));
      const bool cuts_character = length < rest.size() && !IsStart(at + length);
      if (inside_run || cuts_character) continue;
      if (const ChineseWords* words = Table().Find(rest.substr(0, length))) {
        Take(at, length, words->role, words);
      }
    }
    if (run > 0) {
      Take(at, run, IsNumber(rest.substr(0, run)) ? kNeutral : kUnknown, nullptr);
    } else {
      const Utf8Step step = ReadUtf8(rest, 0);
      const bool letter = ClassOf(step.code_point) == CharClass::kLetter;
      Take(at, step.length, letter ? kUnknown : kNeutral, nullptr);
    }
  }

  /// Whether a word of this length would end within letters.
  static bool InsideRun(std::string_view rest, size_t length) {
    return length < rest.size() && IsAsciiWord(rest[length - 1]) && IsAsciiWord(rest[length]);
  }

  std::string_view text_;
  std::vector<Best> best_;  // by byte
};

}  // namespace

const ChineseWords* FindChineseWord(std::string_view word) {
  return Table().Find(word);
}

std::vector<ChineseToken> CutChineseSentence(std::string_view sentence) {
  return Cutter(sentence).Cut();
}

}  // namespace roentgen
