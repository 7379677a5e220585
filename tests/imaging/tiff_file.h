#pragma once

#include <tiffio.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "support/paths.h"

namespace roentgen::test {

/// A TIFF of one strip that libtiff writes, to be damaged afterwards.
struct TiffFile {
  uint32_t width = 0;
  uint32_t height = 0;
  uint16_t bits = 8;
  uint16_t samples = 1;
  int photometric = PHOTOMETRIC_MINISBLACK;  // −1: the tag is left out
  uint16_t format = SAMPLEFORMAT_UINT;
  uint16_t compression = COMPRESSION_NONE;
  std::vector<uint16_t> extras = {};
  bool big_endian = false;
  bool separate = false;
  int orientation = 0;

  /// The file around these pixels; of separate planes, one after the other.
  std::string Write(const void* pixels, size_t size) const {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "a.tif").string();
    TIFF* tiff = TIFFOpen(path.c_str(), big_endian ? "wb" : "wl");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, height);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, format);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
                 separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (photometric >= 0) TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, photometric);
    if (orientation > 0) TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation);
    if (!extras.empty()) {
      TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(extras.size()), extras.data());
    }
    // libtiff swaps the bytes in place.
    std::vector<uint8_t> bytes(size);
    std::memcpy(bytes.data(), pixels, size);
    const uint32_t strips = separate ? samples : 1;
    for (uint32_t strip = 0; strip < strips; ++strip) {
      TIFFWriteEncodedStrip(tiff, strip, bytes.data() + size / strips * strip,
                            static_cast<tmsize_t>(size / strips));
    }
    TIFFClose(tiff);
    return ReadFile(path, size_t{1} << 24);
  }

  template <class T>
  std::string Write(const std::vector<T>& pixels) const {
    return Write(pixels.data(), pixels.size() * sizeof(T));
  }
};

/// Where the value of a tag stands in the first directory of a little-endian file; 0 when absent.
inline size_t TiffValueAt(const std::string& file, uint16_t tag) {
  const auto number = [&](size_t at, int bytes) {
    size_t value = 0;
    while (bytes-- > 0)
      value = value << 8 | static_cast<uint8_t>(file[at + static_cast<size_t>(bytes)]);
    return value;
  };
  const size_t directory = number(4, 4);
  for (size_t i = 0; i < number(directory, 2); ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (number(entry, 2) == tag) return entry + 8;
  }
  return 0;
}

inline uint32_t TiffValue(const std::string& file, uint16_t tag) {
  uint32_t value = 0;
  std::memcpy(&value, file.data() + TiffValueAt(file, tag), sizeof(value));
  return value;
}

inline void SetTiffValue(std::string& file, uint16_t tag, uint32_t value) {
  std::memcpy(file.data() + TiffValueAt(file, tag), &value, sizeof(value));
}

}  // namespace roentgen::test
