#include "bench_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/base/made_by.h"
#include "roentgen/data/svg_chart.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

constexpr size_t kMaxReportBytes = size_t{1} << 20;

std::string Short(double value) {
  const int decimals = value >= 100 ? 1 : value >= 1 ? 2 : 3;
  return fmt::format("{:.{}f}", value, decimals);
}

/// "27.1 tokens/s", "2.03 GB", "4.20 ms".
std::string WithUnit(const BenchFigure& figure) {
  if (figure.unit == "bytes") return Short(figure.value * 1e-9) + " GB";
  if (figure.unit == "s" && figure.value < 0.1) return Short(figure.value * 1e3) + " ms";
  return Short(figure.value) + " " + figure.unit;
}

std::string ConditionsLine(const nlohmann::ordered_json& conditions) {
  return fmt::format(
      "{} threads, {}, weights {}: f32 FMA peak {:.0f} GF/s, read bandwidth {:.1f} GB/s",
      conditions["threads"].get<int>(), conditions["instruction_set"].get<std::string>(),
      conditions["weights"].get<std::string>(), conditions["fma_peak_gflops"].get<double>(),
      conditions["read_bandwidth_gb_per_second"].get<double>());
}

size_t TitleWidth(const BenchReport& report) {
  size_t width = 0;
  for (const BenchFigure& figure : report.figures) width = std::max(width, figure.title.size());
  return width;
}

}  // namespace

void PrintBenchTable(const BenchReport& report) {
  Print("{}\n\n", ConditionsLine(report.conditions));
  for (const BenchFigure& figure : report.figures) {
    Print("{:<{}}  {:>16}   {}\n", figure.title, TitleWidth(report), WithUnit(figure),
          figure.remark);
  }
}

nlohmann::ordered_json ToJson(const BenchReport& report) {
  nlohmann::ordered_json json = report.conditions;
  for (const BenchFigure& figure : report.figures) {
    json[figure.key] = figure.value;
    if (figure.share) json[figure.key + "_share"] = *figure.share;
  }
  return json;
}

JsonObject ReadBenchReport(const std::filesystem::path& file) {
  return {ReadJsonFile(file, kMaxReportBytes), file.string()};
}

void PrintBenchChanges(const BenchReport& report, const JsonObject& before) {
  Print("\nSince {}:\n", before.where());
  for (const auto& item : report.conditions.items()) {
    // What only moves with the machine's mood is no other condition.
    if (item.value().is_number_float() || !before.Has(item.key())) continue;
    const Json was = before.json()[item.key()];
    if (was != Json(item.value())) {
      Print("{}: was {}, is {}\n", item.key(), was.dump(), item.value().dump());
    }
  }
  for (const BenchFigure& figure : report.figures) {
    if (!before.Has(figure.key)) {
      Print("{:<{}}  {:>16}\n", figure.title, TitleWidth(report), "new");
      continue;
    }
    const double was = before.Get<double>(figure.key);
    const double percent = was == 0 ? 0 : 100 * (figure.value / was - 1);
    const bool better = figure.more_is_better ? percent > 0 : percent < 0;
    BenchFigure earlier_figure = figure;
    earlier_figure.value = was;
    Print("{:<{}}  {:>16} → {:<16}  {:>+6.1f} % {}\n", figure.title, TitleWidth(report),
          WithUnit(earlier_figure), WithUnit(figure), percent,
          std::abs(percent) < 2 ? ""
          : better              ? "better"
                                : "worse");
  }
}

std::string BenchChart(const BenchReport& report) {
  constexpr int kRow = 30;
  constexpr int kLabel = 190;
  constexpr int kFull = 270;  // pixels of the longest bar
  constexpr int kWidth = 820;
  std::vector<const BenchFigure*> bars;
  double largest = 1;
  for (const BenchFigure& figure : report.figures) {
    if (!figure.share) continue;
    bars.push_back(&figure);
    largest = std::max(largest, *figure.share);
  }
  const double scale = kFull / largest;
  const int height = 66 + kRow * static_cast<int>(bars.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" font-family=\"sans-serif\" font-size=\"13\">\n<!-- {3} -->\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n"
      "<text x=\"12\" y=\"22\" font-size=\"12\" fill=\"#555\">{2}</text>\n",
      kWidth, height, EscapeMarkup(ConditionsLine(report.conditions)),
      MadeByMark(FileKind::kBenchmark));
  for (size_t i = 0; i < bars.size(); ++i) {
    const BenchFigure& figure = *bars[i];
    const int y = 40 + kRow * static_cast<int>(i);
    const double length = *figure.share * scale;
    svg += fmt::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#222\">{}</text>\n"
        "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"18\" fill=\"#3b7ea1\"/>\n"
        "<text x=\"{:.1f}\" y=\"{}\" fill=\"#222\">{}, {}</text>\n",
        kLabel - 8, y + 14, EscapeMarkup(figure.title), kLabel, y, length,
        kLabel + std::max(length, scale) + 8, y + 14, EscapeMarkup(WithUnit(figure)),
        EscapeMarkup(figure.remark));
  }
  const double limit = kLabel + scale;
  svg += fmt::format(
      "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"34\" y2=\"{1}\" stroke=\"#c33\" "
      "stroke-dasharray=\"4 3\"/>\n"
      "<text x=\"{0:.1f}\" y=\"{2}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#c33\">"
      "the machine's limit</text>\n</svg>\n",
      limit, height - 24, height - 10);
  return svg;
}

}  // namespace roentgen::app
