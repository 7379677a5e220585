#pragma once

#include <cstdint>
#include <string>

#include "roentgen/imaging/dicom_dataset.h"

namespace roentgen {

/// The shape of a file's pixels (PS3.3, C.7.6.3).
struct DicomHeader {
  int64_t rows = 0;
  int64_t columns = 0;
  size_t frames = 1;
  int samples = 1;  // a pixel
  int bits_allocated = 0;
  int bits_stored = 0;
  int high_bit = 0;
  bool is_signed = false;
  bool by_plane = false;    // all red samples first
  bool is_float = false;    // pixels of 32 or 64 bits as IEEE 754 numbers
  std::string photometric;  // "MONOCHROME2", "RGB", "YBR_FULL", …

  /// How far a value lies above the lowest bit of its word, if High Bit can be true; else 0.
  int shift() const {
    const bool possible = high_bit >= bits_stored - 1 && high_bit < bits_allocated;
    return possible ? high_bit + 1 - bits_stored : 0;
  }

  size_t pixels() const { return static_cast<size_t>(rows) * static_cast<size_t>(columns); }
  size_t values() const { return pixels() * static_cast<size_t>(samples); }
};

/// Throws Error when the dataset holds no image, or one of a shape that does not exist.
DicomHeader ReadDicomHeader(const DicomDataset& dataset);

}  // namespace roentgen
