#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/assistant/path_kind.h"

namespace roentgen {

/// Finds files whose names look like a name that was typed or pasted but are not the same bytes: a
/// narrow no-break space in a screenshot's name, accents as marks of their own (macOS), a curved
/// apostrophe, an invisible direction mark (Windows). Each folder is read once.
class NearNames {
 public:
  using Look = std::function<PathKind(const std::filesystem::path&)>;
  using List = std::function<std::vector<std::string>(const std::filesystem::path& folder)>;

  /// Both must live as long as this object.
  NearNames(const Look& look, const List& list) : look_(look), list_(list) {}

  /// The paths that exist and look like this one, which does not exist, in order.
  std::vector<std::filesystem::path> Find(const std::filesystem::path& path);
  /// The same, but upper and lower case may differ too: what an error can name, no more.
  std::vector<std::filesystem::path> FindInAnyCase(const std::filesystem::path& path);
  /// The longest name in a folder ("": the current one) that the text begins with; empty: none.
  /// Hidden files are left out. Of a name with letters or digits of full width (影像００１) what it
  /// is in ASCII counts, too.
  std::string_view LongestAtBeginning(const std::filesystem::path& folder, std::string_view text);

 private:
  struct Names {
    std::set<std::string, std::less<>> sorted;
    std::multimap<std::string, std::string> by_look;
    std::multimap<std::string, std::string> by_look_in_any_case;
  };
  std::vector<std::filesystem::path> Search(const std::filesystem::path& path, bool any_case);
  std::vector<std::string> NamesLike(const std::string& name, const std::filesystem::path& folder,
                                     bool any_case);
  const Names& NamesIn(const std::filesystem::path& folder);

  const Look& look_;
  const List& list_;
  std::map<std::string, Names> folders_;
};

}  // namespace roentgen
