#include "roentgen/language/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/language/answer.h"
#include "roentgen/language/clauses.h"
#include "roentgen/language/measures.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/language/word_form.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using enum CueKind;
using Texts = std::span<const std::string_view>;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLatin(char c) {
  return c >= 'a' && c <= 'z';
}

bool IsOneOf(std::string_view text, Texts texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool StartsWithIdeograph(std::string_view text) {
  return !text.empty() && IsIdeograph(ReadUtf8(text, 0).code_point);
}

/// Whether a word that ends or begins between two characters does so at a boundary of words.
bool IsBoundary(std::string_view text, size_t at) {
  const auto is_word = [](char c) { return IsLatin(c) || IsDigit(c); };
  return at == 0 || at >= text.size() || !is_word(text[at - 1]) || !is_word(text[at]);
}

/// Takes the longest of the words away that the text begins with, and the blanks behind it.
/// Something must follow. Whether there was one.
bool TakeBeginning(Texts words, std::string_view& text) {
  std::string_view longest;
  for (const std::string_view word : words) {
    if (word.size() > longest.size() && word.size() < text.size() && text.starts_with(word) &&
        IsBoundary(text, word.size())) {
      longest = word;
    }
  }
  text.remove_prefix(longest.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  return !longest.empty();
}

/// The same at the end of the text.
bool TakeEnd(Texts words, std::string_view& text) {
  std::string_view longest;
  for (const std::string_view word : words) {
    if (word.size() > longest.size() && word.size() < text.size() && text.ends_with(word) &&
        IsBoundary(text, text.size() - word.size())) {
      longest = word;
    }
  }
  text.remove_suffix(longest.size());
  while (text.ends_with(' ')) text.remove_suffix(1);
  return !longest.empty();
}

// ---- Yes and no ---------------------------------------------------------------------------------

/// Words that repeat the question's: "yes, it is", "no, they do not".
bool IsEcho(std::string_view content) {
  static constexpr auto kEchoes = std::to_array<std::string_view>(
      {"it",   "is",    "are",   "was", "were",  "they", "there", "this",
       "that", "these", "those", "he",  "she",   "does", "do",    "did",
       "has",  "have",  "had",   "can", "could", "be",   "been",  "will"});
  while (!content.empty()) {
    const size_t end = std::min(content.find(' '), content.size());
    if (!IsOneOf(content.substr(0, end), kEchoes)) return false;
    content.remove_prefix(std::min(end + 1, content.size()));
  }
  return true;
}

bool SaysASide(const ClauseWord& word) {
  if (IsEcho(word.text)) return true;
  return word.cue != nullptr &&
         (word.Is(kYes) || word.Is(kYesAlone) || word.Is(kNo) || word.Is(kNoAlone) ||
          word.Is(kAbsence) || word.Is(kPresence) || word.Is(kModal) || word.Is(kDenial) ||
          word.Is(kParticle)) &&
         !word.Is(kNoDenial) && !word.Is(kJudge) && !word.Is(kDoubt);
}

/// Whether an answer says only yes or only no, in as many words as it likes.
std::optional<bool> BareSide(std::string_view answer) {
  if (const auto side = YesOrNo(answer)) return side;
  const std::string form = ClauseForm(answer);
  const std::vector<Clause> clauses = SplitClauses(form);
  for (const Clause& clause : clauses) {
    if (clause.asks) return std::nullopt;
  }
  static constexpr auto kYesWords = std::to_array<std::string_view>({"present", "y"});
  static constexpr auto kNoWords =
      std::to_array<std::string_view>({"absent", "none", "negative", "n"});
  if (IsOneOf(form, kYesWords)) return true;
  if (IsOneOf(form, kNoWords)) return false;
  for (const Clause& clause : clauses) {
    if (!std::all_of(clause.words.begin(), clause.words.end(), SaysASide)) return std::nullopt;
  }
  return SideTaken(answer);
}

/// The side of an answer that says it first and then more: "Yes, on the left."
std::optional<bool> LeadingSide(std::string_view folded) {
  size_t end = folded.find_first_of(",.;:\n");
  for (const std::string_view mark : {"。", "、"}) end = std::min(end, folded.find(mark));
  if (end == std::string_view::npos) return std::nullopt;
  const auto side = BareSide(folded.substr(0, end));
  return side && SideTaken(folded) == side ? side : std::nullopt;
}

// ---- Sets ---------------------------------------------------------------------------------------

/// Whether a slash stands between Chinese characters or whole words: liver/spleen, but not PET/CT,
/// L4/5 or N/A.
bool PartsWords(std::string_view text, size_t slash) {
  constexpr size_t kShortest = 4;
  const auto letters = [&](size_t from, size_t step) {
    size_t count = 0;
    for (size_t at = from; at < text.size() && IsLatin(text[at]); at += step) ++count;
    return count;
  };
  if (slash == 0 || slash + 1 == text.size()) return false;
  const bool latin =
      letters(slash - 1, size_t{0} - 1) >= kShortest && letters(slash + 1, 1) >= kShortest;
  return latin || ((text[slash - 1] & 0x80) != 0 && StartsWithIdeograph(text.substr(slash + 1)));
}

/// The length of what joins or parts the members of a set at this place of a folded text: "," "and"
/// 、 和; 0 for none.
size_t SeparatorAt(std::string_view text, size_t at) {
  const auto digit = [&](size_t i) { return i < text.size() && IsDigit(text[i]); };
  switch (text[at]) {
    case ',': {
      const bool groups = at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) &&
                          digit(at + 3) && !digit(at + 4);
      return groups ? 0 : 1;
    }
    case ';':
    case '\n':
    case '&':
      return 1;
    case '.':
      return at + 1 == text.size() || text[at + 1] == ' ' ? 1 : 0;
    case '/':
      return PartsWords(text, at) ? 1 : 0;
    default:
      break;
  }
  for (const std::string_view mark : {"、", "。", "以及", "和", "与", "及"}) {
    if (!text.substr(at).starts_with(mark)) continue;
    for (const std::string_view name : {"饱和", "涉及", "触及", "波及", "累及", "参与"}) {
      const size_t before = name.size() - mark.size();
      if (name.ends_with(mark) && at >= before && text.substr(at - before).starts_with(name)) {
        return 0;
      }
    }
    return mark.size();
  }
  for (const std::string_view word : {"and", "as well as"}) {
    if (text.substr(at).starts_with(word) && IsBoundary(text, at) &&
        IsBoundary(text, at + word.size())) {
      return word.size();
    }
  }
  return 0;
}

/// Whether what ends here of a folded text is a number with its unit: "2 cm".
bool EndsInMeasure(std::string_view text) {
  const auto is_unit = [](char c) { return IsLatin(c) || (c & 0x80) != 0; };
  while (text.ends_with(' ')) text.remove_suffix(1);
  const size_t whole = text.size();
  while (!text.empty() && is_unit(text.back())) text.remove_suffix(1);
  if (text.size() == whole) return false;
  while (text.ends_with(' ')) text.remove_suffix(1);
  const size_t number = text.size();
  while (!text.empty() && (IsDigit(text.back()) || text.back() == '.')) text.remove_suffix(1);
  return text.size() < number && (text.empty() || !is_unit(text.back()));
}

/// "between 3 and 5" and "2cm-3cm" are ranges.
std::string WithPlainRanges(std::string_view folded) {
  std::string text(folded);
  constexpr std::string_view kBetween = "between ";
  constexpr std::string_view kAnd = " and ";
  for (size_t at = text.find(kBetween); at != std::string::npos; at = text.find(kBetween, at)) {
    const size_t number = at + kBetween.size();
    const size_t end = text.find(kAnd, number);
    const bool range = number < text.size() && IsDigit(text[number]) && end != std::string::npos &&
                       IsDigit(text.c_str()[end + kAnd.size()]);
    if (range) text.replace(end, kAnd.size(), " to ");
    text.erase(at, range ? kBetween.size() : 0);
    at += range ? 0 : 1;
  }
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '-' && text[at] != '~') continue;
    const size_t next = std::min(text.find_first_not_of(' ', at + 1), text.size());
    if (!IsDigit(text.c_str()[next]) || !EndsInMeasure(text.substr(0, at))) continue;
    text.replace(at, 1, " to ");
  }
  return text;
}

std::vector<std::string> MembersOf(std::string_view text) {
  std::vector<std::string> members(1);
  for (size_t at = 0; at < text.size();) {
    if (const size_t separator = SeparatorAt(text, at)) {
      members.emplace_back();
      at += separator;
      continue;
    }
    const size_t length = ReadUtf8(text, at).length;
    const bool groups = text[at] == ',';  // 1,000
    if (!groups) members.back() += text.substr(at, length);
    at += length;
  }
  return members;
}

// ---- One member ---------------------------------------------------------------------------------

/// A word, number, sign or Chinese words in a row.
struct Token {
  enum class Kind { kWord, kNumber, kSign, kChinese };
  Kind kind;
  std::string text;
};
using Tokens = std::vector<Token>;

/// The length of a number with its sign at the beginning of a text.
size_t NumberLength(std::string_view text) {
  size_t end = text[0] == '-' || text[0] == '+' ? 1 : 0;
  const size_t digits = end;
  while (end < text.size() && IsDigit(text[end])) ++end;
  if (end + 1 < text.size() && text[end] == '.' && IsDigit(text[end + 1])) {
    ++end;
    while (end < text.size() && IsDigit(text[end])) ++end;
  }
  return end > digits ? end : 0;
}

Tokens TokensOf(std::string_view form) {
  Tokens tokens;
  bool blank = true;  // before
  for (size_t at = 0; at < form.size();) {
    const std::string_view rest = form.substr(at);
    const bool after_number =
        !blank && !tokens.empty() && tokens.back().kind == Token::Kind::kNumber;
    const bool after_word = !blank && !tokens.empty() && tokens.back().kind == Token::Kind::kWord;
    const bool joins = after_number && (rest[0] == '-' || rest[0] == '+');
    blank = rest[0] == ' ';
    if (blank) {
      ++at;
      continue;
    }
    size_t length = ReadUtf8(rest, 0).length;
    const size_t number = joins || after_word ? 0 : NumberLength(rest);
    if (number > 0) {
      tokens.push_back({Token::Kind::kNumber, std::string(rest.substr(0, number))});
      length = number;
    } else if (StartsWithIdeograph(rest)) {
      if (tokens.empty() || tokens.back().kind != Token::Kind::kChinese) {
        tokens.push_back({Token::Kind::kChinese, {}});
      }
      tokens.back().text += rest.substr(0, length);
    } else if (IsLatin(rest[0]) || rest.starts_with("μ") || (after_word && IsDigit(rest[0]))) {
      if (!after_word) tokens.push_back({Token::Kind::kWord, {}});
      tokens.back().text += rest.substr(0, length);
    } else if (rest.starts_with("°c")) {
      tokens.push_back({Token::Kind::kSign, "°c"});
      length = std::string_view("°c").size();
    } else {
      tokens.push_back({Token::Kind::kSign, std::string(rest.substr(0, length))});
    }
    at += length;
  }
  return tokens;
}

/// The unit that stands behind a number: taken off the token, which may become empty.
std::optional<Unit> TakeUnit(Tokens& tokens, size_t at) {
  if (at >= tokens.size()) return std::nullopt;
  std::string& text = tokens[at].text;
  if (tokens[at].kind == Token::Kind::kChinese) {
    const auto unit = ChineseUnitAt(text);
    if (!unit) return std::nullopt;
    text.erase(0, unit->second);
    return unit->first;
  }
  if (tokens[at].kind == Token::Kind::kNumber) return std::nullopt;
  if (text == "in" && at + 1 < tokens.size()) return std::nullopt;  // "2 in the left lung"
  if (text == "per" && at + 1 < tokens.size() && tokens[at + 1].text == "cent") {
    text.clear();
    tokens[at + 1].text.clear();
    return UnitNamed("percent");
  }
  auto unit = UnitNamed(text);
  if (!unit) unit = UnitNamed(WordForm(text));
  if (unit) text.clear();
  return unit;
}

/// Words that only count: 3个 is 3.
bool TakeMeasureWord(std::string& text) {
  for (const std::string_view word : {"个", "枚", "条", "根", "处", "张", "块", "只", "例"}) {
    if (!text.starts_with(word)) continue;
    text.erase(0, word.size());
    return true;
  }
  return false;
}

bool IsNumber(const Tokens& tokens, size_t at) {
  return at < tokens.size() && tokens[at].kind == Token::Kind::kNumber;
}

/// What stands between two numbers as one sign: "to", 至, "by".
void JoinNumbers(Tokens& tokens) {
  static constexpr auto kRange = std::to_array<std::string_view>({"to", "至", "到", "-"});
  static constexpr auto kTimes = std::to_array<std::string_view>({"by", "x", "乘", "×"});
  for (size_t at = 1; at + 1 < tokens.size(); ++at) {
    if (!IsNumber(tokens, at + 1)) continue;
    Token& token = tokens[at];
    // "2cm to 3cm": the first unit stands between.
    if (IsOneOf(token.text, kRange)) token = {Token::Kind::kSign, "~"};
    if (IsOneOf(token.text, kTimes)) token = {Token::Kind::kSign, "×"};
    for (const std::string_view word : {"至", "到"}) {
      if (token.kind != Token::Kind::kChinese || !token.text.ends_with(word)) continue;
      token.text.erase(token.text.size() - word.size());
      tokens.insert(tokens.begin() + static_cast<ptrdiff_t>(at) + 1, {Token::Kind::kSign, "~"});
      break;
    }
  }
}

/// Numbers with their units as quantities. A number before "~" or "×" has the next one's unit.
void MeasureNumbers(Tokens& tokens) {
  JoinNumbers(tokens);
  constexpr Unit kNone = {"", 1, 0};
  std::optional<Unit> next;
  for (size_t at = tokens.size(); at-- > 0;) {
    Token& token = tokens[at];
    if (token.kind != Token::Kind::kNumber) {
      if (token.text != "~" && token.text != "×" && !token.text.empty()) next.reset();
      continue;
    }
    const std::optional<Unit> own = TakeUnit(tokens, at + 1);
    if (own) {
      next = own;
    } else if (at + 1 < tokens.size() && tokens[at + 1].kind == Token::Kind::kChinese) {
      TakeMeasureWord(tokens[at + 1].text);
    }
    token.text = Quantity(token.text, next.value_or(kNone));
  }
  std::erase_if(tokens, [](const Token& token) { return token.text.empty(); });
}

/// Numbers in words that ComparisonForm leaves: fifteen, "twenty one".
void ReadNumberWords(Tokens& tokens) {
  static constexpr auto kTeens = std::to_array<std::string_view>(
      {"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"});
  static constexpr auto kTens = std::to_array<std::string_view>(
      {"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"});
  for (size_t at = 0; at < tokens.size(); ++at) {
    Token& token = tokens[at];
    if (token.kind != Token::Kind::kWord) continue;
    if (const auto* teen = std::find(kTeens.begin(), kTeens.end(), token.text);
        teen != kTeens.end()) {
      token = {Token::Kind::kNumber, std::to_string(13 + (teen - kTeens.begin()))};
    } else if (const auto* ten = std::find(kTens.begin(), kTens.end(), token.text);
               ten != kTens.end()) {
      auto value = 20 + 10 * (ten - kTens.begin());
      if (IsNumber(tokens, at + 1) && tokens[at + 1].text.size() == 1) {
        value += tokens[at + 1].text[0] - '0';
        tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(at) + 1);
      }
      tokens[at] = {Token::Kind::kNumber, std::to_string(value)};
    }
  }
}

/// Roman numerals of grades: "grade II" and II级 are 2.
void ReadRomanNumerals(Tokens& tokens) {
  static constexpr auto kRoman = std::to_array<std::string_view>(
      {"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"});
  static constexpr auto kGraded = std::to_array<std::string_view>(
      {"grade", "stage", "type", "class", "category", "level", "phase", "score"});
  for (size_t at = 0; at < tokens.size(); ++at) {
    const auto* roman = std::find(kRoman.begin(), kRoman.end(), tokens[at].text);
    if (roman == kRoman.end()) continue;
    bool graded = at > 0 && IsOneOf(tokens[at - 1].text, kGraded);
    for (const std::string_view word : {"级", "期", "型", "度", "类"}) {
      graded = graded || (at + 1 < tokens.size() && tokens[at + 1].text.starts_with(word));
    }
    if (graded) tokens[at] = {Token::Kind::kNumber, std::to_string(1 + (roman - kRoman.begin()))};
  }
}

/// Signs that are spelled: "at least 5", 不超过5. What only rounds (约, about) goes.
std::string WithSigns(std::string_view form) {
  struct Spelled {
    std::string_view words;
    std::string_view sign;
  };
  static constexpr auto kSpelled = std::to_array<Spelled>({{"no less than", "≥"},
                                                           {"not less than", "≥"},
                                                           {"at least", "≥"},
                                                           {"no more than", "≤"},
                                                           {"not more than", "≤"},
                                                           {"at most", "≤"},
                                                           {"up to", "≤"},
                                                           {"less than", "<"},
                                                           {"smaller than", "<"},
                                                           {"fewer than", "<"},
                                                           {"under", "<"},
                                                           {"below", "<"},
                                                           {"more than", ">"},
                                                           {"greater than", ">"},
                                                           {"larger than", ">"},
                                                           {"over", ">"},
                                                           {"above", ">"},
                                                           {"approximately", ""},
                                                           {"about", ""},
                                                           {"around", ""},
                                                           {"roughly", ""},
                                                           {"approx", ""},
                                                           {"≈", ""},
                                                           {"不小于", "≥"},
                                                           {"不少于", "≥"},
                                                           {"不低于", "≥"},
                                                           {"至少", "≥"},
                                                           {"大于等于", "≥"},
                                                           {"大于或等于", "≥"},
                                                           {"不大于", "≤"},
                                                           {"不超过", "≤"},
                                                           {"不高于", "≤"},
                                                           {"不多于", "≤"},
                                                           {"至多", "≤"},
                                                           {"最多", "≤"},
                                                           {"小于等于", "≤"},
                                                           {"小于或等于", "≤"},
                                                           {"小于", "<"},
                                                           {"不到", "<"},
                                                           {"不足", "<"},
                                                           {"低于", "<"},
                                                           {"少于", "<"},
                                                           {"大于", ">"},
                                                           {"超过", ">"},
                                                           {"高于", ">"},
                                                           {"多于", ">"},
                                                           {"大约", ""},
                                                           {"大概", ""},
                                                           {"约", ""},
                                                           {"约为", ""},
                                                           {">=", "≥"},
                                                           {"<=", "≤"},
                                                           {"≧", "≥"},
                                                           {"≦", "≤"},
                                                           {"⩾", "≥"},
                                                           {"⩽", "≤"}});
  std::string result;
  for (size_t at = 0; at < form.size();) {
    const std::string_view rest = form.substr(at);
    const Spelled* longest = nullptr;
    for (const Spelled& spelled : kSpelled) {
      const std::string_view words = spelled.words;
      if (!rest.starts_with(words) ||
          (longest != nullptr && longest->words.size() >= words.size())) {
        continue;
      }
      const size_t next = std::min(rest.find_first_not_of(' ', words.size()), rest.size());
      const bool number =
          next < rest.size() && (IsDigit(rest[next]) || NumberLength(rest.substr(next)) > 0);
      if (number && (!IsLatin(words[0]) || IsBoundary(form, at))) longest = &spelled;
    }
    if (longest != nullptr) {
      result += longest->sign;
      at += longest->words.size();
      while (at < form.size() && form[at] == ' ') ++at;
    } else {
      const size_t length = ReadUtf8(rest, 0).length;
      result += rest.substr(0, length);
      at += length;
    }
  }
  for (size_t at; (at = result.find("左右")) != std::string::npos && at > 0;) {
    const bool measured = StartsWithIdeograph(std::string_view(result).substr(at)) &&
                          result.find_first_of("0123456789") < at && at + 6 == result.size();
    if (!measured) break;
    result.erase(at);
  }
  return result;
}

/// The usual form of a name, as MeaningOf has other words.
std::string NameForm(std::string_view name) {
  std::string form;
  const std::string usual = AnswerForm(name);
  for (std::string_view words = usual; !words.empty();) {
    const size_t end = std::min(words.find(' '), words.size());
    form += WordForm(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return form;
}

/// What is called by a name in Chinese behind its side: 左侧肺部 is left and lung.
void AddChinese(std::string_view text, std::string& form) {
  struct Side {
    std::string_view name;
    std::string_view form;
  };
  static constexpr auto kSides = std::to_array<Side>({{"左侧", "left"},
                                                      {"左边", "left"},
                                                      {"左", "left"},
                                                      {"右侧", "right"},
                                                      {"右边", "right"},
                                                      {"右", "right"},
                                                      {"左右双侧", "bilateral"},
                                                      {"左右两侧", "bilateral"},
                                                      {"左右", "bilateral"},
                                                      {"双侧", "bilateral"},
                                                      {"两侧", "bilateral"},
                                                      {"双边", "bilateral"},
                                                      {"两边", "bilateral"},
                                                      {"双", "bilateral"},
                                                      {"两", "bilateral"}});
  if (HasSynonyms(text)) {
    form += NameForm(text);
    return;
  }
  const Side* side = nullptr;
  for (const Side& each : kSides) {
    if (text.starts_with(each.name) && (side == nullptr || each.name.size() > side->name.size())) {
      side = &each;
    }
  }
  if (side != nullptr) {
    form += side->form;
    text.remove_prefix(side->name.size());
    if (text.starts_with("的")) text.remove_prefix(std::string_view("的").size());
    if (HasSynonyms(text)) {
      form += NameForm(text);
      return;
    }
  }
  for (const std::string_view shape :
       {"白色", "黑色", "灰色", "红色", "黄色", "蓝色", "绿色", "圆形", "椭圆形"}) {
    if (text == shape) text.remove_suffix(std::string_view("色").size());
  }
  constexpr std::string_view kOrgan = "脏";
  constexpr std::string_view kOf = "的";
  for (size_t at = 0; at < text.size();) {
    const size_t length = ReadUtf8(text, at).length;
    const std::string_view character = text.substr(at, length);
    const bool organ =
        character == kOrgan && at > 0 &&
        std::string_view("肝脾肾心胰肺").find(text.substr(at - 3, 3)) != std::string_view::npos;
    if (!organ && character != kOf) form += character;
    at += length;
  }
}

/// 2 of what everybody has two of are both: 两肺 is 双肺, which ComparisonForm writes as 2肺.
void ReadPairs(Tokens& tokens) {
  for (size_t at = 0; at + 1 < tokens.size(); ++at) {
    const bool paired =
        tokens[at].kind == Token::Kind::kNumber && tokens[at].text == "2" &&
        tokens[at + 1].kind == Token::Kind::kChinese &&
        std::string_view("肺肾侧膝髋肩乳眼耳手足肘踝腕腿臂")
                .find(std::string_view(tokens[at + 1].text).substr(0, 3)) != std::string_view::npos;
    if (!paired) continue;
    tokens[at + 1].text.insert(0, "双");
    tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(at));
  }
}

/// The words from `at` on that are one name (synonyms.h), the most; 0 for none.
size_t NamedWords(const Tokens& tokens, size_t at, std::string& form) {
  constexpr size_t kMost = 4;
  size_t named = 0;
  std::string words;
  for (size_t i = at; i < std::min(at + kMost, tokens.size()); ++i) {
    if (tokens[i].kind != Token::Kind::kWord) break;
    const std::string_view blank = i == at ? "" : " ";
    for (const std::string& last : {WordForm(tokens[i].text), tokens[i].text}) {
      const std::string name = fmt::format("{}{}{}", words, blank, last);
      if (!HasSynonyms(name)) continue;
      named = i + 1 - at;
      form = NameForm(name);
    }
    words += fmt::format("{}{}", blank, tokens[i].text);
  }
  return named;
}

constexpr auto kCopulas = std::to_array<std::string_view>({"is", "are", "was", "were"});

/// A text in ComparisonForm and WithSigns, without denial, so that equal meanings are equal texts.
std::string MeaningOf(std::string_view form) {
  Tokens tokens = TokensOf(form);
  ReadPairs(tokens);
  ReadNumberWords(tokens);
  ReadRomanNumerals(tokens);
  MeasureNumbers(tokens);
  std::string meaning;
  if (HasSynonyms(form)) {
    meaning = NameForm(form);
    tokens.clear();
  }
  for (size_t at = 0; at < tokens.size(); ++at) {
    Token& token = tokens[at];
    if (token.kind == Token::Kind::kChinese) {
      AddChinese(token.text, meaning);
      continue;
    }
    if (token.kind == Token::Kind::kNumber) {
      meaning += '#' + token.text + '#';
      continue;
    }
    if (token.kind == Token::Kind::kWord) {
      if (token.text == "both") token.text = "bilateral";
      if (IsOneOf(token.text, kCopulas)) continue;
      if (at + 1 < tokens.size() && tokens[at + 1].kind == Token::Kind::kChinese) {
        const std::string mixed = token.text + tokens[at + 1].text;  // x光片
        if (HasSynonyms(mixed)) {
          meaning += NameForm(mixed);
          ++at;
          continue;
        }
      }
      std::string name;
      if (const size_t named = NamedWords(tokens, at, name)) {
        meaning += name;
        at += named - 1;
        continue;
      }
      meaning += WordForm(token.text);
      continue;
    }
    meaning += token.text;
  }
  std::erase(meaning, ' ');
  return meaning;
}

constexpr auto kFrames = std::to_array<std::string_view>({"it is",
                                                          "it s",
                                                          "this is",
                                                          "that is",
                                                          "they are",
                                                          "these are",
                                                          "there is",
                                                          "there are",
                                                          "there s",
                                                          "image shows",
                                                          "this image shows",
                                                          "image is",
                                                          "appears",
                                                          "looks",
                                                          "yes it is",
                                                          "on",
                                                          "in",
                                                          "at",
                                                          "to",
                                                          "of",
                                                          "from",
                                                          "within",
                                                          "by",
                                                          "via",
                                                          "any",
                                                          "obvious",
                                                          "definite",
                                                          "这是1张",
                                                          "这是1幅",
                                                          "这是",
                                                          "图中为",
                                                          "图中是",
                                                          "图像为",
                                                          "该图为",
                                                          "图中可见",
                                                          "图像显示",
                                                          "图中",
                                                          "图像中",
                                                          "影像中",
                                                          "可见",
                                                          "显示",
                                                          "位于",
                                                          "是",
                                                          "为",
                                                          "有",
                                                          "在"});

constexpr auto kDenials = std::to_array<std::string_view>({"no evidence of",
                                                           "no evidence for",
                                                           "no sign of",
                                                           "no signs of",
                                                           "without evidence of",
                                                           "negative for",
                                                           "absence of",
                                                           "free of",
                                                           "no",
                                                           "not",
                                                           "without",
                                                           "没有看到",
                                                           "没有发现",
                                                           "没有见到",
                                                           "没看到",
                                                           "没看见",
                                                           "没发现",
                                                           "没见到",
                                                           "未见到",
                                                           "未发现",
                                                           "未看到",
                                                           "未查见",
                                                           "未检出",
                                                           "未检测到",
                                                           "未显示",
                                                           "未见",
                                                           "没有",
                                                           "不存在",
                                                           "看不到",
                                                           "无",
                                                           "没"});

/// What says no more behind a denial: 无明显骨折.
constexpr auto kDenialFillers = std::to_array<std::string_view>(
    {"evidence of", "any", "obvious", "definite", "significant", "apparent", "visible",
     "demonstrable", "明显", "明确", "确切", "任何", "显著", "明显的", "明确的", "任何的"});

constexpr auto kAbnormal = std::to_array<std::string_view>(
    {"abnormal", "abnormality", "abnormalities", "abnormal finding", "abnormal findings", "异常",
     "异常发现", "异常征象", "异常改变", "异常表现", "异常所见", "异常影", "明显异常"});
constexpr auto kNormalWords = std::to_array<std::string_view>(
    {"normal", "unremarkable", "within normal limits", "healthy", "normal finding",
     "normal findings", "nothing abnormal", "正常", "无殊", "如常", "大致正常", "基本正常",
     "完全正常", "正常范围", "在正常范围内", "未见明显异常"});

constexpr auto kDeniedBehind = std::to_array<std::string_view>(
    {"is absent", "are absent", "absent", "not present", "is not present", "are not present",
     "not seen", "is not seen", "are not seen", "not identified", "is not identified",
     "are not identified", "not visible", "is not visible", "are not visible"});
constexpr auto kAffirmedBehind = std::to_array<std::string_view>(
    {"is present", "are present", "present", "is seen", "are seen", "seen", "is visible",
     "are visible", "is identified", "are identified"});

/// What says that the thing before it is normal.
constexpr auto kNormalBehind = std::to_array<std::string_view>(
    {"未见异常", "未见明显异常", "无异常", "无明显异常", "没有异常", "没有明显异常", "正常",
     "is normal", "are normal", "appears normal", "appear normal", "is unremarkable",
     "are unremarkable"});

/// Heads that add nothing to what they are of: "FLAIR sequence".
constexpr auto kHeads = std::to_array<std::string_view>(
    {"sequence", "sequences", "image", "images", "scan", "view", "plane", "序列", "图像"});

/// Whether a folded text begins with a name that only looks like a denial (无名动脉, 无回声), or
/// asks (有无骨折).
bool BeginsWithName(std::string_view form) {
  for (const std::string_view question : {"有无", "有没有", "是否", "是不是"}) {
    if (form.starts_with(question)) return true;
  }
  const Cue* cue = form.empty() ? nullptr : CueAt(form, 0);
  return cue != nullptr && cue->Is(kAttributive);
}

/// One member of a set, by what it says.
struct Member {
  std::string meaning;
  bool denied = false;
};

Member ReadMember(std::string_view text) {
  if (const auto side = BareSide(text)) return {*side ? "yes" : "no"};
  const std::string form = WithSigns(ComparisonForm(text));
  std::string_view rest = form;
  bool denied = false;
  while (!BeginsWithName(rest)) {
    if (!denied && TakeBeginning(kDenials, rest)) {
      denied = true;
      while (TakeBeginning(kDenialFillers, rest)) {
      }
    } else if (HasSynonyms(rest) || IsOneOf(rest, kNormalWords) || IsOneOf(rest, kAbnormal) ||
               !TakeBeginning(kFrames, rest)) {
      break;
    }
  }
  if (!denied && TakeEnd(kDeniedBehind, rest)) denied = true;
  if (!denied) TakeEnd(kAffirmedBehind, rest);
  if (rest.starts_with("不") && IsOneOf(rest.substr(3), kNormalWords)) return {"abnormal"};
  if (IsOneOf(rest, kAbnormal)) return {denied ? "normal" : "abnormal"};
  if (IsOneOf(rest, kNormalWords)) return {denied ? "abnormal" : "normal"};
  const bool normal = !denied && !rest.ends_with("不正常") && TakeEnd(kNormalBehind, rest);
  if (!HasSynonyms(rest)) TakeEnd(kHeads, rest);
  std::string meaning = MeaningOf(rest);
  if (normal) meaning += "normal";
  if (meaning.empty()) meaning = FoldText(text);
  return {denied ? "not " + meaning : meaning, denied};
}

/// A left and a right one are both: "left lung" and "right lung", and "left and right lung".
void JoinSides(std::vector<std::string>& meanings) {
  for (size_t i = 0; i < meanings.size(); ++i) {
    for (size_t j = 0; j < meanings.size(); ++j) {
      const std::string& left = meanings[i];
      const std::string& right = meanings[j];
      if (!left.starts_with("left") || !right.starts_with("right")) continue;
      const std::string_view of_left = std::string_view(left).substr(4);
      const std::string_view of_right = std::string_view(right).substr(5);
      const bool shared = (of_left.empty() && i < j) || (of_right.empty() && j < i);
      if (of_left != of_right && !shared) continue;
      const std::string both = "bilateral" + std::string(of_left.empty() ? of_right : of_left);
      meanings[i] = both;
      meanings.erase(meanings.begin() + static_cast<ptrdiff_t>(j));
      return JoinSides(meanings);
    }
  }
}

/// What an answer says: equal for answers that agree. Members of a set are in order; where some are
/// denied and some not, in that of the text, since a denial may reach the next ones.
std::vector<std::string> Meanings(std::string_view folded) {
  if (const auto side = BareSide(folded)) return {*side ? "yes" : "no"};
  const std::string ranges = WithPlainRanges(folded);
  std::vector<std::string> meanings;
  size_t denied = 0;
  for (const std::string& text : MembersOf(ranges)) {
    if (ComparisonForm(text).empty()) continue;
    const Member member = ReadMember(text);
    denied += member.denied ? 1 : 0;
    meanings.push_back(member.meaning);
  }
  if (denied != 0 && denied != meanings.size()) return meanings;
  JoinSides(meanings);
  std::sort(meanings.begin(), meanings.end());
  meanings.erase(std::unique(meanings.begin(), meanings.end()), meanings.end());
  return meanings;
}

}  // namespace

bool AnswersAgree(std::string_view a, std::string_view b) {
  const std::string one = FoldText(a);
  const std::string other = FoldText(b);
  if (one == other) return true;
  const std::vector<std::string> meanings = Meanings(one);
  const std::vector<std::string> others = Meanings(other);
  if (meanings.empty() || others.empty()) return false;
  if (meanings == others) return true;
  const auto is_side = [](const std::vector<std::string>& said, bool side) {
    return said.size() == 1 && said[0] == (side ? "yes" : "no");
  };
  const auto leading = LeadingSide(one);
  const auto other_leading = LeadingSide(other);
  return (leading && is_side(others, *leading)) ||
         (other_leading && is_side(meanings, *other_leading));
}

}  // namespace roentgen
