#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace roentgen {

struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

/// Where a picture came from and what was done to it before the model sees it.
struct Provenance {
  std::string source;              ///< the path or name it was opened under
  std::string format;              ///< "JPEG", "PNG", "WebP", "BMP", "GIF", "TIFF" or "DICOM"
  Size stored;                     ///< as in the file, before its orientation was applied
  int orientation = 1;             ///< the EXIF orientation that was applied; 1: none
  std::string modality;            ///< of DICOM, a defined term (dicom_terms.h): "CT"; else empty
  std::string body_part;           ///< of DICOM, a defined term: "CHEST"; else empty
  std::string study_date;          ///< of DICOM: "2019-04-07"; else empty
  size_t frame = 1;                ///< of DICOM, from 1
  size_t frames = 1;               ///< that there are
  std::string window;              ///< of grey DICOM: "350/40", "0..4095" or "lookup table"
  std::vector<std::string> notes;  ///< for people, e.g. "16-bit grey scaled from 0..4095 to 8 bits"
};

/// A picture as the model takes it: 8-bit RGB, rows from the top, three bytes a pixel, no padding.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;  ///< height · width · 3 bytes
  Provenance provenance;

  Size size() const { return {width, height}; }
};

}  // namespace roentgen
