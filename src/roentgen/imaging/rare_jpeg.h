#pragma once

#include "roentgen/imaging/encoded_image.h"
#include "roentgen/imaging/jpeg_markers.h"

namespace roentgen {

/// Decodes a JPEG file of a kind that libjpeg-turbo 2 does not: lossless (ITU-T T.81, annex H) grey
/// of 2 to 16 bits and colour of 8, and sequential grey of 12 bits. Grey of more than 8 bits
/// becomes kGrey16.
///
/// Three components are RGB unless Adobe's segment says that they were converted. Throws Error as
/// the decoders do; what is not read (hierarchical JPEG, JPEG-LS, deep colour) is named.
RawImage DecodeRareJpeg(const EncodedImage& file, const JpegFrameStart& start);

}  // namespace roentgen
