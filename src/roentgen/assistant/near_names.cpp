#include "roentgen/assistant/near_names.h"

#include <algorithm>

#include "roentgen/assistant/narrow_text.h"
#include "roentgen/text/unicode.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFolders = 64;  // that are read for one line
constexpr size_t kMaxPaths = 8;     // that are gone on with: two are already too many to choose

}  // namespace

std::vector<fs::path> NearNames::Find(const fs::path& path) {
  return Search(path, /*any_case=*/false);
}

std::vector<fs::path> NearNames::FindInAnyCase(const fs::path& path) {
  return Search(path, /*any_case=*/true);
}

std::vector<fs::path> NearNames::Search(const fs::path& path, bool any_case) {
  std::vector<fs::path> reached = {path.root_path()};
  for (const fs::path& component : path.relative_path()) {
    if (reached.empty()) return {};
    std::vector<fs::path> next;
    for (const fs::path& folder : reached) {
      if (next.size() >= kMaxPaths) break;
      for (const std::string& name : NamesLike(component.string(), folder, any_case)) {
        next.push_back(folder / name);
      }
    }
    reached = std::move(next);
  }
  std::erase_if(reached, [&](const fs::path& each) { return look_(each) == PathKind::kAbsent; });
  std::sort(reached.begin(), reached.end());
  return reached;
}

std::string_view NearNames::LongestAtBeginning(const fs::path& folder, std::string_view text) {
  const std::set<std::string, std::less<>>& names = NamesIn(folder).sorted;
  while (!text.empty()) {
    auto name = names.upper_bound(text);
    if (name == names.begin()) break;
    --name;
    if (text.starts_with(*name)) return *name;
    // Names that are longer than what both begin with, or behind it in order, are none.
    const auto differ = std::mismatch(text.begin(), text.end(), name->begin(), name->end()).first;
    text = text.substr(0, static_cast<size_t>(differ - text.begin()));
  }
  return {};
}

/// The name itself where it is there. A folder that may be entered but not read has no names: then
/// it is taken for there.
std::vector<std::string> NearNames::NamesLike(const std::string& name, const fs::path& folder,
                                              bool any_case) {
  if (name.empty() || name == "." || name == "..") return {name};
  const Names& names = NamesIn(folder);
  const auto& table = any_case ? names.by_look_in_any_case : names.by_look;
  if (table.empty()) return {name};
  std::vector<std::string> like;
  const auto [begin, end] = table.equal_range(FoldLookalikes(name, any_case));
  for (auto each = begin; each != end; ++each) {
    if (each->second == name) return {name};
    like.push_back(each->second);
  }
  return like;
}

const NearNames::Names& NearNames::NamesIn(const fs::path& folder) {
  static const Names kNone;
  const auto known = folders_.find(folder.native());
  if (known != folders_.end()) return known->second;
  if (folders_.size() >= kMaxFolders) return kNone;
  Names& names = folders_[folder.native()];
  for (std::string& name : list_(folder.empty() ? fs::path(".") : folder)) {
    if (!name.starts_with('.')) {
      names.sorted.insert(NarrowText(name).text());
      names.sorted.insert(name);
    }
    names.by_look_in_any_case.emplace(FoldLookalikes(name, /*fold_case=*/true), name);
    names.by_look.emplace(FoldLookalikes(name), std::move(name));
  }
  return names;
}

}  // namespace roentgen
