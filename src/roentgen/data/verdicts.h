#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "roentgen/data/blur_limits.h"
#include "roentgen/data/cleaning_rules.h"
#include "roentgen/data/image_facts.h"
#include "roentgen/data/near_images.h"
#include "roentgen/data/row_facts.h"

namespace roentgen {

/// Perceptual hashes at most this far apart make near duplicates.
inline constexpr int kNearImageDistance = 4;

/// Reads these rows again, cleaned: what rules need that compare meanings, of few rows.
using ReadRows = std::function<std::map<uint32_t, Sample>(const std::set<uint32_t>& rows)>;

struct VerdictOptions {
  RuleModes modes;
  /// Rows of test and validation parts are a yardstick: only those that nobody can use are dropped.
  bool keep_test_parts = true;
  std::optional<double> blur_threshold;  ///< instead of the limits of each modality
  ReadRows read_rows;
};

/// What the rules that compare rows say of one row.
struct RowVerdict {
  uint32_t row;
  Rule rule;
  bool drop;
  bool yardstick;  ///< of a test or validation part: the rule does not act there
  /// The row or image that it is compared with or that is to blame; kNone without one.
  uint32_t other;
  uint32_t question = 0;        ///< of the row, counted from 0, where the rule looks at questions
  uint32_t other_question = 0;  ///< of the other row
  static constexpr uint32_t kNone = UINT32_MAX;
};

struct Verdicts {
  std::vector<RowVerdict> of_rows;   ///< sorted by row
  std::vector<bool> dropped;         ///< per row, by these or by SetFacts
  std::vector<NearPair> near_pairs;  ///< of images that rows use, whatever the rules are
  std::vector<BlurLimit> blur;
  std::map<uint32_t, Sample>
      others;  ///< of the rows that are compared, those that say it otherwise
};

/// Applies the rules that need the whole set, from missing-image on, in their order.
///
/// images  what LookAtImage says of each of facts.images
Verdicts Judge(const SetFacts& facts, std::span<const ImageFacts> images,
               const VerdictOptions& options);

/// For each image the number of the first one that has the same pixels.
std::vector<uint32_t> SameImages(std::span<const ImageFacts> images);

}  // namespace roentgen
