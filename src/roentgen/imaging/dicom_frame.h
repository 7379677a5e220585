#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "roentgen/imaging/dicom_colours.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/dicom_header.h"
#include "roentgen/imaging/encoded_image.h"

namespace roentgen {

/// A frame's stored values, rows from the top, the samples of a pixel side by side, before any
/// conversion of colours or units.
struct DicomFrame {
  std::vector<uint32_t> values;  // [rows · columns · samples]; negative ones in two's complement
  std::vector<double> real;      // [rows · columns] instead, of floating-point pixels
  bool is_signed = false;
  int bits = 0;                             // of a value
  ColourSpace colours = ColourSpace::kRgb;  // of three samples
  std::vector<std::string> notes;           // for people: what is odd

  size_t size() const { return real.empty() ? values.size() : real.size(); }
  double Value(size_t i) const {
    if (!real.empty()) return real[i];
    return is_signed ? static_cast<double>(static_cast<int32_t>(values[i])) : values[i];
  }
};

/// The samples of a pixel side by side, from planes of one kind of sample each.
std::vector<uint32_t> InterleaveSamples(const std::vector<uint32_t>& planes,
                                        const DicomHeader& header);

/// Decodes a frame, counted from 0, whose size must have been checked: native of either byte order,
/// integers or floating-point numbers, run lengths, deflated, JPEG (lossy and lossless, 8 to 16
/// bits), JPEG-LS, JPEG 2000, HTJ2K. The frames that are there are read from a file that was cut.
/// Throws Error when the pixels end early, are damaged, of another size than the header says, or of
/// a kind or colours that are not supported.
DicomFrame DecodeDicomFrame(const DicomFile& file, const DicomHeader& header, size_t frame,
                            const EncodedImage& source);

}  // namespace roentgen
