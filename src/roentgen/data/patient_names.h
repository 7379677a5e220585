#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/data/sample.h"

namespace roentgen {

/// Of these names of columns the one that names a patient, as people write it in any case and width
/// and in English or Chinese: "patient_id", "PatientID", "subject id", "MRN", 患者ID, 病人编号,
/// 病历号, 住院号. What names a study or picture (检查号, "accession", "study_id") or says
/// something else of a patient ("patient_age") does not. Of several the most certain is taken: a
/// patient's number, then the patient, a hospital's number, a subject's number, a patient's name;
/// of equals the first. Nothing where there is none.
std::optional<std::string_view> PatientColumn(const std::vector<std::string_view>& names);

/// The patient of a sample by that column of its extra, a text or number. Nothing where there is no
/// such column or nothing in it (blanks, "-", "nan", "unknown", 未知).
std::optional<std::string> PatientOf(const Sample& sample);

/// Of several columns that name patients, which one counts, as a sentence for people.
std::optional<std::string> NoteOfPatients(std::vector<std::string_view> names);

}  // namespace roentgen
