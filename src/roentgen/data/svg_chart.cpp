#include "roentgen/data/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "roentgen/text/display_width.h"

namespace roentgen {
namespace {

// In the units of the drawings, which a page scales to its width: about a pixel each.
constexpr double kWidth = 420;
constexpr double kLabelWidth = 150;
constexpr double kNumberWidth = 58;
constexpr double kRowHeight = 24;
constexpr double kBarHeight = 15;
constexpr double kHistogramHeight = 96;
constexpr double kAxisHeight = 20;
constexpr size_t kLabelCells = 21;
constexpr size_t kColumns = 40;

std::string Open(double height) {
  return fmt::format(R"(<svg viewBox="0 0 {:.0f} {:.0f}" role="img">)", kWidth, height);
}

std::string Text(double x, double y, const char* style, std::string_view text) {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>)", x, y, style,
                     EscapeMarkup(text));
}

std::string Fitted(const std::string& label) {
  return DisplayWidth(label) > kLabelCells ? FitToWidth(label, kLabelCells) : label;
}

/// The columns of a histogram: equally many whole numbers in each but for rounding.
struct Columns {
  size_t first;
  size_t span;
  std::vector<size_t> heights;

  explicit Columns(const std::map<size_t, size_t>& counts)
      : first(counts.begin()->first),
        span(counts.rbegin()->first - first + 1),
        heights(std::min(kColumns, span)) {
    size_t column = 0;
    for (const auto& [value, times] : counts) {
      while (column + 1 < heights.size() && Begin(column + 1) <= value) ++column;
      heights[column] += times;
    }
  }
  size_t Begin(size_t column) const {  // spans may be as large as numbers get
    return first + span / heights.size() * column + span % heights.size() * column / heights.size();
  }
};

}  // namespace

std::string EscapeMarkup(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= ' ' || c == '\n' || c == '\t') escaped += c;
    }
  }
  return escaped;
}

std::string Grouped(size_t number) {
  std::string text = fmt::format("{}", number);
  for (size_t digits = 3; digits < text.size(); digits += 4)
    text.insert(text.size() - digits, 1, ',');
  return text;
}

std::string BarChart(const std::vector<ChartBar>& bars,
                     const std::vector<std::string>& part_names) {
  const auto sum = [](const ChartBar& bar) {
    return std::accumulate(bar.parts.begin(), bar.parts.end(), size_t{0});
  };
  size_t most = 1;
  for (const ChartBar& bar : bars) most = std::max(most, sum(bar));
  constexpr double kBarWidth = kWidth - kLabelWidth - kNumberWidth;
  std::string svg = Open(kRowHeight * static_cast<double>(bars.size()));
  for (size_t row = 0; row < bars.size(); ++row) {
    const ChartBar& bar = bars[row];
    const double y = kRowHeight * static_cast<double>(row);
    svg += Text(kLabelWidth - 10, y + 16, "label", Fitted(bar.label));
    double x = kLabelWidth;
    for (size_t part = 0; part < bar.parts.size(); ++part) {
      const double width =
          kBarWidth * static_cast<double>(bar.parts[part]) / static_cast<double>(most);
      svg += fmt::format(
          R"(<rect x="{:.2f}" y="{:.1f}" width="{:.2f}" height="{:.0f}" class="part{}">)"
          "<title>{}, {}: {}</title></rect>",
          x, y + 4, width, kBarHeight, part, EscapeMarkup(bar.label),
          EscapeMarkup(part_names.at(part)), Grouped(bar.parts[part]));
      x += width;
    }
    svg += Text(x + 7, y + 16, "number", Grouped(sum(bar)));
  }
  return svg + "</svg>\n";
}

std::string HistogramChart(const std::map<size_t, size_t>& counts) {
  if (counts.empty()) return "";
  const Columns columns(counts);
  const size_t most = *std::max_element(columns.heights.begin(), columns.heights.end());
  const double width = std::min(40.0, kWidth / static_cast<double>(columns.heights.size()));
  const double right = width * static_cast<double>(columns.heights.size());
  std::string svg = Open(kHistogramHeight + kAxisHeight);
  for (size_t column = 0; column < columns.heights.size(); ++column) {
    if (columns.heights[column] == 0) continue;
    // Few among many still show.
    const double height =
        std::max(1.0, kHistogramHeight * static_cast<double>(columns.heights[column]) /
                          static_cast<double>(most));
    const size_t begin = columns.Begin(column);
    const size_t last = columns.Begin(column + 1) - 1;
    const std::string values =
        last > begin ? fmt::format("{} to {}", begin, last) : fmt::format("{}", begin);
    svg +=
        fmt::format(R"(<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" class="part0">)"
                    "<title>{}: {}</title></rect>",
                    width * static_cast<double>(column), kHistogramHeight - height,
                    std::max(1.0, width - 1.5), height, values, Grouped(columns.heights[column]));
  }
  svg +=
      fmt::format(R"(<path class="axis" d="M0 {0:.1f}H{1:.1f}"/>)", kHistogramHeight + 0.5, right);
  svg += Text(0, kHistogramHeight + 16, "number", Grouped(columns.first));
  if (columns.span > 1) {
    svg += Text(right, kHistogramHeight + 16, "number end", Grouped(counts.rbegin()->first));
  }
  return svg + "</svg>\n";
}

}  // namespace roentgen
