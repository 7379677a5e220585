#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "roentgen/imaging/dicom_header.h"
#include "roentgen/imaging/encoded_image.h"

namespace roentgen {

/// The code streams that a DICOM frame may be compressed to. Each returns the frame's values, the
/// samples of a pixel side by side, as their code stream has them: no colours are converted, and
/// what stands above the stored bits means nothing. They throw Error when the stream is damaged,
/// cut short, or of another size than the header.

/// JPEG of any process (ITU-T T.81): 8 bits by libjpeg, lossless and 12 to 16 bits by GDCM.
std::vector<uint32_t> DecodeJpegFrame(const EncodedImage& stream, const DicomHeader& header);
/// JPEG-LS (ITU-T T.87), by CharLS.
std::vector<uint32_t> DecodeJpegLsFrame(const EncodedImage& stream, const DicomHeader& header);
/// JPEG 2000 and HTJ2K (ITU-T T.800, T.814), by OpenJPEG.
std::vector<uint32_t> DecodeJpeg2000Frame(const EncodedImage& stream, const DicomHeader& header);
/// Run lengths of byte planes (PS3.5, annex G): the frame's bytes as they would lie in a native
/// little-endian file, plane by plane.
std::vector<uint8_t> DecodeRunLengthFrame(std::span<const uint8_t> stream,
                                          const DicomHeader& header);

}  // namespace roentgen
