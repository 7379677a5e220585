#include "roentgen/imaging/exif.h"

#include <cstddef>

namespace roentgen {
namespace {

// TIFF 6.0, sections 2 and 8.
constexpr uint32_t kOrientationTag = 0x0112;
constexpr size_t kEntryBytes = 12;

/// The bytes of a whole number of this type; 0 for the other types. The standard wants SHORT;
/// cameras and editors write each of these, and Pillow takes them all. Not BYTE (1): Pillow reads
/// that as a string of bytes, and ignores it here.
size_t WholeNumberBytes(uint32_t type) {
  switch (type) {
    case 6:  // SBYTE
      return 1;
    case 3:  // SHORT
    case 8:  // SSHORT
      return 2;
    case 4:   // LONG
    case 9:   // SLONG
    case 13:  // IFD
      return 4;
    case 16:  // LONG8, of BigTIFF
      return 8;
    default:
      return 0;
  }
}

/// Numbers of a TIFF structure in its byte order; what lies outside the block reads as 0.
class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, bool big_endian)
      : bytes_(bytes), big_endian_(big_endian) {}

  uint32_t U16(size_t at) const { return static_cast<uint32_t>(Number(at, 2)); }
  uint32_t U32(size_t at) const { return static_cast<uint32_t>(Number(at, 4)); }
  uint64_t Number(size_t at, size_t size) const {
    if (!Holds(at, size)) return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      value = value << 8 | bytes_[at + (big_endian_ ? i : size - 1 - i)];
    }
    return value;
  }
  bool Holds(size_t at, size_t size) const {
    return at <= bytes_.size() && size <= bytes_.size() - at;
  }

 private:
  std::span<const uint8_t> bytes_;
  bool big_endian_;
};

bool StartsWith(std::span<const uint8_t> bytes, std::string_view prefix) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
      .starts_with(prefix);
}

int Valid(uint64_t orientation) {
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 0;
}

}  // namespace

int ExifOrientation(std::span<const uint8_t> exif) {
  using namespace std::string_view_literals;
  if (StartsWith(exif, "Exif\0\0"sv)) exif = exif.subspan(6);
  const bool big_endian = StartsWith(exif, "MM\0*"sv);
  if (!big_endian && !StartsWith(exif, "II*\0"sv)) return 0;
  const Reader read(exif, big_endian);
  const size_t directory = read.U32(4);
  const size_t entries = read.U16(directory);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (!read.Holds(entry, kEntryBytes)) return 0;
    if (read.U16(entry) != kOrientationTag || read.U32(entry + 4) != 1) continue;
    const size_t size = WholeNumberBytes(read.U16(entry + 2));
    if (size == 0) continue;
    // What does not fit into the entry lies where the entry says. A negative number is no
    // orientation, and as an unsigned one it is none either.
    return Valid(read.Number(size > 4 ? read.U32(entry + 8) : entry + 8, size));
  }
  return 0;
}

int XmpOrientation(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (size_t at = xmp.find(kName); at != xmp.npos; at = xmp.find(kName, at)) {
    at += kName.size();
    std::string_view rest = xmp.substr(at);
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with('>')) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      return Valid(static_cast<uint32_t>(rest[0] - '0'));
    }
  }
  return 0;
}

int ChooseOrientation(std::span<const uint8_t> exif, std::string_view xmp) {
  if (const int orientation = ExifOrientation(exif); orientation != 0) return orientation;
  if (const int orientation = XmpOrientation(xmp); orientation != 0) return orientation;
  return 1;
}

}  // namespace roentgen
