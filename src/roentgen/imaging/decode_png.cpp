#include <png.h>

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "roentgen/imaging/encoded_image.h"
#include "roentgen/imaging/exif.h"

namespace roentgen {
namespace {

constexpr const char* kFormat = "PNG";

// What deflate can make of a byte at most (a match of 258 bytes in 2 bits).
constexpr int64_t kMaxInflation = 1032;

/// The bytes that ImageMagick's "Raw profile type exif" text holds: name, length, then hexadecimal
/// digits, on lines.
std::vector<uint8_t> RawProfile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  std::vector<uint8_t> bytes;
  std::optional<int> high;
  for (const char c : text) {
    if (c == '\n' || c == ' ' || c == '\r') continue;
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return {};
    if (high) bytes.push_back(static_cast<uint8_t>(*high << 4 | digit));
    high = high ? std::nullopt : std::optional<int>(digit);
  }
  return bytes;
}

class PngDecoder {
 public:
  explicit PngDecoder(const EncodedImage& file) : file_(file) {}
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  RawImage Decode() {
    Attempt([this] { ReadHeader(); });
    const PixelMode mode = CheckHeader();
    Attempt([this] { ChooseTransforms(); });
    RawImage image = MakeRawImage(kFormat, mode, static_cast<int>(width_),
                                  static_cast<int>(png_get_image_height(png_, info_)));
    std::vector<png_bytep> rows = Rows(image);
    Attempt([this, &rows] {
      png_read_image(png_, rows.data());
      png_read_end(png_, info_);
    });
    ReadTransparency(image);
    image.orientation = Orientation();
    return image;
  }

 private:
  /// Runs body; libpng leaves it by longjmp when it gives up. So body, and all that it calls, must
  /// own nothing that has a destructor.
  template <class Body>
  void Attempt(const Body& body) {
    if (setjmp(jump_) != 0) file_.Fail(kFormat, message_);
    body();
  }

  void ReadHeader() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, OnError, OnWarning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) Leave("out of memory");
    // The size has a check of its own, which knows the file's name.
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_read_fn(png_, this, OnRead);
    png_read_info(png_, info_);
    width_ = png_get_image_width(png_, info_);
    depth_ = png_get_bit_depth(png_, info_);
    colour_type_ = png_get_color_type(png_, info_);
  }

  /// Checks the size and returns the mode Pillow gives this depth and colour type.
  PixelMode CheckHeader() const {
    const auto width = static_cast<int64_t>(width_);
    const auto height = static_cast<int64_t>(png_get_image_height(png_, info_));
    file_.CheckSize(kFormat, width, height);
    const int64_t row_bits = width * png_get_channels(png_, info_) * depth_;
    const auto bytes = static_cast<int64_t>(file_.bytes.size());
    if (row_bits / 8 * height / kMaxInflation > bytes) {
      file_.Fail(kFormat, "it ends long before its last row");
    }
    switch (colour_type_) {
      case PNG_COLOR_TYPE_GRAY:
        return depth_ == 1    ? PixelMode::kBilevel
               : depth_ == 16 ? PixelMode::kGrey16
                              : PixelMode::kGrey;
      case PNG_COLOR_TYPE_GRAY_ALPHA:
        return depth_ == 16 ? PixelMode::kRgba : PixelMode::kGreyAlpha;
      case PNG_COLOR_TYPE_PALETTE:
        return PixelMode::kPalette;
      case PNG_COLOR_TYPE_RGB_ALPHA:
        return PixelMode::kRgba;
      default:
        return PixelMode::kRgb;
    }
  }

  void ChooseTransforms() {
    if (colour_type_ == PNG_COLOR_TYPE_PALETTE) png_set_packing(png_);
    if (colour_type_ == PNG_COLOR_TYPE_GRAY && depth_ < 8) png_set_expand_gray_1_2_4_to_8(png_);
    if (depth_ == 16 && colour_type_ == PNG_COLOR_TYPE_GRAY) {
      if (std::endian::native == std::endian::little) png_set_swap(png_);
    } else if (depth_ == 16) {
      png_set_strip_16(png_);  // the high byte, as Pillow
      if (colour_type_ == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_gray_to_rgb(png_);
    }
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  }

  std::vector<png_bytep> Rows(RawImage& image) const {
    png_bytep data = image.mode == PixelMode::kGrey16
                         ? reinterpret_cast<png_bytep>(image.grey16.data())
                         : image.samples.data();
    const size_t row_bytes = png_get_rowbytes(png_, info_);
    const size_t total = image.samples.size() + 2 * image.grey16.size();
    const auto height = static_cast<size_t>(image.height);
    if (row_bytes * height != total) file_.Fail(kFormat, "its rows have an unexpected length");
    std::vector<png_bytep> rows(height);
    for (size_t y = 0; y < height; ++y) rows[y] = data + y * row_bytes;
    return rows;
  }

  void ReadTransparency(RawImage& image) const {
    png_colorp colours = nullptr;
    int colour_count = 0;
    png_get_PLTE(png_, info_, &colours, &colour_count);
    if (image.mode == PixelMode::kPalette) {
      for (int i = 0; i < colour_count; ++i) {
        image.palette[static_cast<size_t>(i)] = {colours[i].red, colours[i].green, colours[i].blue,
                                                 255};
      }
    }
    png_bytep alphas = nullptr;
    int alpha_count = 0;
    png_color_16p key = nullptr;
    if (png_get_tRNS(png_, info_, &alphas, &alpha_count, &key) == 0) return;
    if (image.mode == PixelMode::kPalette) {
      TakePaletteAlphas(image, {alphas, static_cast<size_t>(alpha_count)});
    } else if (image.mode == PixelMode::kRgb) {
      image.colour_key = {key->red, key->green, key->blue};
    } else {
      image.colour_key = {image.mode == PixelMode::kBilevel && key->gray != 0 ? 255 : key->gray};
    }
  }

  /// One wholly transparent entry among opaque ones is a colour key to Pillow, anything else is a
  /// palette with alpha.
  static void TakePaletteAlphas(RawImage& image, std::span<const uint8_t> alphas) {
    const auto clear = std::find(alphas.begin(), alphas.end(), 0);
    const auto opaque = std::count(alphas.begin(), alphas.end(), 255);
    if (clear != alphas.end() && opaque + 1 == std::ssize(alphas)) {
      image.colour_key = {static_cast<int>(clear - alphas.begin())};
      return;
    }
    image.palette_has_alpha = true;
    for (size_t i = 0; i < alphas.size(); ++i) image.palette[i][3] = alphas[i];
  }

  int Orientation() const {
    png_bytep exif = nullptr;
    png_uint_32 exif_bytes = 0;
    png_get_eXIf_1(png_, info_, &exif_bytes, &exif);
    std::vector<uint8_t> raw_profile;
    std::string_view xmp;
    png_textp texts = nullptr;
    const int text_count = png_get_text(png_, info_, &texts, nullptr);
    for (int i = 0; i < text_count; ++i) {
      const std::string_view key = texts[i].key;
      const size_t length = texts[i].compression > 0 ? texts[i].itxt_length : texts[i].text_length;
      const std::string_view text(texts[i].text, length);
      if (key == "Raw profile type exif") raw_profile = RawProfile(text);
      if (key == "XML:com.adobe.xmp") xmp = text;
    }
    if (exif != nullptr) return ChooseOrientation({exif, exif_bytes}, xmp);
    return ChooseOrientation(raw_profile, xmp);
  }

  [[noreturn]] void Leave(const char* reason) {
    std::snprintf(message_, sizeof(message_), "%s", reason);
    longjmp(jump_, 1);
  }

  [[noreturn]] static void OnError(png_structp png, png_const_charp reason) {
    static_cast<PngDecoder*>(png_get_error_ptr(png))->Leave(reason);
  }

  static void OnWarning(png_structp, png_const_charp) {}

  static void OnRead(png_structp png, png_bytep out, size_t size) {
    auto& self = *static_cast<PngDecoder*>(png_get_io_ptr(png));
    const auto rest = self.file_.bytes.subspan(self.read_);
    if (size > rest.size()) png_error(png, "it ends early");
    std::memcpy(out, rest.data(), size);
    self.read_ += size;
  }

  const EncodedImage& file_;
  size_t read_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  png_uint_32 width_ = 0;
  int depth_ = 0;
  int colour_type_ = 0;
  std::jmp_buf jump_{};
  char message_[200] = {};
};

}  // namespace

RawImage DecodePng(const EncodedImage& file) {
  return PngDecoder(file).Decode();
}

}  // namespace roentgen
