#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "roentgen/data/cleaning_rules.h"

namespace roentgen {

/// The page NAME_cleaning.html: for each rule some of what it found, with the image beside it, a
/// field before and after, or two rows that are compared side by side. For people who look before
/// they let a rule act.
class CleaningPage {
 public:
  static constexpr size_t kShown = 8;         ///< findings of a rule
  static constexpr size_t kShownOfAKind = 3;  ///< of these with the same tally

  void Add(const Sample& sample, const CleaningFinding& finding);

  /// The page, which needs no other file. It reads the images of what it shows.
  std::string Finish(const std::string& title) const;

 private:
  struct Shown {
    std::string image;
    CleaningFinding::Asked row;
    CleaningFinding finding;
  };
  struct OfRule {
    size_t dropped = 0;
    size_t mended = 0;
    size_t reported = 0;
    std::vector<Shown> shown;
    std::map<std::string, size_t> shown_of_kind;
    std::set<std::pair<std::string, std::string>> compared;  ///< rows, the lower first
  };

  std::array<OfRule, kRules> rules_;
};

/// Two texts with every place where they differ marked as <del> and <ins>, blanks in it visible; of
/// what is the same far from these places an ellipsis. As HTML.
struct MarkedTexts {
  std::string before;
  std::string after;
};
MarkedTexts MarkDifference(std::string_view before, std::string_view after);

}  // namespace roentgen
