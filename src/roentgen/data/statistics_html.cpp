#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "roentgen/base/base64.h"
#include "roentgen/base/error.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/data/svg_chart.h"
#include "roentgen/imaging/encode_png.h"
#include "roentgen/imaging/load.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {
namespace {

constexpr int kThumbnailSide = 220;
constexpr size_t kShownLabels = 12;
constexpr size_t kShownTurns = 4;
constexpr size_t kShownTextBytes = 280;
constexpr size_t kColours = 5;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1b2530; --paper: #fbfbf9; --card: #fff; --soft: #5d6a77;
  --line: #dde1e5; --warn: #a86412;
  --c0: #2c6a99; --c1: #cf8428; --c2: #4f9160; --c3: #8463ab; --c4: #b5526a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8eb; --paper: #12171c; --card: #191f26;
  --soft: #98a5b0; --line: #2b343c; --warn: #e2a95a;
  --c0: #5ba3d7; --c1: #e2a451; --c2: #79bd89; --c3: #ae92d3; --c4: #df8299; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC",
  "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: var(--ink); background: var(--paper);
  max-width: 1200px; margin: 0 auto; padding: 2.2rem 1.2rem 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; font-weight: 650; line-height: 1.2; letter-spacing: -.01em; margin: 0; }
h2 { font-size: 1.2rem; font-weight: 650; margin: 2.6rem 0 .9rem; }
h3 { font-size: .95rem; font-weight: 600; margin: 0 0 .55rem; }
.soft, footer { color: var(--soft); }
.subtitle { margin: .3rem 0 1.4rem; color: var(--soft); }
.note { margin: .5rem 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid var(--warn);
  max-width: 75ch; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1.2rem 0; }
td, th { padding: .28rem 0 .28rem 1.6rem; text-align: right; font-variant-numeric: tabular-nums;
  border-bottom: 1px solid var(--line); overflow-wrap: normal; }
td:first-child, th:first-child { text-align: left; padding-left: 0; }
th { font-weight: 500; color: var(--soft); }
.key { margin: 0 0 1.1rem; color: var(--soft); }
.key span { margin-right: 1.2rem; white-space: nowrap; }
.key i { display: inline-block; width: .75em; height: .75em; margin-right: .4em; border-radius: 2px; }
.grid { columns: 340px; column-gap: 1.1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: .95rem 1.05rem; margin: 0 0 1.1rem; break-inside: avoid; }
.card p { margin: .4rem 0 0; font-size: .85rem; }
svg { display: block; width: 100%; height: auto; }
.label { text-anchor: end; font-size: 13px; fill: var(--ink); }
.number { font-size: 12.5px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.end { text-anchor: end; }
.axis { stroke: var(--line); fill: none; }
.part0 { fill: var(--c0); } .part1 { fill: var(--c1); } .part2 { fill: var(--c2); }
.part3 { fill: var(--c3); } .part4 { fill: var(--c4); }
.key0 { background: var(--c0); } .key1 { background: var(--c1); } .key2 { background: var(--c2); }
.key3 { background: var(--c3); } .key4 { background: var(--c4); }
.sheet { display: grid; gap: 1.1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); }
.sheet figure { margin: 0; overflow: hidden; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; break-inside: avoid; }
.sheet img, .missing { display: block; width: 100%; height: 210px; object-fit: contain; background: #000; }
.missing { display: flex; align-items: center; justify-content: center; color: #aaa; font-size: .8rem;
  padding: 1rem; text-align: center; }
figcaption { padding: .6rem .75rem .75rem; font-size: .86rem; line-height: 1.4; }
figcaption p { margin: .25rem 0 0; } figcaption .soft { font-size: .76rem; margin: 0 0 .35rem; }
.answer { font-weight: 600; color: var(--c0); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; font-size: .82rem; }
@media print { body { max-width: none; } }
)";

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

Image Thumbnail(const std::string& path) {
  const Image image = LoadImage(path);
  const double scale =
      std::min(1.0, static_cast<double>(kThumbnailSide) / std::max(image.width, image.height));
  return ResizeBicubic(image, {std::max(1, static_cast<int>(image.width * scale)),
                               std::max(1, static_cast<int>(image.height * scale))});
}

std::string PictureHtml(const Sample& sample) {
  if (sample.images.empty()) return R"(<div class="missing">no image</div>)";
  try {
    return fmt::format(R"(<img alt="" src="data:image/png;base64,{}">)",
                       Base64(EncodePng(Thumbnail(sample.images[0]))));
  } catch (const Error&) {
    const std::string name = std::filesystem::path(sample.images[0]).filename().string();
    return fmt::format(R"(<div class="missing">{} cannot be shown</div>)", EscapeMarkup(name));
  }
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
  std::string html = fmt::format("<figure>{}<figcaption><p class=\"soft\">{}</p>",
                                 PictureHtml(sample), EscapeMarkup(about));
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
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title><style>{1}</style></head><body>\n<h1>{0}</h1>\n"
      "<p class=\"subtitle\">{2}</p>\n",
      EscapeMarkup(report.title), kStyle, Subtitle(statistics));
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
  return html + "<footer>For research. Not a medical device. Made by roentgen " ROENTGEN_VERSION
                ".</footer>\n</body></html>\n";
}

}  // namespace roentgen
