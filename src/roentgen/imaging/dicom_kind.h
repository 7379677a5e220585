#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// SOP class of a DICOMDIR (PS3.4, annex B; PS3.10): an index of files, never an image.
inline constexpr std::string_view kDicomDirectory = "1.2.840.10008.1.3.10";

/// What a file of this SOP class is where its kind has no pixels: "a structured report", "an
/// encapsulated PDF document"; empty for images and unknown classes. Families of classes are told
/// by the beginning of their UID (PS3.6, annex A).
std::string DescribeNonImage(std::string_view sop_class);

}  // namespace roentgen
