#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
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

/// A run folder, or a file of predictions, of which nothing else is known. Throws Error as ReadRun,
/// ReadPredictions and ToExamples do. Questions without a reference are left out, which note hears.
AnsweredRun ReadAnsweredRun(const std::filesystem::path& path, ThreadPool& pool,
                            const ColumnChoice& columns = {}, const Note& note = nullptr);

/// Puts the other's examples in the order of the one's where both have the same ids.
void PutInOrder(const AnsweredRun& one, AnsweredRun& other);

/// Throws Error, with the first difference and both values, unless both are runs over the same
/// questions, images, references and data. Returns what could not be checked.
std::optional<std::string> RequireSameQuestions(const AnsweredRun& one, const AnsweredRun& other);

}  // namespace roentgen
