#include "roentgen/data/row_facts.h"

#include "roentgen/base/hash.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/data/patient_names.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/context_question.h"
#include "roentgen/language/question_meaning.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

/// Hashes a text and its end, so that "ab" + "c" is not "a" + "bc".
uint64_t Extend(uint64_t hash, std::string_view text) {
  return Fnv1a64(std::string_view("\0", 1), Fnv1a64(text, hash));
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
  for (const Turn& turn : sample.turns) row.exact = Extend(row.exact, turn.text);
  AddQuestions(sample, row);
  row.id = Fnv1a64(sample.id);
  row.source_row = static_cast<uint32_t>(sample.source.row);
  row.file = files.Number(sample.source.file);
  row.image_set = ImageSet(sample);
  row.owner = OwnerOf(sample);
  row.split = splits.Number(sample.split);
  row.system = systems.Number(sample.system);
  row.unusable = unusable;
  rows.push_back(row);
}

void SetFacts::AddQuestions(const Sample& sample, RowFacts& row) {
  row.first_question = static_cast<uint32_t>(questions.size());
  row.questions = static_cast<uint32_t>(QuestionsOf(sample));
  row.alike = Extend(kFnv1a64Offset, sample.system);
  for (size_t i = 0; i < row.questions; ++i) {
    const std::string question = WithoutImagePlaces(QuestionText(sample, i));
    const std::string& answer = AnswerText(sample, i);
    QuestionFacts facts;
    facts.question = Extend(kFnv1a64Offset, ComparisonForm(question));
    facts.meaning = Extend(kFnv1a64Offset, QuestionMeaning(question));
    if (i > 0 && HangsOnContext(question)) {
      facts.question ^= row.alike;
      facts.meaning ^= row.alike;
    }
    facts.answer = Extend(kFnv1a64Offset, AnswerForm(answer));
    facts.closed_not_yes_no = AnswerTypeOf(sample, i) == kClosed && !YesOrNo(answer);
    row.alike = (row.alike ^ facts.question) * 0x100000001b3ull;
    row.alike = (row.alike ^ facts.answer) * 0x100000001b3ull;
    questions.push_back(facts);
  }
}

uint32_t SetFacts::ImageSet(const Sample& sample) {
  const uint32_t modality = ModalityOf(sample);
  std::vector<uint32_t> set;
  for (const std::string& image : sample.images) {
    const uint32_t number = images.Number(image);
    if (number == modality_of_image.size()) modality_of_image.push_back(0);
    if (modality_of_image[number] == 0) modality_of_image[number] = modality;
    set.push_back(number);
  }
  const auto [known, added] =
      image_set_numbers_.try_emplace(set, static_cast<uint32_t>(image_sets.size()));
  if (added) image_sets.push_back(std::move(set));
  return known->second;
}

uint32_t SetFacts::OwnerOf(const Sample& sample) {
  if (owners.empty()) {
    owners.emplace_back();
    owner_numbers_.emplace(Owner(), 0);
  }
  Owner owner;
  for (const std::string& patient : PatientsOf(sample)) owner.patients.push_back(Fnv1a64(patient));
  if (const auto study = StudyOf(sample)) owner.study = Fnv1a64(*study);
  const auto [known, added] =
      owner_numbers_.try_emplace(owner, static_cast<uint32_t>(owners.size()));
  if (added) owners.push_back(std::move(owner));
  return known->second;
}

uint32_t SetFacts::ModalityOf(const Sample& sample) {
  if (modalities.empty()) {
    modalities.emplace_back();
    modality_numbers_.emplace("", 0);
  }
  const auto known = modality_numbers_.find(sample.modality);
  if (known != modality_numbers_.end()) return known->second;
  const auto [form, added] = modality_numbers_.try_emplace(
      ComparisonForm(sample.modality), static_cast<uint32_t>(modalities.size()));
  if (added) modalities.push_back(sample.modality);
  return modality_numbers_.emplace(sample.modality, form->second).first->second;
}

}  // namespace roentgen
