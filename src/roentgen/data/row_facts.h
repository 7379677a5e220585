#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "roentgen/data/sample.h"

namespace roentgen {

/// Numbers for texts that many rows share, in the order of their first appearance.
class Names {
 public:
  uint32_t Number(const std::string& name);
  std::optional<uint32_t> Find(const std::string& name) const;
  const std::string& operator[](uint32_t number) const { return *names_[number]; }
  size_t size() const { return names_.size(); }

 private:
  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::vector<const std::string*> names_;  // keys of numbers_, which stay where they are
};

/// What cleaning and splitting must remember of a question while they look at the others. Texts are
/// kept as 64-bit hashes.
struct QuestionFacts {
  /// In ComparisonForm, without its images' places; with all that was said before it where it hangs
  /// on that (HangsOnContext).
  uint64_t question = 0;
  uint64_t meaning = 0;            ///< the same of QuestionMeaning
  uint64_t answer = 0;             ///< in AnswerForm
  bool closed_not_yes_no = false;  ///< closed by its type, and not answered by a plain yes or no
};

/// The same of a row: with its questions some hundred bytes, so that a set of any size can be
/// compared with itself.
struct RowFacts {
  uint64_t exact = 0;  ///< all texts, as they are
  uint64_t alike = 0;  ///< the system prompt, and all questions and answers in their forms
  uint64_t id = 0;
  uint32_t source_row = 0;
  uint32_t file = 0;            ///< in SetFacts::files
  uint32_t image_set = 0;       ///< in SetFacts::image_sets
  uint32_t owner = 0;           ///< in SetFacts::owners
  uint32_t system = 0;          ///< its system prompt, in SetFacts::systems
  uint32_t split = 0;           ///< in SetFacts::splits
  uint32_t first_question = 0;  ///< in SetFacts::questions
  uint32_t questions = 0;       ///< how many follow each other there
  bool unusable = false;        ///< by FindUnusable and an applied rule
};

/// Whose a row is, as its columns say; hashes of what they say.
struct Owner {
  std::vector<uint64_t> patients;  ///< PatientsOf: each names the same patient
  std::optional<uint64_t> study;   ///< StudyOf
  bool operator<(const Owner& other) const {
    return std::tie(patients, study) < std::tie(other.patients, other.study);
  }
};

/// The facts of all rows of a set.
struct SetFacts {
  std::vector<RowFacts> rows;
  std::vector<QuestionFacts> questions;
  Names files;
  Names splits;
  Names systems;
  std::vector<Owner> owners;                      ///< the first of nobody
  Names images;                                   ///< image paths
  std::vector<std::string> modalities;            ///< one spelling of each; the first is empty
  std::vector<uint32_t> modality_of_image;        ///< in `modalities`: the first that a row says
  std::vector<std::vector<uint32_t>> image_sets;  ///< each a list of numbers in `images`

  /// Of a question of a row, counted from 0.
  const QuestionFacts& Question(uint32_t row, uint32_t question) const {
    return questions[rows[row].first_question + question];
  }

  void Add(const Sample& sample, bool unusable);

 private:
  void AddQuestions(const Sample& sample, RowFacts& row);
  uint32_t ImageSet(const Sample& sample);
  uint32_t OwnerOf(const Sample& sample);
  uint32_t ModalityOf(const Sample& sample);

  std::map<std::string, uint32_t> modality_numbers_;  // of spellings and of their forms
  std::map<std::vector<uint32_t>, uint32_t> image_set_numbers_;
  std::map<Owner, uint32_t> owner_numbers_;
};

}  // namespace roentgen
