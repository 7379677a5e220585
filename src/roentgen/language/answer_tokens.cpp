#include "roentgen/language/answer_tokens.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "roentgen/language/measures.h"
#include "roentgen/language/word_edges.h"
#include "roentgen/language/word_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

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
    } else if (IsLatin(rest[0]) || rest.starts_with("μ") ||
               (after_word && (IsDigit(rest[0]) || rest[0] == '*'))) {
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
  if (text == "mm" && at + 1 < tokens.size() && tokens[at + 1].text == "hg") {
    text.clear();
    tokens[at + 1].text.clear();
    return UnitNamed("mmhg");
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

}  // namespace

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
  if (form.find_first_of("0123456789") == form.npos) return std::string(form);
  std::string result;
  for (size_t at = 0; at < form.size();) {
    const std::string_view rest = form.substr(at);
    const Spelled* longest = nullptr;
    for (const Spelled& spelled : kSpelled) {
      const std::string_view words = spelled.words;
      if (rest[0] != words[0] || !rest.starts_with(words) ||
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

Tokens MeasuredTokens(std::string_view form) {
  Tokens tokens = TokensOf(form);
  ReadPairs(tokens);
  ReadNumberWords(tokens);
  ReadRomanNumerals(tokens);
  MeasureNumbers(tokens);
  return tokens;
}

}  // namespace roentgen
