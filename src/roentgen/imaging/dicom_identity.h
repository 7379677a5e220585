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
};

/// Empty for what is no DICOM file, or one that is broken before its pixels.
DicomIdentity HashDicomIdentity(std::span<const uint8_t> bytes);

}  // namespace roentgen
