#include "roentgen/imaging/encode_png.h"

#include <fmt/format.h>
#include <png.h>

#include <bit>
#include <csetjmp>
#include <new>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

void CheckSize(size_t samples, Size size, size_t channels) {
  const bool positive = size.width > 0 && size.height > 0;
  if (positive &&
      samples == static_cast<size_t>(size.width) * static_cast<size_t>(size.height) * channels) {
    return;
  }
  throw ShapeError(
      fmt::format("{} samples for a PNG of {} × {}", samples, size.width, size.height));
}

/// libpng's simplified interface knows 16 bits only as linear light, so its plain one is used.
class PngWriter {
 public:
  PngWriter() : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, this, Fail, Ignore)) {
    info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_write_struct(&png_, nullptr);
      throw std::bad_alloc();
    }
    png_set_write_fn(png_, &bytes_, Append, nullptr);
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  /// rows: a pointer to each row's samples, in this machine's byte order.
  std::string Write(Size size, int bits, int colour, std::vector<png_bytep>& rows,
                    png_text& software) {
    // libpng leaves by longjmp: nothing with a destructor may come to life behind this line.
    if (setjmp(png_jmpbuf(png_)) != 0) throw Error("cannot encode a PNG: " + message_);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(size.width),
                 static_cast<png_uint_32>(size.height), bits, colour, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    // Noise does not compress: the fastest level gives nearly the size of the slowest.
    png_set_compression_level(png_, 1);
    png_set_rows(png_, info_, rows.data());
    if (software.text_length > 0) png_set_text(png_, info_, &software, 1);
    const bool swap = bits == 16 && std::endian::native == std::endian::little;
    png_write_png(png_, info_, swap ? PNG_TRANSFORM_SWAP_ENDIAN : PNG_TRANSFORM_IDENTITY, nullptr);
    return std::move(bytes_);
  }

 private:
  [[noreturn]] static void Fail(png_structp png, png_const_charp message) {
    static_cast<PngWriter*>(png_get_error_ptr(png))->message_ = message;
    png_longjmp(png, 1);
  }
  static void Ignore(png_structp /*png*/, png_const_charp /*message*/) {}
  static void Append(png_structp png, png_bytep data, size_t size) {
    static_cast<std::string*>(png_get_io_ptr(png))
        ->append(reinterpret_cast<const char*>(data), size);
  }

  png_structp png_;
  png_infop info_ = nullptr;
  std::string bytes_;
  std::string message_;
};

template <class Sample>
std::string Write(std::span<const Sample> samples, Size size, int colour, size_t channels,
                  const std::string& software = "") {
  CheckSize(samples.size(), size, channels);
  const size_t stride = static_cast<size_t>(size.width) * channels;
  std::vector<png_bytep> rows;
  for (size_t at = 0; at < samples.size(); at += stride) {
    // libpng takes rows it only reads as mutable.
    rows.push_back(reinterpret_cast<png_bytep>(const_cast<Sample*>(samples.data() + at)));
  }
  std::string key = "Software";
  std::string text = software;
  png_text chunk{};
  chunk.compression = PNG_TEXT_COMPRESSION_NONE;
  chunk.key = key.data();
  chunk.text = text.data();
  chunk.text_length = text.size();
  return PngWriter().Write(size, 8 * sizeof(Sample), colour, rows, chunk);
}

}  // namespace

std::string EncodePng(std::span<const uint8_t> grey, Size size, const std::string& software) {
  return Write(grey, size, PNG_COLOR_TYPE_GRAY, 1, software);
}

std::string EncodePng(std::span<const uint16_t> grey, Size size) {
  return Write(grey, size, PNG_COLOR_TYPE_GRAY, 1);
}

std::string EncodePng(const Image& image) {
  std::vector<uint8_t> grey;
  grey.reserve(image.rgb.size() / 3);
  for (size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    if (image.rgb[i] != image.rgb[i + 1] || image.rgb[i] != image.rgb[i + 2]) {
      return Write<uint8_t>(image.rgb, image.size(), PNG_COLOR_TYPE_RGB, 3);
    }
    grey.push_back(image.rgb[i]);
  }
  return EncodePng(grey, image.size());
}

}  // namespace roentgen
