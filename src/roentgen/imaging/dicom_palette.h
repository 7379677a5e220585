#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "roentgen/imaging/dicom_dataset.h"

namespace roentgen {

/// A lookup table (PS3.3, C.7.6.3.1.5 and C.11.1): its first entry stands for the value `first` and
/// all below, its last for all above.
struct DicomLut {
  std::vector<uint16_t> entries;
  int first = 0;
  int bits = 16;  // of an entry

  double At(double value) const;
};

/// The values that can stand before a table, by the header: not those of one frame, or the frames
/// of a file would be shown differently.
struct ValueRange {
  double low = 0;
  double high = 0;
};

/// The table in an item of a modality or VOI LUT sequence, for such values. Its first value is
/// signed where its VR is SS; where the VR leaves it open or says US, see dicom_palette.cpp. Empty
/// entries: there is none.
DicomLut ReadDicomLut(const DicomDataset& item, const ValueRange& values);

/// The red, green and blue tables of a PALETTE COLOR image, expanded where they come in segments
/// (PS3.3, C.7.9.2). Throws Error when one is missing or damaged.
std::array<DicomLut, 3> ReadDicomPalette(const DicomDataset& dataset, const ValueRange& values);

/// Notes it for people when none of these tables, whose entries are the levels that a screen shows,
/// goes beyond the lower half of its levels: as a palette of 16 bits whose entries end at 255.
void NoteUnusedLevels(std::span<const DicomLut> tables, std::vector<std::string>& notes);

}  // namespace roentgen
