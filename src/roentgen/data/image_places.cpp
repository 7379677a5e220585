#include "roentgen/data/image_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// With links followed as far as they can be.
fs::path RealPath(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  fs::path real = fs::weakly_canonical(absolute, error);
  return error ? absolute.lexically_normal() : real;
}

bool IsBelow(const fs::path& folder, const fs::path& path) {
  const fs::path relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

ImagePlaces::ImagePlaces(std::vector<fs::path> folders, bool allow_outside, Folders more)
    : folders_(std::move(folders)), allow_outside_(allow_outside), more_(std::move(more)) {
  for (const fs::path& folder : folders_) {
    real_folders_.push_back(RealPath(folder.empty() ? fs::path(".") : folder));
  }
}

void ImagePlaces::Require(const fs::path& image, const std::string& where) const {
  if (allow_outside_ || Holds(image)) return;
  const fs::path real = RealPath(image);
  const std::string target = real == image ? "" : fmt::format(" (which is {})", real.string());
  throw OutsideImage(fmt::format("{}: {}{} lies outside of the set's folder, {}", where,
                                 image.string(), target, real_folders_.front().string()),
                     kAllowOutside);
}

bool ImagePlaces::Holds(const fs::path& image) const {
  const std::string name = image.filename().string();
  std::error_code ignored;
  const bool link = name.empty() || name == "." || name == ".." || fs::is_symlink(image, ignored);
  if (link) return HoldsReal(RealPath(image));
  // Most images lie in few folders, which need not be looked up again and again.
  const auto known = known_.find(image.parent_path().string());
  if (known != known_.end()) return known->second;
  const bool holds = HoldsReal(RealPath(image));
  known_.emplace(image.parent_path().string(), holds);
  return holds;
}

bool ImagePlaces::HoldsReal(const fs::path& real) const {
  const auto below = [&](const fs::path& folder) { return IsBelow(folder, real); };
  if (std::any_of(real_folders_.begin(), real_folders_.end(), below)) return true;
  if (!more_) return false;
  if (!more_folders_) more_folders_ = more_();
  return std::find(more_folders_->begin(), more_folders_->end(), real.parent_path()) !=
         more_folders_->end();
}

}  // namespace roentgen
