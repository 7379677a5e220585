#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "roentgen/imaging/convert.h"
#include "roentgen/imaging/dicom_view.h"
#include "roentgen/imaging/image.h"
#include "roentgen/imaging/raw_image.h"

namespace roentgen {

/// The largest picture that is opened, where Pillow's limit is too (a decompression bomb beyond).
inline constexpr int64_t kMaxImagePixels = 178'956'970;

/// The largest file: no picture within kMaxImagePixels is larger, with 8 bytes a pixel.
inline constexpr size_t kMaxImageFileBytes = size_t{8} * kMaxImagePixels + (size_t{64} << 20);

/// The defaults read a picture as Transformers 5 does when it is given a path, but for 16-bit grey,
/// which is scaled instead of clipped.
struct LoadOptions {
  bool apply_exif = true;  ///< stand it upright; a TIFF always is, as in Pillow
  AlphaRule alpha = AlphaRule::kDropAlphaPaintKey;
  Grey16 grey16 = Grey16::kScale;
  int64_t max_pixels = kMaxImagePixels;
  DicomView view = {};  ///< of a DICOM file; asking other files for a frame or a window is an error
};

/// Decodes the first picture of a JPEG, PNG, WebP, BMP, GIF or TIFF file, or a frame of a DICOM
/// file, told apart by content.
///
/// Throws Error, naming the file and the reason, when it cannot be read, is none of these (a format
/// that is known is named, with what to do about it: known_formats.h), is damaged or cut short, or
/// has more than max_pixels (found from its header, before any memory is taken). Half a picture is
/// never returned.
Image LoadImage(const std::filesystem::path& path, const LoadOptions& options = {});

/// LoadImage for bytes in memory; name stands for them in errors and in the provenance.
Image DecodeImage(std::span<const uint8_t> bytes, const std::string& name,
                  const LoadOptions& options = {});

/// The picture in its file's own mode and orientation: what LLaMA-Factory's preparation starts
/// from. Errors as LoadImage.
RawImage LoadRawImage(const std::filesystem::path& path, int64_t max_pixels = kMaxImagePixels);
RawImage DecodeRawImage(std::span<const uint8_t> bytes, const std::string& name,
                        int64_t max_pixels = kMaxImagePixels, const DicomView& view = {});

/// True when the bytes begin as one of the formats above does; they may still be damaged.
bool LooksLikeImage(std::span<const uint8_t> bytes);

}  // namespace roentgen
