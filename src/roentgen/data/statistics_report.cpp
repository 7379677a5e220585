#include "roentgen/data/statistics_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/text/display_width.h"
#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kShownLabels = 12;
constexpr size_t kShownSamples = 20;
constexpr size_t kMinLabelCells = 16;
constexpr size_t kMaxLabelCells = 44;

OrderedJson TableToJson(const CountTable& table) {
  OrderedJson json = OrderedJson::object();
  for (const std::string& label : table.Labels()) json[label] = table.counts().at(label);
  return json;
}

OrderedJson HistogramToJson(const Histogram& histogram) {
  OrderedJson json;
  json["count"] = histogram.count();
  json["mean"] = histogram.Mean();
  json["median"] = histogram.Quantile(0.5);
  json["p95"] = histogram.Quantile(0.95);
  json["max"] = histogram.Max();
  return json;
}

OrderedJson OverBudgetToJson(const OverBudget& over) {
  OrderedJson json;
  json["id"] = over.id;
  json["file"] = over.source.file;
  json["row"] = over.source.row;
  json["tokens"] = over.budget.tokens;
  json["image_tokens"] = over.budget.image_tokens;
  json["kept"] = over.budget.kept;
  json["cuts_images"] = over.budget.cuts_images;
  return json;
}

/// A label as it is told from one that differs in the blanks at its edges: in quotes where it has
/// some.
std::string ShownLabel(const std::string& label) {
  const bool blanks = !label.empty() && (label.front() == ' ' || label.back() == ' ' ||
                                         label.front() == '\t' || label.back() == '\t');
  return blanks ? fmt::format("\"{}\"", label) : label;
}

/// A table of counts with a column per split and one for the sum; where these do not fit, with the
/// sum alone.
class TextTable {
 public:
  TextTable(const Statistics& statistics, size_t columns) : splits_(statistics.splits) {
    constexpr size_t kCountCells = 7;
    for (const std::string& split : splits_) {
      cells_.push_back(2 + std::max(kCountCells, DisplayWidth(split)));
    }
    const size_t sum_cells = 2 + kCountCells;
    size_t numbers = sum_cells;
    for (const size_t cells : cells_) numbers += cells;
    if (splits_.size() < 2 || numbers + kMinLabelCells > columns) {
      cells_.clear();
      numbers = sum_cells;
    }
    cells_.push_back(sum_cells);
    label_cells_ =
        std::clamp(columns > numbers ? columns - numbers : 0, kMinLabelCells, kMaxLabelCells);
  }

  std::string Head(const std::string& title) const {
    std::string line = FitToWidth(title, label_cells_);
    for (size_t i = 0; i + 1 < cells_.size(); ++i) line += Right(splits_[i], cells_[i]);
    return line + Right("all", cells_.back()) + "\n";
  }

  std::string Row(const std::string& label, const CountBySplit& by_split, size_t all) const {
    std::string line = FitToWidth(OneLine(label), label_cells_);
    for (size_t i = 0; i + 1 < cells_.size(); ++i) {
      const auto count = by_split.find(splits_[i]);
      const size_t number = count == by_split.end() ? 0 : count->second;
      line += Right(fmt::format("{}", number), cells_[i]);
    }
    return line + Right(fmt::format("{}", all), cells_.back()) + "\n";
  }
  std::string Row(const std::string& label, const CountBySplit& by_split) const {
    return Row(label, by_split, SumOf(by_split));
  }

  std::string Table(const CountTable& table) const {
    std::string text = fmt::format("\n{}", Head(table.title()));
    const std::vector<std::string> labels = table.Labels();
    for (size_t i = 0; i < std::min(labels.size(), kShownLabels); ++i) {
      text += Row("  " + ShownLabel(labels[i]), table.counts().at(labels[i]));
    }
    if (labels.size() <= kShownLabels) return text;
    return text + Row(fmt::format("  {} others", labels.size() - kShownLabels),
                      table.SumFrom(kShownLabels));
  }

 private:
  static std::string Right(const std::string& text, size_t cells) {
    const size_t width = DisplayWidth(text);
    return std::string(cells > width ? cells - width : 0, ' ') + text;
  }

  const std::vector<std::string>& splits_;
  std::vector<size_t> cells_;  // of the number columns; the last is the sum's
  size_t label_cells_ = 0;
};

std::string LengthsToText(const Statistics& statistics) {
  std::string text = fmt::format("\n{:<19}{:>7}{:>7}{:>7}\n", "", "median", "95 %", "most");
  for (const LengthStatistics& length : statistics.lengths) {
    text += fmt::format("{}{:>7}{:>7}{:>7}\n", FitToWidth(length.title, 19),
                        length.histogram.Quantile(0.5), length.histogram.Quantile(0.95),
                        length.histogram.Max());
  }
  return text;
}

/// The first of the samples that lose image tokens, or text only.
std::string OverBudgetLines(const Statistics& statistics, bool cuts_images, size_t columns) {
  std::string text;
  size_t lines = 0;
  for (const OverBudget& over : statistics.over_budget) {
    if (over.budget.cuts_images != cuts_images) continue;
    if (lines++ == kShownSamples) break;
    text += WrapText(OneLine(fmt::format("    {} ({}, row {}): {} tokens, {} of images", over.id,
                                         over.source.file, over.source.row, over.budget.tokens,
                                         over.budget.image_tokens)),
                     columns, 6) +
            "\n";
  }
  const size_t all =
      cuts_images ? statistics.images_cut : statistics.over_cutoff - statistics.images_cut;
  if (all > kShownSamples) text += "    … (stats --json lists 1000 of them)\n";
  return text;
}

}  // namespace

OrderedJson StatisticsToJson(const Statistics& statistics) {
  OrderedJson json;
  json["samples"] = statistics.samples;
  json["questions"] = statistics.questions;
  json["images"] = statistics.images;
  json["all_images"] = statistics.all_images;
  for (const CountTable& table : statistics.tables) {
    json["counts"][table.name()] = TableToJson(table);
  }
  json["longer_answers"] = statistics.longer_answers;
  for (const LengthStatistics& length : statistics.lengths) {
    json["lengths"][length.name] = HistogramToJson(length.histogram);
  }
  json["image_max_pixels"] = statistics.image_max_pixels;
  json["cutoff_len"] = statistics.cutoff_len;
  json["texts_counted"] = statistics.has_tokens;
  json["over_cutoff_len"] = statistics.over_cutoff;
  json["images_cut"] = statistics.images_cut;
  json["over_cutoff_len_samples"] = OrderedJson::array();
  for (const OverBudget& over : statistics.over_budget) {
    json["over_cutoff_len_samples"].push_back(OverBudgetToJson(over));
  }
  return json;
}

std::string TokenBudgetToText(const Statistics& statistics, size_t columns) {
  const size_t samples = SumOf(statistics.samples);
  if (samples == 0) return {};
  const size_t cut_texts = statistics.over_cutoff - statistics.images_cut;
  const std::string allowed =
      fmt::format("{} tokens (cutoff_len) at {} pixels an image{}", statistics.cutoff_len,
                  statistics.image_max_pixels,
                  statistics.has_tokens ? "" : ", images alone (--model FOLDER counts texts too)");
  const std::string verdict =
      statistics.over_cutoff == 0
          ? (samples == 1 ? "The one sample fits" : fmt::format("All {} samples fit", samples)) +
                fmt::format(" into {}.", allowed)
          : fmt::format("{} of {} samples have more than {}.", statistics.over_cutoff, samples,
                        allowed);
  std::string text = WrapText(verdict, columns, 2);
  text += '\n';
  if (statistics.images_cut > 0) {
    text += WrapText(fmt::format("  {} would lose image tokens; training must refuse them:",
                                 statistics.images_cut),
                     columns, 2);
    text += '\n';
    text += OverBudgetLines(statistics, /*cuts_images=*/true, columns);
  }
  if (cut_texts > 0) {
    text += WrapText(fmt::format("  {} would lose text:", cut_texts), columns, 2);
    text += '\n';
    text += OverBudgetLines(statistics, /*cuts_images=*/false, columns);
  }
  return text;
}

std::string StatisticsToText(const Statistics& statistics, size_t columns) {
  const TextTable table(statistics, columns);
  std::string text = table.Head("");
  text += table.Row("Samples", statistics.samples);
  text += table.Row("Questions", statistics.questions);
  text += table.Row("Images", statistics.images, statistics.all_images);
  for (const CountTable& each : statistics.tables) text += table.Table(each);
  return text + LengthsToText(statistics) + "\n" + TokenBudgetToText(statistics, columns);
}

}  // namespace roentgen
