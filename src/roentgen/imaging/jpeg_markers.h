#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "roentgen/imaging/dicom_colours.h"

namespace roentgen {

/// Markers of JPEG and JPEG-LS (ITU-T T.81, table B.1; T.87), without their leading 0xff.
namespace jpeg_marker {
inline constexpr uint8_t kBaseline = 0xc0;    // SOF0
inline constexpr uint8_t kSequential = 0xc1;  // SOF1
inline constexpr uint8_t kLossless = 0xc3;    // SOF3
inline constexpr uint8_t kHuffmanTables = 0xc4;
inline constexpr uint8_t kRestart0 = 0xd0;
inline constexpr uint8_t kImageStart = 0xd8;
inline constexpr uint8_t kImageEnd = 0xd9;
inline constexpr uint8_t kScanStart = 0xda;
inline constexpr uint8_t kRestartInterval = 0xdd;
inline constexpr uint8_t kApplication0 = 0xe0;
inline constexpr uint8_t kJpegLs = 0xf7;  // SOF55
}  // namespace jpeg_marker

/// A marker and what its segment holds, behind its length.
struct JpegSegment {
  uint8_t marker = 0;
  size_t begin = 0;  ///< of the marker, in the stream
  size_t end = 0;    ///< of the segment
  std::span<const uint8_t> payload;
};

/// The segment that begins at or behind `at`, which must be where a marker is expected; nothing
/// when there is none or it does not fit the stream. Markers without a segment have no payload.
std::optional<JpegSegment> ReadJpegSegment(std::span<const uint8_t> stream, size_t at);

/// What the beginning of a stream says, up to its first frame (T.81, B.2.2; T.87 has the same
/// form).
struct JpegFrameStart {
  uint8_t marker = 0;  ///< SOF0 to SOF15, or JPEG-LS's
  int precision = 0;   ///< bits of a value
  int64_t rows = 0;
  int64_t columns = 0;
  int components = 0;
  StreamColours colours;

  bool IsLossless() const { return marker == jpeg_marker::kLossless; }
};

/// Nothing when the stream has no frame.
std::optional<JpegFrameStart> FindJpegFrameStart(std::span<const uint8_t> stream);

/// Walks through the scans of a JPEG of Huffman codes, sequential or lossless, and counts their
/// codes: decoders fill in what is missing in the middle without a word, and half an image must not
/// be answered about. Throws Error when there are fewer than the image has values, when one does
/// not exist, or when the end marker is missing. What follows the end does not matter.
void CheckJpegScans(std::span<const uint8_t> stream);

}  // namespace roentgen
