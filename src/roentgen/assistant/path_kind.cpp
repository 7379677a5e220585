#include "roentgen/assistant/path_kind.h"

#include <span>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNames = 20'000;
// A study's export is three or four folders deep (patient, study, series, and a disc's root).
constexpr int kMaxDepth = 8;
constexpr int kMaxEntries = 2000;

/// Whether a regular file begins as `looks` wants it; false, too, when it may not be read.
bool FileBeginsAs(const fs::path& path, bool (*looks)(std::span<const uint8_t>)) {
  std::error_code problem;
  if (!fs::is_regular_file(path, problem)) return false;
  try {
    return looks(MappedFile(path).bytes());
  } catch (const Error&) {
    return false;
  }
}

/// The kind of a folder, by the first files in and below it.
PathKind LookIntoFolder(const fs::path& folder) {
  bool images = false;
  std::error_code problem;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied,
                                         problem);
  for (int i = 0; !problem && i < kMaxEntries && entry != fs::recursive_directory_iterator();
       ++i, entry.increment(problem)) {
    if (entry.depth() >= kMaxDepth) entry.disable_recursion_pending();
    if (FileBeginsAs(entry->path(), LooksLikeDicom)) return PathKind::kPicture;
    images = images || FileBeginsAs(entry->path(), LooksLikeImage);
  }
  return images ? PathKind::kImageFolder : PathKind::kOther;
}

}  // namespace

PathKind LookAtPath(const fs::path& path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  if (problem || !fs::exists(status)) return PathKind::kAbsent;
  if (fs::is_directory(status)) return LookIntoFolder(path);
  return FileBeginsAs(path, LooksLikeImage) ? PathKind::kPicture : PathKind::kOther;
}

std::vector<std::string> NamesInFolder(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  for (; !problem && names.size() < kMaxNames && entry != fs::directory_iterator();
       entry.increment(problem)) {
    names.push_back(entry->path().filename().string());
  }
  return names;
}

}  // namespace roentgen
