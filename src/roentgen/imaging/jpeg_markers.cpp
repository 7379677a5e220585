#include "roentgen/imaging/jpeg_markers.h"

#include <algorithm>
#include <string_view>

namespace roentgen {
namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const uint8_t>;

constexpr std::string_view kJfif = "JFIF"sv;
constexpr std::string_view kAdobe = "Adobe"sv;
constexpr size_t kAdobeTransform = 11;  // its place in the segment

int Word(Bytes bytes, size_t at) {
  return bytes[at] << 8 | bytes[at + 1];
}

bool HasNoSegment(uint8_t marker) {
  return marker == 0x01 || (marker >= jpeg_marker::kRestart0 && marker <= jpeg_marker::kImageEnd);
}

bool StartsFrame(uint8_t marker) {
  const bool other = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;  // tables, reserved
  return (marker >= 0xc0 && marker <= 0xcf && !other) || marker == jpeg_marker::kJpegLs;
}

void NoteApplicationSegment(const JpegSegment& segment, StreamColours& colours) {
  const std::string_view text(reinterpret_cast<const char*>(segment.payload.data()),
                              segment.payload.size());
  if (text.starts_with(kJfif)) colours.has_jfif = true;
  if (text.starts_with(kAdobe) && text.size() > kAdobeTransform) {
    colours.has_adobe_rgb = text[kAdobeTransform] == 0;
    colours.has_adobe_ycbcr = text[kAdobeTransform] == 1;
  }
}

/// Whether three components, of three bytes each, are called R, G, B or r, g, b.
bool HasRgbIds(Bytes components) {
  if (components.size() < 9) return false;
  const std::string ids = {static_cast<char>(components[0]), static_cast<char>(components[3]),
                           static_cast<char>(components[6])};
  return ids == "RGB" || ids == "rgb";
}

}  // namespace

std::optional<JpegSegment> ReadJpegSegment(Bytes stream, size_t at) {
  if (at >= stream.size() || stream[at] != 0xff) return std::nullopt;
  while (at + 1 < stream.size() && stream[at + 1] == 0xff) ++at;  // fill
  if (at + 2 > stream.size()) return std::nullopt;
  JpegSegment segment{stream[at + 1], at, at + 2, {}};
  if (HasNoSegment(segment.marker)) return segment;
  if (at + 4 > stream.size()) return std::nullopt;
  const auto length = static_cast<size_t>(Word(stream, at + 2));
  if (length < 2 || length > stream.size() - (at + 2)) return std::nullopt;
  segment.end = at + 2 + length;
  segment.payload = stream.subspan(at + 4, length - 2);
  return segment;
}

std::optional<JpegFrameStart> FindJpegFrameStart(Bytes stream) {
  JpegFrameStart start;
  for (size_t at = 0;;) {
    const std::optional<JpegSegment> segment = ReadJpegSegment(stream, at);
    if (!segment || segment->marker == jpeg_marker::kScanStart) return std::nullopt;
    at = segment->end;
    if ((segment->marker & 0xf0) == jpeg_marker::kApplication0) {
      NoteApplicationSegment(*segment, start.colours);
    }
    if (!StartsFrame(segment->marker)) continue;
    const Bytes frame = segment->payload;
    if (frame.size() < 6) return std::nullopt;
    start.marker = segment->marker;
    start.precision = frame[0];
    start.rows = Word(frame, 1);
    start.columns = Word(frame, 3);
    start.components = frame[5];
    start.colours.is_jpeg = start.marker != jpeg_marker::kJpegLs;
    start.colours.has_rgb_ids = start.components == 3 && HasRgbIds(frame.subspan(6));
    return start;
  }
}

}  // namespace roentgen
