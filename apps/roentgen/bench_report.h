#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/json.h"

namespace roentgen::app {

/// One measured number.
struct BenchFigure {
  std::string key;    ///< in JSON; tells the unit: "decode_tokens_per_second"
  std::string title;  ///< for people: "decode 64"
  double value = 0;
  std::string unit;  ///< "tokens/s", "s", "bytes"
  bool more_is_better = false;
  std::string remark;           ///< what it is compared with: "86 % of the read bandwidth"
  std::optional<double> share;  ///< of what the machine could do at most, as the remark says
};

/// What was measured, and on what.
struct BenchReport {
  nlohmann::ordered_json conditions;  ///< flat: threads, instruction_set, fma_peak_gflops, …
  std::vector<BenchFigure> figures;
};

/// A line for people about the conditions, and the figures below each other.
void PrintBenchTable(const BenchReport& report);

/// Conditions and figures as one flat object: {"threads": 2, "decode_tokens_per_second": 27.1,
/// "decode_tokens_per_second_share": 0.86, …}.
nlohmann::ordered_json ToJson(const BenchReport& report);

/// What ToJson wrote. Throws Error when the file holds no object.
JsonObject ReadBenchReport(const std::filesystem::path& file);

/// What changed since an earlier report. Throws Error when it holds something else for a figure.
void PrintBenchChanges(const BenchReport& report, const JsonObject& before);

/// Horizontal bars: what share of the machine's own limits each figure reaches. An SVG file.
std::string BenchChart(const BenchReport& report);

}  // namespace roentgen::app
