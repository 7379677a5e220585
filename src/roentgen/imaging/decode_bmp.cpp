#include <algorithm>
#include <bit>
#include <cstddef>
#include <set>
#include <utility>

#include "roentgen/imaging/encoded_image.h"

namespace roentgen {
namespace {

constexpr const char* kFormat = "BMP";

constexpr size_t kFileHeaderBytes = 14;
constexpr uint32_t kCoreHeaderBytes = 12;  // OS/2: 16-bit sizes, three-byte palette entries

enum Compression : uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3 };

struct Header {
  uint32_t header_bytes = 0;
  int64_t width = 0;
  int64_t height = 0;
  bool top_down = false;
  int bits = 0;
  uint32_t compression = kPlain;
  uint32_t colours = 0;
  size_t palette_at = 0;
  size_t palette_entry_bytes = 4;
  size_t pixels_at = 0;
  std::array<uint32_t, 4> masks{};  // red, green, blue, alpha
};

/// Little-endian numbers; throws where the file ends.
class Reader {
 public:
  explicit Reader(const EncodedImage& file) : file_(file) {}

  uint8_t U8(size_t at) const { return static_cast<uint8_t>(Number(at, 1)); }
  uint32_t U16(size_t at) const { return Number(at, 2); }
  uint32_t U32(size_t at) const { return Number(at, 4); }
  /// The byte at a place, or -1 behind the end.
  int ByteOrEnd(size_t at) const { return at < file_.bytes.size() ? file_.bytes[at] : -1; }
  [[noreturn]] void Fail(const std::string& reason) const { file_.Fail(kFormat, reason); }
  void Require(size_t at, size_t size) const {
    if (at > file_.bytes.size() || size > file_.bytes.size() - at) Fail("it ends early");
  }

 private:
  uint32_t Number(size_t at, size_t size) const {
    Require(at, size);
    uint32_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | file_.bytes[at + i];
    return value;
  }

  const EncodedImage& file_;
};

/// The masks of plain 16-bit (5 bits a colour) and of 24- and 32-bit pixels.
std::array<uint32_t, 4> DefaultMasks(int bits) {
  if (bits == 16) return {0x7c00, 0x3e0, 0x1f, 0};
  return {0xff0000, 0xff00, 0xff, 0};
}

void ReadMasks(const Reader& read, Header& header) {
  header.masks = DefaultMasks(header.bits);
  if (header.compression != kBitFields) return;
  const size_t at = kFileHeaderBytes + 40;  // right behind a short header, or part of a long one
  for (size_t i = 0; i < 3; ++i) header.masks[i] = read.U32(at + 4 * i);
  header.masks[3] = header.header_bytes >= 56 ? read.U32(at + 12) : 0;
  if (header.header_bytes == 40) header.palette_at += 12;
  if (header.masks == std::array<uint32_t, 4>{}) {
    header.masks = {0xff0000, 0xff00, 0xff, 0xff000000};
  }
}

Header ReadHeader(const Reader& read) {
  static const std::set<uint32_t> kKnownHeaders = {kCoreHeaderBytes, 40, 52, 56, 64, 108, 124};
  Header header;
  header.header_bytes = read.U32(14);
  if (!kKnownHeaders.contains(header.header_bytes)) {
    read.Fail("unknown header of " + std::to_string(header.header_bytes) + " bytes");
  }
  header.palette_at = kFileHeaderBytes + header.header_bytes;
  header.pixels_at = read.U32(10);
  if (header.header_bytes == kCoreHeaderBytes) {
    header.width = read.U16(18);
    header.height = read.U16(20);
    header.bits = static_cast<int>(read.U16(24));
    header.palette_entry_bytes = 3;
  } else {
    header.width = std::bit_cast<int32_t>(read.U32(18));
    header.height = std::bit_cast<int32_t>(read.U32(22));
    header.top_down = header.height < 0;
    if (header.top_down) header.height = -header.height;
    header.bits = static_cast<int>(read.U16(28));
    header.compression = read.U32(30);
    header.colours = read.U32(46);
    ReadMasks(read, header);
  }
  if (header.compression == kPlain) header.masks = DefaultMasks(header.bits);
  return header;
}

void CheckKind(const Reader& read, const Header& header) {
  static const std::set<int> kDepths = {1, 4, 8, 16, 24, 32};
  const bool rle = (header.compression == kRle8 && header.bits == 8) ||
                   (header.compression == kRle4 && header.bits == 4);
  const bool fields = header.compression == kBitFields && header.bits >= 16;
  if (!kDepths.contains(header.bits) || !(header.compression == kPlain || rle || fields)) {
    read.Fail(std::to_string(header.bits) + " bits a pixel with compression " +
              std::to_string(header.compression) + " are not supported");
  }
}

/// Fills the palette and, as Pillow does, turns a palette of plain greys into a grey picture and
/// one of black and white into a bilevel one.
void ReadPalette(const Reader& read, Header& header, RawImage& image) {
  const uint32_t most = 1u << header.bits;
  if (header.colours == 0) header.colours = most;
  if (header.colours > 65536) read.Fail(std::to_string(header.colours) + " palette entries");
  const size_t palette_bytes = header.palette_entry_bytes * header.colours;
  read.Require(header.palette_at, palette_bytes);
  const auto count = static_cast<int>(std::min<uint32_t>(header.colours, 256));
  for (int i = 0; i < count; ++i) {
    const size_t at = header.palette_at + static_cast<size_t>(i) * header.palette_entry_bytes;
    image.palette[static_cast<size_t>(i)] = {read.U8(at + 2), read.U8(at + 1), read.U8(at), 255};
  }
  // Some writers give the place of the palette as that of the pixels.
  if (header.pixels_at == header.palette_at || header.pixels_at == 0) {
    header.pixels_at = header.palette_at + palette_bytes;
  }
  const PaletteEntry black = {0, 0, 0, 255};
  const PaletteEntry white = {255, 255, 255, 255};
  if (header.bits == 1 && count == 2 && image.palette[0] == black && image.palette[1] == white) {
    image.mode = PixelMode::kBilevel;
  } else if (header.bits == 8 && count > 2 && IsGreyRamp(image.palette, count)) {
    image.mode = PixelMode::kGrey;
  }
}

/// Bytes from one stored row to the next.
size_t Stride(const Header& header) {
  return (static_cast<size_t>(header.width) * static_cast<size_t>(header.bits) + 31) / 32 * 4;
}

/// The last row may lack its padding.
void RequirePixels(const Reader& read, const Header& header) {
  const size_t last_row =
      (static_cast<size_t>(header.width) * static_cast<size_t>(header.bits) + 7) / 8;
  const auto rows_before = static_cast<size_t>(header.height) - 1;
  read.Require(header.pixels_at, Stride(header) * rows_before + last_row);
}

/// Row y of the picture is stored as this one.
size_t StoredRow(const Header& header, int64_t y) {
  return static_cast<size_t>(header.top_down ? y : header.height - 1 - y);
}

void ReadIndices(const EncodedImage& file, const Header& header, RawImage& image) {
  const auto bits = static_cast<size_t>(header.bits);
  const auto width = static_cast<size_t>(header.width);
  const size_t stride = Stride(header);
  const unsigned scale = image.mode == PixelMode::kBilevel ? 255 : 1;
  uint8_t* out = image.samples.data();
  for (int64_t y = 0; y < header.height; ++y) {
    const uint8_t* row = file.bytes.data() + header.pixels_at + StoredRow(header, y) * stride;
    for (size_t x = 0; x < width; ++x) {
      const size_t bit = x * bits;
      const unsigned index = (row[bit / 8] >> (8 - bits - bit % 8)) & ((1u << bits) - 1);
      *out++ = static_cast<uint8_t>(index * scale);
    }
  }
}

/// One colour of a pixel, cut out by its mask and stretched to 0..255.
uint8_t Field(uint32_t pixel, uint32_t mask) {
  if (mask == 0) return 0;
  const int shift = std::countr_zero(mask);
  const uint64_t value = (pixel & mask) >> shift;
  return static_cast<uint8_t>(value * 255 / (mask >> shift));
}

void ReadColours(const EncodedImage& file, const Header& header, RawImage& image) {
  const auto pixel_bytes = static_cast<size_t>(header.bits / 8);
  const auto width = static_cast<size_t>(header.width);
  const size_t stride = Stride(header);
  const auto channels = static_cast<size_t>(Channels(image.mode));
  const bool bytewise = header.bits >= 24 && header.masks == DefaultMasks(header.bits);
  uint8_t* out = image.samples.data();
  for (int64_t y = 0; y < header.height; ++y) {
    const uint8_t* in = file.bytes.data() + header.pixels_at + StoredRow(header, y) * stride;
    for (size_t x = 0; x < width; ++x, in += pixel_bytes, out += channels) {
      if (bytewise) {
        std::reverse_copy(in, in + 3, out);
        continue;
      }
      uint32_t pixel = 0;
      for (size_t i = pixel_bytes; i-- > 0;) pixel = pixel << 8 | in[i];
      for (size_t c = 0; c < channels; ++c) out[c] = Field(pixel, header.masks[c]);
    }
  }
}

/// Run-length coded indices, bottom row first (Windows GDI, "Bitmap Compression").
class RunLengthReader {
 public:
  RunLengthReader(const Reader& read, const Header& header)
      : read_(read),
        at_(header.pixels_at),
        nibbles_(header.compression == kRle4),
        width_(static_cast<size_t>(header.width)),
        total_(width_ * static_cast<size_t>(header.height)) {}

  std::vector<uint8_t> Indices() {
    while (indices_.size() < total_) {
      const int count = Next();
      const int value = Next();
      if (count > 0) {
        Run(static_cast<size_t>(count), value);
      } else if (value == 0) {
        EndRow();
      } else if (value == 1) {
        break;
      } else if (value == 2) {
        const auto right = static_cast<size_t>(Next());
        Skip(right + static_cast<size_t>(Next()) * width_);
      } else {
        Literal(static_cast<size_t>(value));
      }
    }
    if (indices_.size() < total_) read_.Fail("it ends early");
    return std::move(indices_);
  }

 private:
  int Next() {
    const int byte = read_.ByteOrEnd(at_++);
    if (byte < 0) read_.Fail("it ends early");
    return byte;
  }

  void Skip(size_t pixels) {
    indices_.resize(std::min(total_, indices_.size() + pixels));
    x_ = indices_.size() % width_;
  }

  void EndRow() {
    if (indices_.size() % width_ != 0) Skip(width_ - indices_.size() % width_);
    x_ = 0;
  }

  /// A run never goes beyond its row.
  void Run(size_t count, int value) {
    count = std::min(count, width_ - std::min(x_, width_));
    for (size_t i = 0; i < count; ++i) {
      const int index = nibbles_ ? (i % 2 == 0 ? value >> 4 : value & 15) : value;
      indices_.push_back(static_cast<uint8_t>(index));
    }
    x_ += count;
  }

  void Literal(size_t count) {
    count = std::min(count, total_ - indices_.size());
    const size_t start = at_;
    int byte = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!nibbles_ || i % 2 == 0) byte = Next();
      const int index = nibbles_ ? (i % 2 == 0 ? byte >> 4 : byte & 15) : byte;
      indices_.push_back(static_cast<uint8_t>(index));
    }
    at_ += (at_ - start) % 2;  // literals fill 16-bit words
    x_ += count;
  }

  const Reader& read_;
  size_t at_;
  bool nibbles_;
  size_t width_;
  size_t total_;
  size_t x_ = 0;
  std::vector<uint8_t> indices_;
};

void ReadRunLengths(const Reader& read, const Header& header, RawImage& image) {
  const std::vector<uint8_t> indices = RunLengthReader(read, header).Indices();
  const auto width = static_cast<ptrdiff_t>(header.width);
  for (int64_t y = 0; y < header.height; ++y) {
    const auto row = indices.begin() + static_cast<ptrdiff_t>(StoredRow(header, y)) * width;
    std::copy(row, row + width, image.samples.begin() + y * width);
  }
}

}  // namespace

RawImage DecodeBmp(const EncodedImage& file) {
  const Reader read(file);
  Header header = ReadHeader(read);
  file.CheckSize(kFormat, header.width, header.height);
  CheckKind(read, header);
  const bool run_lengths = header.compression == kRle8 || header.compression == kRle4;
  // Before the pixels are allocated; again once the palette has told where they are.
  if (!run_lengths) RequirePixels(read, header);
  const PixelMode mode = header.bits <= 8       ? PixelMode::kPalette
                         : header.masks[3] != 0 ? PixelMode::kRgba
                                                : PixelMode::kRgb;
  RawImage image =
      MakeRawImage(kFormat, mode, static_cast<int>(header.width), static_cast<int>(header.height));
  if (header.bits > 8) {
    ReadColours(file, header, image);
    return image;
  }
  ReadPalette(read, header, image);
  if (run_lengths) {
    ReadRunLengths(read, header, image);
  } else {
    RequirePixels(read, header);
    ReadIndices(file, header, image);
  }
  return image;
}

}  // namespace roentgen
