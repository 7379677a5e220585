#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/evaluation/prediction_columns.h"

namespace roentgen {

/// One line of generated_predictions.jsonl: LLaMA-Factory's three columns, and what else is known.
struct Prediction {
  std::string id;                    ///< empty where the file gives none
  std::string prompt;                ///< or the question alone
  std::string question;              ///< where the file gives it beside the prompt
  std::string predict;               ///< the answer; may be empty
  std::optional<std::string> label;  ///< the reference, where there is one
  std::vector<std::string> images;
  std::vector<std::string> image_hashes;      ///< PixelHash of what was shown, in that order
  std::string patient;                        ///< PatientHash
  std::optional<double> log_probability_yes;  ///< natural logarithms; see YesNoTokens
  std::optional<double> log_probability_no;
  /// Other columns that hold short texts, numbers, true or false, or lists of these, as MetadataOf
  /// reads them; none that names the patient.
  std::map<std::string, std::vector<std::string>> fields;
  size_t row = 0;  ///< in its file, from 1

  bool operator==(const Prediction&) const = default;
};

/// Reads a file of JSON lines, or a JSON list. Which columns are the model's answer and the
/// reference is decided once for the whole file: by the choice, else by names that say nothing else
/// (prediction_columns.h); "answer" is the reference beside such a prediction. Where there are
/// several columns of references, they must agree. The question is in "prompt" (with a template's
/// text around it) and "question" (alone); the id in the first of id, question_id, qid (a text or
/// whole number) that the file has.
///
/// Answers and references that are numbers, true or false are read as JSON spells them. A row whose
/// answer is missing or null has an empty one, which counts as wrong; one whose reference is
/// missing, null or blank, or IsMissingValue ("nan"), has no label. Rows have ids all or none.
///
/// Throws Error that names the columns when it cannot be told which holds the answers; with file
/// and row for broken JSON, a column of a wrong type, a text over 64 KiB, references that differ,
/// an id that was there before or is none ("-", "nan"), and as MetadataOf does.
std::vector<Prediction> ReadPredictions(const std::filesystem::path& file,
                                        const ColumnChoice& columns = {});

/// The prediction as a line of JSON, which ReadPredictions reads as it was but for `row`.
std::string PredictionToJson(const Prediction& prediction);

/// Writes all, one a line; whole or not at all.
void WritePredictions(const std::filesystem::path& file, std::span<const Prediction> predictions);

}  // namespace roentgen
