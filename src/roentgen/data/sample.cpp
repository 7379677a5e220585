#include "roentgen/data/sample.h"

namespace roentgen {

size_t QuestionsOf(const Sample& sample) {
  return sample.turns.size() / 2;
}

const std::string& QuestionText(const Sample& sample, size_t question) {
  return sample.turns[2 * question].text;
}

const std::string& AnswerText(const Sample& sample, size_t question) {
  return sample.turns[2 * question + 1].text;
}

std::string AnswerTypeOf(const Sample& sample, size_t question) {
  const auto types = sample.extra.find(kAnswerTypes);
  if (types != sample.extra.end() && types->is_array() && types->size() == QuestionsOf(sample) &&
      (*types)[question].is_string()) {
    return (*types)[question].get<std::string>();
  }
  return sample.answer_type;
}

}  // namespace roentgen
