#include <fmt/format.h>

#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/base64.h"
#include "roentgen/data/html_page.h"
#include "roentgen/data/svg_chart.h"

namespace roentgen {
namespace {

constexpr const char* kStyle = R"(
body { max-width: 52rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1.1rem; margin: 1.4rem 0; }
.pictures figure { margin: 0; max-width: 26rem; }
.pictures img { display: block; max-width: 100%; height: auto; border-radius: 8px; background: #000; }
.pictures figcaption { padding: .4rem 0 0; color: var(--soft); font-size: .82rem; }
.report p { margin: .7rem 0; max-width: 70ch; }
.report a { color: var(--c0); text-decoration: none; font-size: .8em; white-space: nowrap; }
.topic { font-weight: 600; }
.mark { color: var(--warn); font-size: .88em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.4rem; margin: 1.2rem 0; }
dt { color: var(--soft); } dd { margin: 0; }
.made { font-size: .85rem; }
.made code { display: block; color: var(--soft); font: .95em ui-monospace, monospace; }
ol { padding-left: 1.6rem; } li { margin: .35rem 0; max-width: 70ch; } li span { font-size: .85rem; }
li:target { background: var(--card); outline: .35rem solid var(--card); }
@media (max-width: 34rem) { dl { display: block; } dd { margin: 0 0 .55rem; } }
)";

/// A text with its lines.
std::string Html(std::string_view text) {
  std::string html = EscapeMarkup(text);
  for (size_t at = html.find('\n'); at != std::string::npos; at = html.find('\n', at + 4)) {
    html.replace(at, 1, "<br>");
  }
  return html;
}

/// What one question brought, and its number, which leads to it.
std::string Paragraph(const ReportDocument& document, const ReportDocument::Paragraph& paragraph) {
  std::string html = "<p>";
  if (!paragraph.topic.empty()) {
    html += fmt::format("<span class=\"topic\">{}</span>", Html(paragraph.topic + document.colon));
  }
  if (paragraph.sentences.empty()) {
    html += fmt::format("<span class=\"soft\">{}</span>", Html(document.no_answer));
  }
  for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
    // Isolated: one in Arabic letters does not move what stands around it.
    html += fmt::format("{}<bdi>{}</bdi>", Html(sentence.before), Html(sentence.text));
    const std::string marks = MarksBehind(document, sentence);
    if (!marks.empty()) html += fmt::format("<span class=\"mark\">{}</span>", Html(marks));
  }
  return html + fmt::format(" <a href=\"#q{0}\">[{0}]</a></p>\n", paragraph.question);
}

std::string Part(const ReportDocument& document, const ReportDocument::Part& part) {
  std::string html = fmt::format("<h2>{}</h2>\n", Html(part.heading));
  if (part.paragraphs.empty()) html += "<p>—</p>\n";
  for (const ReportDocument::Paragraph& paragraph : part.paragraphs) {
    html += Paragraph(document, paragraph);
  }
  return html;
}

std::string Rows(const std::vector<ReportDocument::Fact>& facts) {
  std::string html;
  for (const ReportDocument::Fact& fact : facts) {
    html += fmt::format("<dt>{}</dt><dd>{}", Html(fact.name), Html(fact.value));
    if (!fact.hash.empty()) html += fmt::format(" <code>SHA-256 {}</code>", Html(fact.hash));
    html += "</dd>\n";
  }
  return html;
}

/// The images as the model was shown them.
std::string Pictures(const ReportDocument& document, const std::vector<ShownPicture>& shown) {
  std::string html = "<div class=\"pictures\">\n";
  for (size_t i = 0; i < shown.size(); ++i) {
    const ReportDocument::Fact& image = document.images[i];
    html += fmt::format(
        "<figure><img alt=\"{}\" src=\"data:image/png;base64,{}\">"
        "<figcaption>{}{}{}</figcaption></figure>\n",
        EscapeMarkup(image.name), Base64(shown[i].png), Html(image.name), document.colon,
        Html(image.value));
  }
  return html + "</div>\n";
}

std::string Questions(const ReportDocument& document) {
  std::string html = fmt::format("<h2>{}</h2>\n<ol>\n", Html(document.questions_heading));
  for (size_t i = 0; i < document.questions.size(); ++i) {
    const ReportDocument::Question& question = document.questions[i];
    html += fmt::format("<li id=\"q{}\">{}", i + 1, Html(question.text));
    if (!question.settings.empty()) {
      html += fmt::format("<br><span class=\"soft\">{}</span>", Html(question.settings));
    }
    html += "</li>\n";
  }
  return html + "</ol>\n";
}

}  // namespace

std::string ReportHtml(const RadiologyReport& report) {
  const ReportDocument document = DocumentOf(report);
  std::string body = fmt::format("<p class=\"note\"><b>{}</b></p>\n<dl>\n{}</dl>\n",
                                 Html(document.notice), Rows(document.about));
  body += Pictures(document, report.study.images) + "<div class=\"report\">\n";
  for (const ReportDocument::Part& part : document.parts) body += Part(document, part);
  if (!document.not_assessed.empty()) {
    body += fmt::format("<p class=\"note\">{}</p>\n", Html(document.not_assessed));
  }
  body += "</div>\n" + Questions(document);
  body +=
      fmt::format("<dl class=\"made\">\n{}{}</dl>\n", Rows(document.images), Rows(document.facts));
  HtmlTitle title{document.title, document.date, kStyle};
  title.language = document.language;
  return HtmlPage(FileKind::kReport, title, body);
}

}  // namespace roentgen
