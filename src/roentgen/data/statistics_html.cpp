#include <fmt/format.h>

#include <algorithm>

#include "roentgen/base/made_by.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/data/html_page.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/data/svg_chart.h"

namespace roentgen {
namespace {

constexpr size_t kShownLabels = 12;
constexpr size_t kShownTurns = 4;
constexpr size_t kShownTextBytes = 280;
constexpr size_t kColours = 5;

/// Bars are divided into parts while there are colours for them.
bool ByPart(const Statistics& statistics) {
  return statistics.splits.size() > 1 && statistics.splits.size() <= kColours;
}

size_t CountOf(const CountBySplit& counts, const std::string& split) {
  const auto count = counts.find(split);
  return count == counts.end() ? 0 : count->second;
}

std::string Subtitle(const Statistics& statistics) {
  const size_t samples = SumOf(statistics.samples);
  const size_t questions = SumOf(statistics.questions);
  const std::string about = fmt::format("{} questions about {} images", Grouped(questions),
                                        Grouped(statistics.all_images));
  return samples == questions ? about : fmt::format("{} samples with {}", Grouped(samples), about);
}

std::string PartsHtml(const Statistics& statistics) {
  const std::pair<const char*, const CountBySplit&> columns[] = {
      {"Samples", statistics.samples},
      {"Questions", statistics.questions},
      {"Images", statistics.images}};
  std::string html = "<div class=\"scroll\"><table><tr><th>Part</th>";
  for (const auto& [name, ignored] : columns) html += fmt::format("<th>{}</th>", name);
  html += "</tr>\n";
  for (const std::string& split : statistics.splits) {
    html += "<tr><td>" + EscapeMarkup(split) + "</td>";
    for (const auto& [ignored, counts] : columns) {
      html += fmt::format("<td>{}</td>", Grouped(CountOf(counts, split)));
    }
    html += "</tr>\n";
  }
  if (statistics.splits.size() > 1) {  // parts may share images
    html += fmt::format("<tr><td>all</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        Grouped(SumOf(statistics.samples)), Grouped(SumOf(statistics.questions)),
                        Grouped(statistics.all_images));
  }
  return html + "</table></div>\n";
}

std::string KeyHtml(const Statistics& statistics) {
  if (!ByPart(statistics)) return "";
  std::string html = "<p class=\"key\">";
  for (size_t i = 0; i < statistics.splits.size(); ++i) {
    html += fmt::format("<span><i class=\"key{}\"></i>{}</span>", i,
                        EscapeMarkup(statistics.splits[i]));
  }
  return html + "</p>\n";
}

std::string TableHtml(const Statistics& statistics, const CountTable& table) {
  std::vector<ChartBar> bars;
  const auto add = [&](const std::string& label, const CountBySplit& counts) {
    ChartBar bar{label, {}};
    for (const std::string& split : statistics.splits) bar.parts.push_back(CountOf(counts, split));
    if (!ByPart(statistics)) bar.parts = {SumOf(counts)};
    bars.push_back(std::move(bar));
  };
  const std::vector<std::string> labels = table.Labels();
  for (size_t i = 0; i < std::min(labels.size(), kShownLabels); ++i) {
    add(labels[i], table.counts().at(labels[i]));
  }
  std::string more;
  if (labels.size() > kShownLabels) {
    more = fmt::format("<p class=\"soft\">and {} others, {} in all</p>",
                       Grouped(labels.size() - kShownLabels),
                       Grouped(SumOf(table.SumFrom(kShownLabels))));
  }
  const std::vector<std::string> all = {"all"};
  return fmt::format("<section class=\"card\"><h3>{}</h3>{}{}</section>\n",
                     EscapeMarkup(table.title()),
                     BarChart(bars, ByPart(statistics) ? statistics.splits : all), more);
}

/// Tables with one label only need no chart.
std::string SameEverywhereHtml(const Statistics& statistics) {
  std::string text;
  for (const CountTable& table : statistics.tables) {
    if (table.counts().size() != 1) continue;
    text += fmt::format("{}{}: {}", text.empty() ? "" : " · ", EscapeMarkup(table.title()),
                        EscapeMarkup(table.counts().begin()->first));
  }
  return text.empty() ? "" : fmt::format("<p class=\"soft\">In all of them: {}</p>\n", text);
}

std::string LengthHtml(const LengthStatistics& length) {
  const Histogram& values = length.histogram;
  return fmt::format(
      "<section class=\"card\"><h3>{}</h3>{}<p class=\"soft\">mean {:.1f} · median {} · "
      "95 % up to {} · most {}</p></section>\n",
      EscapeMarkup(length.title), HistogramChart(values.counts()), values.Mean(),
      Grouped(values.Quantile(0.5)), Grouped(values.Quantile(0.95)), Grouped(values.Max()));
}

std::string BudgetHtml(const Statistics& statistics) {
  std::string html = fmt::format(
      "<p class=\"soft\">Images count with at most {} pixels each, as in training{}. ",
      Grouped(static_cast<size_t>(statistics.image_max_pixels)),
      statistics.has_tokens ? "" : "; texts were not counted, as no tokenizer was given");
  if (statistics.over_cutoff == 0) {
    return html + fmt::format("No sample has more than {} tokens (<code>cutoff_len</code>).</p>\n",
                              Grouped(statistics.cutoff_len));
  }
  return html + fmt::format(
                    "</p><p class=\"note\">Samples with more than {} tokens "
                    "(<code>cutoff_len</code>): {}. Of these lose image tokens, and cannot be "
                    "trained on: {}.</p>\n",
                    Grouped(statistics.cutoff_len), Grouped(statistics.over_cutoff),
                    Grouped(statistics.images_cut));
}

/// A message as the sheet shows it: not too long.
std::string Shown(const std::string& message) {
  std::string text = WithoutImagePlaces(message);
  if (text.size() <= kShownTextBytes) return text;
  size_t end = kShownTextBytes;
  while ((text[end] & 0xc0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + " …";
}

std::string SampleHtml(const Sample& sample) {
  std::string about;
  for (const std::string* text : {&sample.split, &sample.modality, &sample.organ}) {
    if (!text->empty()) about += (about.empty() ? "" : " · ") + *text;
  }
  if (sample.images.size() > 1) about += fmt::format(" · {} images", sample.images.size());
  std::string html =
      fmt::format("<figure>{}<figcaption><p class=\"soft\">{}</p>",
                  PictureHtml(sample.images.empty() ? "" : sample.images[0]), EscapeMarkup(about));
  for (size_t i = 0; i < std::min(sample.turns.size(), kShownTurns); ++i) {
    const bool answer = sample.turns[i].role == Role::kAssistant;
    html += fmt::format("<p{}>{}</p>", answer ? " class=\"answer\"" : "",
                        EscapeMarkup(Shown(sample.turns[i].text)));
  }
  if (sample.turns.size() > kShownTurns) html += "<p class=\"soft\">…</p>";
  return html + "</figcaption></figure>\n";
}

}  // namespace

std::string StatisticsToHtml(const Statistics& statistics, const HtmlReport& report) {
  std::string html;
  for (const std::string& note : report.notes) {
    html += "<p class=\"note\">" + EscapeMarkup(note) + "</p>\n";
  }
  html += PartsHtml(statistics) + "<h2>What it asks about</h2>\n" + KeyHtml(statistics);
  html += "<div class=\"grid\">\n";
  for (const CountTable& table : statistics.tables) {
    if (table.counts().size() > 1) html += TableHtml(statistics, table);
  }
  html += "</div>\n";
  html += SameEverywhereHtml(statistics) + "<h2>How long it is</h2>\n<div class=\"grid\">\n";
  for (const LengthStatistics& length : statistics.lengths) html += LengthHtml(length);
  html += "</div>\n" + BudgetHtml(statistics);
  if (!statistics.contact_sheet.empty()) {
    html += "<h2>Some of its samples</h2>\n<div class=\"sheet\">\n";
    for (const Sample& sample : statistics.contact_sheet) html += SampleHtml(sample);
    html += "</div>\n";
  }
  return Sealed(FileKind::kStatistics,
                HtmlPage(FileKind::kStatistics, {report.title, Subtitle(statistics)}, html));
}

}  // namespace roentgen
