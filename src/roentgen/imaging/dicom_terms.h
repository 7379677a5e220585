#pragma once

#include <string>
#include <string_view>

namespace roentgen {

// What a file writes where DICOM expects a term of a list is taken as that term or not at all: it
// may hold anything, names of patients and escape codes too.

/// The defined term for a Modality (PS3.3, C.7.3.1.1.1), whatever its case: "CT"; empty for what is
/// none.
std::string DicomModality(std::string_view written);

/// The defined term for a Body Part Examined (PS3.16, annex L), whatever its case: "CHEST"; empty
/// for what is none.
std::string DicomBodyPart(std::string_view written);

/// What a file says of its colours (Photometric Interpretation; PS3.3, C.7.6.3.1.2), for a
/// sentence: "Photometric Interpretation RGB", "an unknown Photometric Interpretation" for what is
/// no defined term, "no Photometric Interpretation".
std::string DescribePhotometric(std::string_view written);

/// A date of DICOM ("20190407", "2019.04.07") as "2019-04-07"; empty for what is no day,
/// or one on which no study was made: before 1895, or after 2199.
std::string DicomDate(std::string_view written);

}  // namespace roentgen
