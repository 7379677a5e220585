#include "roentgen/evaluation/example.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/data/labels.h"
#include "roentgen/data/reading.h"
#include "roentgen/evaluation/metadata.h"
#include "roentgen/evaluation/patient_hash.h"
#include "roentgen/evaluation/same_questions.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/training/encoded_sample.h"

namespace roentgen {
namespace {

using Fields = std::map<std::string, std::vector<std::string>>;

constexpr const char* kQuestionType = "question_type";

std::string Quote(std::string_view text) {
  constexpr size_t kShown = 60;
  return fmt::format("\"{}{}\"", text.substr(0, kShown), text.size() > kShown ? "…" : "");
}

/// Whether the type of an answer is closed (true) or open; nothing where it is something else.
std::optional<bool> ClosedByType(const std::string& name) {
  const std::string type = AnswerTypeOrName(name);
  if (type == kClosed || Lowercase(type) == "close") return true;
  if (type == kOpen) return false;
  return std::nullopt;
}

/// By the fields of that meaning, which must agree; where none says it, by the reference.
bool IsClosed(const std::string& where, const Fields& fields, const std::string& reference) {
  std::optional<bool> closed;
  for (const char* name : {"answer_type", "qtype"}) {
    const auto field = fields.find(name);
    if (field == fields.end() || field->second.size() != 1) continue;
    const std::optional<bool> here = ClosedByType(field->second[0]);
    if (closed && here && closed != here) {
      throw Error(fmt::format("{}: answer_type and qtype differ: {} and {}", where,
                              Quote(fields.at("answer_type")[0]), Quote(field->second[0])));
    }
    if (here) closed = here;
  }
  return closed.value_or(YesOrNo(reference).has_value());
}

std::optional<double> ProbabilityOfYes(const Prediction& prediction) {
  if (!prediction.log_probability_yes || !prediction.log_probability_no) return std::nullopt;
  return 1 / (1 + std::exp(*prediction.log_probability_no - *prediction.log_probability_yes));
}

std::string Place(const std::string& file, const Prediction& prediction) {
  return fmt::format("{}: row {}", file, prediction.row);
}

std::vector<std::string> HashesOf(const Prediction& prediction, const ImageHashes& hashes) {
  return prediction.image_hashes.empty() ? hashes.Of(prediction.images) : prediction.image_hashes;
}

Example ToExample(const Prediction& prediction, const Sample& sample, const ImageHashes& hashes,
                  const PatientHashes& patients) {
  Example example;
  example.id = sample.id;
  example.question = QuestionOf(sample);
  example.prompt = prediction.prompt;
  example.prediction = prediction.predict;
  example.reference = AnswerOf(sample);
  example.fields = FieldsOf(sample);
  example.closed = IsClosed(NameOf(sample), example.fields, example.reference);
  example.images = sample.images;
  example.image_hashes = hashes.Of(sample.images);
  if (example.image_hashes.empty()) example.image_hashes = HashesOf(prediction, hashes);
  example.patient = patients.Of(sample.extra);
  if (example.patient.empty()) example.patient = prediction.patient;
  if (example.patient.empty()) example.patient = hashes.PatientOf(sample.images);
  example.probability_yes = ProbabilityOfYes(prediction);
  return example;
}

/// Checks rows of a file against samples.
class ReferenceCheck {
 public:
  ReferenceCheck(const std::string& file, const ImageHashes& hashes)
      : file_(file), hashes_(hashes) {}

  void Require(const Prediction& prediction, const Sample& sample) {
    AskedQuestion row = Asked(prediction);
    row.image_hashes = HashesOf(prediction, hashes_);
    const auto difference = same_.Difference(Asked(sample, hashes_.Of(sample.images)), row);
    if (!difference) return;
    throw Error(fmt::format("{}: {} ({})", Place(file_, prediction),
                            Describe(*difference, "in the question set"), sample.id),
                prediction.id.empty()
                    ? "Without ids predictions must be in the order of the questions."
                    : "Score a file against the question set that it was made for.");
  }

  /// Refuses predictions without ids that do not show by themselves which sample each belongs to.
  void RequireOrder(std::span<const Prediction> predictions, std::span<const Sample> references) {
    if (predictions.size() != references.size()) {
      throw Error(fmt::format("{}: {} predictions without ids for {} questions", file_,
                              predictions.size(), references.size()),
                  "Without ids they can only be matched when there is one for each.");
    }
    for (size_t i = 0; i < predictions.size(); ++i) {
      if (!predictions[i].label && !AnswerOf(references[i]).empty()) {
        throw Error(Place(file_, predictions[i]) +
                    ": neither an id nor a reference says which question this answers");
      }
      Require(predictions[i], references[i]);
    }
  }

  void Finish(const Note& note) const {
    const std::optional<std::string> unchecked = same_.Unchecked();
    if (note && unchecked) note(fmt::format("{} and the question set: {}", file_, *unchecked));
  }

 private:
  const std::string& file_;
  const ImageHashes& hashes_;
  SameQuestions same_{ImageRule::kSame};
};

/// Rows without a reference: there is nothing to score them against.
class WithoutReference {
 public:
  explicit WithoutReference(const std::string& file) : file_(file) {}
  void Add(const std::string& place) {
    if (count_++ == 0) first_ = place;
  }

  /// Says how many of all there were, if any; throws Error when all were.
  void Finish(size_t all, const Note& note) const {
    if (count_ == 0) return;
    if (count_ == all) {
      throw Error(first_ + ": no reference to compare with, and none in any other row",
                  "Name the question set with --references, or the column with "
                  "--reference-column.");
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
    if (NamesPatient(name)) continue;
    std::vector<std::string> texts = MetadataOf(NameOf(sample), name, value);
    if (!texts.empty()) fields.try_emplace(name, std::move(texts));
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

ImageHashes HashImages(std::span<const Prediction> predictions, const std::string& file,
                       std::span<const Sample> references, ThreadPool& pool) {
  std::vector<std::string> names;
  for (const Prediction& prediction : predictions) {
    if (!prediction.image_hashes.empty()) continue;
    names.insert(names.end(), prediction.images.begin(), prediction.images.end());
  }
  for (const Sample& sample : references) {
    names.insert(names.end(), sample.images.begin(), sample.images.end());
  }
  return {std::move(names), std::filesystem::path(file).parent_path(), pool};
}

std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file,
                                const Note& note, const ImageHashes& hashes) {
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
    example.prompt = prediction.prompt;
    example.prediction = prediction.predict;
    example.reference = *prediction.label;
    example.fields = prediction.fields;
    if (const auto types = example.fields.find(kQuestionType); types != example.fields.end()) {
      types->second = SplitLabels(types->second);
    }
    example.closed = IsClosed(Place(file, prediction), example.fields, example.reference);
    example.images = prediction.images;
    example.image_hashes = HashesOf(prediction, hashes);
    example.patient =
        prediction.patient.empty() ? hashes.PatientOf(prediction.images) : prediction.patient;
    example.probability_yes = ProbabilityOfYes(prediction);
  }
  without.Finish(predictions.size(), note);
  return examples;
}

std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file,
                                std::span<const Sample> references, const Note& note,
                                const ImageHashes& hashes) {
  std::vector<Example> examples;
  WithoutReference without(file);
  PatientHashes patients;
  for (const Sample& sample : references) patients.Count(sample.extra);
  const auto add = [&](const Prediction& prediction, const Sample& sample) {
    if (AnswerOf(sample).empty()) {
      without.Add(fmt::format("question {}", sample.id));
    } else {
      examples.push_back(ToExample(prediction, sample, hashes, patients));
    }
  };
  ReferenceCheck check(file, hashes);
  if (predictions.empty() || predictions[0].id.empty()) {
    check.RequireOrder(predictions, references);
    for (size_t i = 0; i < references.size(); ++i) add(predictions[i], references[i]);
  } else {
    std::vector<std::string> ids;
    for (const Sample& sample : references) ids.push_back(sample.id);
    const std::vector<size_t> places = PlacesById(ids, predictions, file);
    for (size_t i = 0; i < references.size(); ++i) {
      check.Require(predictions[places[i]], references[i]);
      add(predictions[places[i]], references[i]);
    }
  }
  without.Finish(references.size(), note);
  check.Finish(note);
  return examples;
}

namespace {

/// Those with a reference where any has one: examples leave the others out, too.
std::vector<Prediction> WithReference(std::span<const Prediction> given) {
  std::vector<Prediction> predictions;
  std::copy_if(given.begin(), given.end(), std::back_inserter(predictions),
               [](const Prediction& prediction) { return prediction.label.has_value(); });
  if (predictions.empty()) predictions.assign(given.begin(), given.end());
  return predictions;
}

/// For each example the place of the prediction that answers it: by id, else in order, which
/// references must show.
std::vector<size_t> PlacesOf(std::span<const Example> examples,
                             std::span<const Prediction> predictions, const std::string& file) {
  const bool ids = !examples.empty() && !examples[0].id.empty() && !predictions.empty() &&
                   !predictions[0].id.empty();
  std::vector<size_t> places(examples.size());
  if (ids) {
    std::vector<std::string> of_examples;
    for (const Example& example : examples) of_examples.push_back(example.id);
    return PlacesById(of_examples, predictions, file);
  }
  if (predictions.size() != examples.size()) {
    throw Error(fmt::format("{}: {} predictions without ids for {} questions", file,
                            predictions.size(), examples.size()));
  }
  for (size_t i = 0; i < examples.size(); ++i) {
    if (!predictions[i].label) {
      throw Error(fmt::format("{}: nothing shows that this answers {}", Place(file, predictions[i]),
                              Quote(examples[i].question)),
                  "Give both files ids, or the same rows in the same order.");
    }
    places[i] = i;
  }
  return places;
}

}  // namespace

std::vector<std::string> AnswersTo(std::span<const Example> examples,
                                   std::span<const Prediction> given, const std::string& file,
                                   ImageRule images, const Note& note, const ImageHashes& hashes) {
  const std::vector<Prediction> predictions = WithReference(given);
  const std::vector<size_t> places = PlacesOf(examples, predictions, file);
  SameQuestions same(images);
  std::vector<std::string> answers;
  for (size_t i = 0; i < examples.size(); ++i) {
    const Prediction& prediction = predictions[places[i]];
    AskedQuestion row = Asked(prediction);
    row.image_hashes = HashesOf(prediction, hashes);
    if (const auto difference = same.Difference(Asked(examples[i]), row)) {
      throw Error(fmt::format("{}: {}", Place(file, prediction),
                              Describe(*difference, "with the true images")),
                  "Compare answers to the same questions about other images, in the same order "
                  "where there are no ids.");
    }
    answers.push_back(prediction.predict);
  }
  const std::optional<std::string> unchecked = same.Unchecked();
  if (note && unchecked) note(fmt::format("{} and the true images' answers: {}", file, *unchecked));
  return answers;
}

}  // namespace roentgen
