#include "roentgen/imaging/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/encoded_image.h"
#include "roentgen/imaging/known_formats.h"
#include "roentgen/imaging/orientation.h"

namespace roentgen {
namespace {

using namespace std::string_view_literals;

struct Format {
  std::string_view magic;
  std::string_view magic_at_8;  // what follows a RIFF chunk's length
  RawImage (*decode)(const EncodedImage&);
};

constexpr std::array kFormats = {
    Format{"\xff\xd8\xff"sv, ""sv, DecodeJpeg},
    Format{"\x89PNG\r\n\x1a\n"sv, ""sv, DecodePng},
    Format{"RIFF"sv, "WEBP"sv, DecodeWebp},
    Format{"GIF87a"sv, ""sv, DecodeGif},
    Format{"GIF89a"sv, ""sv, DecodeGif},
    Format{"II*\0"sv, ""sv, DecodeTiff},
    Format{"MM\0*"sv, ""sv, DecodeTiff},
    Format{"II+\0"sv, ""sv, DecodeTiff},  // BigTIFF
    Format{"MM\0+"sv, ""sv, DecodeTiff},
    Format{"BM"sv, ""sv, DecodeBmp},  // last: two letters that a text may begin with too
};

constexpr Format kDicom{""sv, ""sv, DecodeDicom};

const Format* FindFormat(std::span<const uint8_t> bytes) {
  // Its preamble may hold the beginning of another format, for programs that know only that.
  if (LooksLikeDicom(bytes)) return &kDicom;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto matches = [&](const Format& format) {
    return text.starts_with(format.magic) &&
           (format.magic_at_8.empty() ||
            (text.size() >= 12 && text.substr(8).starts_with(format.magic_at_8)));
  };
  const auto found = std::find_if(kFormats.begin(), kFormats.end(), matches);
  return found == kFormats.end() ? nullptr : &*found;
}

std::span<const uint8_t> AsBytes(const std::string& content) {
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

}  // namespace

bool LooksLikeImage(std::span<const uint8_t> bytes) {
  return FindFormat(bytes) != nullptr;
}

namespace {

[[noreturn]] void FailUnread(std::span<const uint8_t> bytes, const std::string& name) {
  constexpr const char* kRead = "JPEG, PNG, WebP, BMP, GIF, TIFF or DICOM";
  if (const std::optional<KnownFormat> known = NameKnownFormat(bytes)) {
    throw Error(fmt::format("{}: it is {}, and these are not read", name, known->name),
                fmt::format("{} What is read: {}.", known->advice, kRead));
  }
  throw Error(fmt::format("{}: not a picture: it begins as no {} file does", name, kRead));
}

}  // namespace

RawImage DecodeRawImage(std::span<const uint8_t> bytes, const std::string& name, int64_t max_pixels,
                        const DicomView& view) {
  if (bytes.empty()) throw Error(fmt::format("{}: the file is empty", name));
  const Format* format = FindFormat(bytes);
  if (format == nullptr) FailUnread(bytes, name);
  if (format != &kDicom && (view.frame != 1 || view.window)) {
    throw Error(fmt::format("{}: frames and windows are of DICOM files, this is another", name));
  }
  RawImage image = format->decode({bytes, name, max_pixels, view});
  image.provenance.source = name;
  // Pillow turns a TIFF while it loads it, so no program there ever sees it lying.
  if (image.provenance.format == "TIFF") ApplyOrientation(image);
  return image;
}

RawImage LoadRawImage(const std::filesystem::path& path, int64_t max_pixels) {
  // Read, not mapped: a file that another program cuts short meanwhile must not kill this one.
  const std::string content = ReadFile(path, kMaxImageFileBytes);
  return DecodeRawImage(AsBytes(content), path.string(), max_pixels);
}

Image DecodeImage(std::span<const uint8_t> bytes, const std::string& name,
                  const LoadOptions& options) {
  RawImage raw = DecodeRawImage(bytes, name, options.max_pixels, options.view);
  if (options.apply_exif) ApplyOrientation(raw);
  return ConvertToRgb(std::move(raw), options.alpha, options.grey16);
}

Image LoadImage(const std::filesystem::path& path, const LoadOptions& options) {
  const std::string content = ReadFile(path, kMaxImageFileBytes);
  return DecodeImage(AsBytes(content), path.string(), options);
}

}  // namespace roentgen
