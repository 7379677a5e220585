#include <charls/charls.h>
#include <fmt/format.h>
#include <gdcmJPEG12Codec.h>
#include <gdcmJPEG16Codec.h>
#include <gdcmJPEG8Codec.h>
#include <gdcmTrace.h>

#include <array>
#include <optional>
#include <sstream>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_codecs.h"
#include "roentgen/imaging/dicom_frame.h"

namespace roentgen {
namespace {

using Bytes = std::span<const uint8_t>;

/// What the start of a frame says (T.81, B.2.2; T.87 has the same form).
struct FrameStart {
  uint8_t marker = 0;  // SOF0 to SOF15, or JPEG-LS's SOF55
  int precision = 0;
  int64_t rows = 0;
  int64_t columns = 0;
  int components = 0;
};

constexpr uint8_t kStartOfScan = 0xda;
constexpr uint8_t kJpegLs = 0xf7;

bool StartsFrame(uint8_t marker) {
  const bool other = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;  // tables, reserved
  return (marker >= 0xc0 && marker <= 0xcf && !other) || marker == kJpegLs;
}

bool IsLossless(const FrameStart& start) {
  return start.marker == 0xc3 || start.marker == 0xc7 || start.marker == 0xcb ||
         start.marker == 0xcf;
}

std::optional<FrameStart> FindFrameStart(Bytes stream) {
  const auto word = [&](size_t at) { return stream[at] << 8 | stream[at + 1]; };
  for (size_t at = 2; at + 4 <= stream.size();) {
    if (stream[at] != 0xff) return std::nullopt;
    const uint8_t marker = stream[at + 1];
    if (marker == 0xff) {  // fill
      ++at;
      continue;
    }
    if (marker == kStartOfScan) return std::nullopt;
    const auto length = static_cast<size_t>(word(at + 2));
    if (StartsFrame(marker)) {
      if (at + 10 > stream.size()) return std::nullopt;
      return FrameStart{marker, stream[at + 4], word(at + 5), word(at + 7), stream[at + 9]};
    }
    at += 2 + length;
  }
  return std::nullopt;
}

FrameStart CheckedFrameStart(Bytes stream, const DicomHeader& header) {
  const std::optional<FrameStart> start = FindFrameStart(stream);
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

/// GDCM makes do with a stream that ends early; half a picture must not be answered about.
bool HasEnd(Bytes stream) {
  size_t size = stream.size();
  const auto is_padding = [](uint8_t byte) { return byte == 0 || byte == 0xff; };
  while (size > 0 && is_padding(stream[size - 1])) --size;
  return size >= 2 && stream[size - 2] == 0xff && stream[size - 1] == 0xd9;
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
  const bool decoded = HasEnd(stream) && codec.DecodeByStreams(in, out);
  const std::string samples = out.str();
  if (!decoded || samples.size() != header.values() * bytes_a_sample) {
    throw Error("its JPEG stream is damaged or cut short");
  }
  return Widen({reinterpret_cast<const uint8_t*>(samples.data()), samples.size()}, header.values());
}

}  // namespace

std::vector<uint32_t> DecodeJpegFrame(const EncodedImage& stream, const DicomHeader& header) {
  const FrameStart start = CheckedFrameStart(stream.bytes, header);
  if (start.precision == 8 && !IsLossless(start) && start.marker != kJpegLs) {
    const RawImage image = DecodeJpegComponents(stream);
    return {image.samples.begin(), image.samples.end()};
  }
  // One library for each width of its samples.
  if (start.precision <= 8) {
    return DecodeByGdcm<gdcm::JPEG8Codec>(stream.bytes, header, start.precision, 1);
  }
  if (start.precision <= 12) {
    return DecodeByGdcm<gdcm::JPEG12Codec>(stream.bytes, header, start.precision, 2);
  }
  return DecodeByGdcm<gdcm::JPEG16Codec>(stream.bytes, header, start.precision, 2);
}

std::vector<uint32_t> DecodeJpegLsFrame(const EncodedImage& stream, const DicomHeader& header) {
  const FrameStart start = CheckedFrameStart(stream.bytes, header);
  if (start.marker != kJpegLs) throw Error("its JPEG-LS stream is none");
  std::vector<uint8_t> samples;
  bool by_plane = false;
  try {
    charls::jpegls_decoder decoder(stream.bytes, /*parse_header=*/true);
    // The marker that was checked is the one that it decodes.
    if (decoder.destination_size() != header.values() * (start.precision > 8 ? 2 : 1)) {
      throw Error("its JPEG-LS stream is of another size");
    }
    samples.resize(decoder.destination_size());
    decoder.decode(samples);
    by_plane = decoder.interleave_mode() == charls::interleave_mode::none;
  } catch (const charls::jpegls_error& error) {
    throw Error(fmt::format("its JPEG-LS stream cannot be decoded: {}", error.what()));
  }
  std::vector<uint32_t> values = Widen(samples, header.values());
  return by_plane && header.samples > 1 ? InterleaveSamples(values, header) : values;
}

}  // namespace roentgen
