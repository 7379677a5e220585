#include <fmt/format.h>

#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/text/escape_markdown.h"

namespace roentgen {
namespace {

/// What one question brought, with its number behind.
std::string Paragraph(const ReportDocument& document, const ReportDocument::Paragraph& paragraph) {
  std::string text;
  if (!paragraph.topic.empty()) {
    text += fmt::format("**{}**{}", EscapeMarkdown(paragraph.topic), document.colon);
  }
  if (paragraph.sentences.empty()) text += fmt::format("*{}*", EscapeMarkdown(document.no_answer));
  for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
    text += sentence.before == "\n" ? "\\\n" : sentence.before;
    // Italics within the brackets: between 。 and a bracket, * is no mark of emphasis.
    text += EscapeMarkdown(sentence.text) + MarksBehind(document, sentence, "*");
  }
  return text + fmt::format(" [{}]\n", paragraph.question);
}

std::string Part(const ReportDocument& document, const ReportDocument::Part& part) {
  std::string text = fmt::format("\n## {}\n", part.heading);
  if (part.paragraphs.empty()) text += "\n—\n";
  for (const ReportDocument::Paragraph& paragraph : part.paragraphs) {
    text += "\n";
    text += Paragraph(document, paragraph);
  }
  return text;
}

std::string Facts(const ReportDocument& document, const std::vector<ReportDocument::Fact>& facts) {
  std::string text;
  for (const ReportDocument::Fact& fact : facts) {
    text += fmt::format("- {}{}{}", EscapeMarkdown(fact.name), document.colon,
                        EscapeMarkdown(fact.value));
    if (!fact.hash.empty()) text += ", SHA-256 " + EscapeMarkdown(fact.hash);
    text += "\n";
  }
  return text;
}

std::string Questions(const ReportDocument& document) {
  std::string text = fmt::format("\n## {}\n\n", document.questions_heading);
  for (size_t i = 0; i < document.questions.size(); ++i) {
    const ReportDocument::Question& question = document.questions[i];
    text += fmt::format("{}. {}", i + 1, EscapeMarkdown(question.text));
    if (!question.settings.empty()) {
      text += fmt::format("\\\n   *{}*", EscapeMarkdown(question.settings));
    }
    text += "\n";
  }
  return text;
}

std::string Body(const ReportDocument& document) {
  std::string text = fmt::format("# {}\n\n> **{}**\n\n", document.title, document.notice);
  text += Facts(document, document.about);
  for (const ReportDocument::Part& part : document.parts) text += Part(document, part);
  if (!document.not_assessed.empty()) {
    text += fmt::format("\n{}\n", EscapeMarkdown(document.not_assessed));
  }
  return text;
}

}  // namespace

std::string ReportBody(const RadiologyReport& report) {
  return Body(DocumentOf(report));
}

std::string ReportMarkdown(const RadiologyReport& report) {
  const ReportDocument document = DocumentOf(report);
  return fmt::format("{}{}\n{}{}\n{}\n", Body(document), Questions(document),
                     Facts(document, document.images), Facts(document, document.facts),
                     document.date);
}

}  // namespace roentgen
