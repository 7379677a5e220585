#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "roentgen/evaluation/example.h"
#include "roentgen/evaluation/image_use.h"
#include "roentgen/evaluation/run_folder.h"

namespace roentgen {

/// A finished run as it is scored.
struct AnsweredRun {
  Json description;                           ///< run.json
  std::vector<Example> examples;              ///< on the true images
  std::map<ShownImages, ImageUse> image_use;  ///< for each kind of other images
};

/// Throws Error as ReadRun does.
AnsweredRun ReadAnsweredRun(const std::filesystem::path& folder);

}  // namespace roentgen
