#include "roentgen/base/path_inside.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

bool IsBelow(const fs::path& folder, const fs::path& path) {
  const auto [left, right] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return left == folder.end() || (std::next(left) == folder.end() && left->empty());
}

}  // namespace

fs::path PathInside(const fs::path& folder, const std::string& name) {
  fs::path path = folder / name;
  const auto refuse = [&](const char* problem) {
    // As in JSON: the name may hold anything.
    const std::string quoted = Json(name).dump(-1, ' ', false, Json::error_handler_t::replace);
    throw Error(
        fmt::format("{}: the path {} {}", folder.string(), quoted, problem),
        "Paths in a downloaded archive must stay inside it; correct the file that names it.");
  };
  if (name.empty() || name.find('\0') != std::string::npos) refuse("names no file");
  // They would reach terminals, and nobody names a file so.
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; })) {
    refuse("holds control characters");
  }
  if (fs::path(name).is_absolute()) refuse("is absolute");
  std::error_code error;
  const fs::path root = fs::weakly_canonical(folder, error);
  const fs::path real = fs::weakly_canonical(path, error);
  // What the names say, too, and not only what is there now.
  const fs::path normal = fs::path(name).lexically_normal();
  if (error || !IsBelow(root, real) || *normal.begin() == "..") {
    refuse("leaves the folder");
  }
  return path;
}

namespace {

/// Absolute and without links, as far as it is there. Absolute first: what is not there stays as it
/// is.
fs::path RealPath(const fs::path& path, std::error_code& error) {
  const fs::path absolute = fs::absolute(path, error);
  return error ? fs::path() : fs::weakly_canonical(absolute, error);
}

}  // namespace

bool LiesIn(const fs::path& folder, const fs::path& path) {
  std::error_code error;
  const fs::path root = RealPath(folder, error);
  return !error && IsBelow(root, RealPath(path, error)) && !error;
}

bool IsSameFile(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const fs::path real = RealPath(a, error);
  return !error && real == RealPath(b, error) && !error;
}

}  // namespace roentgen
