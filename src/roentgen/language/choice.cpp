#include "roentgen/language/choice.h"

#include <algorithm>
#include <array>
#include <string>

#include "roentgen/language/word_edges.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// The bytes of what a text begins with that is no letter and no digit.
size_t MarksAt(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Utf8Step step = ReadUtf8(text, at);
    const CharClass kind = ClassOf(step.code_point);
    if (kind == CharClass::kLetter || kind == CharClass::kNumber) break;
    at += step.length;
  }
  return at;
}

bool IsAscii(char c) {
  return IsLatin(c) || IsDigit(c);
}

/// The choice that a text begins with as a word of its own, behind marks.
std::optional<char> LetterAt(std::string_view text) {
  text.remove_prefix(MarksAt(text));
  if (text.empty() || text[0] < 'a' || text[0] > 'h') return std::nullopt;
  const bool alone = text.size() == 1 || (!IsAscii(text[1]) && text[1] != '\'' && text[1] != '-');
  return alone ? std::optional(text[0]) : std::nullopt;
}

/// Whether what follows a letter lets it be a choice: a mark, the end, 项, "is". A blank and a word
/// do not: "a mass".
bool MayFollow(std::string_view rest) {
  static constexpr std::array<std::string_view, 8> kBehind = {"项",   "选项",  "是",       "正确",
                                                              " is ", " was ", " because", " ("};
  if (MarksAt(rest) == rest.size()) return true;
  if (std::any_of(kBehind.begin(), kBehind.end(),
                  [&](std::string_view word) { return rest.starts_with(word); })) {
    return true;
  }
  return rest[0] != ' ' && MarksAt(rest) > 0;
}

/// Whether another choice follows: "a or b", a、b.
bool GoesOn(std::string_view rest) {
  rest.remove_prefix(MarksAt(rest));
  for (const std::string_view word : {"and", "or", "和", "或者", "或", "与", "及", "以及"}) {
    if (!rest.starts_with(word)) continue;
    rest.remove_prefix(word.size());
    break;
  }
  const auto next = LetterAt(rest);
  return next && MayFollow(rest.substr(MarksAt(rest) + 1));
}

/// What may stand before a choice, the longest first.
void TakeLead(std::string_view& text) {
  static constexpr std::array<std::string_view, 26> kLeads = {"the correct answer is",
                                                              "the correct option is",
                                                              "the right answer is",
                                                              "my answer is",
                                                              "the answer is",
                                                              "correct answer",
                                                              "the answer",
                                                              "answer is",
                                                              "final answer",
                                                              "i choose",
                                                              "i would choose",
                                                              "answer",
                                                              "option",
                                                              "choice",
                                                              "it is",
                                                              "正确答案是",
                                                              "正确答案为",
                                                              "正确答案",
                                                              "答案是",
                                                              "答案为",
                                                              "答案选",
                                                              "答案",
                                                              "应该选",
                                                              "应选",
                                                              "我选",
                                                              "选项"};
  static constexpr std::array<std::string_view, 4> kShort = {"选择", "选", "是", "为"};
  const auto take = [&](const auto& words) {
    text.remove_prefix(MarksAt(text));
    const auto found = std::find_if(words.begin(), words.end(), [&](std::string_view word) {
      return text.starts_with(word) &&
             (!IsAscii(word.back()) || text.size() == word.size() || !IsAscii(text[word.size()]));
    });
    if (found != words.end()) text.remove_prefix(found->size());
    return found != words.end();
  };
  while (take(kLeads) || take(kShort)) {
  }
}

}  // namespace

std::optional<char> ChoiceTaken(std::string_view answer) {
  const std::string form = FoldText(answer);
  std::string_view text = form;
  TakeLead(text);
  const std::optional<char> letter = LetterAt(text);
  if (!letter) return std::nullopt;
  const std::string_view rest = text.substr(MarksAt(text) + 1);
  return MayFollow(rest) && !GoesOn(rest) ? letter : std::nullopt;
}

std::optional<char> BareChoice(std::string_view answer) {
  const std::string form = FoldText(answer);
  const std::optional<char> letter = LetterAt(form);
  if (!letter) return std::nullopt;
  const std::string_view rest = std::string_view(form).substr(MarksAt(form) + 1);
  return MarksAt(rest) == rest.size() ? letter : std::nullopt;
}

}  // namespace roentgen
