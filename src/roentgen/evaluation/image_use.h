#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/sampling_units.h"

namespace roentgen {

/// What a question about the use of the image comes to.
enum class ImageUseVerdict {
  kYes,
  kNotShown,   ///< not beyond chance
  kNo,         ///< no answer changes
  kTooLittle,  ///< fewer images than could tell
};

/// The same questions answered with their true images and with others. Two things are asked apart:
/// do the answers change with the image, and are they right more often with the true one?
///
/// An answer to the other image that IsGiven not (right_answer.h: empty, neither yes nor no, "I
/// cannot see an image") proves nothing: such questions are not among `compared`, and count as
/// equally right. One to the true image counts as wrong, as everywhere.
struct ImageUse {
  size_t examples = 0;
  SamplingUnits units;
  size_t right_true = 0;   ///< with the true image, by IsRight
  size_t right_other = 0;  ///< with the other one
  size_t only_true = 0;    ///< right with the true image only, of those where the other IsGiven
  size_t only_other = 0;
  size_t silent_true = 0;    ///< answers to the true image that are not given
  size_t silent_other = 0;   ///< to the other one
  size_t refused_other = 0;  ///< of them, those that say that they cannot answer or see no image

  size_t compared = 0;        ///< questions with an answer to both images
  size_t compared_units = 0;  ///< of which they are
  size_t changed = 0;         ///< of them, those whose answers differ: not SameAnswer
  ImageUseVerdict changes = ImageUseVerdict::kTooLittle;  ///< yes, no or too little

  double p = 1;  ///< of the paired test by unit (paired_test.h); 1 where there are too few units
  ImageUseVerdict righter = ImageUseVerdict::kTooLittle;  ///< yes, not shown or too little

  /// Whether the answers depend on the image, in a word: yes where they are righter with the true
  /// one, no where none changes, not shown where they change and are not righter.
  ImageUseVerdict verdict() const;
};

/// The largest p at which more right answers count as beyond chance. Two or three kinds of other
/// images are compared at once, hence stricter than 0.05.
inline constexpr double kImageUseSignificance = 0.01;

/// With fewer images or patients it is too little to tell whether answers are righter: seven that
/// all favour the true image give p = 2/2^7 = 0.016. Whether any answer changes takes
/// kFewestTestUnits (paired_test.h).
inline constexpr size_t kFewestImageUseUnits = 8;

/// with_other_image  an answer for each example
/// Throws ShapeError when there are as many examples as answers not, or none.
ImageUse MeasureImageUse(std::span<const Example> examples,
                         std::span<const std::string> with_other_image);

/// The same for questions about an image each.
ImageUse MeasureImageUse(std::span<const std::string> references,
                         std::span<const std::string> with_true_image,
                         std::span<const std::string> with_other_image);

/// "yes", "not shown", "no", "too little to tell"
const char* NameOf(ImageUseVerdict verdict);

/// "the answers depend on the image: yes. They change with it: …", and what it rests on.
std::string Describe(const ImageUse& use, const std::string& other_images);

/// For each image another one, the same for a seed on every machine: the sorted names in numpy's
/// permutation of the seed, each followed by the one half a round further. No image keeps its
/// place, and each stands in for exactly one. Throws Error with fewer than two different images.
std::map<std::string, std::string> DerangeImages(std::vector<std::string> images, uint64_t seed);

}  // namespace roentgen
