#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "support/paths.h"

namespace roentgen::test {

inline std::filesystem::path Metrics() {
  return GoldenRoot() / "metrics";
}
inline std::filesystem::path Published() {
  return SharedRoot() / "data" / "vqa-rad-predictions";
}

/// Those files of a folder whose names begin and end like this.
inline std::vector<std::filesystem::path> FilesLike(const std::filesystem::path& folder,
                                                    const std::string& begin,
                                                    const std::string& end) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(begin) && name.ends_with(end)) files.push_back(entry.path());
  }
  return files;
}

/// golden/metrics/README.md: of doubles, relative.
inline double ScoreTolerance(double value) {
  return 1e-12 * std::abs(value);
}

}  // namespace roentgen::test

#define EXPECT_SCORE(is, should) EXPECT_NEAR(is, should, roentgen::test::ScoreTolerance(should))
