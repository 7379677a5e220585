#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"

namespace roentgen {

/// What the user says of a set's images.
struct ImageOptions {
  ImageOptions() = default;
  ImageOptions(std::filesystem::path media, bool outside = false)  // NOLINT: a folder is one
      : media_dir(std::move(media)), allow_outside(outside) {}

  std::filesystem::path media_dir;  ///< where they are looked for; empty: in the set's folder
  bool allow_outside = false;       ///< rows may name any file, not only those in the folders
};

/// How the user allows it, for the hint of an error.
inline constexpr const char* kAllowOutside =
    "To allow it: --allow-outside, or allow_outside: true in the settings of a run; where the "
    "images "
    "lie in one folder, media_dir can name that instead.";

/// Thrown for an image that lies in none of the folders where its set may have images.
class OutsideImage : public Error {
 public:
  using Error::Error;
};

/// The folders where a set may have its images. A row comes from outside and could name any file of
/// the disk, which would then be learnt from, shown on pages and copied into other sets.
class ImagePlaces {
 public:
  using Folders = std::function<std::vector<std::filesystem::path>()>;

  /// folders  with all that is below them; the first is the set's own
  /// more     further folders, of images themselves; asked once an image lies in none of the others
  ImagePlaces(std::vector<std::filesystem::path> folders, bool allow_outside, Folders more = {});

  /// Throws OutsideImage, with where in front, unless the image is, or would be, in one of the
  /// folders once symbolic links are followed. Not for several threads at once.
  void Require(const std::filesystem::path& image, const std::string& where) const;

 private:
  bool Holds(const std::filesystem::path& image) const;
  bool HoldsReal(const std::filesystem::path& real) const;

  std::vector<std::filesystem::path> folders_;
  std::vector<std::filesystem::path> real_folders_;
  bool allow_outside_;
  Folders more_;
  mutable std::optional<std::vector<std::filesystem::path>> more_folders_;  // once they were asked
  mutable std::unordered_map<std::string, bool> known_;                     // by an image's folder
};

}  // namespace roentgen
