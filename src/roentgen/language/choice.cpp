#include "roentgen/language/choice.h"

#include <algorithm>
#include <array>
#include <set>
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
  static constexpr std::array<std::string_view, 9> kBehind = {
      "项", "选项", "是", "正确", " is ", " was ", " because", " since", " ("};
  static constexpr std::array<std::string_view, 8> kRejected = {
      " is not", " is wrong", " is incorrect", " is false", " was not", "是错", "是不", "项错"};
  if (MarksAt(rest) == rest.size()) return true;
  if (std::any_of(kRejected.begin(), kRejected.end(),
                  [&](std::string_view word) { return rest.starts_with(word); })) {
    return false;
  }
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

/// Takes what may stand before a choice; returns whether anything did.
bool TakeLead(std::string_view& text) {
  // The longest first.
  static constexpr std::array<std::string_view, 40> kLeads = {"the correct answer is",
                                                              "the correct option is",
                                                              "the right answer is",
                                                              "my answer is",
                                                              "the answer is",
                                                              "correct answer",
                                                              "the answer",
                                                              "answer is",
                                                              "final answer",
                                                              "i would choose",
                                                              "i choose",
                                                              "i think",
                                                              "i believe",
                                                              "therefore",
                                                              "answer",
                                                              "option",
                                                              "choice",
                                                              "hence",
                                                              "thus",
                                                              "that is",
                                                              "it is",
                                                              "it's",
                                                              "so",
                                                              "正确答案是",
                                                              "正确答案为",
                                                              "正确答案",
                                                              "答案是",
                                                              "答案为",
                                                              "答案选",
                                                              "答案",
                                                              "应该选",
                                                              "应该是",
                                                              "应选",
                                                              "我选",
                                                              "选项",
                                                              "所以",
                                                              "因此",
                                                              "综上",
                                                              "我认为",
                                                              "我觉得"};
  static constexpr std::array<std::string_view, 5> kShort = {"选择", "选", "是", "为", "故"};
  const auto take = [&](const auto& words) {
    text.remove_prefix(MarksAt(text));
    const auto found = std::find_if(words.begin(), words.end(), [&](std::string_view word) {
      return text.starts_with(word) &&
             (!IsAscii(word.back()) || text.size() == word.size() || !IsAscii(text[word.size()]));
    });
    if (found != words.end()) text.remove_prefix(found->size());
    return found != words.end();
  };
  bool any = false;
  while (take(kLeads) || take(kShort)) any = true;
  return any;
}

/// What follows the last comma or stop that anything follows.
std::string_view LastClause(std::string_view form) {
  size_t begin = 0;
  size_t next = 0;
  for (size_t at = 0; at < form.size();) {
    const Utf8Step step = ReadUtf8(form, at);
    const CharClass kind = ClassOf(step.code_point);
    if (kind == CharClass::kLetter || kind == CharClass::kNumber) begin = next;
    at += step.length;
    if (std::u32string_view(U",.;:!?\n，。；：！？").find(step.code_point) !=
        std::u32string_view::npos) {
      next = at;
    }
  }
  return form.substr(begin);
}

/// Whether what stands before a lead turns it around: "do not choose B", 不应选B.
bool IsTurnedAround(std::string_view before) {
  static constexpr std::array<std::string_view, 8> kTurns = {"not ",   "n't ", "never ", "不",
                                                             "不应该", "不应", "不能",   "不会"};
  return std::any_of(kTurns.begin(), kTurns.end(),
                     [&](std::string_view turn) { return before.ends_with(turn); });
}

/// What a text says wherever it says that it answers: "…, so the answer is B", 综上，选B.
struct Announced {
  std::set<char> letters;
  bool several = false;  ///< "the answer is A or B"
};

Announced FindAnnounced(std::string_view form) {
  static constexpr std::array<std::string_view, 15> kLeads = {"answer is",
                                                              "answer would be",
                                                              "answer should be",
                                                              "answer",
                                                              "option is",
                                                              "choice is",
                                                              "choose",
                                                              "select",
                                                              "答案是",
                                                              "答案为",
                                                              "答案选",
                                                              "答案应为",
                                                              "答案",
                                                              "选择",
                                                              "选"};
  Announced announced;
  for (const std::string_view lead : kLeads) {
    for (size_t at = form.find(lead); at != form.npos; at = form.find(lead, at + 1)) {
      const std::string_view rest = form.substr(at + lead.size());
      const bool english = IsAscii(lead[0]);
      if (english && ((at > 0 && IsAscii(form[at - 1])) || (!rest.empty() && IsAscii(rest[0])))) {
        continue;
      }
      const size_t marks = MarksAt(rest);
      const std::string_view between = rest.substr(0, marks);
      const bool ended =
          between.find_first_of(".?!;") != between.npos || between.find("。") != between.npos;
      const std::optional<char> letter = LetterAt(rest);
      if (ended || !letter || IsTurnedAround(form.substr(0, at))) continue;
      const std::string_view behind = rest.substr(marks + 1);
      if (!MayFollow(behind)) continue;
      announced.letters.insert(*letter);
      announced.several = announced.several || GoesOn(behind);
    }
  }
  // "b is the correct answer", B是正确答案
  for (const std::string_view praise :
       {" is the correct", " is the right", " is the best", " is the answer", " is correct",
        "是正确", "正确", "项正确", "选项正确"}) {
    for (size_t at = form.find(praise); at != form.npos; at = form.find(praise, at + 1)) {
      size_t letter = at;
      while (letter > 0 && std::string_view(")]*\"'").find(form[letter - 1]) != form.npos) --letter;
      if (letter == 0 || LetterAt(form.substr(letter - 1)) != form[letter - 1]) continue;
      if (letter > 1 && (IsAscii(form[letter - 2]) || form[letter - 2] == '-')) continue;
      announced.letters.insert(form[letter - 1]);
    }
  }
  return announced;
}

}  // namespace

std::optional<char> ChoiceTaken(std::string_view answer) {
  const std::string form = FoldText(answer);
  const Announced announced = FindAnnounced(form);
  if (announced.several || announced.letters.size() > 1) return std::nullopt;
  if (!announced.letters.empty()) return *announced.letters.begin();
  for (const bool at_the_end : {false, true}) {
    std::string_view text = at_the_end ? LastClause(form) : std::string_view(form);
    if (!TakeLead(text) && at_the_end) break;
    const std::optional<char> letter = LetterAt(text);
    if (!letter) continue;
    const std::string_view rest = text.substr(MarksAt(text) + 1);
    return MayFollow(rest) && !GoesOn(rest) ? letter : std::nullopt;
  }
  return std::nullopt;
}

std::optional<char> BareChoice(std::string_view answer) {
  const std::optional<Choice> choice = ChoiceNamed(answer);
  return choice && choice->text.empty() ? std::optional(choice->letter) : std::nullopt;
}

std::optional<Choice> ChoiceNamed(std::string_view reference) {
  const std::string form = FoldText(reference);
  const std::optional<char> letter = LetterAt(form);
  if (!letter) return std::nullopt;
  const std::string_view rest = std::string_view(form).substr(MarksAt(form) + 1);
  const size_t marks = MarksAt(rest);
  const std::string_view text = rest.substr(marks);
  if (text.empty()) return Choice{*letter, ""};
  const bool marked = marks > 0 && rest.substr(0, marks).find_first_not_of(' ') != rest.npos;
  const bool word = !IsAscii(text[0]) || (text.size() > 1 && IsAscii(text[1]));  // not "A.P."
  if (!marked || !word || GoesOn(rest)) return std::nullopt;
  return Choice{*letter, std::string(text)};
}

}  // namespace roentgen
