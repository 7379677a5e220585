#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace roentgen {

/// A file format that is known, but not read.
struct KnownFormat {
  std::string_view name;    ///< with its article, as in "it is …": "a JPEG 2000 image"
  std::string_view advice;  ///< what to do to have it read, a whole sentence
};

/// Names a file by its content: pictures of other formats, volumes, documents, videos, archives and
/// other data that people have beside their images. Nothing for what is not known, and for the
/// formats that LoadImage reads.
///
/// bytes: the whole file, or its beginning (1 KiB suffice for all but TGA, whose mark is its end,
/// SVG after a long comment, and what kind of Office file a ZIP archive is).
std::optional<KnownFormat> NameKnownFormat(std::span<const uint8_t> bytes);

/// Whether bytes may be those of another format than plain text in any encoding but UTF-16 and
/// UTF-32: there are control characters that no text has, or they begin as a page, a PDF or an RTF
/// document does. What NameKnownFormat says of a plain text is chance.
bool MayBeNoText(std::string_view bytes);

}  // namespace roentgen
