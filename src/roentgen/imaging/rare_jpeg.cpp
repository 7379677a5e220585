#include "roentgen/imaging/rare_jpeg.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_codecs.h"
#include "roentgen/imaging/ycbcr.h"

namespace roentgen {
namespace {

constexpr const char* kFormat = "JPEG";

/// What is not read, in words; empty when GDCM decodes it.
std::string UnreadKind(const JpegFrameStart& start) {
  constexpr uint8_t kArithmeticLossless = 0xcb;  // SOF11
  if (start.marker == jpeg_marker::kJpegLs) return "JPEG-LS";
  if (start.marker == kArithmeticLossless) return "lossless with arithmetic coding";
  const bool sequential =
      start.marker == jpeg_marker::kBaseline || start.marker == jpeg_marker::kSequential;
  if (!sequential && !start.IsLossless()) {
    return fmt::format("process {} of the standard, with {} bits a value",
                       start.marker - jpeg_marker::kBaseline, start.precision);
  }
  const char* coding = start.IsLossless() ? "lossless" : "lossy";
  if (start.components != 1 && start.components != 3) {
    return fmt::format("{}, {} colour components", coding, start.components);
  }
  const bool grey = start.components == 1;
  const bool is_read = !start.IsLossless() ? grey && start.precision == 12
                       : grey              ? start.precision >= 2 && start.precision <= 16
                                           : start.precision == 8;
  if (is_read) return "";
  return fmt::format("{}, {} of {} bits", coding, grey ? "grey" : "colour", start.precision);
}

/// A JFIF segment means nothing here: LEAD's encoder writes it before RGB, and converting would
/// cost what lossless coding is chosen for.
bool IsYcbcr(const StreamColours& colours) {
  return colours.has_adobe_ycbcr && !colours.has_rgb_ids;
}

std::vector<uint32_t> DecodeValues(const EncodedImage& file, const JpegFrameStart& start) {
  DicomHeader shape;
  shape.rows = start.rows;
  shape.columns = start.columns;
  shape.samples = start.components;
  shape.bits_allocated = start.precision > 8 ? 16 : 8;
  shape.bits_stored = start.precision;
  try {
    return DecodeJpegFrame(file, shape).values;
  } catch (const Error& error) {
    file.Fail(kFormat, error.what());
  }
}

}  // namespace

RawImage DecodeRareJpeg(const EncodedImage& file, const JpegFrameStart& start) {
  if (const std::string kind = UnreadKind(start); !kind.empty()) {
    file.FailUnsupported(kFormat, kind);
  }
  file.CheckSize(kFormat, start.columns, start.rows);
  // A Huffman code has at least one bit, and every sample one code (lossless) or a 64th of one.
  const int64_t samples = start.rows * start.columns * start.components;
  const int64_t samples_a_byte = start.IsLossless() ? 8 : 8 * 64;
  if (samples / samples_a_byte > static_cast<int64_t>(file.bytes.size())) {
    file.Fail(kFormat, "it ends long before its last row");
  }
  const std::vector<uint32_t> values = DecodeValues(file, start);
  const PixelMode mode = start.components == 3 ? PixelMode::kRgb
                         : start.precision > 8 ? PixelMode::kGrey16
                                               : PixelMode::kGrey;
  RawImage image =
      MakeRawImage(kFormat, mode, static_cast<int>(start.columns), static_cast<int>(start.rows));
  const uint32_t white = (1u << start.precision) - 1;
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t value = std::min(values[i], white);
    if (mode == PixelMode::kGrey16) {
      image.grey16[i] = static_cast<uint16_t>(value);
    } else {
      image.samples[i] = static_cast<uint8_t>(value * 255 / white);
    }
  }
  if (mode == PixelMode::kRgb && IsYcbcr(start.colours)) YcbcrToRgb(image.samples);
  return image;
}

}  // namespace roentgen
