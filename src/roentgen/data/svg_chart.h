#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// The text with &, <, >, " and ' written so that it is text in HTML and SVG, whatever it holds.
/// Characters that XML does not know are left out.
std::string EscapeMarkup(std::string_view text);

/// A number for people: "12,345".
std::string Grouped(size_t number);

/// A bar of a chart: parts one after the other, and a label before them.
struct ChartBar {
  std::string label;
  std::vector<size_t> parts;
};

/// Horizontal bars, as an <svg> element. Parts have the classes "part0", "part1", …, which the page
/// colours; every part says its name and count on hovering, every bar its sum at its end.
std::string BarChart(const std::vector<ChartBar>& bars, const std::vector<std::string>& part_names);

/// How often each value came, in at most 40 columns of equal width, as an <svg> element with an
/// axis. Where a column holds more than one value, hovering says which.
std::string HistogramChart(const std::map<size_t, size_t>& counts);

}  // namespace roentgen
