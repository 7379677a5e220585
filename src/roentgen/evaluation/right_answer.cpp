#include "roentgen/evaluation/right_answer.h"

#include <optional>
#include <string>

#include "roentgen/evaluation/words.h"
#include "roentgen/language/agreement.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/choice.h"
#include "roentgen/language/refusal.h"
#include "roentgen/language/said.h"

namespace roentgen {
namespace {

/// The side that a reference is.
std::optional<bool> TruthOf(std::string_view reference) {
  const std::string form = MeasureForm(reference);
  if (form == "true") return true;
  if (form == "false") return false;
  return YesOrNo(reference);
}

bool SaysOrAgrees(std::string_view answer, std::string_view reference) {
  return MeasureForm(answer) == MeasureForm(reference) || Says(answer, reference) ||
         AnswersAgree(answer, reference);
}

/// The letter that an answer chooses, where one choice is known to be `right`: who says its text
/// alone chooses it.
std::optional<char> ChoiceOf(std::string_view answer, const Choice& right) {
  if (const std::optional<char> letter = ChoiceTaken(answer)) return letter;
  const bool said = !right.text.empty() && SaysOrAgrees(answer, right.text);
  return said ? std::optional(right.letter) : std::nullopt;
}

/// Whether the reader finds in an answer what the reference says.
bool Finds(std::string_view answer, std::string_view reference) {
  if (const std::optional<bool> truth = TruthOf(reference)) return SideTaken(answer) == truth;
  if (const std::optional<Choice> choice = ChoiceNamed(reference)) {
    return ChoiceOf(answer, *choice) == choice->letter ||
           MeasureForm(answer) == MeasureForm(reference);
  }
  return SaysOrAgrees(answer, reference);
}

/// Whether two answers choose the same letter, one of them by nothing else: "B", "B. liver".
bool ChooseTheSame(std::string_view a, std::string_view b) {
  return (BareChoice(a) || BareChoice(b)) && ChoiceTaken(a) && ChoiceTaken(a) == ChoiceTaken(b);
}

}  // namespace

bool IsRight(std::string_view answer, std::string_view reference, std::string_view question) {
  return Finds(answer, reference) && IsGiven(answer, question, reference);
}

bool SameAnswer(std::string_view a, std::string_view b, std::string_view reference) {
  if (MeasureForm(a) == MeasureForm(b)) return true;
  if (TruthOf(reference)) {
    const std::optional<bool> side = SideTaken(a);
    const std::optional<bool> other = SideTaken(b);
    if (side || other) return side == other;
  } else if (const std::optional<Choice> right = ChoiceNamed(reference)) {
    const std::optional<char> choice = ChoiceOf(a, *right);
    const std::optional<char> other = ChoiceOf(b, *right);
    if (choice || other) return choice == other;
  } else if (ChooseTheSame(a, b) || (Finds(a, reference) && Finds(b, reference))) {
    return true;
  }
  return AnswersAgree(a, b) || (Says(a, b) && Says(b, a));
}

bool IsGiven(std::string_view answer, std::string_view question, std::string_view reference) {
  const bool sided = TruthOf(reference).has_value();
  if (sided ? !SideTaken(answer) : MeasureForm(answer).empty()) return false;
  if (MeasureForm(answer) == MeasureForm(reference)) return true;
  if (IsNoAnswer(answer)) return false;
  if (!sided && SaysNone(answer)) return DeniesPremise(reference);
  return !Refuses(answer, question) || CannotTell(reference) || Refuses(reference);
}

}  // namespace roentgen
