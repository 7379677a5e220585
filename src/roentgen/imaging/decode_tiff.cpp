#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "roentgen/imaging/encoded_image.h"
#include "roentgen/imaging/exif.h"
#include "roentgen/imaging/finite_range.h"
#include "roentgen/imaging/tiff_layout.h"
#include "roentgen/imaging/tiff_numbers.h"

namespace roentgen {
namespace {

constexpr const char* kFormat = "TIFF";

// libtiff's own tables (strip offsets and the like) stay far below this in any honest file.
constexpr tmsize_t kMaxLibraryAllocation = tmsize_t{256} << 20;

// More than CMYK with alpha and what few others there are; a bound for the buffers below.
constexpr int kMaxSamples = 8;

// No byte stands for more than this in the common compressions: LZW makes up to 4096 bytes of 12
// bits, deflate 1032 of 8, JPEG 512 of 8.
constexpr uint64_t kMaxExpansion = 4096;

// Fax pictures with more damaged rows than one in so many are refused.
constexpr int kRowsALostOne = 20;

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

/// What a complaint of libtiff's says of the pixels.
enum class Loss { kNone, kRow, kRest };

/// libtiff only warns where fax rows or JPEG blocks are missing or wrong, and fills in what it
/// likes; half a radiograph must not be answered about.
Loss LossByWarning(const char* module, std::string_view text) {
  const std::string_view where = module == nullptr ? "" : module;
  if (where.starts_with("Fax3Decode1D") || where.starts_with("Fax3Decode2D")) {
    // Group 3: each row ends with a mark of its own, so a wrong one, which was common on telephone
    // lines, spoils no other.
    if (text.starts_with("Try to decode")) return Loss::kNone;  // of files without these marks
    return text.starts_with("Premature EOF") ? Loss::kRest : Loss::kRow;
  }
  if (where.starts_with("Fax")) return Loss::kRest;
  // libjpeg's words (jerror.h), and libtiff's for a stream with fewer rows than its strip.
  const bool lost = text.starts_with("Corrupt JPEG data") ||
                    text.starts_with("Premature end of JPEG") ||
                    text.starts_with("Improper JPEG strip/tile size");
  return lost ? Loss::kRest : Loss::kNone;
}

/// A rectangle of decoded samples, a strip or a tile.
struct Block {
  int x = 0;
  int y = 0;
  int width = 0;  // as stored; a tile may stick out of the picture
  int height = 0;
  int plane = 0;
};

class TiffDecoder {
 public:
  explicit TiffDecoder(const EncodedImage& file) : file_(file) {
    const std::unique_ptr<TIFFOpenOptions, FreeOptions> options(TIFFOpenOptionsAlloc());
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxLibraryAllocation);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), OnError, this);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), OnWarning, this);
    tiff_.reset(TIFFClientOpenExt("", "r", this, OnRead, OnWrite, OnSeek, OnClose, OnSize, OnMap,
                                  OnUnmap, options.get()));
    if (tiff_ == nullptr) Fail("its directory is damaged");
    if (lost_tag_) Fail("it ends early");
  }

  RawImage Decode() {
    ReadLayout();
    pixels_lost_ = false;  // complaints about tags that are not needed do not count
    RawImage image = UsesRgbaReader() ? ReadThroughRgba() : ReadSamples();
    image.orientation = Orientation();
    if (lost_rows_ > 0) {
      image.provenance.notes.push_back(std::to_string(lost_rows_) + " of its fax rows are damaged");
    }
    if (TIFFLastDirectory(tiff_.get()) == 0) {
      image.provenance.notes.push_back("the first of several pages");
    }
    return image;
  }

 private:
  [[noreturn]] void Fail(const std::string& reason) const {
    file_.Fail(kFormat, WithMessage(reason));
  }
  [[noreturn]] void FailUnsupported(const std::string& kind) const {
    file_.FailUnsupported(kFormat, kind);
  }
  std::string WithMessage(const std::string& text) const {
    return message_[0] == '\0' ? text : text + " (" + message_ + ")";
  }

  /// To be called after each piece of the pixels: libtiff goes on with made-up ones after many a
  /// complaint. done: what it says itself.
  void RequirePixels(bool done) const {
    // Of a stream that libjpeg has no decoder for.
    if (!done && std::string_view(message_).starts_with("Unsupported JPEG process")) {
      FailUnsupported(WithMessage("its JPEG compression is a rare one, lossless for instance"));
    }
    if (!done || pixels_lost_ || lost_rows_ > std::max(1, layout_.height / kRowsALostOne)) {
      Fail("its pixels are damaged or missing");
    }
  }

  template <class T>
  T Tag(uint32_t tag, T fallback) const {
    T value = fallback;
    return TIFFGetField(tiff_.get(), tag, &value) == 1 ? value : fallback;
  }
  uint16_t TagOrDefault(uint32_t tag) const {
    uint16_t value = 0;
    TIFFGetFieldDefaulted(tiff_.get(), tag, &value);
    return value;
  }

  void ReadLayout() {
    const auto width = Tag<uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
    const auto height = Tag<uint32_t>(TIFFTAG_IMAGELENGTH, 0);
    file_.CheckSize(kFormat, width, height);
    layout_.width = static_cast<int>(width);
    layout_.height = static_cast<int>(height);
    layout_.bits = TagOrDefault(TIFFTAG_BITSPERSAMPLE);
    layout_.samples = TagOrDefault(TIFFTAG_SAMPLESPERPIXEL);
    uint16_t photometric = 0;
    if (TIFFGetField(tiff_.get(), TIFFTAG_PHOTOMETRIC, &photometric) == 1) {
      layout_.photometric = photometric;
    }
    layout_.compression = TagOrDefault(TIFFTAG_COMPRESSION);
    layout_.sample_format = TagOrDefault(TIFFTAG_SAMPLEFORMAT);
    layout_.separate = TagOrDefault(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    uint16_t extras = 0;
    const uint16_t* kinds = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_EXTRASAMPLES, &extras, &kinds) == 1 && extras > 0) {
      layout_.extras = extras_filled_up_ ? DeclaredExtras(extras, kinds) : extras;
      layout_.first_extra = kinds[0];
    }
    if (layout_.samples < 1 || layout_.samples > kMaxSamples) {
      FailUnsupported(DescribeTiffSamples(layout_));
    }
    if (TIFFIsCODECConfigured(layout_.compression) == 0) {
      FailUnsupported("its compression is " + DescribeTiffCompression(layout_.compression));
    }
    if (layout_.samples == 1) layout_.separate = false;
    if (layout_.photometric == PHOTOMETRIC_YCBCR && layout_.compression == COMPRESSION_JPEG &&
        !layout_.separate) {
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      layout_.photometric = PHOTOMETRIC_RGB;
    }
  }

  /// Where samples are left over, libtiff calls them extra ones of kind 0 and appends them to those
  /// that the file declares. What is left over is just what must not be passed over.
  static int DeclaredExtras(int count, const uint16_t* kinds) {
    while (count > 1 && kinds[count - 1] == EXTRASAMPLE_UNSPECIFIED) --count;
    return count;
  }

  /// Subsampled luma and chroma are left to libtiff, as in Pillow.
  bool UsesRgbaReader() const {
    return layout_.photometric == PHOTOMETRIC_YCBCR || layout_.compression == COMPRESSION_OJPEG;
  }

  RawImage ReadThroughRgba() {
    RawImage image = MakeRawImage(kFormat, PixelMode::kRgb, layout_.width, layout_.height);
    std::vector<uint32_t> pixels(image.samples.size() / 3);
    TIFFRGBAImage reader{};
    if (TIFFRGBAImageBegin(&reader, tiff_.get(), 1, message_) == 0) {
      FailUnsupported(WithMessage(DescribeTiffSamples(layout_)));
    }
    reader.req_orientation = reader.orientation;  // turning it is done elsewhere
    const int done = TIFFRGBAImageGet(&reader, pixels.data(), static_cast<uint32_t>(layout_.width),
                                      static_cast<uint32_t>(layout_.height));
    TIFFRGBAImageEnd(&reader);
    RequirePixels(done != 0);
    uint8_t* out = image.samples.data();
    for (const uint32_t pixel : pixels) {
      *out++ = static_cast<uint8_t>(TIFFGetR(pixel));
      *out++ = static_cast<uint8_t>(TIFFGetG(pixel));
      *out++ = static_cast<uint8_t>(TIFFGetB(pixel));
    }
    return image;
  }

  /// Refuses what is certainly missing most of its pixels before there is memory for them.
  void CheckFileLength() const {
    const uint64_t pixels = RowBytes(layout_.width) * static_cast<uint64_t>(layout_.height);
    switch (layout_.compression) {
      case COMPRESSION_NONE:
      case COMPRESSION_LZW:
      case COMPRESSION_DEFLATE:
      case COMPRESSION_ADOBE_DEFLATE:
      case COMPRESSION_PACKBITS:
      case COMPRESSION_JPEG:
        if (pixels / kMaxExpansion > file_.bytes.size()) Fail("it ends long before its last row");
        break;
      default:
        break;
    }
  }

  RawImage ReadSamples() {
    CheckFileLength();
    const std::optional<PixelMode> mode = TiffPixelMode(layout_);
    if (!mode) FailUnsupported(DescribeTiffSamples(layout_));
    RawImage image = MakeRawImage(kFormat, *mode, layout_.width, layout_.height);
    if (image.mode == PixelMode::kPalette) ReadPalette(image);
    const int planes = layout_.separate ? std::min(layout_.samples, Channels(image.mode)) : 1;
    for (int plane = 0; plane < planes; ++plane) {
      if (TIFFIsTiled(tiff_.get()) != 0) {
        ReadTiles(plane, image);
      } else {
        ReadStrips(plane, image);
      }
    }
    if (layout_.first_extra == EXTRASAMPLE_ASSOCALPHA) Unpremultiply(image);
    if (image.mode == PixelMode::kNumbers) FinishNumbers(image);
    return image;
  }

  void ReadPalette(RawImage& image) const {
    uint16_t* red = nullptr;
    uint16_t* green = nullptr;
    uint16_t* blue = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_COLORMAP, &red, &green, &blue) != 1) {
      Fail("it has no colour map");
    }
    const auto high_byte = [](uint16_t value) { return static_cast<uint8_t>(value >> 8); };
    for (size_t i = 0; i < size_t{1} << layout_.bits; ++i) {
      image.palette[i] = {high_byte(red[i]), high_byte(green[i]), high_byte(blue[i]), 255};
    }
  }

  size_t RowBytes(int width) const {
    const int samples = layout_.separate ? 1 : layout_.samples;
    const size_t bits = static_cast<size_t>(width) * static_cast<size_t>(samples * layout_.bits);
    return (bits + 7) / 8;
  }

  void ReadStrips(int plane, RawImage& image) {
    const auto rows = std::min(Tag<uint32_t>(TIFFTAG_ROWSPERSTRIP, UINT32_MAX),
                               static_cast<uint32_t>(layout_.height));
    if (rows == 0) Fail("its strips have no rows");
    const auto step = static_cast<int>(rows);
    std::vector<uint8_t> bytes(RowBytes(layout_.width) * rows);
    for (int y = 0; y < layout_.height; y += step) {
      const Block block{0, y, layout_.width, std::min(step, layout_.height - y), plane};
      const auto size = static_cast<tmsize_t>(RowBytes(block.width)) * block.height;
      const uint32_t strip =
          TIFFComputeStrip(tiff_.get(), static_cast<uint32_t>(y), static_cast<uint16_t>(plane));
      RequirePixels(TIFFReadEncodedStrip(tiff_.get(), strip, bytes.data(), size) == size);
      Store(block, bytes, image);
    }
  }

  void ReadTiles(int plane, RawImage& image) {
    const auto width = Tag<uint32_t>(TIFFTAG_TILEWIDTH, 0);
    const auto height = Tag<uint32_t>(TIFFTAG_TILELENGTH, 0);
    file_.CheckSize(kFormat, width, height);
    const Size tile{static_cast<int>(width), static_cast<int>(height)};
    std::vector<uint8_t> bytes(RowBytes(tile.width) * height);
    const auto size = static_cast<tmsize_t>(bytes.size());
    for (int64_t y = 0; y < layout_.height; y += tile.height) {
      for (int64_t x = 0; x < layout_.width; x += tile.width) {
        const uint32_t index =
            TIFFComputeTile(tiff_.get(), static_cast<uint32_t>(x), static_cast<uint32_t>(y), 0,
                            static_cast<uint16_t>(plane));
        RequirePixels(TIFFReadEncodedTile(tiff_.get(), index, bytes.data(), size) == size);
        Store({static_cast<int>(x), static_cast<int>(y), tile.width, tile.height, plane}, bytes,
              image);
      }
    }
  }

  /// Copies a block's samples to their places. A sample of the mode is the same sample of the
  /// file; further ones are passed over.
  void Store(const Block& block, const std::vector<uint8_t>& bytes, RawImage& image) const {
    const int stored = layout_.separate ? 1 : layout_.samples;
    const int channels = Channels(image.mode);
    const int used = layout_.separate ? 1 : std::min(stored, channels);
    const int right = std::min(block.width, image.width - block.x);
    const int bottom = std::min(block.height, image.height - block.y);
    for (int y = 0; y < bottom; ++y) {
      const uint8_t* row = bytes.data() + RowBytes(block.width) * static_cast<size_t>(y);
      const size_t first = static_cast<size_t>(block.y + y) * static_cast<size_t>(image.width) +
                           static_cast<size_t>(block.x);
      for (int x = 0; x < right; ++x) {
        for (int s = 0; s < used; ++s) {
          const size_t from =
              static_cast<size_t>(x) * static_cast<size_t>(stored) + static_cast<size_t>(s);
          const size_t to = (first + static_cast<size_t>(x)) * static_cast<size_t>(channels) +
                            static_cast<size_t>(block.plane + s);
          if (image.mode == PixelMode::kNumbers) {
            image.numbers[to] = TiffNumber(layout_, row, from);
          } else if (image.mode == PixelMode::kGrey16) {
            image.grey16[to] = static_cast<uint16_t>(Polarity(Sample(row, from), s));
          } else {
            image.samples[to] = Byte(image.mode, Polarity(Sample(row, from), s));
          }
        }
      }
    }
  }

  /// Sample number `index` of a row; 16-bit ones are in the machine's byte order by now.
  unsigned Sample(const uint8_t* row, size_t index) const {
    if (layout_.bits == 8) return row[index];
    if (layout_.bits == 16) {
      uint16_t value = 0;
      std::memcpy(&value, row + 2 * index, sizeof(value));
      return value;
    }
    unsigned value = 0;
    const auto bits = static_cast<size_t>(layout_.bits);
    for (size_t bit = index * bits; bit < (index + 1) * bits; ++bit) {
      value = value << 1 | ((row[bit / 8] >> (7 - bit % 8)) & 1u);
    }
    return value;
  }

  /// Where 0 is white, grey counts down. (Pillow forgets that with 16 bits.)
  unsigned Polarity(unsigned value, int sample) const {
    const bool inverted = layout_.white_is_zero() && sample == 0;
    return inverted ? (1u << layout_.bits) - 1 - value : value;
  }

  uint8_t Byte(PixelMode mode, unsigned value) const {
    if (mode == PixelMode::kPalette) return static_cast<uint8_t>(value);
    if (layout_.bits == 16) return static_cast<uint8_t>(value >> 8);
    return static_cast<uint8_t>(value * 255 / ((1u << layout_.bits) - 1));
  }

  void FinishNumbers(RawImage& image) const {
    image.number_kind = DescribeTiffNumbers(layout_);
    image.whole_numbers = layout_.sample_format != SAMPLEFORMAT_IEEEFP;
    const auto range = FiniteRange(image.numbers);
    if (!range) Fail("its " + image.number_kind + " values are all NaN or infinite");
    // Where small is white, the range is turned round; what is no number stays none.
    if (!layout_.white_is_zero()) return;
    for (double& value : image.numbers) {
      if (std::isfinite(value)) value = range->first + (range->second - value);
    }
  }

  static void Unpremultiply(RawImage& image) {
    if (image.mode != PixelMode::kRgba && image.mode != PixelMode::kGreyAlpha) return;
    const auto channels = static_cast<size_t>(Channels(image.mode));
    for (size_t i = 0; i < image.samples.size(); i += channels) {
      const unsigned alpha = image.samples[i + channels - 1];
      for (size_t c = 0; c + 1 < channels; ++c) {
        uint8_t& sample = image.samples[i + c];
        sample = alpha == 0 ? 0 : static_cast<uint8_t>(std::min(255u, sample * 255u / alpha));
      }
    }
  }

  int Orientation() const {
    const auto orientation = Tag<uint16_t>(TIFFTAG_ORIENTATION, 0);
    if (orientation >= 1 && orientation <= 8) return orientation;
    uint32_t size = 0;
    const char* xmp = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_XMLPACKET, &size, &xmp) != 1) return 1;
    return ChooseOrientation({}, {xmp, size});
  }

  static TiffDecoder& Self(thandle_t handle) { return *static_cast<TiffDecoder*>(handle); }

  static int OnError(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    Self(user).TakeComplaint(format, arguments);
    return 1;
  }
  static int OnWarning(TIFF*, void* user, const char* module, const char* format,
                       va_list arguments) {
    TiffDecoder& self = Self(user);
    // libtiff goes on without a tag whose values it cannot read, and takes a picture that lost its
    // colour map for a grey one.
    if (std::string_view(format).starts_with("IO error")) self.lost_tag_ = true;
    if (std::string_view(format).starts_with("Sum of Photometric")) self.extras_filled_up_ = true;
    char text[sizeof(message_)] = {};
    va_list copy;
    va_copy(copy, arguments);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it does not follow va_copy here
    std::vsnprintf(text, sizeof(text), format, copy);
    va_end(copy);
    const Loss loss = LossByWarning(module, text);
    if (loss == Loss::kRow) ++self.lost_rows_;
    if (loss == Loss::kRest) self.TakeComplaint(format, arguments);
    return 1;
  }
  void TakeComplaint(const char* format, va_list arguments) {
    pixels_lost_ = true;
    // The first complaint is the cause, later ones follow from it.
    if (message_[0] == '\0') std::vsnprintf(message_, sizeof(message_), format, arguments);
  }

  static tmsize_t OnRead(thandle_t handle, void* out, tmsize_t size) {
    TiffDecoder& self = Self(handle);
    const size_t at = std::min(self.position_, self.file_.bytes.size());
    const size_t count = std::min(self.file_.bytes.size() - at, static_cast<size_t>(size));
    std::memcpy(out, self.file_.bytes.data() + at, count);
    self.position_ = at + count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t OnWrite(thandle_t, void*, tmsize_t) { return -1; }
  static toff_t OnSeek(thandle_t handle, toff_t offset, int whence) {
    TiffDecoder& self = Self(handle);
    const toff_t base = whence == SEEK_CUR   ? self.position_
                        : whence == SEEK_END ? self.file_.bytes.size()
                                             : 0;
    if (offset > std::numeric_limits<toff_t>::max() - base) return static_cast<toff_t>(-1);
    self.position_ = base + offset;
    return self.position_;
  }
  static int OnClose(thandle_t) { return 0; }
  static toff_t OnSize(thandle_t handle) { return Self(handle).file_.bytes.size(); }
  static int OnMap(thandle_t handle, void** base, toff_t* size) {
    // libtiff takes a plain pointer but only reads through it.
    *base = const_cast<uint8_t*>(Self(handle).file_.bytes.data());
    *size = Self(handle).file_.bytes.size();
    return 1;
  }
  static void OnUnmap(thandle_t, void*, toff_t) {}

  const EncodedImage& file_;
  size_t position_ = 0;
  char message_[1024] = {};
  bool lost_tag_ = false;
  bool extras_filled_up_ = false;
  bool pixels_lost_ = false;  // by what libtiff said since the last reset
  int lost_rows_ = 0;
  std::unique_ptr<TIFF, CloseTiff> tiff_;
  TiffLayout layout_;
};

}  // namespace

RawImage DecodeTiff(const EncodedImage& file) {
  return TiffDecoder(file).Decode();
}

}  // namespace roentgen
