#include "roentgen/data/cleaning_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Asked = CleaningFinding::Asked;
using Action = CleaningFinding::Action;

Asked AskedIn(const Sample& sample, uint32_t question) {
  Asked asked{sample.id, sample.source, sample.split, "", ""};
  if (question < QuestionsOf(sample)) {
    asked.question = QuestionText(sample, question);
    asked.answer = AnswerText(sample, question);
  }
  return asked;
}

/// Whether a rule compares a row with another one.
bool NamesRow(Rule rule) {
  return rule == Rule::kDuplicateId || rule == Rule::kTestLeak || rule == Rule::kNearTestLeak ||
         rule == Rule::kDuplicate || rule == Rule::kNearDuplicate || rule == Rule::kContradiction;
}

}  // namespace

std::string FindingToJson(const Sample& sample, const CleaningFinding& finding) {
  OrderedJson line;
  line["id"] = sample.id;
  line["file"] = sample.source.file;
  line["row"] = sample.source.row;
  line["split"] = sample.split;
  line["rule"] = InfoOf(finding.rule).name;
  line["action"] = ActionName(finding.action);
  line["reason"] = finding.reason;
  if (!finding.field.empty()) {
    line["field"] = finding.field;
    line["before"] = finding.before;
    line["after"] = finding.after;
  }
  if (finding.asked) {
    line["question"] = finding.asked->question;
    line["answer"] = finding.asked->answer;
  }
  if (finding.other) {
    OrderedJson& other = line["other"];
    other["file"] = finding.other->source.file;
    other["row"] = finding.other->source.row;
    other["split"] = finding.other->split;
    if (!finding.other->id.empty()) {
      other["id"] = finding.other->id;
      other["question"] = finding.other->question;
      other["answer"] = finding.other->answer;
    }
  }
  return line.dump() + "\n";
}

CleaningFinding FindingOf(const SourceSample::Flaw& flaw, bool apply) {
  return {flaw.rule, apply ? Action::kDropped : Action::kReported, flaw.reason, "", "", "", ""};
}

CleaningFinding VerdictReader::FindingOf(const RowVerdict& verdict, const Sample& sample) const {
  CleaningFinding finding{verdict.rule,
                          verdict.drop ? Action::kDropped : Action::kReported,
                          Reason(verdict),
                          "",
                          "",
                          "",
                          ""};
  finding.can_act = !verdict.yardstick;
  if (verdict.rule == Rule::kDuplicateId) return finding;
  finding.asked = AskedIn(sample, verdict.question);
  if (NamesRow(verdict.rule)) finding.other = Other(verdict);
  return finding;
}

Asked VerdictReader::Other(const RowVerdict& verdict) const {
  const auto known = verdicts_.others.find(verdict.other);
  if (known != verdicts_.others.end()) return AskedIn(known->second, verdict.other_question);
  const RowFacts& row = facts_.rows[verdict.other];
  return {"", {facts_.files[row.file], row.source_row}, facts_.splits[row.split], "", ""};
}

std::string VerdictReader::Reason(const RowVerdict& verdict) const {
  switch (verdict.rule) {
    case Rule::kMissingImage:
    case Rule::kUnreadableImage:
      return images_[verdict.other].problem;
    case Rule::kDuplicateId:
      return fmt::format("{} has this id", RowName(verdict.other));
    case Rule::kTestLeak:
      return fmt::format("{}, in {}, asks the same about the same image", RowName(verdict.other),
                         PartName(verdict.other));
    case Rule::kNearTestLeak:
      return fmt::format("{}, in {}, seems to ask the same about the same image",
                         RowName(verdict.other), PartName(verdict.other));
    case Rule::kDuplicate:
      return fmt::format("the same as {}", RowName(verdict.other));
    case Rule::kNearDuplicate:
      return fmt::format("nearly the same as {}", RowName(verdict.other));
    case Rule::kContradiction:
      return fmt::format("{} answers the same question about the same image differently",
                         RowName(verdict.other));
    case Rule::kBlur:
      return BlurReason(verdict.other);
    case Rule::kNearDuplicateImage:
      return fmt::format("{} looks like {}", ImageName(verdict.other), NearImage(verdict.other));
    default:
      return std::string(InfoOf(verdict.rule).what);
  }
}

std::string VerdictReader::RowName(uint32_t row) const {
  return fmt::format("row {} of {}", facts_.rows[row].source_row,
                     facts_.files[facts_.rows[row].file]);
}

const std::string& VerdictReader::PartName(uint32_t row) const {
  return facts_.splits[facts_.rows[row].split];
}

std::string VerdictReader::ImageName(uint32_t image) const {
  return std::filesystem::path(facts_.images[image]).filename().string();
}

/// The earlier image that looks like this one.
std::string VerdictReader::NearImage(uint32_t image) const {
  const auto& pairs = verdicts_.near_pairs;
  const std::string& pixels = images_[image].pixels_sha256;
  const auto pair = std::find_if(pairs.begin(), pairs.end(), [&](const NearPair& each) {
    return images_[each.second].pixels_sha256 == pixels;
  });
  return pair == pairs.end() ? "an earlier one" : ImageName(pair->first);
}

std::string VerdictReader::BlurReason(uint32_t image) const {
  const uint32_t modality = facts_.modality_of_image[image];
  const auto limit = std::find_if(verdicts_.blur.begin(), verdicts_.blur.end(),
                                  [&](const BlurLimit& each) { return each.modality == modality; });
  return fmt::format("{}: blur {:.3f}, more than {:.3f}", ImageName(image), images_[image].blur,
                     limit->threshold);
}

}  // namespace roentgen
