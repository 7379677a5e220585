#include "roentgen/language/sentences.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "roentgen/language/folded_text.h"
#include "roentgen/language/wrapped_lines.h"
#include "roentgen/text/simplified.h"

namespace roentgen {
namespace {

constexpr char32_t kFullStop = U'。';
constexpr std::u32string_view kNumerals = U"一二三四五六七八九十";

bool Holds(std::u32string_view set, char32_t c) {
  return c != 0 && set.find(c) != set.npos;
}

bool IsBlank(char32_t c) {
  return c == ' ' || c == '\n';
}

bool IsDigit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool IsLetter(char32_t c) {
  return c >= 'a' && c <= 'z';
}

/// Quotes and brackets that close what a sentence ended in.
bool IsCloser(char32_t c) {
  return Holds(U"\"'”)]}】」』》", c);
}

class SentenceSplitter {
 public:
  explicit SentenceSplitter(std::string_view text)
      : text_(text),
        cased_(std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
  }

  std::vector<std::string_view> Split() {
    for (size_t at = 0; at < text_.size();) {
      if (const auto item = ItemAt(at)) {
        Take(at);
        last_item_ = item->number;
        at = item->end;
        continue;
      }
      const bool ends = EndsSentence(at);
      open_brackets_ += text_[at] == '(' ? 1 : text_[at] == ')' ? -1 : 0;
      ++at;
      if (!ends) continue;
      while (IsCloser(text_[at]) || Holds(U"。!?", text_[at])) ++at;
      Take(at);
    }
    Take(text_.size());
    return std::move(sentences_);
  }

 private:
  struct Item {
    int number = 0;
    size_t end = 0;
  };

  void Take(size_t end) {
    size_t first = begin_;
    size_t last = end;
    while (first < last && IsBlank(text_[first])) ++first;
    while (first < last && IsBlank(text_[last - 1])) --last;
    if (first < last) sentences_.push_back(text_.Written(first, last));
    begin_ = end;
    open_brackets_ = 0;
  }

  char32_t Before(size_t at) const { return at == 0 ? U'\n' : text_[at - 1]; }

  bool IsCapital(size_t at) const {
    return IsLetter(text_[at]) && text_.WrittenByte(at) != static_cast<char>(text_[at]);
  }

  bool IsSmall(size_t at) const { return IsLetter(text_[at]) && !IsCapital(at); }

  /// Nothing but blanks stands between the last sentence and this place.
  bool BeginsSentence(size_t at) const {
    while (at > begin_ && IsBlank(text_[at - 1])) --at;
    return at == begin_;
  }

  bool EndsSentence(size_t at) const {
    switch (text_[at]) {
      case kFullStop:
      case '!':
      case '?':
      case ';':
        return true;
      case '\n':
        return !EnglishLineGoesOn(at) && !ChineseLineGoesOn(text_, at);
      case '.':
        return IsFullStop(at);
      default:
        return false;
    }
  }

  /// Lines of English that were broken to a width.
  bool EnglishLineGoesOn(size_t newline) const {
    size_t next = newline + 1;
    while (text_[next] == ' ') ++next;
    return cased_ && IsSmall(next);
  }

  bool IsFullStop(size_t at) const {
    if (at > 0 && IsLetter(text_[at - 1]) && BeginsSentence(at - 1)) return false;  // "a. Nodule"
    size_t next = at + 1;
    while (IsCloser(text_[next])) ++next;
    if (next == text_.size() || text_[next] == '\n') return true;
    if (IsIdeograph(text_[next])) return true;
    if (text_[next] == ' ') return !IsAbbreviation(at);
    // "未见异常.3cm", "No effusion.The heart", "约3cm.CT", but neither "U.S." nor "vs.CT".
    if (at > 0 && IsIdeograph(text_[at - 1])) return !IsLetter(text_[next]) || IsCapital(next);
    const bool word = at > 1 && IsSmall(at - 1) && IsLetter(text_[at - 2]);
    return IsCapital(next) && (Before(at) == ')' || (word && !IsAbbreviation(at)));
  }

  /// Whether the word before a full stop is cut short: "No." before a number, "Dr." but not "DR.".
  bool IsAbbreviation(size_t stop) const {
    constexpr std::array<std::u32string_view, 5> kAbbreviations = {U"e.g", U"i.e", U"vs", U"approx",
                                                                   U"cf"};
    size_t begin = stop;
    while (begin > 0 && (IsLetter(text_[begin - 1]) || text_[begin - 1] == '.')) --begin;
    const std::u32string_view word = text_.view().substr(begin, stop - begin);
    const bool letters = word.size() >= 3 && word[word.size() - 2] == '.';  // "e.g", "U.S"
    if (letters) return !IsCapital(stop + 2);
    if (word == U"no" || word == U"fig") return IsDigit(text_[stop + 2]);
    if (word == U"dr") return !IsCapital(stop - 1);
    return std::find(kAbbreviations.begin(), kAbbreviations.end(), word) != kAbbreviations.end();
  }

  // Items of lists.

  /// The number of an item that begins here. In running text items count up from 1, so that
  /// "grade 2. The" and "series (4)" are none.
  std::optional<Item> ItemAt(size_t at) const {
    const std::optional<Item> item = ReadItem(at);
    if (!item) return std::nullopt;
    if (BeginsSentence(at)) return item;
    const char32_t mark = text_[item->end - 1];
    const bool apart = IsBlank(Before(at)) || Holds(U".。!?;:,，、)", Before(at));
    const bool follows = item->number == last_item_ + 1 && last_item_ > 0;
    if (IsCircled(at)) return follows || item->number == 1 || apart ? item : std::nullopt;
    // "1.肺炎2.积液", "1、肺炎2、积液"
    const bool in_chinese = IsIdeograph(Before(at)) && (mark != U'、' || !CountsParts(*item, at));
    if (follows && (apart || in_chinese)) return item;
    // "Grade 1. The": a full stop behind a number may be one.
    const bool begins = mark != '.' || Holds(U":,，", BeforeBlanks(at));
    return item->number == 1 && apart && begins ? item : std::nullopt;
  }

  /// Of 第2、第3肋骨, 颈2、胸3椎体 and 十二、 the number belongs to the words before it.
  bool CountsParts(const Item& item, size_t at) const {
    constexpr std::u32string_view kCounted = U"第颈胸腰骶尾";
    const char32_t before = Before(at);
    if (before == U'第' || Holds(kNumerals, before)) return true;
    const char32_t next = text_[item.end];
    const bool counted = next == before || (Holds(kCounted, before) && Holds(kCounted, next));
    return counted && (IsDigit(text_[item.end + 1]) || Holds(kNumerals, text_[item.end + 1]));
  }

  /// Written as one character: ① and the like, but no bracket in full width.
  bool IsCircled(size_t at) const { return text_.Written(at, at + 1).empty(); }

  char32_t BeforeBlanks(size_t at) const {
    while (at > 0 && text_[at - 1] == ' ') --at;
    return Before(at);
  }

  /// "1.", "1)", "(1)", "1、", "一、", "(一)", whatever stands before it.
  std::optional<Item> ReadItem(size_t at) const {
    const bool open = text_[at] == '(';
    size_t end = at + (open ? 1 : 0);
    const size_t digits = end;
    int number = 0;
    while (IsDigit(text_[end]) && end < digits + 2) number = number * 10 + Value(text_[end++]);
    if (end == digits && Holds(kNumerals, text_[end])) {
      number = static_cast<int>(kNumerals.find(text_[end++])) + 1;
    }
    if (end == digits || number == 0) return std::nullopt;
    const char32_t mark = text_[end++];
    const bool arabic = IsDigit(text_[digits]);
    if (open) return mark == ')' ? std::optional(Item{number, end}) : std::nullopt;
    if (mark == ')' && arabic && open_brackets_ <= 0) return Item{number, end};
    // "3.5 cm" and "1、2、3肋" are no items.
    if (IsDigit(text_[end]) || Holds(kNumerals, text_[end])) return std::nullopt;
    if (mark == U'、' && !(Before(at) == U'、')) return Item{number, end};
    return mark == '.' && arabic ? std::optional(Item{number, end}) : std::nullopt;
  }

  static int Value(char32_t digit) { return static_cast<int>(digit - '0'); }

  const FoldedText text_;
  const bool cased_;       ///< it has capital letters, so that a small one goes on
  size_t begin_ = 0;       ///< of the sentence
  int open_brackets_ = 0;  ///< in it
  int last_item_ = 0;
  std::vector<std::string_view> sentences_;
};

}  // namespace

std::vector<std::string_view> SplitSentences(std::string_view text) {
  return SentenceSplitter(text).Split();
}

}  // namespace roentgen
