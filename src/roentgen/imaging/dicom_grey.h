#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "roentgen/imaging/dicom_frame.h"
#include "roentgen/imaging/dicom_header.h"
#include "roentgen/imaging/dicom_palette.h"
#include "roentgen/imaging/dicom_view.h"

namespace roentgen {

/// A frame of one sample a pixel in the greys of a screen.
struct DicomGrey {
  std::vector<uint8_t> samples;    // [rows · columns]
  std::string window;              // what was applied: "350/40", "0..4095" or "lookup table"
  std::vector<std::string> notes;  // for people: what is odd
};

/// The stored values that can occur, by the header.
ValueRange StoredRange(const DicomFrame& pixels);

/// Modality LUT or rescale, then the view's window, else the file's VOI LUT, its first window, or
/// the range of the frame's values. No inversion yet. As pydicom, with a note where the result
/// looks wrong: a lookup table that leaves most greys unused, padding among the greys, a window
/// that is none.
///
/// Throws Error when Rescale Slope or Intercept is no number: the units would be wrong.
DicomGrey ShowDicomGrey(const DicomDataset& dataset, const DicomFrame& pixels,
                        const DicomView& view);

}  // namespace roentgen
