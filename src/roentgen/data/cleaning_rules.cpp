#include "roentgen/data/cleaning_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using enum RuleMode;
using enum Remedy;

constexpr std::array<RuleInfo, kRules> kTable = {{
    {Rule::kEntities, "entities", "a character written as HTML writes it", kMend, kApply},
    {Rule::kLostComma, "lost-comma", "a tab where the set lost a comma", kMend, kApply},
    {Rule::kWhitespace, "whitespace", "blanks at the edges, tabs, double blanks", kMend, kApply},
    {Rule::kIntegerAnswer, "integer-answer", "a message that is a number, not a text", kMend,
     kApply},
    {Rule::kSeveralLabels, "several-labels", "several labels in one field", kMend, kReport},
    {Rule::kLabelSpelling, "label-spelling", "a rare spelling of a frequent label", kMend, kReport},
    {Rule::kSynonyms, "synonyms", "an answer that has a more usual name", kMend, kReport},
    {Rule::kOversized, "oversized", "a row too large to be held", kDropEverywhere, kApply},
    {Rule::kMalformed, "malformed", "a row that is not in the form of its set", kDropEverywhere,
     kApply},
    {Rule::kTurns, "turns", "messages that do not alternate between user and assistant",
     kDropEverywhere, kApply},
    {Rule::kEmptyText, "empty-text", "a message without text", kDropEverywhere, kApply},
    {Rule::kControlToken, "control-token", "a text that spells a sign of the model's format",
     kDropEverywhere, kApply},
    {Rule::kImageCount, "image-count", "other images than <image> places", kDropEverywhere, kApply},
    {Rule::kMissingImage, "missing-image", "an image file that is not there", kDropEverywhere,
     kApply},
    {Rule::kUnreadableImage, "unreadable-image", "an image file that cannot be decoded",
     kDropEverywhere, kApply},
    {Rule::kDuplicateId, "duplicate-id", "an id that an earlier row has", kMend, kApply},
    {Rule::kTestLeak, "test-leak", "a question that a test part asks about the same image", kDrop,
     kApply},
    {Rule::kNearTestLeak, "near-test-leak",
     "a question that a test part asks in other words about the same image", kDrop, kReport},
    {Rule::kDuplicate, "duplicate", "the same images and texts as an earlier row", kDrop, kApply},
    {Rule::kNearDuplicate, "near-duplicate",
     "the same but for case, punctuation, articles and synonyms", kDrop, kReport},
    {Rule::kContradiction, "contradiction",
     "one question about one image, answers that say different things", kDrop, kReport},
    {Rule::kClosedNotYesNo, "closed-not-yes-no", "a closed question not answered yes or no", kDrop,
     kReport},
    {Rule::kBlur, "blur", "an image far more blurred than others of its modality", kDrop, kReport},
    {Rule::kNearDuplicateImage, "near-duplicate-image", "an image that looks like an earlier one",
     kDrop, kReport},
}};

}  // namespace

std::span<const RuleInfo, kRules> AllRules() {
  return kTable;
}

const RuleInfo& InfoOf(Rule rule) {
  return kTable[static_cast<size_t>(rule)];
}

RuleModes::RuleModes() : modes_() {
  for (const RuleInfo& info : kTable) Set(info.rule, info.default_mode);
}

RuleModes RuleModes::AllOff() {
  RuleModes modes;
  modes.modes_.fill(kOff);
  return modes;
}

void RuleModes::Set(std::string_view assignment) {
  const size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const auto* info = std::find_if(kTable.begin(), kTable.end(),
                                  [&](const RuleInfo& each) { return each.name == name; });
  if (info == kTable.end()) {
    std::string names;
    for (const RuleInfo& each : kTable) names += fmt::format(" {}", each.name);
    throw Error(fmt::format("there is no cleaning rule \"{}\"", name), "The rules are:" + names);
  }
  const std::string_view mode =
      equals == std::string_view::npos ? std::string_view() : assignment.substr(equals + 1);
  if (mode == "off") {
    Set(info->rule, kOff);
  } else if (mode == "report") {
    Set(info->rule, kReport);
  } else if (mode == "apply") {
    Set(info->rule, kApply);
  } else {
    throw Error(fmt::format("rule {}: \"{}\" is no mode", name, mode),
                fmt::format("Say {0}=off, {0}=report or {0}=apply.", name));
  }
}

std::string_view ActionName(CleaningFinding::Action action) {
  switch (action) {
    case CleaningFinding::Action::kReported:
      return "reported";
    case CleaningFinding::Action::kMended:
      return "mended";
    default:
      return "dropped";
  }
}

}  // namespace roentgen
