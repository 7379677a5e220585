#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "roentgen/data/sample.h"

// Whose picture a row is about, as its further columns say. Their names are read word by word as
// people write them, in any case and width, in English or Chinese: "patient_id", "PatientID
// (0010,0020)", "deid_patient", "metadata.patient_id", "MRN", 患者ID, 住院号码, 登记号. What says
// something else of a patient ("patient_age", 患者性别) names none.

namespace roentgen {

/// Of these names of columns the one that names a patient most certainly: a patient's number, then
/// the patient, a hospital's number, a subject, a patient's name; of equals the first. Nothing
/// where there is none.
std::optional<std::string_view> PatientColumn(const std::vector<std::string_view>& names);

/// All names of a row's patients as "kind:value", the most certain first: rows that share one are
/// of one patient. The kind is what the column's name means ("patient", "subject", "住院"), so that
/// numbers of different kinds do not meet. Objects and lists are looked into.
///
/// Values are compared without case, width, traditional characters, invisible characters and runs
/// of blanks; 12.0 is 12. Zeros at the beginning count: 0012 is not 12. Of columns that may mean
/// other things ("subject", "pid") only a value with a digit counts, and none that NamesNobody.
std::vector<std::string> PatientsOf(const Sample& sample);

/// The value of the first of these as it was written, but for blanks at its edges. Nothing where
/// there is none.
std::optional<std::string> PatientOf(const Sample& sample);

/// The study or examination of a row ("StudyInstanceUID", "study_id", "accession", 检查号) as
/// "kind:value", as above. Nothing, too, for a number of up to three digits where the patient is
/// known: it may count the patient's studies.
std::optional<std::string> StudyOf(const Sample& sample);

/// Whether a text stands where a patient's name or number should, and names nobody: "", "-", "0",
/// "xxx", "ANONYMOUS", "Patient^Unknown", 匿名, 未知. For columns and for DICOM's IDs.
bool NamesNobody(std::string_view text);

/// Watches over the rows of a set for numbers of patients that differ in zeros at the beginning
/// alone (0012 and 12, as spreadsheets make it): they are different patients here, and may be one.
class PatientZeros {
 public:
  void Count(const Sample& sample);
  /// For people, with an example. Nothing where there are none.
  std::optional<std::string> Note() const;

 private:
  std::unordered_map<std::string, std::string> spellings_;  // without and with zeros
  std::set<std::string> doubtful_;                          // without
  std::string example_;
};

/// For people: several columns that name patients, and those that may do so but do not count.
/// Nothing where there are neither.
std::optional<std::string> NoteOfPatients(const std::vector<std::string_view>& names);

}  // namespace roentgen
