#include "roentgen/assistant/path_search.h"

#include "roentgen/assistant/path_forms.h"

namespace roentgen {

namespace fs = std::filesystem;

FoundPath PathSearch::Exact(std::string_view text) {
  FoundPath first;
  for (const fs::path& path : PathsMeant(text)) {
    const PathKind kind = LookOnce(path);
    if (kind == PathKind::kPicture) return {path, kind};
    if (!first && kind != PathKind::kAbsent) first = {path, kind};
  }
  return first;
}

FoundPath PathSearch::Near(std::string_view text) {
  for (const fs::path& path : PathsMeant(text)) {
    exhausted_ = exhausted_ || ++near_looks_ > kMaxLooks;
    if (exhausted_) break;
    const std::vector<fs::path> found = near_.Find(path);
    if (found.size() == 1) return {found[0], LookOnce(found[0])};
  }
  return {};
}

FoundPath PathSearch::ExactOrNear(std::string_view text) {
  FoundPath found = Exact(text);
  return found ? found : Near(text);
}

std::vector<fs::path> PathSearch::Alternatives(std::string_view text) {
  for (const fs::path& path : PathsMeant(text)) {
    std::vector<fs::path> found = near_.FindInAnyCase(path);
    if (!found.empty()) return found;
  }
  return {};
}

std::string_view PathSearch::LongestListed(std::string_view folder, std::string_view text) {
  if (folder.empty()) return near_.LongestAtBeginning({}, text);
  for (const fs::path& path : PathsMeant(folder)) {
    const std::string_view name = near_.LongestAtBeginning(path, text);
    if (!name.empty()) return name;
  }
  return {};
}

PathKind PathSearch::LookOnce(const fs::path& path) {
  const auto known = looked_.find(path.native());
  if (known != looked_.end()) return known->second;
  if (looked_.size() == kMaxLooks) {
    exhausted_ = true;
    return PathKind::kAbsent;
  }
  return looked_[path.native()] = look_(path);
}

}  // namespace roentgen
