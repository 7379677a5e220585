#include "roentgen/imaging/exif.h"

#include <bit>
#include <cstddef>

namespace roentgen {
namespace {

// TIFF 6.0, sections 2 and 8.
constexpr uint32_t kOrientationTag = 0x0112;
constexpr size_t kEntryBytes = 12;

/// The bytes of one value of this type; 0 for types that Pillow does not know.
size_t ValueBytes(uint32_t type) {
  switch (type) {
    case 1:  // BYTE
    case 2:  // ASCII
    case 6:  // SBYTE
    case 7:  // UNDEFINED
      return 1;
    case 3:  // SHORT
    case 8:  // SSHORT
      return 2;
    case 4:   // LONG
    case 9:   // SLONG
    case 11:  // FLOAT
    case 13:  // IFD
      return 4;
    case 5:   // RATIONAL
    case 10:  // SRATIONAL
    case 12:  // DOUBLE
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
  bool Holds(size_t at, uint64_t size) const {
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

/// An orientation, or 1 where the number is none.
int Valid(double orientation) {
  for (int valid = 2; valid <= 8; ++valid) {
    if (orientation == valid) return valid;
  }
  return 1;
}

/// The value of this type. The standard wants SHORT; cameras and editors write other numbers, and
/// Pillow takes them all. BYTE, ASCII and UNDEFINED are strings to it, and no orientation.
double Number(const Reader& read, uint32_t type, size_t at) {
  switch (type) {
    case 1:
    case 2:
    case 7:
      return 0;
    case 5:
      return static_cast<double>(read.U32(at)) / read.U32(at + 4);
    case 10:
      return static_cast<double>(static_cast<int32_t>(read.U32(at))) /
             static_cast<int32_t>(read.U32(at + 4));
    case 11:
      return std::bit_cast<float>(read.U32(at));
    case 12:
      return std::bit_cast<double>(read.Number(at, 8));
    default:  // a negative number is no orientation, and as an unsigned one it is none either
      return static_cast<double>(read.Number(at, ValueBytes(type)));
  }
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
    if (read.U16(entry) != kOrientationTag) continue;
    const uint32_t type = read.U16(entry + 2);
    // The first of several values counts. What does not fit into the entry lies where it says.
    const uint64_t size = uint64_t{ValueBytes(type)} * read.U32(entry + 4);
    const size_t at = size > 4 ? read.U32(entry + 8) : entry + 8;
    if (size > 0 && read.Holds(at, size)) return Valid(Number(read, type, at));
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
      return Valid(rest[0] - '0');
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
