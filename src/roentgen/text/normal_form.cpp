#include "roentgen/text/normal_form.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "roentgen/text/simplified.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

bool IsDigit(char32_t c) {
  return c >= '0' && c <= '9';
}

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '\t' || c == '\v' || c == '\f' || c == '\r') c = ' ';
  }
  return lower;
}

/// Numbers in a circle, in parentheses or with a full stop, as items of a list have them. They are
/// the compatibility forms whose own NFKC leaves no mark of where an item begins.
std::optional<int> ItemNumber(char32_t c) {
  constexpr std::array<char32_t, 6> kOnes = {U'①', U'⑴', U'⒈', U'❶', U'➀', U'➊'};
  for (const char32_t one : kOnes) {
    const char32_t last = one + (one < U'❶' ? 19 : 9);
    if (c >= one && c <= last) return static_cast<int>(c - one) + 1;
  }
  return std::nullopt;
}

/// The digit that a superscript is, which NFKC leaves no mark of.
std::optional<char> Superscript(char32_t c) {
  constexpr std::u32string_view kSuperscripts = U"⁰¹²³⁴⁵⁶⁷⁸⁹";
  const size_t digit = kSuperscripts.find(c);
  if (digit == kSuperscripts.npos) return std::nullopt;
  return static_cast<char>('0' + digit);
}

/// Characters whose folding is our own, in valid UTF-8.
std::string WithPlainItems(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    const bool after_digit = !plain.empty() && IsDigit(static_cast<uint8_t>(plain.back()));
    if (const auto number = step.length > 1 ? ItemNumber(step.code_point) : std::nullopt) {
      plain += '(';
      plain += std::to_string(*number);
      plain += ')';
    } else if (const auto power = Superscript(step.code_point); power && after_digit) {
      plain += '^';  // 10⁹ is not 109
      plain += *power;
    } else {
      plain += text.substr(at, step.length);
    }
    at += step.length;
  }
  return plain;
}

std::string Simplified(std::string_view text) {
  std::string simplified;
  simplified.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    const char32_t c = step.code_point;
    if (c == '\t' || c == '\v' || c == '\f' || c == '\r') {
      simplified += ' ';
    } else {
      AppendUtf8(SimplifiedOf(c), simplified);
    }
    at += step.length;
  }
  return simplified;
}

// ---- Numbers ------------------------------------------------------------------------------------

/// The value of a Chinese digit, or of a power of ten as its negative; nothing for others.
std::optional<int> ChineseDigit(char32_t c) {
  constexpr std::u32string_view kDigits = U"零一二三四五六七八九";
  if (const size_t at = kDigits.find(c); at != kDigits.npos) return static_cast<int>(at);
  if (c == U'〇') return 0;
  if (c == U'两') return 2;
  if (c == U'十') return -10;
  if (c == U'百') return -100;
  return std::nullopt;
}

/// Digits without a power of ten: a year or a number that is read out (二〇二四) has three and more
/// or a zero; fewer are a range, 一两个 1-2个.
std::string DigitByDigit(std::u32string_view numerals) {
  const bool number = numerals.size() != 2 || numerals.find(U'〇') != numerals.npos ||
                      numerals.find(U'零') != numerals.npos;
  std::string digits;
  for (const char32_t c : numerals) {
    if (!digits.empty() && !number) digits += '-';
    digits += static_cast<char>('0' + *ChineseDigit(c));
  }
  return digits;
}

/// 十二 is 12, 二十 20, 一百零五 105, 一百二 120; nothing for what is no number (百 alone).
std::optional<std::string> InDigits(std::u32string_view numerals) {
  const bool positional = std::any_of(numerals.begin(), numerals.end(),
                                      [](char32_t c) { return *ChineseDigit(c) < 0; });
  if (!positional) return DigitByDigit(numerals);
  int value = 0;
  int digit = -1;  // before a power of ten
  int power = 1000;
  bool zero = false;  // 一百零二 is 102
  for (const char32_t c : numerals) {
    const int read = *ChineseDigit(c);
    if (read >= 0) {
      if (digit > 0) return std::nullopt;
      zero |= read == 0;
      digit = read;
      continue;
    }
    if (-read >= power || (digit < 0 && -read != 10)) return std::nullopt;
    power = -read;
    value += (digit <= 0 ? 1 : digit) * power;
    digit = -1;
    zero = false;
  }
  const int last = power == 100 && !zero ? 10 : 1;
  return std::to_string(value + std::max(digit, 0) * last);
}

/// Words behind which a single numeral is a number: 一个, 两侧, but not 一般. A closed class.
bool IsMeasureWord(char32_t c) {
  constexpr std::u32string_view kMeasures =
      U"个处枚条根侧叶段张块级期度次倍毫厘米月日年岁周天点种类只名例组层节椎肋对肺肾";
  return kMeasures.find(c) != kMeasures.npos;
}

/// Chinese numerals as digits, where they are numbers: two and more, behind 第, before a measure
/// word, or alone. 二尖瓣 keeps its name.
std::u32string WithDigits(std::u32string_view text) {
  std::u32string result;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && ChineseDigit(text[end])) ++end;
    if (end == at) {
      result += text[at++];
      continue;
    }
    const bool alone =
        (at == 0 || !IsIdeograph(text[at - 1])) && (end == text.size() || !IsIdeograph(text[end]));
    const bool number = end - at > 1 || alone || (at > 0 && text[at - 1] == U'第') ||
                        (end < text.size() && IsMeasureWord(text[end]));
    const auto digits = number ? InDigits(text.substr(at, end - at)) : std::nullopt;
    if (digits) {
      result.append(digits->begin(), digits->end());
    } else {
      result += text.substr(at, end - at);
    }
    at = end;
  }
  return result;
}

std::string_view EnglishNumber(std::string_view word) {
  constexpr std::array<std::string_view, 13> kWords = {"zero", "one",    "two",   "three", "four",
                                                       "five", "six",    "seven", "eight", "nine",
                                                       "ten",  "eleven", "twelve"};
  constexpr std::array<std::string_view, 13> kDigits = {"0", "1", "2", "3",  "4",  "5", "6",
                                                        "7", "8", "9", "10", "11", "12"};
  const auto* found = std::find(kWords.begin(), kWords.end(), word);
  return found == kWords.end() ? word : kDigits[static_cast<size_t>(found - kWords.begin())];
}

// ---- Marks --------------------------------------------------------------------------------------

/// What a character is among words.
enum class Part { kWord, kBlank };

/// By Unicode's classes: letters, marks and numbers make words, and so do symbols, whose absence
/// changes what is said (< + ± × °); but for ~ and |, which are written as punctuation.
Part PartOf(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_SO:
      return Part::kWord;
    case UTF8PROC_CATEGORY_SM:
      return c == '~' || c == '|' ? Part::kBlank : Part::kWord;
    default:
      return Part::kBlank;
  }
}

/// Whether marks that stand right behind a word or number end what such marks have opened in their
/// line: **bold**, "5". If not, they belong to it: T2*, 5'.
///
/// opening  the mark that opens, where it is another one
bool CloseWhatIsOpen(std::u32string_view text, size_t at, char32_t opening) {
  const char32_t mark = text[at];
  const auto is_mark = [&](size_t i) { return text[i] == mark || text[i] == opening; };
  size_t marks = 0;
  while (at + marks < text.size() && text[at + marks] == mark) ++marks;
  for (size_t end = at; end > 0 && text[end - 1] != '\n'; --end) {
    if (!is_mark(end - 1)) continue;
    size_t begin = end - 1;
    while (begin > 0 && is_mark(begin - 1)) --begin;
    const bool behind_word = begin > 0 && PartOf(text[begin - 1]) == Part::kWord;
    const bool opens = !behind_word && PartOf(text[end]) == Part::kWord;
    return opens && end - begin >= marks;
  }
  return false;
}

/// Punctuation that carries meaning where it stands: the point of 3.5, the dash of 3-5 and of 1e-3,
/// the stroke of 1/2, the sign of (-) and of -3, per cent, the star of T2*, and the marks of 5' and
/// 5".
bool IsMeaningful(std::u32string_view text, size_t at) {
  const char32_t before = at == 0 ? U' ' : text[at - 1];
  const char32_t after = at + 1 == text.size() ? U' ' : text[at + 1];
  const bool inside_number = IsDigit(before) && IsDigit(after);
  switch (text[at]) {
    case '.':  // .5 is 0.5, and not 5
      return inside_number || (IsDigit(after) && PartOf(before) == Part::kBlank && before != '.');
    case '/':
      return inside_number;
    case '%':
    case U'‰':
      return IsDigit(before) || (before == ' ' && at > 1 && IsDigit(text[at - 2]));
    case '-': {
      const bool opens =
          (PartOf(before) == Part::kBlank && before != '-' && before != '.') || IsIdeograph(before);
      const bool exponent = before == 'e' && at > 1 && IsDigit(text[at - 2]) && IsDigit(after);
      return inside_number || exponent || (opens && IsDigit(after)) ||
             (before == '(' && after == ')') || text.size() == 1;
    }
    case '*':
      return PartOf(before) == Part::kWord && !CloseWhatIsOpen(text, at, '*');
    case '\'':
    case '"': {
      const char32_t opening = text[at] == '"' ? U'“' : U'‘';
      const bool ends = PartOf(after) != Part::kWord || IsDigit(after) || IsIdeograph(after);
      return IsDigit(before) && ends && !CloseWhatIsOpen(text, at, opening);
    }
    default:
      return false;
  }
}

/// The same sign written in several ways: +/- and +- as ±, 3*4 and 3x4 as 3×4, 3~5 as 3-5, 5′ and
/// 5’ as 5', 5″ and 5'' as 5".
std::u32string WithOneSign(std::u32string_view text) {
  std::u32string result;
  for (size_t at = 0; at < text.size(); ++at) {
    const char32_t c = text[at];
    const bool behind_number = at > 0 && IsDigit(text[at - 1]);
    const bool inside_number = behind_number && at + 1 < text.size() && IsDigit(text[at + 1]);
    const auto is_prime = [&](size_t i) {
      return i < text.size() && (text[i] == '\'' || text[i] == U'′' || text[i] == U'’');
    };
    if (behind_number && (text[at] == U'″' || text[at] == U'”')) {
      result += '"';
    } else if (behind_number && is_prime(at)) {  // Normalization Form KC has ″ as ′′
      result += is_prime(at + 1) ? '"' : '\'';
      at += is_prime(at + 1) ? 1 : 0;
    } else if (text.substr(at, 3) == U"+/-" || text.substr(at, 2) == U"+-") {
      result += U'±';
      at += text[at + 1] == '/' ? 2 : 1;
    } else if (inside_number && (c == '*' || c == 'x')) {
      result += U'×';
    } else if (inside_number && c == '~') {
      result += U'-';
    } else {
      result += c;
    }
  }
  return result;
}

std::u32string Decoded(std::string_view text) {
  std::u32string code_points;
  code_points.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    code_points += step.code_point;
    at += step.length;
  }
  return code_points;
}

/// Stands before a word "A" that is written as a name among small letters; of the private use area.
constexpr char32_t kNameMark = 0xe0a1;

/// The text with kNameMark before each word "A" that names something: a capital inside a sentence
/// in which other words begin with small letters ("What does arrow A show?"). Where all words have
/// capitals it tells nothing.
std::string WithNamesMarked(std::string_view text) {
  const auto is_word = [&](size_t at) {
    return at < text.size() &&
           ((text[at] & 0x80) != 0 || (text[at] >= '0' && text[at] <= '9') ||
            (text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z'));
  };
  const auto begins = [&](size_t at) { return is_word(at) && (at == 0 || !is_word(at - 1)); };
  constexpr std::string_view kWide = "\xef\xbc\xa1";  // Ａ
  std::string marked;
  bool small = false;     // a word of the sentence other than the first begins with a small letter
  bool sentence = false;  // a word stands before
  std::vector<size_t> names;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '.' || text[at] == '?' || text[at] == '!' || text[at] == '\n') sentence = false;
    if (!begins(at)) continue;
    small = small || (sentence && text[at] >= 'a' && text[at] <= 'z');
    const size_t length = text.substr(at).starts_with(kWide) ? kWide.size() : 1;
    const bool name = (text[at] == 'A' || length > 1) && !is_word(at + length);
    if (name && sentence) names.push_back(at);
    sentence = true;
  }
  if (!small || names.empty()) return std::string(text);
  size_t copied = 0;
  for (const size_t at : names) {
    marked += text.substr(copied, at - copied);
    AppendUtf8(kNameMark, marked);
    copied = at;
  }
  return marked += text.substr(copied);
}

/// Words behind which a letter is a name whatever its case: "hepatitis a virus", "type a lesion".
bool IsNamedByLetters(std::string_view word) {
  constexpr std::array<std::string_view, 44> kWords = {
      "hepatitis",   "vitamin",    "group",   "type",      "subtype", "class",   "grade",
      "stage",       "category",   "arrow",   "arrowhead", "point",   "label",   "letter",
      "marker",      "box",        "circle",  "panel",     "figure",  "fig",     "option",
      "choice",      "zone",       "segment", "influenza", "flu",     "protein", "factor",
      "haemophilia", "hemophilia", "row",     "column",    "line",    "part",    "section",
      "structure",   "lesion",     "region",  "area",      "level",   "phase",   "arm",
      "cohort",      "weber"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

/// Gathers words, one blank between them, none beside a Chinese character.
class Words {
 public:
  void Add(char32_t c) {
    if (word_.empty()) DropArticle(c);
    AppendUtf8(c, word_);
    last_ = c;
    first_ = first_ == 0 ? c : first_;
  }

  /// The next word is a name, not an article.
  void NameFollows() { name_ = true; }

  /// Ends the word; `mark`: by punctuation rather than a blank.
  void End(bool mark) {
    const std::string_view word = EnglishNumber(word_);
    if (!word.empty()) {
      const bool article = word == "an" || word == "the" ||
                           (word == "a" && !name_ &&
                            !IsNamedByLetters(std::string_view(text_).substr(begin_of_last_)));
      article_ = article ? std::optional(State{text_.size(), end_of_text_}) : std::nullopt;
      name_ = false;
      const bool quantity = word == "few" || word == "little";  // of which "a few" are more
      if (quantity && dropped_a_) text_ += text_.empty() ? "a" : " a";
      dropped_a_ = false;
      if (!text_.empty() && !IsIdeograph(first_) && !IsIdeograph(end_of_text_)) text_ += ' ';
      begin_of_last_ = text_.size();
      text_ += word;
      end_of_text_ = last_;
    }
    if (mark) article_.reset();
    word_.clear();
    first_ = 0;
  }

  std::string Take() {
    End(/*mark=*/false);
    return std::move(text_);
  }

 private:
  struct State {
    size_t size;
    char32_t end;
  };

  /// An article is dropped where an English word follows: "a mass", but neither "hepatitis A" nor
  /// the options "A, B" nor 图A中.
  void DropArticle(char32_t next) {
    if (article_ && next >= 'a' && next <= 'z') {
      dropped_a_ =
          text_.size() > begin_of_last_ && std::string_view(text_).substr(begin_of_last_) == "a";
      text_.resize(article_->size);
      begin_of_last_ = text_.size();
      end_of_text_ = article_->end;
    }
    article_.reset();
  }

  std::string text_;
  std::string word_;
  std::optional<State> article_;  // the text before it, where the last word is one
  bool name_ = false;
  size_t begin_of_last_ = 0;  // the last word of the text
  char32_t first_ = 0;        // of the word
  char32_t last_ = 0;
  char32_t end_of_text_ = 0;
  bool dropped_a_ = false;  // before the word that is being gathered
};

}  // namespace

std::string FoldText(std::string_view text) {
  if (IsAscii(text)) return LowerAscii(text);
  return Simplified(FoldLookalikes(WithPlainItems(ToValidUtf8(text)), /*fold_case=*/true));
}

std::string ComparisonForm(std::string_view text) {
  std::u32string folded = Decoded(FoldText(WithNamesMarked(text)));
  if (std::any_of(folded.begin(), folded.end(), IsIdeograph)) folded = WithDigits(folded);
  folded = WithOneSign(folded);
  Words words;
  for (size_t at = 0; at < folded.size(); ++at) {
    if (folded[at] == kNameMark) {
      words.NameFollows();
    } else if (PartOf(folded[at]) == Part::kWord || IsMeaningful(folded, at)) {
      words.Add(folded[at]);
    } else {
      words.End(/*mark=*/folded[at] != ' ' && folded[at] != '\n');
    }
  }
  return words.Take();
}

}  // namespace roentgen
