#pragma once

#include <string>
#include <string_view>

#include "roentgen/base/json.h"

namespace roentgen {

/// SHA-256 of what names the patient among a row's further columns (data/patient_names.h); empty
/// where nothing does. The name itself is kept nowhere: results are passed on, patients are not.
std::string PatientHash(const Json& columns);

/// Whether a column of that name tells who the patient is.
bool NamesPatient(std::string_view column);

}  // namespace roentgen
