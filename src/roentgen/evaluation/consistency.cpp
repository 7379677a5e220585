#include "roentgen/evaluation/consistency.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
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

/// Both sides of a twin about one image are no twin: one answer can be right to both.
void RequireOtherImage(const std::string& twin, const Example& one, const Example& other) {
  SameQuestions check(ImageRule::kOtherFiles);
  AskedQuestion first;
  first.image_hashes = one.image_hashes;
  first.image_names = Asked(one).image_names;
  AskedQuestion second;
  second.image_hashes = other.image_hashes;
  second.image_names = Asked(other).image_names;
  if (!check.Difference(first, second)) return;
  throw Error(fmt::format("the questions \"{}\" and \"{}\" of the twin \"{}\" are about the same "
                          "image",
                          one.id, other.id, twin),
              "Twins are questions about images that differ in what is asked for; name others "
              "with \"paraphrase\".");
}

}  // namespace

std::vector<std::vector<size_t>> TwinsAmong(std::span<const Example> examples) {
  std::map<std::string, size_t> places;
  std::vector<std::vector<size_t>> twins;
  for (size_t i = 0; i < examples.size(); ++i) {
    const std::string name = OneOf(examples[i], kTwin);
    if (name.empty()) continue;
    const auto [place, added] = places.try_emplace(name, twins.size());
    if (added) twins.emplace_back();
    std::vector<size_t>& twin = twins[place->second];
    for (const size_t other : twin) RequireOtherImage(name, examples[other], examples[i]);
    twin.push_back(i);
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
