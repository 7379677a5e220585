#include "roentgen/evaluation/answered_run.h"

#include <string>
#include <utility>

namespace roentgen {

AnsweredRun ReadAnsweredRun(const std::filesystem::path& folder) {
  RecordedRun run = ReadRun(folder);
  AnsweredRun answered;
  answered.description = std::move(run.description);
  answered.examples = ToExamples(run.predictions, folder.string());
  std::vector<std::string> references;
  std::vector<std::string> answers;
  for (const Example& example : answered.examples) {
    references.push_back(example.reference);
    answers.push_back(example.prediction);
  }
  for (const auto& [shown, predictions] : run.others) {
    std::vector<std::string> others;
    for (const Prediction& prediction : predictions) others.push_back(prediction.predict);
    answered.image_use[shown] = MeasureImageUse(references, answers, others);
  }
  return answered;
}

}  // namespace roentgen
