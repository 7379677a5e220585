#include <fmt/format.h>

#include "roentgen/assistant/report_files.h"
#include "roentgen/base/base64.h"
#include "roentgen/data/html_page.h"
#include "roentgen/data/svg_chart.h"

namespace roentgen {
namespace {

constexpr const char* kStyle = R"(
.pictures { display: flex; flex-wrap: wrap; gap: 1.1rem; margin: 1.2rem 0; }
.pictures figure { margin: 0; max-width: 26rem; }
.pictures img { display: block; max-width: 100%; border-radius: 8px; background: #000; }
.report p { margin: .55rem 0; max-width: 70ch; }
.report sup a { color: var(--c0); text-decoration: none; padding: 0 .15em; }
.topic { color: var(--soft); margin-right: .5em; }
ol li { max-width: 70ch; } ol p { margin: .1rem 0 .6rem; color: var(--soft); }
.hash { font-family: ui-monospace, monospace; font-size: .8rem; }
)";

/// A paragraph for each answer, its number behind it leading to its question.
std::string Part(const RadiologyReport& report, bool impression) {
  const char* between = report.language == Language::kEnglish ? " " : "";
  std::string html;
  size_t current = report.answers.size();
  const auto close = [&] {
    if (current < report.answers.size()) {
      html += fmt::format("<sup><a href=\"#q{0}\">[{0}]</a></sup></p>\n", current + 1);
    }
  };
  for (const ReportSentence& sentence : Sentences(report, impression)) {
    if (sentence.answer != current) {
      close();
      current = sentence.answer;
      html += "<p>";
      if (!impression) {
        const ReportStep& step = report.answers[current].step;
        html += fmt::format("<span class=\"topic\">{}</span>",
                            EscapeMarkup(step.TopicIn(report.language)));
      }
    } else {
      html += impression ? "<br>" : between;
    }
    html += EscapeMarkup(sentence.text);
  }
  close();
  return html.empty() ? "<p>—</p>\n" : html;
}

std::string Facts(const RadiologyReport& report) {
  const auto row = [](std::string_view name, std::string_view value, std::string_view hash) {
    return fmt::format("<tr><td>{}</td><td>{}</td><td class=\"hash\">{}</td></tr>\n",
                       EscapeMarkup(name), EscapeMarkup(value), EscapeMarkup(hash));
  };
  std::string html = "<div class=\"scroll\"><table>\n";
  html += row("program", report.facts.program, "");
  html += row("model", report.facts.model, report.facts.model_sha256);
  for (const RunFacts::Adapter& adapter : report.facts.adapters) {
    html += row("adapter", adapter.name, adapter.sha256);
  }
  html += row("weights", report.facts.weights, "");
  for (const ShownPicture& picture : report.study.images) {
    html += row("picture", picture.facts, picture.sha256);
  }
  html += row("settings", ToJson(report.facts).at("sampling").dump(), "");
  return html + "</table></div>\n";
}

}  // namespace

std::string ReportHtml(const RadiologyReport& report) {
  const ReportWords& words = WordsOf(report.language);
  std::string body = fmt::format("<p class=\"note\"><b>{}</b></p>\n<div class=\"pictures\">\n",
                                 EscapeMarkup(words.notice));
  for (const ShownPicture& picture : report.study.images) {
    body += fmt::format("<figure><img alt=\"{}\" src=\"data:image/png;base64,{}\"></figure>\n",
                        EscapeMarkup(picture.facts), Base64(picture.png));
  }
  body += fmt::format("</div>\n<div class=\"report\">\n<h2>{}</h2>\n{}<h2>{}</h2>\n{}",
                      words.findings, Part(report, false), words.impression, Part(report, true));
  const std::string missing = NotAssessed(report);
  if (!missing.empty()) {
    body += fmt::format("<p class=\"note\">{}{}{}</p>\n", words.not_assessed, words.colon,
                        EscapeMarkup(missing));
  }
  body += fmt::format("</div>\n<h2>{}</h2>\n<ol>\n", words.questions);
  for (size_t i = 0; i < report.answers.size(); ++i) {
    const ReportAnswer& answer = report.answers[i];
    body += fmt::format("<li id=\"q{}\">{}<p>{}</p></li>\n", i + 1,
                        EscapeMarkup(answer.step.QuestionIn(report.language)),
                        EscapeMarkup(answer.answer));
  }
  body += "</ol>\n" + Facts(report);
  return HtmlPage({std::string(words.title), report.date, kStyle}, body);
}

}  // namespace roentgen
