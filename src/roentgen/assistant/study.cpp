#include "roentgen/assistant/study.h"

#include "roentgen/base/hash.h"

namespace roentgen {

bool IsSha256(std::string_view text) {
  constexpr size_t kDigits = 64;
  return text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::vector<ShownImage> HashesOf(std::span<const ShownPicture> images) {
  std::vector<ShownImage> hashes;
  for (const ShownPicture& image : images) hashes.push_back({image.sha256, image.pixels_sha256});
  return hashes;
}

std::string StudyId(std::span<const ShownImage> images) {
  if (images.empty()) return "";
  std::string text;
  for (const ShownImage& image : images) text += image.sha256 + " " + image.pixels_sha256 + "\n";
  return Sha256Hex(text);
}

std::string ImagingStudy::Date() const {
  std::string date;
  for (const ShownPicture& image : images) {
    if (image.study_date.empty()) continue;
    if (!date.empty() && date != image.study_date) return "";
    date = image.study_date;
  }
  return date;
}

}  // namespace roentgen
