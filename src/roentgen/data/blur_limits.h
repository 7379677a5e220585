#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "roentgen/data/image_facts.h"

namespace roentgen {

/// How blurred is too blurred among the images of one modality, by MeasureBlur.
struct BlurLimit {
  uint32_t modality = 0;  ///< in SetFacts::modalities
  size_t images = 0;      ///< distinct sound ones
  double median = 0;
  double threshold = 0;  ///< infinite where nothing can be said
};

/// The limit of each modality: the median plus four standard deviations, which are estimated from
/// the median absolute deviation (1.4826 · MAD) so that the outliers sought do not move it.
///
/// Infinite for fewer than 20 images; where more than one in twenty (two of fewer than 60) would
/// be too blurred, since these are no outliers but images of another kind; and where all are
/// equally sharp.
///
/// same      as SameImages: images of the same pixels count once
/// modality  of each image
std::vector<BlurLimit> CalibrateBlurLimits(std::span<const ImageFacts> images,
                                           std::span<const uint32_t> same,
                                           std::span<const uint32_t> modality);

}  // namespace roentgen
