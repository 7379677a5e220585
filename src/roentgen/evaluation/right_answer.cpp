#include "roentgen/evaluation/right_answer.h"

#include <optional>

#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"

namespace roentgen {

bool IsRight(std::string_view answer, std::string_view reference) {
  if (const std::optional<bool> truth = YesOrNo(reference)) return SideTaken(answer) == truth;
  return MeasureForm(answer) == MeasureForm(reference);
}

}  // namespace roentgen
