#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "roentgen/imaging/dicom_view.h"
#include "roentgen/imaging/raw_image.h"

namespace roentgen {

/// What a decoder gets: the bytes of a file, its name for complaints, the largest picture that is
/// accepted, and, for DICOM, what of it is wanted.
struct EncodedImage {
  std::span<const uint8_t> bytes;
  std::string name;
  int64_t max_pixels = 0;
  DicomView view = {};
  /// What to do when the bytes are damaged: of a stream inside a DICOM file it is something else.
  const char* damage_hint =
      "Open it in an image viewer; if it looks broken there too, export or copy it again.";

  /// Throws Error "name: not a readable FORMAT picture: reason", for a damaged file.
  [[noreturn]] void Fail(const std::string& format, const std::string& reason) const;

  /// Throws Error for a file that is whole, but of a kind that no decoder here reads. kind: in
  /// words.
  [[noreturn]] void FailUnsupported(const std::string& format, const std::string& kind) const;

  /// To be called with the size a header claims, before anything of that size is allocated. Throws
  /// Error when a side is not positive or the picture has more than max_pixels.
  void CheckSize(const std::string& format, int64_t width, int64_t height) const;
};

/// The decoders, one for each format. They throw Error when the file is damaged, ends early, claims
/// more than max_pixels, or is of a kind that is not supported.
RawImage DecodeBmp(const EncodedImage& file);
RawImage DecodeDicom(const EncodedImage& file);
RawImage DecodeGif(const EncodedImage& file);
RawImage DecodeJpeg(const EncodedImage& file);
RawImage DecodePng(const EncodedImage& file);
RawImage DecodeTiff(const EncodedImage& file);
RawImage DecodeWebp(const EncodedImage& file);

/// A JPEG's components as they are stored, YCbCr for instance, in the mode with as many channels.
RawImage DecodeJpegComponents(const EncodedImage& file);

/// An image of this mode and size with zeroed samples. The size must have been checked.
RawImage MakeRawImage(const std::string& format, PixelMode mode, int width, int height);

/// True when the palette's first `count` entries are the greys 0, 1, 2, …: Pillow calls such a
/// picture grey and drops the palette.
bool IsGreyRamp(const std::array<PaletteEntry, 256>& palette, int count);

}  // namespace roentgen
