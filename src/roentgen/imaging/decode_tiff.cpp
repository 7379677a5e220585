#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>

#include "roentgen/imaging/encoded_image.h"
#include "roentgen/imaging/exif.h"

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

constexpr uint16_t kCorelAlpha = 999;  // what Corel Draw 10 writes for alpha

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
struct FreeOptions {
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

/// What the tags say about the samples.
struct Layout {
  int width = 0;
  int height = 0;
  int bits = 1;
  int samples = 1;  // a pixel, extra ones included
  uint16_t photometric = PHOTOMETRIC_MINISWHITE;
  uint16_t compression = COMPRESSION_NONE;
  uint16_t sample_format = SAMPLEFORMAT_UINT;
  bool separate = false;     // one plane a sample
  uint16_t first_extra = 0;  // kind of the first extra sample
  int extras = 0;
};

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
    RawImage image = UsesRgbaReader() ? ReadThroughRgba() : ReadSamples();
    image.orientation = Orientation();
    if (TIFFLastDirectory(tiff_.get()) == 0) {
      image.provenance.notes.push_back("the first of several pages");
    }
    return image;
  }

 private:
  [[noreturn]] void Fail(const std::string& reason) const {
    file_.Fail(kFormat, message_[0] == '\0' ? reason : reason + " (" + message_ + ")");
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
    layout_.photometric = Tag<uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
    layout_.compression = TagOrDefault(TIFFTAG_COMPRESSION);
    layout_.sample_format = TagOrDefault(TIFFTAG_SAMPLEFORMAT);
    layout_.separate = TagOrDefault(TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
    uint16_t extras = 0;
    const uint16_t* kinds = nullptr;
    if (TIFFGetField(tiff_.get(), TIFFTAG_EXTRASAMPLES, &extras, &kinds) == 1 && extras > 0) {
      layout_.extras = extras;
      layout_.first_extra = kinds[0];
    }
    if (layout_.samples < 1 || layout_.samples > kMaxSamples) FailUnsupported();
    if (layout_.samples == 1) layout_.separate = false;
    if (layout_.photometric == PHOTOMETRIC_YCBCR && layout_.compression == COMPRESSION_JPEG &&
        !layout_.separate) {
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      layout_.photometric = PHOTOMETRIC_RGB;
    }
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
      Fail("it is of an unknown kind");
    }
    reader.req_orientation = reader.orientation;  // turning it is done elsewhere
    const int done = TIFFRGBAImageGet(&reader, pixels.data(), static_cast<uint32_t>(layout_.width),
                                      static_cast<uint32_t>(layout_.height));
    TIFFRGBAImageEnd(&reader);
    if (done == 0) Fail("its pixels are damaged or missing");
    uint8_t* out = image.samples.data();
    for (const uint32_t pixel : pixels) {
      *out++ = static_cast<uint8_t>(TIFFGetR(pixel));
      *out++ = static_cast<uint8_t>(TIFFGetG(pixel));
      *out++ = static_cast<uint8_t>(TIFFGetB(pixel));
    }
    return image;
  }

  [[noreturn]] void FailUnsupported() const {
    file_.Fail(kFormat, "photometric " + std::to_string(layout_.photometric) + " with " +
                            std::to_string(layout_.samples) + " samples of " +
                            std::to_string(layout_.bits) + " bits in sample format " +
                            std::to_string(layout_.sample_format) + " is not supported");
  }

  bool FirstExtraIsAlpha() const {
    return layout_.first_extra == EXTRASAMPLE_ASSOCALPHA ||
           layout_.first_extra == EXTRASAMPLE_UNASSALPHA || layout_.first_extra == kCorelAlpha;
  }

  PixelMode ChooseMode() const {
    const int bits = layout_.bits;
    const int samples = layout_.samples;
    if (layout_.sample_format != SAMPLEFORMAT_UINT && layout_.sample_format != SAMPLEFORMAT_VOID) {
      FailUnsupported();
    }
    switch (layout_.photometric) {
      case PHOTOMETRIC_MINISWHITE:
      case PHOTOMETRIC_MINISBLACK:
        if (samples == 2 && bits == 8 && FirstExtraIsAlpha()) return PixelMode::kGreyAlpha;
        if (bits == 1) return PixelMode::kBilevel;
        if (bits == 2 || bits == 4 || bits == 8) return PixelMode::kGrey;
        if (bits == 12 || bits == 16) return PixelMode::kGrey16;
        break;
      case PHOTOMETRIC_PALETTE:
        if (bits == 1 || bits == 2 || bits == 4 || bits == 8) return PixelMode::kPalette;
        break;
      case PHOTOMETRIC_RGB:
        if ((bits != 8 && bits != 16) || samples < 3) break;
        // A fourth sample that nothing is said about is alpha.
        if (samples >= 4 && (FirstExtraIsAlpha() || layout_.extras == 0)) return PixelMode::kRgba;
        return PixelMode::kRgb;
      case PHOTOMETRIC_SEPARATED:
        if ((bits == 8 || bits == 16) && samples >= 4) return PixelMode::kCmyk;
        break;
      default:
        break;
    }
    FailUnsupported();
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
    RawImage image = MakeRawImage(kFormat, ChooseMode(), layout_.width, layout_.height);
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
      if (TIFFReadEncodedStrip(tiff_.get(), strip, bytes.data(), size) != size) {
        Fail("its pixels are damaged or missing");
      }
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
        if (TIFFReadEncodedTile(tiff_.get(), index, bytes.data(), size) != size) {
          Fail("its pixels are damaged or missing");
        }
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
          const unsigned value = Sample(
              row, static_cast<size_t>(x) * static_cast<size_t>(stored) + static_cast<size_t>(s));
          const size_t at = (first + static_cast<size_t>(x)) * static_cast<size_t>(channels) +
                            static_cast<size_t>(block.plane + s);
          if (image.mode == PixelMode::kGrey16) {
            image.grey16[at] = static_cast<uint16_t>(Polarity(value, s));
          } else {
            image.samples[at] = Byte(image.mode, Polarity(value, s));
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
    const bool inverted = layout_.photometric == PHOTOMETRIC_MINISWHITE && sample == 0;
    return inverted ? (1u << layout_.bits) - 1 - value : value;
  }

  uint8_t Byte(PixelMode mode, unsigned value) const {
    if (mode == PixelMode::kPalette) return static_cast<uint8_t>(value);
    if (layout_.bits == 16) return static_cast<uint8_t>(value >> 8);
    return static_cast<uint8_t>(value * 255 / ((1u << layout_.bits) - 1));
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
    TiffDecoder& self = Self(user);
    // The first complaint is the cause, later ones follow from it.
    if (self.message_[0] == '\0') {
      std::vsnprintf(self.message_, sizeof(self.message_), format, arguments);
    }
    return 1;
  }
  /// libtiff goes on without a tag whose values it cannot read, and takes a picture that lost its
  /// colour map for a grey one.
  static int OnWarning(TIFF*, void* user, const char*, const char* format, va_list) {
    if (std::string_view(format).starts_with("IO error")) Self(user).lost_tag_ = true;
    return 1;
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
  std::unique_ptr<TIFF, CloseTiff> tiff_;
  Layout layout_;
};

}  // namespace

RawImage DecodeTiff(const EncodedImage& file) {
  return TiffDecoder(file).Decode();
}

}  // namespace roentgen
