#include "roentgen/evaluation/prediction.h"

#include <fmt/format.h>

#include <array>
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

constexpr std::array kAnswerNames = {"predict", "prediction", "answer"};
constexpr std::array kReferenceNames = {"label", "reference", "gold", "answer"};
constexpr std::array kQuestionNames = {"prompt", "question"};
constexpr std::array kIdNames = {"id", "question_id", "qid"};
constexpr const char* kImages = "images";
constexpr const char* kLogProbabilityYes = "log_probability_yes";
constexpr const char* kLogProbabilityNo = "log_probability_no";

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
  auto text = row.Get<std::string>(name);
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

Prediction ReadRow(const JsonObject& row, size_t number) {
  Prediction prediction;
  prediction.row = number;
  Json rest = row.json();
  const auto answer = Take(rest, kAnswerNames);
  if (!answer) row.Fail("predict", "missing: no answer in this row");
  prediction.predict = ShortText(row, *answer);
  if (const auto reference = Take(rest, kReferenceNames)) {
    prediction.label = ShortText(row, *reference);
    if (Strip(*prediction.label).empty()) row.Fail(*reference, "empty: nothing to compare with");
  }
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
  std::vector<Prediction> predictions;
  ForEachJsonRow(
      file,
      [&](JsonRow row) {
        const std::string where = fmt::format("{}: row {}", file.string(), row.number);
        if (row.oversized) {
          throw Error(fmt::format("{}: more than {} values or {} MB of text", where,
                                  kRowLimits.values, kRowLimits.text_bytes >> 20));
        }
        predictions.push_back(ReadRow(JsonObject(std::move(row.value), where), row.number));
      },
      kRowLimits);
  if (predictions.empty()) throw Error(file.string() + ": no predictions in it");
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
    if (!row.contains(name)) row[name] = text;  // a set may call anything "prompt"
  }
  return row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void WritePredictions(const fs::path& file, std::span<const Prediction> predictions) {
  AtomicFile out(file);
  for (const Prediction& prediction : predictions) out.Write(PredictionToJson(prediction) + "\n");
  out.Commit();
}

}  // namespace roentgen
