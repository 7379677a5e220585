#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/data/cleaning_rules.h"
#include "roentgen/data/sample.h"

namespace roentgen {

/// Numbers for texts that many rows share, in the order of their first appearance.
class Names {
 public:
  uint32_t Number(const std::string& name);
  std::optional<uint32_t> Find(const std::string& name) const;
  const std::string& operator[](uint32_t number) const { return *names_[number]; }
  size_t size() const { return names_.size(); }

 private:
  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::vector<const std::string*> names_;  // keys of numbers_, which stay where they are
};

/// What cleaning and splitting must remember of a row while they look at the others: some sixty
/// bytes, so that a set of any size can be compared with itself. Texts are kept as 64-bit hashes.
struct RowFacts {
  uint64_t exact = 0;     ///< all texts, as they are
  uint64_t question = 0;  ///< everything before the last answer, in ComparisonForm
  uint64_t answer = 0;    ///< the last answer, in AnswerForm
  uint64_t id = 0;
  uint32_t source_row = 0;
  uint32_t file = 0;       ///< in SetFacts::files
  uint32_t image_set = 0;  ///< in SetFacts::image_sets
  uint32_t split = 0;      ///< in SetFacts::splits
  uint32_t stratum = 0;    ///< modality and answer type: in SetFacts::strata
  bool unusable = false;   ///< by FindUnusable and an applied rule
  bool closed_not_yes_no = false;
};

/// The facts of all rows of a set.
struct SetFacts {
  std::vector<RowFacts> rows;
  Names files;
  Names splits;
  Names strata;
  Names images;                                   ///< image paths
  std::vector<std::vector<uint32_t>> image_sets;  ///< each a list of numbers in `images`

  void Add(const Sample& sample, bool unusable);

 private:
  std::map<std::vector<uint32_t>, uint32_t> image_set_numbers_;
};

}  // namespace roentgen
