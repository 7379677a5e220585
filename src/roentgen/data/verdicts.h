#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "roentgen/data/cleaning_rules.h"
#include "roentgen/data/image_facts.h"
#include "roentgen/data/near_images.h"
#include "roentgen/data/row_facts.h"

namespace roentgen {

/// The median of MeasureBlur over the sound images; 0 when there are none.
double BlurMedian(std::span<const ImageFacts> images);

/// How blurred is too blurred: BlurMedian plus four of its standard
/// deviations, which are estimated from the median absolute deviation (1.4826 · MAD) so that the
/// outliers sought do not move it. Infinite for fewer than 20 sound images.
double CalibrateBlurThreshold(std::span<const ImageFacts> images);

/// Perceptual hashes at most this far apart make near duplicates.
inline constexpr int kNearImageDistance = 4;

struct VerdictOptions {
  RuleModes modes;
  /// Rows of test and validation parts are a yardstick: only those that nobody can use are dropped.
  bool keep_test_parts = true;
  double blur_threshold = 0;
};

/// What the rules that compare rows say of one row.
struct RowVerdict {
  uint32_t row;
  Rule rule;
  bool drop;
  /// The row or image that it is compared with or that is to blame; kNone without one.
  uint32_t other;
  static constexpr uint32_t kNone = UINT32_MAX;
};

struct Verdicts {
  std::vector<RowVerdict> of_rows;   ///< sorted by row
  std::vector<bool> dropped;         ///< per row, by these or by SetFacts
  std::vector<NearPair> near_pairs;  ///< of images that rows use
};

/// Applies the rules that need the whole set, from missing-image on, in their order.
///
/// images  what LookAtImage says of each of facts.images
Verdicts Judge(const SetFacts& facts, std::span<const ImageFacts> images,
               const VerdictOptions& options);

/// For each image the number of the first one that is the same file, byte for byte.
std::vector<uint32_t> SameImages(std::span<const ImageFacts> images);

}  // namespace roentgen
