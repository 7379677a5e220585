#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/assistant/near_names.h"
#include "roentgen/assistant/path_kind.h"

namespace roentgen {

/// What a piece of text leads to; kAbsent: nothing.
struct FoundPath {
  std::filesystem::path path;
  PathKind kind = PathKind::kAbsent;
  explicit operator bool() const { return kind != PathKind::kAbsent; }
};

/// Looks for what pieces of one line mean (PathsMeant). The disk is asked once for each path, and
/// not without end: a paste of a whole book must not be searched for one from every word.
class PathSearch {
 public:
  static constexpr size_t kMaxLooks = 20'000;

  /// Both must live as long as this object.
  PathSearch(const NearNames::Look& look, const NearNames::List& list)
      : look_(look), near_(look_once_, list) {}
  PathSearch(const PathSearch&) = delete;
  PathSearch& operator=(const PathSearch&) = delete;

  /// The first meaning that is an image, else the first that is there.
  FoundPath Exact(std::string_view text);
  /// What is there under a name that looks the same (NearNames), where exactly one is.
  FoundPath Near(std::string_view text);
  FoundPath ExactOrNear(std::string_view text);
  /// What is there under names that nearly are this one, for an error.
  std::vector<std::filesystem::path> Alternatives(std::string_view text);
  /// The longest name in a folder, which is written as in a line ("", "./", "C:\\x\\"), that the
  /// text begins with; empty: none.
  std::string_view LongestListed(std::string_view folder, std::string_view text);

  /// Something was not looked for, since there was too much.
  bool exhausted() const { return exhausted_; }

 private:
  PathKind LookOnce(const std::filesystem::path& path);

  const NearNames::Look& look_;
  const NearNames::Look look_once_ = [this](const auto& path) { return LookOnce(path); };
  std::map<std::string, PathKind> looked_;
  NearNames near_;
  size_t near_looks_ = 0;
  bool exhausted_ = false;
};

}  // namespace roentgen
