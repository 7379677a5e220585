#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// What a word in a column's name says.
enum class ColumnWord {
  kUnknown,
  kPatient,      ///< a patient, also without a number
  kPatients,     ///< the same where a number follows
  kSubject,      ///< whoever takes part; may be something else
  kSubjects,     ///< the same where a number follows
  kRecord,       ///< what a hospital numbers patients by; a number follows
  kFullRecord,   ///< the same, with the number: MRN, 登记号
  kMayBeRecord,  ///< the same where the value has a digit: "pid"
  kName,         ///< behind a patient
  kFullName,     ///< of a person
  kStudy,        ///< a number follows
  kFullStudy,    ///< with the number: "accession"
  kCase,         ///< a patient or a study
  kNumber,       ///< a word for a number
  kCountOrNo,    ///< before its noun a count
  kOf,           ///< turns the order of the words
  kMark,         ///< what was done to a number, or where it is from
  kRest,         ///< says nothing
};

struct ColumnNamePart {
  ColumnWord word;
  std::string text;  ///< folded
};

/// The words of a column's name, without what stands in brackets where there is more: "PatientID
/// (0010,0020)" is "patient", "id". Words are parted by signs, by capitals, and by what is known:
/// "deidpatientid", 患者唯一标识.
std::vector<ColumnNamePart> WordsOfColumn(std::string_view name);

}  // namespace roentgen
