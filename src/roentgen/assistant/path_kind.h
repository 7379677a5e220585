#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace roentgen {

/// What is at a path.
enum class PathKind {
  kAbsent,
  kOther,        ///< something that is neither an image nor a folder with images
  kImageFolder,  ///< a folder with image files in or below it, but no DICOM file
  kPicture,      ///< an image file by its first bytes, or a folder with DICOM files in or below it
  kKnown,        ///< the name of an image that is in the conversation
};

/// What is really there. Of a folder with thousands of files only the first are looked at.
PathKind LookAtPath(const std::filesystem::path& path);

/// The names in a folder, in no order; none when it cannot be read. Of a folder with more than
/// 20,000 names, some are left out.
std::vector<std::string> NamesInFolder(const std::filesystem::path& folder);

}  // namespace roentgen
