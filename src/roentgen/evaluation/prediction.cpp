#include "roentgen/evaluation/prediction.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

// Longer answers are no answers, and the longest common subsequence takes the square of this.
constexpr size_t kMaxTextBytes = size_t{64} << 10;
// A prompt may hold a placeholder for each part of an image.
constexpr JsonRowLimits kRowLimits = {10'000, size_t{4} << 20, 16};
// Longer texts tell examples apart, not groups of them.
constexpr size_t kMaxFieldBytes = 64;

constexpr std::array kAnswerNames = {"predict", "prediction"};
constexpr std::array kReferenceNames = {"label", "reference", "gold"};
constexpr const char* kEither = "answer";  // the model's in some files, the reference in others
constexpr std::array kQuestionNames = {"prompt", "question"};
constexpr std::array kIdNames = {"id", "question_id", "qid"};
constexpr const char* kImages = "images";
constexpr const char* kLogProbabilityYes = "log_probability_yes";
constexpr const char* kLogProbabilityNo = "log_probability_no";
// What a question set says of its questions: no answer is in there.
constexpr std::array kDescriptions = {"image", "images", "language",      "modality",    "organ",
                                      "split", "system", "question_type", "answer_type", "qtype"};

/// The first of the names that is in what is left of the row; it leaves it then.
std::optional<std::string> Take(Json& rest, std::span<const char* const> names) {
  for (const char* name : names) {
    const auto at = rest.find(name);
    if (at == rest.end() || at->is_null()) continue;
    rest.erase(at);
    return name;
  }
  return std::nullopt;
}

std::string ShortText(const JsonObject& row, const std::string& name) {
  const Json& value = row.json().at(name);
  // A number or a truth value is what JSON spells: programs write answers as they come.
  const bool spelt = value.is_number() || value.is_boolean();
  std::string text = spelt ? value.dump() : row.Get<std::string>(name);
  if (text.size() > kMaxTextBytes) {
    row.Fail(name, fmt::format("a text of {} bytes, more than {}", text.size(), kMaxTextBytes));
  }
  return text;
}

std::string IdText(const JsonObject& row, const std::string& name) {
  const Json& value = row.json().at(name);
  if (value.is_number_integer()) return value.dump();
  auto id = row.Get<std::string>(name);
  if (id.empty()) row.Fail(name, "empty");
  return id;
}

std::optional<double> LogProbability(const JsonObject& row, Json& rest, const char* name) {
  rest.erase(name);
  const auto value = row.Find<double>(name);
  if (value && !(*value <= 0)) row.Fail(name, "the logarithm of a probability is at most 0");
  return value;
}

/// "image" or a list under "images".
std::vector<std::string> Images(const JsonObject& row, Json& rest) {
  rest.erase("image");
  rest.erase(kImages);
  if (row.Has(kImages)) return row.Get<std::vector<std::string>>(kImages);
  if (row.Has("image")) return {row.Get<std::string>("image")};
  return {};
}

/// The columns that hold answers and references; the latter may be none.
struct AnswerColumns {
  std::string answer;
  std::vector<std::string> references;  // what any of them says, the others must not deny
};

using ColumnNames = std::set<std::string>;

/// Those of the names that are there, in their order.
std::vector<std::string> ThereOf(const ColumnNames& columns, std::span<const char* const> names) {
  std::vector<std::string> there;
  for (const char* name : names) {
    if (columns.contains(name)) there.emplace_back(name);
  }
  return there;
}

bool IsAmong(std::string_view name, std::span<const char* const> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The columns that may hold the model's answers where none is called so.
std::vector<std::string> MayBeAnswers(const ColumnNames& columns) {
  std::vector<std::string> names;
  for (const std::string& name : columns) {
    const bool known = IsAmong(name, kReferenceNames) || IsAmong(name, kQuestionNames) ||
                       IsAmong(name, kIdNames) || IsAmong(name, kDescriptions) ||
                       name == kLogProbabilityYes || name == kLogProbabilityNo;
    if (!known) names.push_back(name);
  }
  return names;
}

AnswerColumns ChooseColumns(const fs::path& file, const ColumnNames& columns) {
  const std::string hint =
      R"(Call the column with the model's answers "predict", the one with the references "label".)";
  if (columns.contains(kAnswerNames[0]) && columns.contains(kAnswerNames[1])) {
    throw Error(fmt::format("{}: the model's answer may be in \"{}\" or \"{}\"", file.string(),
                            kAnswerNames[0], kAnswerNames[1]),
                hint);
  }
  const std::vector<std::string> answers = ThereOf(columns, kAnswerNames);
  AnswerColumns chosen = {answers.empty() ? "" : answers[0], ThereOf(columns, kReferenceNames)};
  const bool either = columns.contains(kEither);
  if (!chosen.answer.empty()) {
    if (either) chosen.references.emplace_back(kEither);
    return chosen;
  }
  if (!either) {
    throw Error(fmt::format("{}: no column \"predict\" with the model's answers; there are: {}",
                            file.string(), fmt::join(columns, ", ")),
                hint);
  }
  const std::vector<std::string> candidates = MayBeAnswers(columns);
  if (candidates.size() > 1) {
    throw Error(fmt::format("{}: the model's answer may be in any of these columns: {}",
                            file.string(), fmt::join(candidates, ", ")),
                hint);
  }
  if (chosen.references.empty()) {
    throw Error(fmt::format("{}: \"{}\" may be the model's answer or the right one", file.string(),
                            kEither),
                hint);
  }
  chosen.answer = kEither;
  return chosen;
}

void ForEachRow(const fs::path& file, const std::function<void(const JsonObject&, size_t)>& take) {
  ForEachJsonRow(
      file,
      [&](JsonRow row) {
        const std::string where = fmt::format("{}: row {}", file.string(), row.number);
        if (row.oversized) {
          throw Error(fmt::format("{}: more than {} values or {} MB of text", where,
                                  kRowLimits.values, kRowLimits.text_bytes >> 20));
        }
        take(JsonObject(std::move(row.value), where), row.number);
      },
      kRowLimits);
}

AnswerColumns FindColumns(const fs::path& file) {
  ColumnNames columns;
  bool rows = false;
  ForEachRow(file, [&](const JsonObject& row, size_t) {
    rows = true;
    for (const auto& [name, ignored] : row.json().items()) columns.insert(name);
  });
  if (!rows) throw Error(file.string() + ": no predictions in it");
  return ChooseColumns(file, columns);
}

/// The right answer of a row; nothing where none is given. Columns that give different ones are
/// refused: which of them is right cannot be told.
std::optional<std::string> Reference(const JsonObject& row,
                                     const std::vector<std::string>& columns) {
  const auto form = [](const std::string& text) { return Lowercase(Strip(text)); };
  std::optional<std::string> found;
  for (const std::string& column : columns) {
    std::string text = row.Has(column) ? ShortText(row, column) : "";
    if (found && form(*found) != form(text)) {
      throw Error(
          fmt::format("{}: the right answer may be {} (\"{}\") or {} (\"{}\")", row.where(),
                      Json(*found).dump(), columns[0], Json(text).dump(), column),
          fmt::format("Leave the column out that is not the reference; \"{}\" alone is read "
                      "as one.",
                      columns[0]));
    }
    if (!found) found = std::move(text);
  }
  if (found && Strip(*found).empty()) found.reset();
  return found;
}

Prediction ReadRow(const JsonObject& row, size_t number, const AnswerColumns& columns) {
  Prediction prediction;
  prediction.row = number;
  Json rest = row.json();
  rest.erase(columns.answer);
  for (const std::string& column : columns.references) rest.erase(column);
  if (row.Has(columns.answer)) prediction.predict = ShortText(row, columns.answer);
  prediction.label = Reference(row, columns.references);
  if (const auto question = Take(rest, kQuestionNames)) {
    prediction.prompt = row.Get<std::string>(*question);
  }
  if (const auto question = Take(rest, kQuestionNames)) {
    prediction.question = ShortText(row, *question);
  }
  if (const auto id = Take(rest, kIdNames)) prediction.id = IdText(row, *id);
  prediction.images = Images(row, rest);
  prediction.log_probability_yes = LogProbability(row, rest, kLogProbabilityYes);
  prediction.log_probability_no = LogProbability(row, rest, kLogProbabilityNo);
  for (const auto& [name, value] : rest.items()) {
    if (!value.is_string()) continue;
    const auto& text = value.get_ref<const std::string&>();
    if (!text.empty() && text.size() <= kMaxFieldBytes) prediction.fields[name] = text;
  }
  return prediction;
}

void CheckIds(const fs::path& file, const std::vector<Prediction>& predictions) {
  std::unordered_map<std::string_view, size_t> rows;
  for (const Prediction& prediction : predictions) {
    if (prediction.id.empty() != predictions[0].id.empty()) {
      throw Error(fmt::format(
          "{}: row {}: {}", file.string(), prediction.row,
          prediction.id.empty() ? "no id, but others have one" : "an id, but others have none"));
    }
    if (prediction.id.empty()) continue;
    const auto [first, added] = rows.try_emplace(prediction.id, prediction.row);
    if (!added) {
      throw Error(fmt::format("{}: row {}: id \"{}\" was in row {} already", file.string(),
                              prediction.row, prediction.id, first->second));
    }
  }
}

}  // namespace

std::vector<Prediction> ReadPredictions(const fs::path& file) {
  const AnswerColumns columns = FindColumns(file);
  std::vector<Prediction> predictions;
  ForEachRow(file, [&](const JsonObject& row, size_t number) {
    predictions.push_back(ReadRow(row, number, columns));
  });
  CheckIds(file, predictions);
  return predictions;
}

std::string PredictionToJson(const Prediction& prediction) {
  nlohmann::ordered_json row;
  row["prompt"] = prediction.prompt;
  row["predict"] = prediction.predict;
  if (prediction.label) row["label"] = *prediction.label;
  if (!prediction.id.empty()) row["id"] = prediction.id;
  if (!prediction.question.empty()) row["question"] = prediction.question;
  if (!prediction.images.empty()) row[kImages] = prediction.images;
  if (prediction.log_probability_yes) row[kLogProbabilityYes] = *prediction.log_probability_yes;
  if (prediction.log_probability_no) row[kLogProbabilityNo] = *prediction.log_probability_no;
  for (const auto& [name, text] : prediction.fields) {
    // A set may call anything "prompt", "prediction" or "gold".
    const bool other =
        IsAmong(name, kAnswerNames) || IsAmong(name, kReferenceNames) || name == kEither;
    if (!row.contains(name) && !other) row[name] = text;
  }
  return row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void WritePredictions(const fs::path& file, std::span<const Prediction> predictions) {
  AtomicFile out(file);
  for (const Prediction& prediction : predictions) out.Write(PredictionToJson(prediction) + "\n");
  out.Commit();
}

}  // namespace roentgen
