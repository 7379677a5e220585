#include "roentgen/evaluation/image_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/base/numpy_random.h"
#include "roentgen/evaluation/number_text.h"
#include "roentgen/evaluation/paired_test.h"
#include "roentgen/evaluation/right_answer.h"
#include "roentgen/language/refusal.h"

namespace roentgen {
namespace {

std::string Percent(size_t part, size_t whole) {
  return PercentText(whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole));
}

/// "1 question", "2 questions"
std::string Counted(size_t count, std::string_view things) {
  return fmt::format("{} {}", count, count == 1 ? things.substr(0, things.size() - 1) : things);
}

std::string PText(double p) {
  const std::string text = PValueText(p);
  return fmt::format(", p {}{}", text.starts_with('<') ? "" : "= ", text);
}

/// One question's part in the counts; returns right_true − right_other, as it is tested.
double CountQuestion(const Example& example, const std::string& other, ImageUse& use) {
  const bool own_right = IsRight(example.prediction, example.reference, example.question);
  const bool other_right = IsRight(other, example.reference, example.question);
  const bool own_given = IsGiven(example.prediction, example.question, example.reference);
  const bool other_given = IsGiven(other, example.question, example.reference);
  use.right_true += own_right ? 1 : 0;
  use.right_other += other_right ? 1 : 0;
  use.silent_true += own_given ? 0 : 1;
  if (!other_given) {
    ++use.silent_other;
    use.refused_other += Refuses(other, example.question) ? 1 : 0;
    return 0;
  }
  use.only_true += own_right && !other_right ? 1 : 0;
  use.only_other += !own_right && other_right ? 1 : 0;
  if (own_given) {
    ++use.compared;
    use.changed += SameAnswer(example.prediction, other, example.reference) ? 0 : 1;
  }
  return (own_right ? 1.0 : 0.0) - (other_right ? 1.0 : 0.0);
}

size_t UnitsOf(std::span<const uint32_t> units, const std::vector<bool>& questions) {
  std::set<uint32_t> found;
  for (size_t i = 0; i < questions.size(); ++i) {
    if (questions[i]) found.insert(units[i]);
  }
  return found.size();
}

void Judge(std::span<const double> differences, ImageUse& use) {
  if (use.compared_units < kFewestTestUnits) return;
  use.changes = use.changed > 0 ? ImageUseVerdict::kYes : ImageUseVerdict::kNo;
  if (use.compared_units < kFewestImageUseUnits) return;
  use.p = TestPaired(differences, use.units.of).p.value_or(1);
  const bool more_right = use.only_true > use.only_other && use.p <= kImageUseSignificance;
  use.righter = more_right ? ImageUseVerdict::kYes : ImageUseVerdict::kNotShown;
}

}  // namespace

ImageUseVerdict ImageUse::verdict() const {
  return changes == ImageUseVerdict::kNo ? ImageUseVerdict::kNo : righter;
}

ImageUse MeasureImageUse(std::span<const Example> examples,
                         std::span<const std::string> with_other_image) {
  if (examples.empty() || with_other_image.size() != examples.size()) {
    throw ShapeError(fmt::format("image use of {} questions and {} answers", examples.size(),
                                 with_other_image.size()));
  }
  ImageUse use;
  use.examples = examples.size();
  use.units = FindSamplingUnits(examples);
  std::vector<double> differences;
  std::vector<bool> compared;
  for (size_t i = 0; i < examples.size(); ++i) {
    const size_t before = use.compared;
    differences.push_back(CountQuestion(examples[i], with_other_image[i], use));
    compared.push_back(use.compared > before);
  }
  use.compared_units = UnitsOf(use.units.of, compared);
  Judge(differences, use);
  return use;
}

ImageUse MeasureImageUse(std::span<const std::string> references,
                         std::span<const std::string> with_true_image,
                         std::span<const std::string> with_other_image) {
  if (with_true_image.size() != references.size()) {
    throw ShapeError(fmt::format("image use of {} references and {} answers", references.size(),
                                 with_true_image.size()));
  }
  std::vector<Example> examples(references.size());
  for (size_t i = 0; i < examples.size(); ++i) {
    examples[i].reference = references[i];
    examples[i].prediction = with_true_image[i];
  }
  return MeasureImageUse(examples, with_other_image);
}

const char* NameOf(ImageUseVerdict verdict) {
  static constexpr const char* kNames[] = {"yes", "not shown", "no", "too little to tell"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string Describe(const ImageUse& use, const std::string& other_images) {
  const bool tested = use.righter != ImageUseVerdict::kTooLittle;
  const std::string changed =
      use.compared == 0
          ? "no question has an answer to both"
          : fmt::format("{} % of {} are others with {}", Percent(use.changed, use.compared),
                        Counted(use.compared, "answers"), other_images);
  std::string text = fmt::format(
      "the answers depend on the image: {}. They change with it: {} ({}). They are righter with "
      "the true one: {}{} ({} % right, {} % with {}).",
      NameOf(use.verdict()), NameOf(use.changes), changed, NameOf(use.righter),
      tested ? PText(use.p) : "", Percent(use.right_true, use.examples),
      Percent(use.right_other, use.examples), other_images);
  if (use.silent_true + use.silent_other > 0) {
    text += fmt::format(" No answer, which proves nothing: {} % with the true image, {} % with {}",
                        Percent(use.silent_true, use.examples),
                        Percent(use.silent_other, use.examples), other_images);
    if (use.refused_other > 0) {
      text += fmt::format(", of which {} % say that they cannot tell or see no image",
                          Percent(use.refused_other, use.silent_other));
    }
    text += '.';
  }
  return text + fmt::format(" {}, {}.", Counted(use.examples, "questions"), use.units.Counted());
}

std::map<std::string, std::string> DerangeImages(std::vector<std::string> images, uint64_t seed) {
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  const size_t count = images.size();
  if (count < 2) {
    throw Error("swapping images takes at least two different ones",
                "Have the questions answered on their true image alone (eval: --images true).");
  }
  const std::vector<size_t> order = NumpyGenerator(seed).Permutation(count);
  std::map<std::string, std::string> other;
  for (size_t i = 0; i < count; ++i) {
    other[images[order[i]]] = images[order[(i + count / 2) % count]];
  }
  return other;
}

}  // namespace roentgen
