#pragma once

#include "roentgen/imaging/dicom_frame.h"
#include "roentgen/imaging/dicom_header.h"
#include "roentgen/imaging/dicom_view.h"
#include "roentgen/imaging/raw_image.h"

namespace roentgen {

/// A frame as it is looked at (PS3.4, annex N.2): stored values, modality LUT or rescale, VOI LUT
/// or window (the view's, else the file's first, else the range of the values), inversion of
/// MONOCHROME1 last. Palettes and YBR colours become RGB. 8-bit grey or RGB; tells the modality,
/// the frame, the window, text that may be burned in, and what is odd. Values and rules:
/// golden/dicom.
///
/// Throws Error when a palette is missing, a window is asked for a colour image, or Rescale Slope
/// or Intercept is no number.
RawImage DisplayDicomFrame(const DicomDataset& dataset, const DicomHeader& header,
                           const DicomFrame& pixels, const DicomView& view);

}  // namespace roentgen
