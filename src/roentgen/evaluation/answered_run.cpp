#include "roentgen/evaluation/answered_run.h"

#include <system_error>
#include <utility>

#include "roentgen/evaluation/same_questions.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

std::vector<Example> ReadExamples(const fs::path& file, const std::vector<Prediction>& predictions,
                                  ThreadPool& pool, const Note& note) {
  const ImageHashes hashes = HashImages(predictions, file.string(), {}, pool);
  return ToExamples(predictions, file.string(), note, hashes);
}

}  // namespace

AnsweredRun ReadAnsweredRun(const fs::path& path, ThreadPool& pool, const ColumnChoice& columns,
                            const Note& note) {
  AnsweredRun answered;
  std::error_code ignored;  // what cannot be looked at is named when it is opened
  if (fs::is_regular_file(path, ignored)) {
    answered.description = Json::object();
    answered.examples = ReadExamples(path, ReadPredictions(path, columns), pool, note);
    return answered;
  }
  RecordedRun run = ReadRun(path, columns);
  answered.description = std::move(run.description);
  answered.examples =
      ReadExamples(PredictionsFile(path, ShownImages::kTrue), run.predictions, pool, note);
  for (const auto& [shown, predictions] : run.others) {
    std::vector<std::string> others;
    for (size_t i = 0; i < predictions.size(); ++i) {
      if (run.predictions[i].label) others.push_back(predictions[i].predict);
    }
    answered.image_use[shown] = MeasureImageUse(answered.examples, others);
  }
  return answered;
}

void PutInOrder(const AnsweredRun& one, AnsweredRun& other) {
  other.examples = InOrderOf(one.examples, std::move(other.examples));
}

std::optional<std::string> RequireSameQuestions(const AnsweredRun& one, const AnsweredRun& other) {
  auto unchecked = RequireSameQuestions(std::span(one.examples), std::span(other.examples));
  RequireSameData(one.description, other.description);
  return unchecked;
}

}  // namespace roentgen
