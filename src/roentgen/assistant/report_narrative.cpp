#include "roentgen/assistant/report_narrative.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "roentgen/data/svg_chart.h"

namespace roentgen {
namespace {

std::string Escaped(std::string_view text) {
  std::string escaped = EscapeMarkup(text);
  for (size_t at = escaped.find('\n'); at != escaped.npos; at = escaped.find('\n', at)) {
    escaped.replace(at, 1, "<br/>");
  }
  return escaped;
}

std::string ParagraphDiv(const ReportDocument& document,
                         const ReportDocument::Paragraph& paragraph) {
  std::string html = "<p>";
  if (!paragraph.topic.empty()) {
    html += fmt::format("<b>{}{}</b>", Escaped(paragraph.topic), Escaped(document.colon));
  }
  if (paragraph.sentences.empty()) html += fmt::format("<i>{}</i>", Escaped(document.no_answer));
  for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
    html += Escaped(sentence.before) + Escaped(sentence.text);
    const std::string marks = MarksBehind(document, sentence);
    if (!marks.empty()) html += fmt::format("<i>{}</i>", Escaped(marks));
  }
  return html + fmt::format(" [{}]</p>", paragraph.question);
}

std::string Table(const std::vector<ReportDocument::Fact>& facts) {
  if (facts.empty()) return "";
  std::string html = "<table>";
  for (const ReportDocument::Fact& fact : facts) {
    html += fmt::format("<tr><th>{}</th><td>{}{}{}</td></tr>", Escaped(fact.name),
                        Escaped(fact.value), fact.hash.empty() ? "" : "<br/>", Escaped(fact.hash));
  }
  return html + "</table>";
}

std::string Questions(const ReportDocument& document) {
  std::string html = fmt::format("<h3>{}</h3><ol>", Escaped(document.questions_heading));
  for (const ReportDocument::Question& question : document.questions) {
    html += "<li>" + Escaped(question.text);
    if (!question.settings.empty()) html += fmt::format("<br/>{}", Escaped(question.settings));
    html += "</li>";
  }
  return html + "</ol>";
}

}  // namespace

std::string NarrativeDiv(const ReportDocument& document) {
  std::string html = fmt::format(
      "<div xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"{0}\" lang=\"{0}\"><h2>{1}</h2>"
      "<p><b>{2}</b></p>",
      document.language, Escaped(document.title), Escaped(document.notice));
  html += Table(document.about);
  for (const ReportDocument::Part& part : document.parts) {
    html += fmt::format("<h3>{}</h3>", Escaped(part.heading));
    if (part.paragraphs.empty()) html += "<p>—</p>";
    for (const auto& paragraph : part.paragraphs) html += ParagraphDiv(document, paragraph);
  }
  if (!document.not_assessed.empty()) {
    html += fmt::format("<p><b>{}</b></p>", Escaped(document.not_assessed));
  }
  if (!document.questions.empty()) html += Questions(document);
  html += Table(document.images) + Table(document.facts);
  return html + fmt::format("<p>{}</p></div>", Escaped(document.date));
}

std::string PlainText(const ReportDocument& document, const ReportDocument::Part& part) {
  if (part.paragraphs.empty()) return "—";
  std::string text;
  for (const ReportDocument::Paragraph& paragraph : part.paragraphs) {
    if (!text.empty()) text += "\n";
    if (!paragraph.topic.empty()) text += paragraph.topic + document.colon;
    if (paragraph.sentences.empty()) text += document.no_answer;
    for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
      text += sentence.before + sentence.text + MarksBehind(document, sentence);
    }
    text += fmt::format(" [{}]", paragraph.question);
  }
  return text;
}

}  // namespace roentgen
