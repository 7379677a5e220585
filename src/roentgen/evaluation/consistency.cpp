#include "roentgen/evaluation/consistency.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/metadata.h"
#include "roentgen/evaluation/right_answer.h"
#include "roentgen/evaluation/same_questions.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

/// The text of a field that has exactly one; empty otherwise.
std::string OneOf(const Example& example, const char* field) {
  const auto values = example.fields.find(field);
  return values != example.fields.end() && values->second.size() == 1 ? values->second[0] : "";
}

using Images = std::vector<std::string>;

/// The questions of one twin and their images. Both sides of a twin about one image are no twin:
/// one answer can be right to both. Images are compared as ImageRule::kOtherFiles says, by hashes
/// where both questions have them, else by names.
class TwinImages {
 public:
  /// The first question that this one shares its images with, if any.
  std::optional<size_t> Add(const Example& example, size_t place) {
    std::optional<size_t> same;
    const Images names = Asked(example).image_names;
    const bool hashed = !example.image_hashes.empty();
    if (hashed) Meet(by_hashes_, example.image_hashes, same);
    if (!names.empty()) Meet(hashed ? by_names_alone_ : by_names_, names, same);
    if (hashed) by_hashes_.try_emplace(example.image_hashes, place);
    if (!hashed) by_names_alone_.try_emplace(names, place);
    by_names_.try_emplace(names, place);
    return same;
  }

 private:
  using Places = std::map<Images, size_t>;

  static void Meet(const Places& places, const Images& images, std::optional<size_t>& same) {
    const auto found = places.find(images);
    if (found != places.end()) same = std::min(same.value_or(found->second), found->second);
  }

  Places by_hashes_;
  Places by_names_alone_;  // of questions without hashes
  Places by_names_;        // of all
};

[[noreturn]] void ThrowSameImage(const std::string& twin, const Example& one,
                                 const Example& other) {
  throw Error(fmt::format("the questions \"{}\" and \"{}\" of the twin \"{}\" are about the same "
                          "image",
                          one.id, other.id, twin),
              "Twins are questions about images that differ in what is asked for; name others "
              "with \"paraphrase\".");
}

/// A question is asked in a few ways. As each is compared with each, one name for thousands of
/// questions, which is a mistake, would take hours.
constexpr size_t kMostParaphrases = 100;

void RequireFew(const std::string& name, std::span<const Example* const> paraphrases) {
  if (paraphrases.size() <= kMostParaphrases) return;
  const std::vector<std::string>& images = paraphrases[0]->images;
  throw Error(
      fmt::format("{} questions {} are paraphrases \"{}\" of one another; at most {} can be",
                  paraphrases.size(),
                  images.empty() ? "without an image" : fmt::format("about \"{}\"", images[0]),
                  name, kMostParaphrases),
      "Rows need their images, and each question that is asked in several ways a \"paraphrase\" of "
      "its own.");
}

}  // namespace

std::vector<std::vector<size_t>> TwinsAmong(std::span<const Example> examples) {
  std::map<std::string, size_t> places;
  std::vector<TwinImages> images;
  std::vector<std::vector<size_t>> twins;
  for (size_t i = 0; i < examples.size(); ++i) {
    const std::string name = OneOf(examples[i], kTwin);
    if (name.empty()) continue;
    const size_t place = places.try_emplace(name, twins.size()).first->second;
    if (place == twins.size()) {
      twins.emplace_back();
      images.emplace_back();
    }
    const std::optional<size_t> same = images[place].Add(examples[i], i);
    if (same) ThrowSameImage(name, examples[*same], examples[i]);
    twins[place].push_back(i);
  }
  std::erase_if(twins, [](const std::vector<size_t>& twin) { return twin.size() < 2; });
  return twins;
}

bool AreRight(std::span<const Example> examples, std::span<const size_t> twin) {
  return std::all_of(twin.begin(), twin.end(), [&](size_t i) {
    return IsRight(examples[i].prediction, examples[i].reference, examples[i].question);
  });
}

TwinScore ScoreTwins(std::span<const Example> examples) {
  TwinScore score;
  for (const std::vector<size_t>& twin : TwinsAmong(examples)) {
    const bool all = AreRight(examples, twin);
    const bool any = std::any_of(twin.begin(), twin.end(), [&](const size_t& i) {
      return AreRight(examples, std::span(&i, 1));
    });
    ++score.pairs;
    score.both_right += all ? 1 : 0;
    score.one_right += any && !all ? 1 : 0;
    score.larger += twin.size() > 2 ? 1 : 0;
  }
  return score;
}

Agreement MeasureAgreement(std::span<const Example> examples) {
  // By images, question and reference: links of VQA-RAD whose answers differ ask for other things.
  using Group = std::tuple<std::vector<std::string>, std::string, std::string>;
  std::map<Group, std::vector<const Example*>> groups;
  for (const Example& example : examples) {
    std::string question = OneOf(example, kParaphrase);
    if (question.empty()) question = OneOf(example, kLinkedQuestion);
    if (question.empty()) continue;
    const bool hashed = !example.image_hashes.empty();
    groups[{hashed ? example.image_hashes : example.images, question,
            MeasureForm(example.reference)}]
        .push_back(&example);
  }
  Agreement agreement;
  for (const auto& [group, members] : groups) {
    RequireFew(std::get<1>(group), members);
    agreement.pairs += members.size() * (members.size() - 1) / 2;
    std::vector<const Example*> given;
    std::copy_if(members.begin(), members.end(), std::back_inserter(given), [](const Example* e) {
      return IsGiven(e->prediction, e->question, e->reference);
    });
    for (size_t i = 0; i < given.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        const bool same =
            SameAnswer(given[i]->prediction, given[k]->prediction, given[i]->reference);
        agreement.equal += same ? 1 : 0;
      }
    }
  }
  return agreement;
}

}  // namespace roentgen
