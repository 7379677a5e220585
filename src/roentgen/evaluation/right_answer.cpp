#include "roentgen/evaluation/right_answer.h"

#include <optional>

#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/choice.h"
#include "roentgen/language/refusal.h"

namespace roentgen {

bool IsRight(std::string_view answer, std::string_view reference) {
  if (const std::optional<bool> truth = YesOrNo(reference)) return SideTaken(answer) == truth;
  const std::optional<char> choice = BareChoice(reference);
  if (choice && ChoiceTaken(answer) == choice) return true;
  return MeasureForm(answer) == MeasureForm(reference);
}

bool SameAnswer(std::string_view a, std::string_view b, std::string_view reference) {
  if (YesOrNo(reference)) {
    const std::optional<bool> side = SideTaken(a);
    const std::optional<bool> other = SideTaken(b);
    if (side || other) return side == other;
  } else if (BareChoice(reference)) {
    const std::optional<char> choice = ChoiceTaken(a);
    const std::optional<char> other = ChoiceTaken(b);
    if (choice || other) return choice == other;
  }
  return MeasureForm(a) == MeasureForm(b);
}

bool IsReadable(std::string_view answer, std::string_view reference) {
  if (YesOrNo(reference)) return SideTaken(answer).has_value();
  if (BareChoice(reference) && ChoiceTaken(answer)) return true;
  return !MeasureForm(answer).empty();
}

bool IsGiven(std::string_view answer, std::string_view question, std::string_view reference) {
  if (!IsReadable(answer, reference)) return false;
  return IsRight(answer, reference) || !Refuses(answer, question);
}

}  // namespace roentgen
