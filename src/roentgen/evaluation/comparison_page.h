#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "roentgen/evaluation/ablation.h"
#include "roentgen/evaluation/example.h"

namespace roentgen {

/// One of the two runs, as the page shows it.
struct ComparedRun {
  std::string name;
  std::vector<Example> examples;
  nlohmann::json description;          ///< run.json: what was used, and what it took
  std::vector<std::string> image_use;  ///< a sentence for each kind of other images
};

/// Two runs over the same questions, and what differs.
struct RunComparison {
  ComparedRun before;
  ComparedRun after;
  Ablation ablation;
  std::string loss_curve;  ///< an <svg> element; may be empty
};

/// A table of the aspects, and what was run: as Markdown, which reads well in a terminal too.
std::string ComparisonToMarkdown(const RunComparison& comparison);

/// Everything in numbers.
nlohmann::ordered_json ComparisonToJson(const RunComparison& comparison);

/// One page that needs no other file and no network: the table with a picture of each change, the
/// loss curve, what was run, and a gallery of pictures with both answers and the truth, which can
/// be filtered by outcome and by type of question.
///
/// gallery  the most examples shown; outcomes take turns
std::string ComparisonToHtml(const RunComparison& comparison, size_t gallery);

}  // namespace roentgen
