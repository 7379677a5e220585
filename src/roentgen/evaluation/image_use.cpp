#include "roentgen/evaluation/image_use.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"
#include "roentgen/base/numpy_random.h"
#include "roentgen/evaluation/proportion.h"
#include "roentgen/evaluation/right_answer.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"

namespace roentgen {
namespace {

double Percent(size_t part, size_t whole) {
  return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

/// IsRight for sentences. An answer that is no more than a word must be the reference's word: the
/// scores of tiny-rad, which are fixed, do not take 是的 for 是.
bool IsRightHere(std::string_view answer, std::string_view reference) {
  const bool is_word = YesOrNo(answer).has_value() || answer.size() <= reference.size();
  if (is_word) return MeasureForm(answer) == MeasureForm(reference);
  return IsRight(answer, reference);
}

ImageUseVerdict Judge(const ImageUse& use) {
  if (use.changed == 0) return ImageUseVerdict::kNo;
  const bool more_right = use.only_true > use.only_other && use.p <= kImageUseSignificance;
  return more_right ? ImageUseVerdict::kYes : ImageUseVerdict::kNotShown;
}

}  // namespace

ImageUse MeasureImageUse(std::span<const std::string> references,
                         std::span<const std::string> with_true_image,
                         std::span<const std::string> with_other_image) {
  if (references.empty() || with_true_image.size() != references.size() ||
      with_other_image.size() != references.size()) {
    throw ShapeError(fmt::format("image use of {} references, {} and {} answers", references.size(),
                                 with_true_image.size(), with_other_image.size()));
  }
  ImageUse use;
  use.examples = references.size();
  for (size_t i = 0; i < references.size(); ++i) {
    const bool own = IsRightHere(with_true_image[i], references[i]);
    const bool other = IsRightHere(with_other_image[i], references[i]);
    use.right_true += own ? 1 : 0;
    use.right_other += other ? 1 : 0;
    use.only_true += own && !other ? 1 : 0;
    use.only_other += !own && other ? 1 : 0;
    use.changed += MeasureForm(with_true_image[i]) != MeasureForm(with_other_image[i]) ? 1 : 0;
  }
  use.p = McNemarExact(use.only_true, use.only_other);
  use.verdict = Judge(use);
  return use;
}

std::string Describe(const ImageUse& use, const std::string& other_images) {
  static constexpr const char* kVerdicts[] = {"yes", "not shown", "no"};
  return fmt::format(
      "the answers depend on the image: {}, p = {:.2g} ({:.1f} % right with the true image, "
      "{:.1f} % with {}; {:.1f} % of the answers change)",
      kVerdicts[static_cast<size_t>(use.verdict)], use.p, Percent(use.right_true, use.examples),
      Percent(use.right_other, use.examples), other_images, Percent(use.changed, use.examples));
}

std::map<std::string, std::string> DerangeImages(std::vector<std::string> images, uint64_t seed) {
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  const size_t count = images.size();
  if (count < 2) throw Error("swapping images takes at least two different ones");
  const std::vector<size_t> order = NumpyGenerator(seed).Permutation(count);
  std::map<std::string, std::string> other;
  for (size_t i = 0; i < count; ++i) {
    other[images[order[i]]] = images[order[(i + count / 2) % count]];
  }
  return other;
}

}  // namespace roentgen
