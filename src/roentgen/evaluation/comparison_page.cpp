#include "roentgen/evaluation/comparison_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "roentgen/data/html_page.h"
#include "roentgen/data/svg_chart.h"
#include "roentgen/evaluation/calibration.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "roentgen/evaluation/number_text.h"
#include "roentgen/evaluation/reliability_diagram.h"
#include "roentgen/text/display_width.h"
#include "roentgen/text/escape_markdown.h"
#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

constexpr size_t kOutcomes = 4;
constexpr size_t kShownTextBytes = 600;

constexpr const char* kStyle = R"(
.ablation td:nth-child(2) { text-align: left; }
.ablation td:nth-child(n+3) { white-space: nowrap; }
.ablation tr.first td { border-top: 2px solid var(--line); padding-top: .5rem; }
.change { width: 180px; } .change line { stroke: var(--soft); stroke-width: 2; }
.change rect { fill: var(--line); } .change .was { fill: var(--c1); } .change .is { fill: var(--c0); }
.filters { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0 0 1rem; }
.filters button { font: inherit; font-size: .85rem; padding: .2rem .7rem; border-radius: 99px;
  border: 1px solid var(--line); background: var(--card); color: var(--ink); cursor: pointer; }
.filters button[aria-pressed=true] { background: var(--c0); border-color: var(--c0); color: #fff; }
.question { font-weight: 600; } .who { color: var(--soft); font-size: .76rem; }
.mended .tag { color: var(--c2); } .broken .tag { color: var(--c4); }
figcaption p { white-space: pre-line; } figure[hidden] { display: none; }
.curve { max-width: 720px; }
.reliability { width: 300px; font-size: 9px; } .reliability text { fill: var(--soft); }
.reliability .frame, .reliability .diagonal { fill: none; stroke: var(--line); }
.reliability .diagonal { stroke-dasharray: 3 3; } .reliability rect { fill: var(--line); }
.reliability circle { fill: var(--c0); }
.runs { display: flex; flex-wrap: wrap; gap: 2rem; } .runs div { max-width: 340px; }
)";

constexpr const char* kScript = R"(
const chosen = { outcome: "", type: "" };
for (const button of document.querySelectorAll(".filters button")) {
  button.onclick = () => {
    chosen[button.dataset.by] = button.dataset.value;
    for (const other of document.querySelectorAll(".filters button"))
      if (other.dataset.by === button.dataset.by)
        other.setAttribute("aria-pressed", other === button);
    for (const figure of document.querySelectorAll("figure"))
      figure.hidden = (chosen.outcome && figure.dataset.outcome !== chosen.outcome) ||
        (chosen.type && !figure.dataset.type.split(" ").includes(chosen.type));
  };
}
)";

std::string Interval(const AblationRow& row) {
  std::string difference = PercentPointsText(row.test.difference);
  if (!row.test.interval) return difference;
  return fmt::format("{} ({} to {})", difference, PercentPointsBound(row.test.interval->lower),
                     PercentPointsBound(row.test.interval->upper));
}

std::string PText(const AblationRow& row) {
  return row.p ? PValueText(*row.p) : "";
}

/// "better", "worse", or nothing where chance explains the difference.
std::string Verdict(const AblationRow& row, const SamplingUnits& units) {
  switch (row.change()) {
    case Change::kTooFew:
      return fmt::format("too few {} ({}) to tell", units.noun(), row.test.units);
    case Change::kNone:
      return "";
    case Change::kBetter:
      return "better";
    case Change::kWorse:
      return "worse";
  }
  return "";
}

/// What is left out because only one run knows of it.
std::vector<std::string> LeftOut(const RunComparison& comparison) {
  return OneSidedMeasures(comparison.before.examples, comparison.after.examples);
}

/// What the comparison is about, and of how much: to be read before the table.
std::vector<std::string> Preamble(const RunComparison& comparison) {
  const Ablation& ablation = comparison.ablation;
  const bool made = !ablation.rows.empty() && ablation.rows.front().primary;
  std::string primary =
      made ? fmt::format("Primary measure: {}.", ablation.primary)
           : fmt::format("Primary measure: {}, for which there is no question here.",
                         ablation.primary);
  if (ablation.tested_together > 0) {
    primary += fmt::format(
        " The {} other measure{} tested together: their p and verdicts are corrected by Holm's "
        "method.",
        ablation.tested_together, ablation.tested_together == 1 ? " is" : "s are");
  }
  std::string units =
      fmt::format("{}, {}.", CountText(comparison.before.examples.size(), "questions"),
                  ablation.units.Counted());
  if (const std::string unknown = ablation.units.OfUnknown(); !unknown.empty()) {
    units += " " + unknown;
  }
  std::vector<std::string> sentences = {primary, units};
  for (const std::string& note : LeftOut(comparison)) sentences.push_back(note + ".");
  return sentences;
}

std::string Method(const RunComparison& comparison) {
  std::string_view unit = comparison.ablation.units.noun();
  unit.remove_suffix(1);
  return fmt::format(
      "p is from exchanging both runs' answers {} by {} at random, the interval is every "
      "difference that this test does not reject. Fewer than {} {}s are not tested.",
      unit, unit, kFewestTestUnits, unit);
}

/// A JSON object of objects as rows: "model.name" → text.
void Flatten(const nlohmann::json& value, const std::string& name,
             std::map<std::string, std::string>& rows) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      Flatten(inner, name.empty() ? key : name + "." + key, rows);
    }
  } else {
    rows[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
}

struct Fact {
  std::string name;
  std::string before;
  std::string after;
};

std::vector<Fact> Facts(const RunComparison& comparison) {
  std::map<std::string, std::string> before;
  std::map<std::string, std::string> after;
  Flatten(comparison.before.description, "", before);
  Flatten(comparison.after.description, "", after);
  std::set<std::string> names;
  for (const auto* rows : {&before, &after}) {
    for (const auto& [name, value] : *rows) names.insert(name);
  }
  std::vector<Fact> facts;
  for (const std::string& name : names) facts.push_back({name, before[name], after[name]});
  return facts;
}

/// Where both shares lie between 0 and 100 %, with the difference's interval around the second.
std::string ChangeSvg(const AblationRow& row) {
  const auto x = [](double share) { return 4 + 172 * std::clamp(share, 0.0, 1.0); };
  const Bounds interval =
      row.test.interval.value_or(Bounds{row.test.difference, row.test.difference});
  const double low = x(row.before + interval.lower);
  const double high = x(row.before + interval.upper);
  return fmt::format(
      "<svg class=\"change\" viewBox=\"0 0 180 16\"><rect x=\"4\" y=\"7.5\" width=\"172\" "
      "height=\"1\"/><rect x=\"{:.1f}\" y=\"4\" width=\"{:.1f}\" height=\"8\" rx=\"3\"/>"
      "<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"8\" y2=\"8\"/>"
      "<circle class=\"was\" cx=\"{:.1f}\" cy=\"8\" r=\"3.5\"/>"
      "<circle class=\"is\" cx=\"{:.1f}\" cy=\"8\" r=\"4\"/></svg>",
      low, std::max(1.0, high - low), x(row.before), x(row.after), x(row.before), x(row.after));
}

std::string NameHtml(const AblationRow& row) {
  const std::string name = EscapeMarkup(row.measure->name);
  return row.primary ? "<b>" + name + "</b>" : name;
}

std::string AblationHtml(const RunComparison& comparison) {
  std::string html;
  for (const std::string& sentence : Preamble(comparison)) {
    html += fmt::format("<p>{}</p>\n", EscapeMarkup(sentence));
  }
  html += fmt::format(
      "<div class=\"scroll\"><table class=\"ablation\"><tr><th></th><th></th><th>n</th><th>{}</th>"
      "<th>{} %</th><th>{} %</th><th>0 to 100 %</th><th>difference (95 %)</th><th>p</th><th></th>"
      "</tr>\n",
      comparison.ablation.units.noun(), EscapeMarkup(comparison.before.name),
      EscapeMarkup(comparison.after.name));
  const AblationRow* last = nullptr;
  for (const AblationRow& row : comparison.ablation.rows) {
    const bool first = last == nullptr || last->measure->aspect != row.measure->aspect;
    html += fmt::format(
        "<tr{}><td>{}</td><td title=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        first ? " class=\"first\"" : "",
        first ? EscapeMarkup(TitleOf(row.measure->aspect)) : std::string(),
        EscapeMarkup(row.measure->counts), NameHtml(row), Grouped(row.test.questions),
        Grouped(row.test.units), PercentText(row.before), PercentText(row.after), ChangeSvg(row),
        Interval(row), EscapeMarkup(PText(row)), Verdict(row, comparison.ablation.units));
    last = &row;
  }
  return html + "</table></div>\n";
}

std::string MeasuresHtml(const RunComparison& comparison) {
  std::string html = "<p class=\"soft\">";
  for (const AblationRow& row : comparison.ablation.rows) {
    html += fmt::format("<b>{}</b>: {}{} ", EscapeMarkup(row.measure->name),
                        EscapeMarkup(row.measure->counts),
                        row.measure->higher_is_better ? "" : " Less is better.");
  }
  return html + EscapeMarkup(Method(comparison)) + "</p>\n";
}

std::string ImageUseHtml(const RunComparison& comparison) {
  std::string html;
  for (const ComparedRun* run : {&comparison.before, &comparison.after}) {
    for (const std::string& sentence : run->image_use) {
      html += fmt::format("<p>{}: {}</p>\n", EscapeMarkup(run->name), EscapeMarkup(sentence));
    }
  }
  return html.empty() ? "" : "<h2>Whether the image is used</h2>\n" + html;
}

std::string CalibrationHtml(const RunComparison& comparison) {
  std::string html;
  for (const ComparedRun* run : {&comparison.before, &comparison.after}) {
    const Calibration calibration = MeasureCalibration(run->examples);
    if (calibration.count == 0) continue;
    html += fmt::format("<div>{}<p>{}: {}.</p></div>\n", ReliabilityDiagram(calibration),
                        EscapeMarkup(run->name), Describe(calibration));
  }
  if (html.empty()) return "";
  return "<h2>Whether probabilities of yes and no can be believed</h2>\n<p class=\"soft\">Points: "
         "how often answers of a confidence are right. Bars: where 95 % of a perfectly calibrated "
         "model's points would lie.</p>\n<div class=\"runs\">" +
         html + "</div>\n";
}

std::string FactsHtml(const RunComparison& comparison) {
  std::string html = fmt::format(
      "<h2>What was run</h2>\n<div class=\"scroll\"><table><tr><th></th><th>{}</th><th>{}</th></tr>"
      "\n",
      EscapeMarkup(comparison.before.name), EscapeMarkup(comparison.after.name));
  for (const Fact& fact : Facts(comparison)) {
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", EscapeMarkup(fact.name),
                        EscapeMarkup(fact.before), EscapeMarkup(fact.after));
  }
  return html + "</table></div>\n";
}

std::string Shown(const std::string& text) {
  if (text.size() <= kShownTextBytes) return text.empty() ? "(nothing)" : text;
  size_t end = kShownTextBytes;
  while ((text[end] & 0xc0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + " …";
}

std::vector<std::string> TypesOf(const Example& example) {
  const auto types = example.fields.find("question_type");
  return types == example.fields.end() ? std::vector<std::string>() : types->second;
}

/// Examples by outcome; of each outcome first one for every image, then a second one, and so on.
std::array<std::vector<size_t>, kOutcomes> ByOutcome(const RunComparison& comparison) {
  struct Numbered {
    size_t example;
    size_t of_image;  // examples of this outcome and image before it
  };
  std::array<std::vector<Numbered>, kOutcomes> numbered;
  std::array<std::map<std::vector<std::string>, size_t>, kOutcomes> seen;
  for (size_t i = 0; i < comparison.before.examples.size(); ++i) {
    const Example& example = comparison.before.examples[i];
    const auto outcome = static_cast<size_t>(OutcomeOf(example, comparison.after.examples[i]));
    numbered[outcome].push_back({i, seen[outcome][example.images]++});
  }
  std::array<std::vector<size_t>, kOutcomes> examples;
  for (size_t outcome = 0; outcome < kOutcomes; ++outcome) {
    std::stable_sort(numbered[outcome].begin(), numbered[outcome].end(),
                     [](const Numbered& a, const Numbered& b) { return a.of_image < b.of_image; });
    for (const Numbered& one : numbered[outcome]) examples[outcome].push_back(one.example);
  }
  return examples;
}

/// Examples of all outcomes in turns, of as many images as there are.
std::vector<size_t> ChooseForGallery(const RunComparison& comparison, size_t most) {
  const std::array<std::vector<size_t>, kOutcomes> by_outcome = ByOutcome(comparison);
  std::vector<size_t> chosen;
  for (size_t turn = 0; turn < comparison.before.examples.size(); ++turn) {
    for (const std::vector<size_t>& examples : by_outcome) {
      if (turn < examples.size() && chosen.size() < most) chosen.push_back(examples[turn]);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::string CardHtml(const RunComparison& comparison, size_t index) {
  const Example& before = comparison.before.examples[index];
  const Example& after = comparison.after.examples[index];
  const std::string_view outcome = NameOf(OutcomeOf(before, after));
  std::string types;
  for (const std::string& type : TypesOf(before)) types += (types.empty() ? "" : " ") + type;
  const auto line = [](const std::string& who, const std::string& text) {
    return fmt::format("<p><span class=\"who\">{}</span> {}</p>", EscapeMarkup(who),
                       EscapeMarkup(Shown(text)));
  };
  return fmt::format(
      "<figure class=\"{0}\" data-outcome=\"{0}\" data-type=\"{1}\">{2}<figcaption><p "
      "class=\"soft\"><span class=\"tag\">{0}</span> {1}</p><p class=\"question\">{3}</p>{4}{5}{6}"
      "</figcaption></figure>\n",
      outcome, EscapeMarkup(types), PictureHtml(before.images.empty() ? "" : before.images[0]),
      EscapeMarkup(Shown(before.question)), line(comparison.before.name, before.prediction),
      line(comparison.after.name, after.prediction), line("truth", before.reference));
}

std::string FiltersHtml(const std::string& by, const std::set<std::string>& values) {
  std::string html = fmt::format(
      "<div class=\"filters\"><button data-by=\"{}\" data-value=\"\" "
      "aria-pressed=\"true\">all</button>",
      by);
  for (const std::string& value : values) {
    html +=
        fmt::format("<button data-by=\"{}\" data-value=\"{}\" aria-pressed=\"false\">{}</button>",
                    by, EscapeMarkup(value), EscapeMarkup(value));
  }
  return html + "</div>\n";
}

std::string GalleryHtml(const RunComparison& comparison, size_t most) {
  const std::vector<size_t> chosen = ChooseForGallery(comparison, most);
  if (chosen.empty()) return "";
  std::set<std::string> outcomes;
  std::set<std::string> types;
  std::string cards;
  for (const size_t index : chosen) {
    const Example& before = comparison.before.examples[index];
    outcomes.emplace(NameOf(OutcomeOf(before, comparison.after.examples[index])));
    for (std::string& type : TypesOf(before)) types.insert(std::move(type));
    cards += CardHtml(comparison, index);
  }
  return fmt::format(
      "<h2>Pictures and answers</h2>\n<p class=\"soft\">{} of {} questions.</p>\n{}{}<div "
      "class=\"sheet\">\n{}</div>\n",
      chosen.size(), Grouped(comparison.before.examples.size()), FiltersHtml("outcome", outcomes),
      FiltersHtml("type", types), cards);
}

nlohmann::ordered_json ToJson(const AblationRow& row, const SamplingUnits& units) {
  nlohmann::ordered_json json = {{"aspect", TitleOf(row.measure->aspect)},
                                 {"measure", row.measure->name},
                                 {"primary", row.primary},
                                 {"counts", row.measure->counts},
                                 {"higher_is_better", row.measure->higher_is_better},
                                 {"n", row.test.questions},
                                 {"units", row.test.units},
                                 {"before", row.before},
                                 {"after", row.after},
                                 {"difference", row.test.difference}};
  if (row.test.interval) {
    // Rounding may put a bound beyond the difference by a last digit.
    json["lower"] = std::min(row.test.interval->lower, row.test.difference);
    json["upper"] = std::max(row.test.interval->upper, row.test.difference);
  }
  if (row.test.p) json["p"] = *row.test.p;
  if (row.p && !row.primary) json["p_holm"] = *row.p;
  json["verdict"] = Verdict(row, units);
  return json;
}

void AddMeasures(const Ablation& ablation, nlohmann::ordered_json& json) {
  json["primary"] = ablation.primary;
  json["units"] = ablation.units.count;
  json["unit"] = ablation.units.noun();
  json["without_image"] = ablation.units.without_image;
  json["test"] = "sign flips by unit; the interval is the test inverted";
  json["correction"] = {{"method", "Holm"}, {"tests", ablation.tested_together}};
  json["measures"] = nlohmann::ordered_json::array();
  for (const AblationRow& row : ablation.rows)
    json["measures"].push_back(ToJson(row, ablation.units));
}

}  // namespace

std::string ComparisonToMarkdown(const RunComparison& comparison) {
  const std::string before = EscapeMarkdown(OneLine(comparison.before.name));
  const std::string after = EscapeMarkdown(OneLine(comparison.after.name));
  std::string text = fmt::format("# {} → {}\n\n", before, after);
  for (const std::string& sentence : Preamble(comparison)) {
    text += EscapeMarkdown(sentence) + "\n\n";
  }
  const SamplingUnits& units = comparison.ablation.units;
  // As wide as the names, whose ends tell the runs apart.
  const size_t before_width = std::max<size_t>(10, DisplayWidth(before));
  const size_t after_width = std::max<size_t>(10, DisplayWidth(after));
  text += fmt::format("{:<20} | {:<24} | {:>5} | {:>8} | {:>{}} | {:>{}} | {:^24} | {:>7} | {}\n",
                      "aspect", "measure", "n", units.noun(), before, before_width, after,
                      after_width, "difference (95 %)", "p", "");
  text += "--- | --- | --: | --: | --: | --: | :-: | --: | ---\n";
  for (const AblationRow& row : comparison.ablation.rows) {
    text +=
        fmt::format("{:<20} | {:<24} | {:>5} | {:>8} | {:>{}} | {:>{}} | {:^24} | {:>7} | {}\n",
                    TitleOf(row.measure->aspect), row.measure->name, row.test.questions,
                    row.test.units, PercentText(row.before), before_width, PercentText(row.after),
                    after_width, Interval(row), PText(row), Verdict(row, units));
  }
  text += "\nAll in percent; of findings invented, less is better. " + Method(comparison) + "\n";
  for (const ComparedRun* run : {&comparison.before, &comparison.after}) {
    const std::string& name = run == &comparison.before ? before : after;
    for (const std::string& sentence : run->image_use) {
      text += fmt::format("\n{}: {}\n", name, EscapeMarkdown(sentence));
    }
    const std::string calibration = Describe(MeasureCalibration(run->examples));
    if (!calibration.empty()) {
      text += fmt::format("\n{}: calibration of yes/no: {}.\n", name, calibration);
    }
  }
  return text + "\nFor research. Scores of a model say nothing about a patient.\n";
}

nlohmann::ordered_json ComparisonToJson(const RunComparison& comparison) {
  nlohmann::ordered_json json;
  for (const ComparedRun* run : {&comparison.before, &comparison.after}) {
    nlohmann::ordered_json& entry = json["runs"].emplace_back();
    entry = {{"name", run->name},
             {"questions", run->examples.size()},
             {"image_use", run->image_use},
             {"description", run->description}};
    const Calibration calibration = MeasureCalibration(run->examples);
    if (calibration.count > 0) entry["calibration"] = ToJson(calibration);
  }
  AddMeasures(comparison.ablation, json);
  json["left_out"] = LeftOut(comparison);
  std::array<size_t, kOutcomes> outcomes{};
  for (size_t i = 0; i < comparison.before.examples.size(); ++i) {
    ++outcomes[static_cast<size_t>(
        OutcomeOf(comparison.before.examples[i], comparison.after.examples[i]))];
  }
  for (size_t i = 0; i < kOutcomes; ++i) {
    json["outcomes"][std::string(NameOf(static_cast<Outcome>(i)))] = outcomes[i];
  }
  json["for"] = "research use only, not a diagnosis";
  return json;
}

std::string ComparisonToHtml(const RunComparison& comparison, size_t gallery) {
  std::string body = AblationHtml(comparison) + MeasuresHtml(comparison) +
                     ImageUseHtml(comparison) + CalibrationHtml(comparison);
  if (!comparison.loss_curve.empty()) {
    body += "<h2>How it learned</h2>\n<div class=\"curve\">" + comparison.loss_curve + "</div>\n";
  }
  body += GalleryHtml(comparison, gallery) + FactsHtml(comparison);
  const std::string subtitle =
      fmt::format("{}, answered before and after tuning",
                  CountText(comparison.before.examples.size(), "questions"));
  const std::string title = comparison.before.name + " → " + comparison.after.name;
  return HtmlPage(FileKind::kComparison, {title, subtitle, kStyle, kScript}, body);
}

}  // namespace roentgen
