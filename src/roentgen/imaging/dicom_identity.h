#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace roentgen {

/// Whose and of which study a DICOM file is, so that a patient's images can be kept together. The
/// values themselves never leave this function: these are SHA-256 of them.
struct DicomIdentity {
  std::string patient;  ///< of the Patient ID and its issuer, else of the name; empty without
  std::string study;    ///< of the Study Instance UID; empty where there is none
  // What else tells patients apart: of the ID alone, the name (in any case, without its other
  // scripts), the birth date and the sex (M or F). Empty where there is none.
  std::string id, name, birth_date, sex;
};

/// Whether they contradict each other: two IDs, two names for one ID, two birth dates, … What one
/// of them does not tell is no contradiction.
bool AreDifferentPatients(const DicomIdentity& a, const DicomIdentity& b);

/// Empty for what is no DICOM file, or one that is broken before its pixels.
DicomIdentity HashDicomIdentity(std::span<const uint8_t> bytes);

}  // namespace roentgen
