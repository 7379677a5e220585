#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace roentgen {

/// Whether a model's answers rest on the image.
enum class ImageUseVerdict {
  kYes,       ///< more answers are right with the true image, beyond chance
  kNotShown,  ///< answers change with the image, but are not right more often
  kNo,        ///< no answer changes
};

/// The same questions answered with their true images and with others.
struct ImageUse {
  size_t examples = 0;
  size_t right_true = 0;  ///< with the true image, by IsRight (right_answer.h); a bare yes or no as
                          ///< in the reference
  size_t right_other = 0;  ///< with the other one
  size_t only_true = 0;    ///< right with the true image only
  size_t only_other = 0;
  size_t changed = 0;  ///< answers that differ, in MeasureForm
  double p = 1;        ///< exact McNemar on only_true and only_other
  ImageUseVerdict verdict = ImageUseVerdict::kNo;
};

/// The largest p at which more right answers count as beyond chance. Two or three kinds of other
/// images are compared at once, hence stricter than 0.05.
inline constexpr double kImageUseSignificance = 0.01;

/// Throws ShapeError when the lists differ in length or are empty.
ImageUse MeasureImageUse(std::span<const std::string> references,
                         std::span<const std::string> with_true_image,
                         std::span<const std::string> with_other_image);

/// "the answers depend on the image: yes, p = 1e-121", and what it rests on.
std::string Describe(const ImageUse& use, const std::string& other_images);

/// For each image another one, the same for a seed on every machine: the sorted names in numpy's
/// permutation of the seed, each followed by the one half a round further. No image keeps its
/// place, and each stands in for exactly one. Throws Error with fewer than two different images.
std::map<std::string, std::string> DerangeImages(std::vector<std::string> images, uint64_t seed);

}  // namespace roentgen
