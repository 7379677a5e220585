#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace roentgen {

/// Counts the labels of a field over a set and tells which are misspellings: "Other" beside many
/// "OTHER", "ATRIB" beside many "ATTRIB". No list of right labels is needed.
class LabelSpelling {
 public:
  void Count(std::string_view label) { ++counts_[std::string(label)]; }

  /// Decides, after all were counted. A label is another's misspelling when that one is at least 20
  /// times as frequent and differs only in case and in blanks at its edges, or, between labels of
  /// four letters and more, by one letter added, left out or changed, or two neighbours swapped.
  void Decide();

  /// How the label should be spelled.
  const std::string& Right(const std::string& label) const;

 private:
  std::map<std::string, size_t> counts_;
  std::map<std::string, std::string> right_;
};

}  // namespace roentgen
