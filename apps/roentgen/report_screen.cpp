#include "report_screen.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "styled_text.h"

namespace roentgen::app {
namespace {

class Screen {
 public:
  Screen(const ReportDocument& document, size_t columns) : document_(document), columns_(columns) {}

  std::string Draw(ReportExtent extent) {
    Line(document_.title, Style::kBold);
    Line(document_.notice);
    text_ += '\n';
    Facts(document_.about, Style::kPlain);
    for (const ReportDocument::Part& part : document_.parts) AddPart(part);
    if (!document_.not_assessed.empty()) {
      text_ += '\n';
      Line(document_.not_assessed);
    }
    if (extent == ReportExtent::kWhole) AddOrigin();
    return std::move(text_);
  }

 private:
  static constexpr size_t kIndent = 2;

  void Line(std::string_view text, Style style = Style::kPlain, size_t indent = 0) {
    StyledText line(columns_, indent);
    line.Add(text, style);
    text_ += line.Finish();
  }

  void Facts(const std::vector<ReportDocument::Fact>& facts, Style style) {
    for (const ReportDocument::Fact& fact : facts) {
      const std::string hash = fact.hash.empty() ? "" : " SHA-256 " + fact.hash;
      Line(fmt::format("{}{}{}{}", fact.name, document_.colon, fact.value, hash), style, kIndent);
    }
  }

  void AddPart(const ReportDocument::Part& part) {
    text_ += '\n';
    Line(part.heading, Style::kBold);
    if (part.paragraphs.empty()) Line("—");
    for (const ReportDocument::Paragraph& paragraph : part.paragraphs) AddParagraph(paragraph);
  }

  void AddParagraph(const ReportDocument::Paragraph& paragraph) {
    StyledText text(columns_, kIndent);
    if (!paragraph.topic.empty()) text.Add(paragraph.topic + document_.colon, Style::kBold);
    if (paragraph.sentences.empty()) text.Add(document_.no_answer, Style::kDim);
    for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
      text.Add(sentence.before);
      text.Add(sentence.text);
      text.Add(MarksBehind(document_, sentence), Style::kDim);
    }
    text.Add(fmt::format(" [{}]", paragraph.question), Style::kDim);
    text_ += text.Finish();
  }

  /// How it came about.
  void AddOrigin() {
    text_ += '\n';
    Line(document_.questions_heading, Style::kDim);
    for (size_t i = 0; i < document_.questions.size(); ++i) {
      const ReportDocument::Question& question = document_.questions[i];
      Line(fmt::format("{}. {}{}{}", i + 1, question.text, question.settings.empty() ? "" : "\n",
                       question.settings),
           Style::kDim, kIndent);
    }
    text_ += '\n';
    Facts(document_.images, Style::kDim);
    Facts(document_.facts, Style::kDim);
    Line(document_.date, Style::kDim);
  }

  const ReportDocument& document_;
  size_t columns_;
  std::string text_;
};

}  // namespace

std::string ReportForTerminal(const ReportDocument& document, size_t columns, ReportExtent extent) {
  return Screen(document, columns).Draw(extent);
}

}  // namespace roentgen::app
