#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The range of values that is shown as black to white, in the units of the modality (Hounsfield
/// for CT).
struct DicomWindow {
  double center = 0;
  double width = 0;
};

/// What is looked at in a DICOM file.
struct DicomView {
  size_t frame = 1;  ///< from 1
  std::optional<DicomWindow> window =
      std::nullopt;  ///< none: the file's own, else its values' range
};

/// "1500/-600" (width and level, as on a console) or the name of a preset: lung, soft (tissue),
/// bone, brain, liver. Throws Error listing them for anything else.
DicomWindow ParseDicomWindow(std::string_view text);

/// "350/40", as it is typed.
std::string DescribeDicomWindow(const DicomWindow& window);

}  // namespace roentgen
