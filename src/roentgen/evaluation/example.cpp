#include "roentgen/evaluation/example.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/data/labels.h"
#include "roentgen/data/reading.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"

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
    const std::string type = AnswerTypeOrName(field->second[0]);
    if (type == kClosed || Lowercase(type) == "close") return true;
    if (type == kOpen) return false;
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

/// A text without its blanks, in lower case: how a question is found in a prompt.
std::string Squeezed(std::string_view text) {
  std::string squeezed;
  for (const std::string& word : SplitAtBlanks(Lowercase(text))) squeezed += word;
  return squeezed;
}

/// Whether the text asks the sample's last question: has its words around the images in order.
bool Asks(const std::string& text, const Sample& sample) {
  std::string question;
  for (const Turn& turn : sample.turns) {
    if (turn.role == Role::kUser) question = turn.text;
  }
  const std::string asked = Squeezed(text);
  size_t at = 0;
  for (size_t begin = 0; begin <= question.size();) {
    const size_t end = std::min(question.find(kImagePlaceholder, begin), question.size());
    const std::string piece = Squeezed(std::string_view(question).substr(begin, end - begin));
    at = asked.find(piece, at);
    if (at == std::string::npos) return false;
    at += piece.size();
    begin = end + kImagePlaceholder.size();
  }
  return true;
}

void CheckQuestion(const std::string& file, const Prediction& prediction, const Sample& sample) {
  const std::string& prompt = prediction.prompt;
  const std::string& question = prediction.question;
  if (prompt.empty() && question.empty()) return;
  if (Asks(prompt, sample) || Asks(question, sample)) return;
  throw Error(fmt::format("{}: {} does not ask {} ({})", Place(file, prediction),
                          question.empty() ? "its prompt" : "its question",
                          Quote(QuestionOf(sample)), sample.id),
              prediction.id.empty()
                  ? "Without ids predictions must be in the order of the questions."
                  : "Score a file against the question set that it was made for.");
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
    if (!predictions[i].label && !AnswerOf(references[i]).empty()) {
      throw Error(where + ": neither an id nor a reference says which question this answers");
    }
    CheckLabel(file, predictions[i], references[i]);
    CheckQuestion(file, predictions[i], references[i]);
  }
}

/// Rows without a reference: there is nothing to score them against.
class WithoutReference {
 public:
  explicit WithoutReference(const std::string& file) : file_(file) {}
  void Add(const std::string& place) {
    if (count_++ == 0) first_ = place;
  }

  /// Says how many of all there were, if any; throws Error when all were.
  void Finish(size_t all, const std::function<void(const std::string&)>& note) const {
    if (count_ == 0) return;
    if (count_ == all) {
      throw Error(first_ + ": no reference to compare with, and none in any other row",
                  "Name the question set with --references.");
    }
    if (!note) return;
    note(
        fmt::format("{}: {} of {} rows have no reference and are left out of the scores: {} is the "
                    "first",
                    file_, count_, all, first_));
  }

 private:
  const std::string& file_;
  size_t count_ = 0;
  std::string first_;
};

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
  const auto last = std::find_if(sample.turns.rbegin(), sample.turns.rend(),
                                 [](const Turn& turn) { return turn.role == Role::kUser; });
  if (last == sample.turns.rend()) return "";
  return std::string(Strip(Replace(last->text, kImagePlaceholder, "")));
}

std::string AnswerOf(const Sample& sample) {
  const bool answered = !sample.turns.empty() && sample.turns.back().role == Role::kAssistant;
  return answered ? std::string(Strip(sample.turns.back().text)) : "";
}

std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file,
                                const std::function<void(const std::string&)>& note) {
  std::vector<Example> examples;
  WithoutReference without(file);
  for (const Prediction& prediction : predictions) {
    if (!prediction.label) {
      without.Add(Place(file, prediction));
      continue;
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
  without.Finish(predictions.size(), note);
  return examples;
}

std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file,
                                std::span<const Sample> references,
                                const std::function<void(const std::string&)>& note) {
  std::vector<Example> examples;
  WithoutReference without(file);
  const auto add = [&](const Prediction& prediction, const Sample& sample) {
    if (AnswerOf(sample).empty()) {
      without.Add(fmt::format("question {}", sample.id));
    } else {
      examples.push_back(ToExample(prediction, sample));
    }
  };
  if (predictions.empty() || predictions[0].id.empty()) {
    CheckOrder(file, predictions, references);
    for (size_t i = 0; i < references.size(); ++i) add(predictions[i], references[i]);
    without.Finish(references.size(), note);
    return examples;
  }
  std::vector<std::string> ids;
  for (const Sample& sample : references) ids.push_back(sample.id);
  const std::vector<size_t> places = PlacesById(ids, predictions, file);
  for (size_t i = 0; i < references.size(); ++i) {
    CheckLabel(file, predictions[places[i]], references[i]);
    CheckQuestion(file, predictions[places[i]], references[i]);
    add(predictions[places[i]], references[i]);
  }
  without.Finish(references.size(), note);
  return examples;
}

std::vector<std::string> AnswersTo(std::span<const Example> examples,
                                   std::span<const Prediction> given, const std::string& file) {
  // Rows without a reference are left out of examples, too.
  std::vector<Prediction> predictions;
  std::copy_if(given.begin(), given.end(), std::back_inserter(predictions),
               [](const Prediction& prediction) { return prediction.label.has_value(); });
  if (predictions.empty()) predictions.assign(given.begin(), given.end());
  const bool ids = !examples.empty() && !examples[0].id.empty() && !predictions.empty() &&
                   !predictions[0].id.empty();
  std::vector<std::string> answers;
  if (ids) {
    std::vector<std::string> of_examples;
    for (const Example& example : examples) of_examples.push_back(example.id);
    const std::vector<size_t> places = PlacesById(of_examples, predictions, file);
    for (size_t i = 0; i < examples.size(); ++i) {
      const Prediction& prediction = predictions[places[i]];
      if (prediction.label && StrictForm(*prediction.label) != StrictForm(examples[i].reference)) {
        throw Error(fmt::format("{}: the reference is {} there, but {} with the true images",
                                Place(file, prediction), Quote(*prediction.label),
                                Quote(examples[i].reference)),
                    "Compare answers to the same questions.");
      }
      answers.push_back(prediction.predict);
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
