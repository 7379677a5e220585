#include <charls/charls.h>
#include <fmt/format.h>
#include <gdcmJPEG12Codec.h>
#include <gdcmJPEG16Codec.h>
#include <gdcmJPEG8Codec.h>
#include <gdcmTrace.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_codecs.h"
#include "roentgen/imaging/dicom_frame.h"
#include "roentgen/imaging/jpeg_markers.h"

namespace roentgen {
namespace {

using Bytes = std::span<const uint8_t>;

// Zeros before the end of a JPEG-LS stream: as many as fill up a word.
constexpr int kMaxPadding = 3;

JpegFrameStart CheckedFrameStart(Bytes stream, const DicomHeader& header) {
  const std::optional<JpegFrameStart> start = FindJpegFrameStart(stream);
  if (!start) throw Error("its JPEG stream has no frame");
  if (start->rows != header.rows || start->columns != header.columns ||
      start->components != header.samples) {
    throw Error(
        fmt::format("its JPEG stream is {} × {} with {} components, its header says "
                    "{} × {} with {}",
                    start->columns, start->rows, start->components, header.columns, header.rows,
                    header.samples));
  }
  if (start->precision < 2 || start->precision > header.bits_allocated) {
    throw Error(fmt::format("its JPEG stream has {} bits a value, its header {}", start->precision,
                            header.bits_allocated));
  }
  return *start;
}

/// Samples of up to 16 bits, low byte first, or of up to 8, a byte each.
std::vector<uint32_t> Widen(Bytes bytes, size_t count) {
  const bool wide = bytes.size() == 2 * count;
  std::vector<uint32_t> values(count);
  for (size_t i = 0; i < count; ++i) {
    values[i] = wide ? bytes[2 * i] | static_cast<uint32_t>(bytes[2 * i + 1]) << 8 : bytes[i];
  }
  return values;
}

template <class Codec>
std::vector<uint32_t> DecodeByGdcm(Bytes stream, const DicomHeader& header, int precision,
                                   size_t bytes_a_sample) {
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
  const std::array<unsigned, 3> dimensions = {static_cast<unsigned>(header.columns),
                                              static_cast<unsigned>(header.rows), 1};
  Codec codec;
  codec.SetDimensions(dimensions.data());
  codec.SetPixelFormat(gdcm::PixelFormat(
      static_cast<uint16_t>(header.samples), static_cast<uint16_t>(8 * bytes_a_sample),
      static_cast<uint16_t>(precision), static_cast<uint16_t>(precision - 1), 0));
  // RGB stands for any three components: they are not converted.
  codec.SetPhotometricInterpretation(header.samples == 1
                                         ? gdcm::PhotometricInterpretation::MONOCHROME2
                                         : gdcm::PhotometricInterpretation::RGB);
  std::istringstream in(std::string(reinterpret_cast<const char*>(stream.data()), stream.size()));
  std::ostringstream out;
  const bool decoded = codec.DecodeByStreams(in, out);
  const std::string samples = out.str();
  if (!decoded || samples.size() != header.values() * bytes_a_sample) {
    throw Error("its JPEG stream is damaged or cut short");
  }
  return Widen({reinterpret_cast<const uint8_t*>(samples.data()), samples.size()}, header.values());
}

std::vector<uint32_t> DecodeByGdcm(Bytes stream, const DicomHeader& header,
                                   const JpegFrameStart& start) {
  const bool is_sequential =
      start.marker == jpeg_marker::kBaseline || start.marker == jpeg_marker::kSequential;
  if (!is_sequential && !start.IsLossless()) {
    throw Error(fmt::format("JPEG process {} with {} bits a value cannot be read",
                            start.marker - jpeg_marker::kBaseline, start.precision),
                "Export the image as uncompressed DICOM or PNG.");
  }
  CheckJpegScans(stream);
  // One library for each width of its samples.
  if (start.precision <= 8) {
    return DecodeByGdcm<gdcm::JPEG8Codec>(stream, header, start.precision, 1);
  }
  if (start.precision <= 12) {
    return DecodeByGdcm<gdcm::JPEG12Codec>(stream, header, start.precision, 2);
  }
  return DecodeByGdcm<gdcm::JPEG16Codec>(stream, header, start.precision, 2);
}

/// Without a SPIFF header, which says nothing that is needed, and in many files something wrong, on
/// which CharLS insists.
std::vector<uint8_t> WithoutSpiffHeader(Bytes stream) {
  constexpr std::string_view kSpiff = "SPIFF";
  std::vector<uint8_t> bytes(stream.begin(), stream.begin() + 2);  // the start marker
  std::optional<JpegSegment> segment = ReadJpegSegment(stream, bytes.size());
  size_t at = bytes.size();
  while (segment && segment->marker == jpeg_marker::kApplication0 + 8) {
    const Bytes payload = segment->payload;
    if (payload.size() < kSpiff.size() ||
        !std::equal(kSpiff.begin(), kSpiff.end(), payload.begin())) {
      break;
    }
    at = segment->end;
    segment = ReadJpegSegment(stream, at);
  }
  bytes.insert(bytes.end(), stream.begin() + static_cast<ptrdiff_t>(at), stream.end());
  return bytes;
}

/// Drops a zero byte before the end marker. Returns whether there was one.
bool DropZeroBeforeEnd(std::vector<uint8_t>& stream) {
  constexpr std::array<uint8_t, 3> kZeroAndEnd = {0, 0xff, jpeg_marker::kImageEnd};
  const auto zero =
      std::find_end(stream.begin(), stream.end(), kZeroAndEnd.begin(), kZeroAndEnd.end());
  if (zero == stream.end()) return false;
  stream.erase(zero);
  return true;
}

DecodedStream DecodeByCharls(Bytes stream, const DicomHeader& header, const JpegFrameStart& start) {
  charls::jpegls_decoder decoder(stream, /*parse_header=*/true);
  // The marker that was checked is the one that it decodes.
  if (decoder.destination_size() != header.values() * (start.precision > 8 ? 2 : 1)) {
    throw Error("its JPEG-LS stream is of another size");
  }
  std::vector<uint8_t> samples(decoder.destination_size());
  decoder.decode(samples);
  DecodedStream decoded{Widen(samples, header.values()), start.precision, start.colours};
  if (decoder.interleave_mode() == charls::interleave_mode::none && header.samples > 1) {
    decoded.values = InterleaveSamples(decoded.values, header);
  }
  return decoded;
}

}  // namespace

DecodedStream DecodeJpegFrame(const EncodedImage& stream, const DicomHeader& header) {
  const JpegFrameStart start = CheckedFrameStart(stream.bytes, header);
  DecodedStream decoded{{}, std::max(header.bits_stored, start.precision), start.colours};
  if (start.IsLossless()) decoded.bits = header.bits_stored;
  if (start.precision == 8 && !start.IsLossless() && start.colours.is_jpeg) {
    const RawImage image = DecodeJpegComponents(stream);
    decoded.values.assign(image.samples.begin(), image.samples.end());
  } else {
    decoded.values = DecodeByGdcm(stream.bytes, header, start);
  }
  return decoded;
}

DecodedStream DecodeJpegLsFrame(const EncodedImage& stream, const DicomHeader& header) {
  const JpegFrameStart start = CheckedFrameStart(stream.bytes, header);
  if (start.marker != jpeg_marker::kJpegLs) throw Error("its JPEG-LS stream is none");
  std::vector<uint8_t> bytes = WithoutSpiffHeader(stream.bytes);
  for (int dropped = 0;; ++dropped) {
    try {
      return DecodeByCharls(bytes, header, start);
    } catch (const charls::jpegls_error& error) {
      // Some encoders fill up with zeros between the last code and the end marker.
      const bool goes_on = error.code() == charls::jpegls_errc::jpeg_marker_start_byte_not_found ||
                           error.code() == charls::jpegls_errc::too_much_encoded_data;
      if (!goes_on || dropped == kMaxPadding || !DropZeroBeforeEnd(bytes)) {
        throw Error(fmt::format("its JPEG-LS stream cannot be decoded: {}", error.what()));
      }
    }
  }
}

}  // namespace roentgen
