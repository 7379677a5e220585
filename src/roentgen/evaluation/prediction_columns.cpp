#include "roentgen/evaluation/prediction_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/patient_hash.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view kOfModels[] = {"predict",     "predicts",    "predicted",  "prediction",
                                          "predictions", "pred",        "preds",      "generated",
                                          "generation",  "generations", "completion", "completions",
                                          "hypothesis",  "hypotheses",  "hyp",        "hyps"};
// A model's where nothing says that they are the right ones.
constexpr std::string_view kResponses[] = {"response", "responses"};
constexpr std::string_view kOfReferences[] = {
    "label",  "labels", "reference", "references", "ref",   "refs",   "gold",
    "golden", "target", "targets",   "gt",         "truth", "ground", "groundtruth"};
// Of references where a word for an answer follows.
constexpr std::string_view kRight[] = {"correct", "right", "true", "standard"};
constexpr std::string_view kAnswers[] = {"answer",  "answers", "ans",    "text",  "texts", "output",
                                         "outputs", "string",  "report", "final", "raw",   "full"};

constexpr std::string_view kHanOfModels[] = {"预测", "模型", "生成"};
constexpr std::string_view kHanOfReferences[] = {"参考", "标准", "正确", "真实"};
constexpr std::string_view kHanAnswers[] = {"答案", "回答", "回复", "输出", "结果", "文本", "的"};

// What a question set says of its questions: no answer is in there.
constexpr std::string_view kDescriptions[] = {"image",       "images", "language", "modality",
                                              "organ",       "split",  "system",   "question_type",
                                              "answer_type", "qtype",  "model",    "source"};

bool IsAmong(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The words of a name in any spelling: "modelAnswer", "Model-Answer" and "model_answer" have two.
Words WordsOf(std::string_view name) {
  Words words(1);
  char before = ' ';
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool letter =
        upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if ((!letter || (upper && before >= 'a' && before <= 'z')) && !words.back().empty()) {
      words.emplace_back();
    }
    if (letter) words.back() += c;
    before = c;
  }
  if (words.back().empty()) words.pop_back();
  for (std::string& word : words) word = FoldText(word);
  return words;
}

/// Takes what it begins with from the text while that is among the words.
bool TakeAny(std::string_view& text, std::span<const std::string_view> words) {
  bool taken = false;
  const auto begins = [&](std::string_view word) { return text.starts_with(word); };
  for (auto at = std::find_if(words.begin(), words.end(), begins); at != words.end();
       at = std::find_if(words.begin(), words.end(), begins)) {
    text.remove_prefix(at->size());
    taken = true;
  }
  return taken;
}

/// A name in Chinese that consists of such words, and words for an answer behind them.
bool IsHanName(std::string_view name, std::span<const std::string_view> words) {
  const std::string folded = FoldText(Strip(name));
  std::string_view rest = folded;
  if (!TakeAny(rest, words)) return false;
  TakeAny(rest, kHanAnswers);
  return rest.empty();
}

/// What the words of a name are, where each is known.
struct NameFacts {
  bool model = false;
  bool of_model = false;
  bool response = false;
  bool reference = false;
  bool right = false;
  bool answer = false;
  bool other = false;
};

NameFacts FactsOf(std::string_view name) {
  NameFacts facts;
  for (const std::string& word : WordsOf(name)) {
    if (word == "model") {
      facts.model = true;
    } else if (IsAmong(word, kOfModels)) {
      facts.of_model = true;
    } else if (IsAmong(word, kResponses)) {
      facts.response = true;
    } else if (IsAmong(word, kOfReferences)) {
      facts.reference = true;
    } else if (IsAmong(word, kRight)) {
      facts.right = true;
    } else if (IsAmong(word, kAnswers)) {
      facts.answer = true;
    } else {
      facts.other = true;
    }
  }
  return facts;
}

/// The column of that name, else the only one that has it in other letters.
std::string Named(const ColumnsOfFile& columns, std::string_view name) {
  std::string found;
  for (const auto& [column, ignored] : columns) {
    if (column == name) return column;
    if (!found.empty() || FoldText(column) != name) continue;
    found = column;
  }
  return found;
}

std::vector<std::string> NamesOf(const ColumnsOfFile& columns) {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : columns) names.push_back(name);
  return names;
}

std::string RequireColumn(const std::string& file, const ColumnsOfFile& columns,
                          const std::string& name) {
  if (columns.contains(name)) return name;
  throw Error(fmt::format("{}: no column \"{}\"; there are: {}", file, name,
                          fmt::join(NamesOf(columns), ", ")));
}

/// The columns that may hold the model's answers where none is called so.
std::vector<std::string> MayBeAnswers(const ColumnsOfFile& columns,
                                      const PredictionColumns& known) {
  std::vector<std::string> names;
  for (const auto& [name, texts] : columns) {
    const Words words = WordsOf(name);
    const auto is_id = [](const std::string& word) { return word == "id" || word == "sha256"; };
    const bool other = !texts || NamesReference(name) || NamesPatient(name) ||
                       IsAmong(FoldText(name), kDescriptions) || name == known.id ||
                       name == known.prompt || name == known.question ||
                       name.starts_with("log_probability_") ||
                       std::any_of(words.begin(), words.end(), is_id);
    if (!other) names.push_back(name);
  }
  return names;
}

[[noreturn]] void AskForPrediction(const std::string& file, const ColumnsOfFile& columns,
                                   const std::vector<std::string>& candidates) {
  if (candidates.empty()) {
    throw Error(fmt::format("{}: no column with the model's answers; there are: {}", file,
                            fmt::join(NamesOf(columns), ", ")),
                "Call it \"predict\", or name it with --prediction-column NAME.");
  }
  if (candidates.size() == 1) {
    throw Error(
        fmt::format("{}: \"{}\" may hold the model's answers or the right ones", file,
                    candidates[0]),
        fmt::format("If they are the model's, say so: --prediction-column {}", candidates[0]));
  }
  throw Error(
      fmt::format("{}: the model's answer may be in any of these columns: {}", file,
                  fmt::join(candidates, ", ")),
      fmt::format("Name the one with --prediction-column NAME: {}", fmt::join(candidates, ", ")));
}

std::string PredictionColumn(const std::string& file, const ColumnsOfFile& columns,
                             const PredictionColumns& known, const ColumnChoice& choice) {
  if (!choice.prediction.empty()) return RequireColumn(file, columns, choice.prediction);
  std::vector<std::string> named;
  for (const auto& [name, ignored] : columns) {
    if (NamesPrediction(name) && name != choice.reference) named.push_back(name);
  }
  if (named.size() == 1) return named[0];
  if (named.empty()) named = MayBeAnswers(columns, known);
  std::erase(named, choice.reference);
  AskForPrediction(file, columns, named);
}

std::vector<std::string> ReferenceColumns(const std::string& file, const ColumnsOfFile& columns,
                                          const std::string& prediction,
                                          const ColumnChoice& choice) {
  if (!choice.reference.empty()) {
    if (choice.reference == prediction) {
      throw Error(fmt::format("{}: \"{}\" cannot hold both the model's answers and the right ones",
                              file, prediction));
    }
    return {RequireColumn(file, columns, choice.reference)};
  }
  std::vector<std::string> references;
  for (const bool answers : {false, true}) {  // what is surely one comes first
    for (const auto& [name, texts] : columns) {
      const bool is = answers ? NamesAnswer(name) : NamesReference(name);
      if (is && texts && name != prediction) references.push_back(name);
    }
  }
  // LLaMA-Factory's own name before all others.
  std::stable_partition(references.begin(), references.end(),
                        [](const std::string& name) { return name == "label"; });
  return references;
}

}  // namespace

bool NamesPrediction(std::string_view column) {
  const NameFacts facts = FactsOf(column);
  if (IsHanName(column, kHanOfModels)) return Strip(column) != "模型";
  if (facts.other || facts.right) return false;
  if (facts.of_model) return true;
  if (facts.reference) return false;
  return facts.response || (facts.model && facts.answer);
}

bool NamesReference(std::string_view column) {
  const NameFacts facts = FactsOf(column);
  if (IsHanName(column, kHanOfReferences)) return true;
  if (facts.other || facts.of_model || facts.model) return false;
  return facts.reference || (facts.right && (facts.answer || facts.response));
}

bool NamesAnswer(std::string_view column) {
  const std::string name = FoldText(Strip(column));
  return name == "answer" || name == "answers" || name == "答案";
}

PredictionColumns ChooseColumns(const std::string& file, const ColumnsOfFile& columns,
                                const ColumnChoice& choice) {
  PredictionColumns chosen;
  chosen.prompt = Named(columns, "prompt");
  chosen.question = Named(columns, "question");
  if (chosen.question.empty()) chosen.question = Named(columns, "问题");
  for (const char* name : {"id", "question_id", "qid"}) {
    if (chosen.id.empty()) chosen.id = Named(columns, name);
  }
  chosen.answer = PredictionColumn(file, columns, chosen, choice);
  chosen.references = ReferenceColumns(file, columns, chosen.answer, choice);
  return chosen;
}

}  // namespace roentgen
