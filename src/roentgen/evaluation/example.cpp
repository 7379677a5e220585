#include "roentgen/evaluation/example.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/data/comparison.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

using Fields = std::map<std::string, std::vector<std::string>>;

constexpr const char* kQuestionType = "question_type";

std::string Quote(std::string_view text) {
  constexpr size_t kShown = 60;
  return fmt::format("\"{}{}\"", text.substr(0, kShown), text.size() > kShown ? "…" : "");
}

/// "closed" by the field of that meaning, if there is one.
std::optional<bool> ClosedByField(const Fields& fields) {
  for (const char* name : {"answer_type", "qtype"}) {
    const auto field = fields.find(name);
    if (field == fields.end() || field->second.empty()) continue;
    const std::string type = Lowercase(Strip(field->second[0]));
    if (type == "closed" || type == "close") return true;
    if (type == "open") return false;
  }
  return std::nullopt;
}

bool IsClosed(const Fields& fields, const std::string& reference) {
  return ClosedByField(fields).value_or(YesOrNo(reference).has_value());
}

std::optional<double> ProbabilityOfYes(const Prediction& prediction) {
  if (!prediction.log_probability_yes || !prediction.log_probability_no) return std::nullopt;
  return 1 / (1 + std::exp(*prediction.log_probability_no - *prediction.log_probability_yes));
}

/// Several labels in one field, as VQA-RAD has them: "PRES, ABN".
std::vector<std::string> SplitLabels(const std::vector<std::string>& fields) {
  std::vector<std::string> labels;
  for (const std::string& field : fields) {
    for (size_t begin = 0; begin <= field.size();) {
      const size_t end = std::min(field.find(',', begin), field.size());
      const std::string_view label = Strip(std::string_view(field).substr(begin, end - begin));
      if (!label.empty()) labels.emplace_back(label);
      begin = end + 1;
    }
  }
  return labels;
}

Example ToExample(const Prediction& prediction, const Sample& sample) {
  Example example;
  example.id = sample.id;
  example.question = QuestionOf(sample);
  example.prediction = prediction.predict;
  example.reference = AnswerOf(sample);
  example.fields = FieldsOf(sample);
  example.closed = IsClosed(example.fields, example.reference);
  example.images = sample.images;
  example.probability_yes = ProbabilityOfYes(prediction);
  return example;
}

std::string Place(const std::string& file, const Prediction& prediction) {
  return fmt::format("{}: row {}", file, prediction.row);
}

void CheckLabel(const std::string& file, const Prediction& prediction, const Sample& sample) {
  if (!prediction.label || StrictForm(*prediction.label) == StrictForm(AnswerOf(sample))) return;
  throw Error(fmt::format("{}: the reference is {} there, but {} in the question set ({})",
                          Place(file, prediction), Quote(*prediction.label),
                          Quote(AnswerOf(sample)), sample.id),
              "Score a file against the question set that it was made for.");
}

/// Refuses predictions without ids that do not show by themselves which sample each belongs to.
void CheckOrder(const std::string& file, std::span<const Prediction> predictions,
                std::span<const Sample> references) {
  if (predictions.size() != references.size()) {
    throw Error(fmt::format("{}: {} predictions without ids for {} questions", file,
                            predictions.size(), references.size()),
                "Without ids they can only be matched when there is one for each.");
  }
  for (size_t i = 0; i < predictions.size(); ++i) {
    const std::string where = Place(file, predictions[i]);
    if (!predictions[i].label) {
      throw Error(where + ": neither an id nor a reference says which question this answers");
    }
    CheckLabel(file, predictions[i], references[i]);
    const std::string question = QuestionOf(references[i]);
    if (!predictions[i].prompt.empty() &&
        predictions[i].prompt.find(question) == std::string::npos) {
      throw Error(fmt::format("{}: its prompt does not ask {} ({})", where, Quote(question),
                              references[i].id),
                  "Without ids predictions must be in the order of the questions.");
    }
  }
}

/// For each of the ids the place of its prediction. Every id has one, every prediction an id.
std::vector<size_t> PlacesById(const std::vector<std::string>& ids,
                               std::span<const Prediction> predictions, const std::string& file) {
  std::unordered_map<std::string_view, size_t> places;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!places.try_emplace(ids[i], i).second) {
      throw Error(fmt::format("two questions have the id \"{}\"", ids[i]));
    }
  }
  constexpr size_t kNone = SIZE_MAX;
  std::vector<size_t> of_id(ids.size(), kNone);
  for (size_t i = 0; i < predictions.size(); ++i) {
    const auto place = places.find(predictions[i].id);
    if (place == places.end()) {
      throw Error(fmt::format("{}: no question has the id \"{}\"", Place(file, predictions[i]),
                              predictions[i].id),
                  "Was the file made for another question set, or another part of it?");
    }
    of_id[place->second] = i;
  }
  const auto missing = std::count(of_id.begin(), of_id.end(), kNone);
  if (missing > 0) {
    const auto first = std::find(of_id.begin(), of_id.end(), kNone) - of_id.begin();
    throw Error(fmt::format("{}: {} of {} questions have no prediction, \"{}\" the first", file,
                            missing, ids.size(), ids[static_cast<size_t>(first)]),
                "Scores of a part are no scores of the set: finish the run.");
  }
  return of_id;
}

}  // namespace

Fields FieldsOf(const Sample& sample) {
  Fields fields;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) fields[name] = {value};
  };
  add("language", sample.language);
  add("modality", sample.modality);
  add("organ", sample.organ);
  add("answer_type", sample.answer_type);
  add("split", sample.split);
  if (auto types = SplitLabels(sample.question_types); !types.empty()) {
    fields[kQuestionType] = std::move(types);
  }
  for (const auto& [name, value] : sample.extra.items()) {
    if (value.is_string()) fields.try_emplace(name, 1, value.get<std::string>());
  }
  return fields;
}

std::string QuestionOf(const Sample& sample) {
  for (auto turn = sample.turns.rbegin(); turn != sample.turns.rend(); ++turn) {
    if (turn->role != Role::kUser) continue;
    return std::string(Strip(Replace(turn->text, kImagePlaceholder, "")));
  }
  return "";
}

std::string AnswerOf(const Sample& sample) {
  const bool answered = !sample.turns.empty() && sample.turns.back().role == Role::kAssistant;
  return answered ? std::string(Strip(sample.turns.back().text)) : "";
}

std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file) {
  std::vector<Example> examples;
  for (const Prediction& prediction : predictions) {
    if (!prediction.label) {
      throw Error(Place(file, prediction) + ": no reference to compare with",
                  "Name the question set with --references.");
    }
    Example& example = examples.emplace_back();
    example.id = prediction.id;
    example.question = prediction.question.empty() ? prediction.prompt : prediction.question;
    example.prediction = prediction.predict;
    example.reference = *prediction.label;
    for (const auto& [name, value] : prediction.fields) {
      example.fields[name] =
          name == kQuestionType ? SplitLabels({value}) : std::vector<std::string>{value};
    }
    example.closed = IsClosed(example.fields, example.reference);
    example.images = prediction.images;
    example.probability_yes = ProbabilityOfYes(prediction);
  }
  return examples;
}

std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file,
                                std::span<const Sample> references) {
  std::vector<Example> examples;
  if (predictions.empty() || predictions[0].id.empty()) {
    CheckOrder(file, predictions, references);
    for (size_t i = 0; i < references.size(); ++i) {
      examples.push_back(ToExample(predictions[i], references[i]));
    }
    return examples;
  }
  std::vector<std::string> ids;
  for (const Sample& sample : references) ids.push_back(sample.id);
  const std::vector<size_t> places = PlacesById(ids, predictions, file);
  for (size_t i = 0; i < references.size(); ++i) {
    CheckLabel(file, predictions[places[i]], references[i]);
    examples.push_back(ToExample(predictions[places[i]], references[i]));
  }
  return examples;
}

std::vector<std::string> AnswersTo(std::span<const Example> examples,
                                   std::span<const Prediction> predictions,
                                   const std::string& file) {
  const bool ids = !examples.empty() && !examples[0].id.empty() && !predictions.empty() &&
                   !predictions[0].id.empty();
  std::vector<std::string> answers;
  if (ids) {
    std::vector<std::string> of_examples;
    for (const Example& example : examples) of_examples.push_back(example.id);
    for (const size_t place : PlacesById(of_examples, predictions, file)) {
      answers.push_back(predictions[place].predict);
    }
    return answers;
  }
  if (predictions.size() != examples.size()) {
    throw Error(fmt::format("{}: {} predictions without ids for {} questions", file,
                            predictions.size(), examples.size()));
  }
  for (size_t i = 0; i < examples.size(); ++i) {
    const Prediction& prediction = predictions[i];
    const bool same = prediction.label &&
                      StrictForm(*prediction.label) == StrictForm(examples[i].reference) &&
                      (prediction.prompt.empty() ||
                       prediction.prompt.find(examples[i].question) != std::string::npos);
    if (!same) {
      throw Error(fmt::format("{}: nothing shows that this answers {}", Place(file, prediction),
                              Quote(examples[i].question)),
                  "Give both files ids, or the same rows in the same order.");
    }
    answers.push_back(prediction.predict);
  }
  return answers;
}

}  // namespace roentgen
