#pragma once

#include <string>
#include <utility>
#include <vector>

#include "roentgen/training/training_set.h"

namespace roentgen::test {

/// A made-up sample: tokens of a tiny model's vocabulary and how many at the end are its answer.
inline EncodedSample SampleOf(std::vector<int32_t> ids, size_t answer,
                              std::vector<size_t> images = {}) {
  EncodedSample sample;
  sample.name = "made up";
  sample.labels.assign(ids.size() - answer, kIgnoredLabel);
  sample.labels.insert(sample.labels.end(), ids.end() - static_cast<ptrdiff_t>(answer), ids.end());
  sample.ids = std::move(ids);
  sample.images = std::move(images);
  return sample;
}

/// Rows that show the images given; an empty list is a row of text.
inline std::vector<TrainingRow> RowsOf(const std::vector<std::vector<size_t>>& images) {
  std::vector<TrainingRow> rows;
  for (const auto& list : images) rows.push_back({SampleOf({1, 2, 3}, 1, list)});
  return rows;
}

}  // namespace roentgen::test
