#include "roentgen/imaging/tiff_layout.h"

#include <fmt/format.h>
#include <tiff.h>

namespace roentgen {
namespace {

constexpr uint16_t kCorelAlpha = 999;  // what Corel Draw 10 writes for alpha

// Compressions that tiff.h of libtiff 4.5 does not know.
constexpr uint16_t kAperioJpeg2000YCbCr = 33003;
constexpr uint16_t kAperioJpeg2000Rgb = 33005;
constexpr uint16_t kLosslessJpegOfDng = 34892;
constexpr uint16_t kJpegXlOfDng = 52546;

bool IsUnsigned(const TiffLayout& layout) {
  return layout.sample_format == SAMPLEFORMAT_UINT || layout.sample_format == SAMPLEFORMAT_VOID;
}

bool IsFloat(const TiffLayout& layout) {
  return layout.sample_format == SAMPLEFORMAT_IEEEFP;
}

std::optional<PixelMode> GreyMode(const TiffLayout& layout) {
  // A second sample that nothing is said about may be anything, the first is grey all the same.
  if (layout.colours() != 1 && layout.samples != 2) return std::nullopt;
  const int bits = layout.bits;
  if (IsUnsigned(layout)) {
    if (layout.samples == 2 && bits == 8 && layout.first_extra_is_alpha()) {
      return PixelMode::kGreyAlpha;
    }
    if (bits == 1) return PixelMode::kBilevel;
    if (bits == 2 || bits == 4 || bits == 8) return PixelMode::kGrey;
    if (bits == 12 || bits == 16) return PixelMode::kGrey16;
    if (bits == 32 || bits == 64) return PixelMode::kNumbers;
  }
  const bool whole = layout.sample_format == SAMPLEFORMAT_INT;
  if (whole && (bits == 8 || bits == 16 || bits == 32 || bits == 64)) return PixelMode::kNumbers;
  if (IsFloat(layout) && (bits == 16 || bits == 32 || bits == 64)) return PixelMode::kNumbers;
  return std::nullopt;
}

std::optional<PixelMode> ColourMode(const TiffLayout& layout) {
  if (!IsUnsigned(layout)) return std::nullopt;
  const int bits = layout.bits;
  const bool bytes = bits == 8 || bits == 16;
  switch (*TiffPhotometric(layout)) {
    case PHOTOMETRIC_PALETTE:
      if (layout.colours() != 1) break;
      if (bits == 1 || bits == 2 || bits == 4 || bits == 8) return PixelMode::kPalette;
      break;
    case PHOTOMETRIC_RGB:
      if (!bytes || layout.colours() < 3) break;
      // A fourth sample that nothing is said about is alpha.
      if (layout.samples >= 4 && (layout.first_extra_is_alpha() || layout.extras == 0)) {
        return PixelMode::kRgba;
      }
      return PixelMode::kRgb;
    case PHOTOMETRIC_SEPARATED:
      if (bytes && layout.colours() >= 4) return PixelMode::kCmyk;
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::string DescribeColours(const TiffLayout& layout) {
  const std::optional<uint16_t> photometric = TiffPhotometric(layout);
  if (!photometric) return "no word on what its samples mean";
  switch (*photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      return "grey";
    case PHOTOMETRIC_RGB:
      return "RGB colour";
    case PHOTOMETRIC_PALETTE:
      return "a palette";
    case PHOTOMETRIC_MASK:
      return "a transparency mask";
    case PHOTOMETRIC_SEPARATED:
      return "printing inks";
    case PHOTOMETRIC_YCBCR:
      return "YCbCr colour";
    case PHOTOMETRIC_CIELAB:
      return "CIELab colour";
    case PHOTOMETRIC_ICCLAB:
      return "ICCLab colour";
    case PHOTOMETRIC_ITULAB:
      return "ITULab colour";
    case PHOTOMETRIC_CFA:
      return "raw values of a camera's sensor";
    case PHOTOMETRIC_LOGL:
      return "logarithmic luminance (LogL)";
    case PHOTOMETRIC_LOGLUV:
      return "logarithmic colour (LogLuv)";
    default:
      return fmt::format("colours of an unknown kind (photometric interpretation {})",
                         *photometric);
  }
}

}  // namespace

bool TiffLayout::first_extra_is_alpha() const {
  return first_extra == EXTRASAMPLE_ASSOCALPHA || first_extra == EXTRASAMPLE_UNASSALPHA ||
         first_extra == kCorelAlpha;
}

bool TiffLayout::white_is_zero() const {
  return TiffPhotometric(*this) == PHOTOMETRIC_MINISWHITE;
}

std::optional<uint16_t> TiffPhotometric(const TiffLayout& layout) {
  if (layout.photometric) return layout.photometric;
  if (layout.colours() <= 2) return uint16_t{PHOTOMETRIC_MINISWHITE};
  if (layout.colours() == 3) return uint16_t{PHOTOMETRIC_RGB};
  return std::nullopt;
}

std::optional<PixelMode> TiffPixelMode(const TiffLayout& layout) {
  const std::optional<uint16_t> photometric = TiffPhotometric(layout);
  if (!photometric) return std::nullopt;
  const bool grey =
      *photometric == PHOTOMETRIC_MINISWHITE || *photometric == PHOTOMETRIC_MINISBLACK;
  return grey ? GreyMode(layout) : ColourMode(layout);
}

std::string DescribeTiffNumbers(const TiffLayout& layout) {
  switch (layout.sample_format) {
    case SAMPLEFORMAT_INT:
      return fmt::format("signed {}-bit", layout.bits);
    case SAMPLEFORMAT_IEEEFP:
      return fmt::format("{}-bit floating-point", layout.bits);
    case SAMPLEFORMAT_COMPLEXINT:
    case SAMPLEFORMAT_COMPLEXIEEEFP:
      return fmt::format("{}-bit complex", layout.bits);
    default:
      return fmt::format("unsigned {}-bit", layout.bits);
  }
}

std::string DescribeTiffSamples(const TiffLayout& layout) {
  return fmt::format("{}, {} {} a pixel, {}", DescribeColours(layout), layout.samples,
                     layout.samples == 1 ? "sample" : "samples", DescribeTiffNumbers(layout));
}

std::string DescribeTiffCompression(uint16_t compression) {
  switch (compression) {
    case COMPRESSION_JP2000:
    case kAperioJpeg2000YCbCr:
    case kAperioJpeg2000Rgb:
      return "JPEG 2000";
    case kLosslessJpegOfDng:
      return "lossless JPEG";
    case kJpegXlOfDng:
    case COMPRESSION_JXL:
      return "JPEG XL";
    case COMPRESSION_JBIG:
      return "JBIG";
    case COMPRESSION_LERC:
      return "LERC";
    case COMPRESSION_WEBP:
      return "WebP";
    case COMPRESSION_ZSTD:
      return "Zstandard";
    case COMPRESSION_LZMA:
      return "LZMA";
    default:
      return fmt::format("number {}", compression);
  }
}

}  // namespace roentgen
