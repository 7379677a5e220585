#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/data/sample_source.h"
#include "roentgen/data/statistics.h"

namespace roentgen::app {

/// Which question set to read.
struct SourceOptions {
  void AddTo(CLI::App& command);
  std::unique_ptr<SampleSource> Open() const;
  ImageOptions Images() const { return {media_dir, csv.allow_outside}; }
  /// For people: "csv /data/table.csv".
  std::string Describe() const;
  /// What was said beside the format and the path, as flags and their values, empty where a flag
  /// has none.
  std::vector<std::pair<std::string, std::string>> Flags() const;

  std::string format;
  std::filesystem::path path;
  std::vector<std::string> datasets;
  std::filesystem::path media_dir;
  CsvOptions csv;
};

/// How the statistics count.
class StatisticsFlags {
 public:
  void AddTo(CLI::App& command);
  /// What they ask for; its tokenizer lives as long as these flags.
  StatisticsOptions Resolve();
  /// The folder of the model that Resolve read; empty without one.
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::optional<std::string> model_;
  std::filesystem::path folder_;
  std::optional<Tokenizer> tokenizer_;
  StatisticsOptions options_;
};

}  // namespace roentgen::app
