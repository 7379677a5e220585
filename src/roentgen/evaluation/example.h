#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/data/sample.h"
#include "roentgen/evaluation/image_hash.h"
#include "roentgen/evaluation/prediction.h"
#include "roentgen/evaluation/scorer.h"

namespace roentgen {

/// A question with the answer of a model and the one of the question set.
struct Example {
  std::string id;
  std::string question;  ///< or the prompt, where nothing else is given
  std::string prompt;    ///< as the model was asked, where the file has it
  std::string prediction;
  std::string reference;
  bool closed =
      false;  ///< by its answer_type; where that is not known, when the reference is yes/no
  std::vector<std::string> images;
  /// PixelHash of the images, in their order: equal ones are one image under whatever name. Empty
  /// where a file cannot be read.
  std::vector<std::string> image_hashes;
  /// PatientHash, else what DICOM files say; empty where the patient is not known.
  std::string patient;
  std::optional<double> probability_yes;  ///< of yes against no; see YesNoTokens
  /// What else is known, for breakdowns: "modality" → {"CT"}, "question_type" → {"PRES", "ABN"}.
  std::map<std::string, std::vector<std::string>> fields;

  AnswerPair pair() const { return {prediction, reference, closed}; }
};

/// What the images of two rows that belong together have to be. kOther asks for other pixels: what
/// stands in for an image may go by its name; kOtherFiles asks for other names where the pixels of
/// one are not known.
enum class ImageRule { kSame, kOther, kOtherFiles, kAny };

/// Hears what is left out, and what could not be checked.
using Note = std::function<void(const std::string&)>;

/// The hashes of the images that predictions name without their hashes, and of a question set's.
ImageHashes HashImages(std::span<const Prediction> predictions, const std::string& file,
                       std::span<const Sample> references, ThreadPool& pool);

/// Examples from predictions that carry their own references. Rows without one are left out.
/// Throws Error when no row has one, and as MetadataOf does.
std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file,
                                const Note& note = nullptr, const ImageHashes& hashes = {});

/// Examples from predictions and the question set they were made for; of a conversation its last
/// question counts. They are matched by id. Predictions without ids, LLaMA-Factory's own files,
/// must be as many as the samples and in their order, which their labels and prompts must show.
/// Samples without an answer are left out.
///
/// Throws Error, naming what differs, when an id is unknown, a sample has no prediction, an order
/// is not shown, or a row and its sample are not the same question (SameQuestions).
std::vector<Example> ToExamples(std::span<const Prediction> predictions, const std::string& file,
                                std::span<const Sample> references, const Note& note = nullptr,
                                const ImageHashes& hashes = {});

/// Another run's answers to the same examples, in their order: with other images, of another model.
/// Throws Error as ToExamples does; where images have to be others, also for a row about the same.
std::vector<std::string> AnswersTo(std::span<const Example> examples,
                                   std::span<const Prediction> predictions, const std::string& file,
                                   ImageRule images = ImageRule::kAny, const Note& note = nullptr,
                                   const ImageHashes& hashes = {});

/// The question set at a path: a folder of VQA-RAD or SLAKE, one with a dataset_info.json, a CSV
/// file, or a ShareGPT file as `roentgen data import` writes it. Texts are stripped at their ends.
/// split: "train", "validation", "test" in any spelling that a set may have; empty for all. note,
/// if any, hears what of the set is not read. allow_outside: images may lie outside of its folder.
/// Throws Error as the readers do, and when no sample is in the split.
std::vector<Sample> ReadSamples(const std::filesystem::path& path, const std::string& split,
                                const std::function<void(const std::string&)>& note = nullptr,
                                bool allow_outside = false);

/// What is known about a sample, as Example::fields has it; nothing that names the patient. Throws
/// Error as MetadataOf does.
std::map<std::string, std::vector<std::string>> FieldsOf(const Sample& sample);

/// The places of samples by their ids. Throws Error, naming both, when two have the same.
std::unordered_map<std::string, size_t> NumbersById(std::span<const Sample> samples);

/// The last question of a sample, without image placeholders, and the last answer.
std::string QuestionOf(const Sample& sample);
std::string AnswerOf(const Sample& sample);

}  // namespace roentgen
