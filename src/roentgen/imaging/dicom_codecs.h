#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "roentgen/imaging/dicom_colours.h"
#include "roentgen/imaging/dicom_header.h"
#include "roentgen/imaging/encoded_image.h"

namespace roentgen {

/// What a code stream holds: the frame's values, the samples of a pixel side by side, with no
/// colours converted.
struct DecodedStream {
  std::vector<uint32_t> values;
  /// Of a value, where they say more than Bits Stored: a lossy codec may overshoot the stored bits,
  /// and JPEG-LS and JPEG 2000 streams state their own (pydicom believes them). Where a lossless
  /// JPEG has more than are stored, the others mean nothing, and these are Bits Stored.
  int bits = 0;
  StreamColours colours;
};

/// The code streams that a DICOM frame may be compressed to. They throw Error when the stream is
/// damaged, cut short, lacks a piece, or is of another size than the header.

/// JPEG (ITU-T T.81): 8 bits lossy of any process by libjpeg; Huffman-coded lossless and sequential
/// of 12 bits by GDCM.
DecodedStream DecodeJpegFrame(const EncodedImage& stream, const DicomHeader& header);
/// JPEG-LS (ITU-T T.87), by CharLS.
DecodedStream DecodeJpegLsFrame(const EncodedImage& stream, const DicomHeader& header);
/// JPEG 2000 and HTJ2K (ITU-T T.800, T.814), by OpenJPEG.
DecodedStream DecodeJpeg2000Frame(const EncodedImage& stream, const DicomHeader& header);
/// Run lengths of byte planes (PS3.5, annex G): the frame's bytes as they would lie in a native
/// little-endian file, plane by plane.
std::vector<uint8_t> DecodeRunLengthFrame(std::span<const uint8_t> stream,
                                          const DicomHeader& header);

}  // namespace roentgen
