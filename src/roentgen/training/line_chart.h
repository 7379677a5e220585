#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace roentgen {

/// A line through points (x[i], y[i]), x growing.
struct ChartLine {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  std::string colour;  ///< "#1f77b4"
  double opacity = 1;
};

struct LineChart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<ChartLine> lines;
};

/// The chart as an SVG file's text.
std::string ChartAsSvg(const LineChart& chart);

/// The same picture as a PNG file, written as Output does.
void SaveChartAsPng(const LineChart& chart, const std::filesystem::path& path);

}  // namespace roentgen
