#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/prediction.h"

namespace roentgen {

/// What is known of a question that was asked; what is not is empty.
struct AskedQuestion {
  std::string id;
  std::string question;  ///< alone
  std::string prompt;    ///< with a template's text around it
  std::optional<std::string> reference;
  std::vector<std::string> image_hashes;
  std::vector<std::string> image_names;  ///< of their files, without "." and ".."
};
AskedQuestion Asked(const Prediction& prediction);
AskedQuestion Asked(const Example& example);
AskedQuestion Asked(const Sample& sample, std::vector<std::string> image_hashes);

/// Whether a prompt asks a question: it is one or several whole sentences or lines of it, in
/// ComparisonForm. Placeholders of images do not count.
bool Asks(std::string_view prompt, std::string_view question);

/// The first thing in which two askings are not what they have to be.
struct QuestionDifference {
  std::string what;   ///< "id", "question", "prompt", "reference" or "image"
  std::string one;    ///< the values, for people: quoted and cut where they are long
  std::string other;  ///< the same as `one` where images have to differ
};

/// "the question is "B" there, but "A" in the question set", of images that have to differ "the
/// image is the same as with the true images".
///
/// place  of the one: "in the question set", "with the true images"
std::string Describe(const QuestionDifference& difference, std::string_view place);

/// Tells whether rows of two sources belong together: the one check for everything that joins two
/// files, or a file and a question set. Ids, questions, references and the images' hashes are
/// compared where both sources have them: questions and references in ComparisonForm. Where hashes
/// are wanting, images whose names differ in their last two parts ("p1/image.png") are not the same
/// ones, and those of one name are (ImageRule).
class SameQuestions {
 public:
  explicit SameQuestions(ImageRule images) : images_(images) {}

  std::optional<QuestionDifference> Difference(const AskedQuestion& one,
                                               const AskedQuestion& other);

  /// "questions (2 of 9 rows) and images could not be compared: not both have them"; nothing where
  /// all was compared.
  std::optional<std::string> Unchecked() const;

 private:
  std::optional<QuestionDifference> ImageDifference(const AskedQuestion& one,
                                                    const AskedQuestion& other) const;

  ImageRule images_;
  size_t rows_ = 0;
  std::array<size_t, 3> unchecked_ = {};  // questions, references, images
};

/// The second list in the order of the first, by id, where both have the same ids, each once; else
/// as it is.
std::vector<Example> InOrderOf(std::span<const Example> first, std::vector<Example> second);

/// Throws Error, with the first question that differs and both values, unless both lists are the
/// same questions in the same order. Returns what could not be checked.
std::optional<std::string> RequireSameQuestions(std::span<const Example> one,
                                                std::span<const Example> other);

/// Throws Error, with both values, when the descriptions of two runs (run.json) name different
/// data: the same questions of another conversation, or images in other files.
void RequireSameData(const Json& one, const Json& other);

}  // namespace roentgen
