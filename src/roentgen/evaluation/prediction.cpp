#include "roentgen/evaluation/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/metadata.h"
#include "roentgen/evaluation/patient_hash.h"
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

constexpr const char* kImage = "image";
constexpr const char* kImages = "images";
constexpr const char* kImageHashes = "image_sha256";
constexpr const char* kPatientHash = "patient_sha256";
constexpr const char* kLogProbabilityYes = "log_probability_yes";
constexpr const char* kLogProbabilityNo = "log_probability_no";

/// Whether a column of that name holds something of its own.
bool IsOurs(std::string_view name) {
  return name == kImage || name == kImages || name == kImageHashes || name == kPatientHash ||
         name == kLogProbabilityYes || name == kLogProbabilityNo;
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
  const auto id = row.Get<std::string>(name);
  if (Strip(id).empty()) row.Fail(name, "empty");
  if (SaysNothing(id)) row.Fail(name, Json(id).dump() + " is no id");
  return std::string(Strip(id));
}

std::optional<double> LogProbability(const JsonObject& row, Json& rest, const char* name) {
  rest.erase(name);
  const auto value = row.Find<double>(name);
  if (value && !(*value <= 0)) row.Fail(name, "the logarithm of a probability is at most 0");
  return value;
}

/// "image" or a list under "images"; where a row has both, they must agree.
std::vector<std::string> ImagesOf(const JsonObject& row, Json& rest) {
  rest.erase(kImage);
  rest.erase(kImages);
  std::vector<std::string> images;
  if (row.Has(kImages)) images = row.Get<std::vector<std::string>>(kImages);
  if (!row.Has(kImage)) return images;
  std::vector<std::string> image = {row.Get<std::string>(kImage)};
  if (row.Has(kImages) && images != image) row.Fail(kImage, "another one than under \"images\"");
  return image;
}

std::string RequireHash(const JsonObject& row, const char* name, std::string hash) {
  constexpr size_t kDigits = 64;
  if (hash.size() != kDigits || hash.find_first_not_of("0123456789abcdef") != hash.npos) {
    row.Fail(name, "expected a SHA-256 of 64 hexadecimal digits");
  }
  return hash;
}

std::vector<std::string> ImageHashesOf(const JsonObject& row, Json& rest) {
  rest.erase(kImageHashes);
  if (!row.Has(kImageHashes)) return {};
  auto hashes = row.Get<std::vector<std::string>>(kImageHashes);
  for (const std::string& hash : hashes) RequireHash(row, kImageHashes, hash);
  return hashes;
}

/// Of the column for it, else of what names the patient in the file.
std::string PatientHashOf(const JsonObject& row, Json& rest, const PatientHashes& patients) {
  rest.erase(kPatientHash);
  std::string hash = row.Has(kPatientHash)
                         ? RequireHash(row, kPatientHash, row.Get<std::string>(kPatientHash))
                         : patients.Of(rest);
  for (auto column = rest.begin(); column != rest.end();) {
    column = NamesPatient(column.key()) ? rest.erase(column) : std::next(column);
  }
  return hash;
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
        if (row.repeated_key) {
          throw Error(
              fmt::format("{}: \"{}\" is given twice in one object", where, *row.repeated_key));
        }
        take(JsonObject(std::move(row.value), where), row.number);
      },
      kRowLimits);
}

/// What is known of a file before its rows are read.
struct FileFacts {
  PredictionColumns columns;
  PatientHashes patients;
};

FileFacts Survey(const fs::path& file, const ColumnChoice& choice) {
  FileFacts facts;
  ColumnsOfFile columns;
  bool rows = false;
  ForEachRow(file, [&](const JsonObject& row, size_t) {
    rows = true;
    facts.patients.Count(row.json());
    for (const auto& [name, value] : row.json().items()) {
      bool& texts = columns.try_emplace(name, true).first->second;
      texts = texts && !value.is_structured();
    }
  });
  if (!rows) throw Error(file.string() + ": no predictions in it");
  facts.columns = ChooseColumns(file.string(), columns, choice);
  return facts;
}

/// The right answer of a row; nothing where none is given. Columns that give different ones are
/// refused: which of them is right cannot be told.
std::optional<std::string> Reference(const JsonObject& row,
                                     const std::vector<std::string>& columns) {
  const auto form = [](const std::string& text) { return Lowercase(Strip(text)); };
  std::optional<std::string> found;
  for (const std::string& column : columns) {
    std::string text = row.Has(column) ? ShortText(row, column) : "";
    if (IsMissingValue(text)) text.clear();
    if (found && form(*found) != form(text)) {
      throw Error(fmt::format("{}: the right answer may be {} (\"{}\") or {} (\"{}\")", row.where(),
                              Json(*found).dump(), columns[0], Json(text).dump(), column),
                  fmt::format("Name the one that is right: --reference-column {}", columns[0]));
    }
    if (!found) found = std::move(text);
  }
  if (found && Strip(*found).empty()) found.reset();
  return found;
}

std::map<std::string, std::vector<std::string>> FieldsIn(const std::string& where,
                                                         const Json& rest) {
  std::map<std::string, std::vector<std::string>> fields;
  for (const auto& [name, value] : rest.items()) {
    std::vector<std::string> texts = MetadataOf(where, name, value);
    const size_t bytes = Join(texts, ", ").size();
    if (bytes == 0 || (bytes > kMaxFieldBytes && !IsMeasured(name))) continue;
    fields[name] = std::move(texts);
  }
  return fields;
}

Prediction ReadRow(const JsonObject& row, size_t number, const FileFacts& facts) {
  const PredictionColumns& columns = facts.columns;
  Prediction prediction;
  prediction.row = number;
  Json rest = row.json();
  rest.erase(columns.answer);
  for (const std::string& column : columns.references) rest.erase(column);
  for (const std::string& column : {columns.prompt, columns.question, columns.id}) {
    rest.erase(column);
  }
  if (row.Has(columns.answer)) prediction.predict = ShortText(row, columns.answer);
  prediction.label = Reference(row, columns.references);
  if (row.Has(columns.prompt)) prediction.prompt = row.Get<std::string>(columns.prompt);
  if (row.Has(columns.question)) prediction.question = ShortText(row, columns.question);
  if (row.Has(columns.id)) prediction.id = IdText(row, columns.id);
  prediction.images = ImagesOf(row, rest);
  prediction.image_hashes = ImageHashesOf(row, rest);
  prediction.log_probability_yes = LogProbability(row, rest, kLogProbabilityYes);
  prediction.log_probability_no = LogProbability(row, rest, kLogProbabilityNo);
  prediction.patient = PatientHashOf(row, rest, facts.patients);
  prediction.fields = FieldsIn(row.where(), rest);
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

std::vector<Prediction> ReadPredictions(const fs::path& file, const ColumnChoice& choice) {
  const FileFacts facts = Survey(file, choice);
  std::vector<Prediction> predictions;
  ForEachRow(file, [&](const JsonObject& row, size_t number) {
    predictions.push_back(ReadRow(row, number, facts));
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
  if (!prediction.image_hashes.empty()) row[kImageHashes] = prediction.image_hashes;
  if (!prediction.patient.empty()) row[kPatientHash] = prediction.patient;
  if (prediction.log_probability_yes) row[kLogProbabilityYes] = *prediction.log_probability_yes;
  if (prediction.log_probability_no) row[kLogProbabilityNo] = *prediction.log_probability_no;
  for (const auto& [name, texts] : prediction.fields) {
    // A set may call anything "prediction" or "gold"; read again, it would be taken for one.
    const bool other = NamesPrediction(name) || NamesReference(name) || NamesAnswer(name) ||
                       NamesPatient(name) || IsOurs(name);
    if (row.contains(name) || other || texts.empty()) continue;
    if (texts.size() == 1) {
      row[name] = texts[0];
    } else {
      row[name] = texts;
    }
  }
  return row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void WritePredictions(const fs::path& file, std::span<const Prediction> predictions) {
  Output out(file);
  for (const Prediction& prediction : predictions) out.Write(PredictionToJson(prediction) + "\n");
  out.Commit();
}

}  // namespace roentgen
