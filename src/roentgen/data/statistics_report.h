#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "roentgen/data/statistics.h"

namespace roentgen {

/// The statistics for programs: counts by label and split, lengths with mean, median, 95 % quantile
/// and maximum, and the samples that cutoff_len shortens.
nlohmann::ordered_json StatisticsToJson(const Statistics& statistics);

/// The same as tables for a terminal with so many columns; 40 are enough for everything but the
/// columns of single splits.
std::string StatisticsToText(const Statistics& statistics, size_t columns);

/// What cutoff_len does to the samples, for a terminal: a sentence, and the samples it concerns;
/// nothing without samples.
std::string TokenBudgetToText(const Statistics& statistics, size_t columns);

struct HtmlReport {
  std::string title;
  std::vector<std::string> notes;  ///< paragraphs before the tables
};

/// The same as one HTML page that needs no other file and no network: charts as SVG, the contact
/// sheet's pictures as PNG within it. Of paths it shows file names only. An image that cannot be
/// read is shown as a tile that says so.
std::string StatisticsToHtml(const Statistics& statistics, const HtmlReport& report);

}  // namespace roentgen
