#include "roentgen/data/row_facts.h"

#include "roentgen/base/hash.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

/// Hashes a text and its end, so that "ab" + "c" is not "a" + "bc".
uint64_t Extend(uint64_t hash, std::string_view text) {
  return Fnv1a64(std::string_view("\0", 1), Fnv1a64(text, hash));
}

bool IsClosedWithoutYesNo(const Sample& sample) {
  return sample.answer_type == kClosed && !sample.turns.empty() &&
         !YesOrNo(sample.turns.back().text);
}

}  // namespace

uint32_t Names::Number(const std::string& name) {
  const auto [entry, added] = numbers_.try_emplace(name, static_cast<uint32_t>(names_.size()));
  if (added) names_.push_back(&entry->first);
  return entry->second;
}

std::optional<uint32_t> Names::Find(const std::string& name) const {
  const auto entry = numbers_.find(name);
  return entry == numbers_.end() ? std::nullopt : std::optional(entry->second);
}

void SetFacts::Add(const Sample& sample, bool unusable) {
  RowFacts row;
  row.exact = Extend(kFnv1a64Offset, sample.system);
  row.question = Extend(kFnv1a64Offset, sample.system);
  for (size_t i = 0; i < sample.turns.size(); ++i) {
    const std::string& text = sample.turns[i].text;
    row.exact = Extend(row.exact, text);
    if (i + 1 < sample.turns.size()) {
      row.question = Extend(row.question, ComparisonForm(text));
    } else {
      row.answer = Extend(kFnv1a64Offset, AnswerForm(text));
    }
  }
  row.id = Fnv1a64(sample.id);
  row.source_row = static_cast<uint32_t>(sample.source.row);
  row.file = files.Number(sample.source.file);
  std::vector<uint32_t> set;
  for (const std::string& image : sample.images) set.push_back(images.Number(image));
  const auto [known, added] =
      image_set_numbers_.try_emplace(set, static_cast<uint32_t>(image_sets.size()));
  if (added) image_sets.push_back(std::move(set));
  row.image_set = known->second;
  row.split = splits.Number(sample.split);
  row.stratum = strata.Number(sample.modality + '\n' + sample.answer_type);
  row.unusable = unusable;
  row.closed_not_yes_no = IsClosedWithoutYesNo(sample);
  rows.push_back(row);
}

}  // namespace roentgen
