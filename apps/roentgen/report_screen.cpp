#include "report_screen.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "roentgen/text/display_width.h"
#include "roentgen/text/utf8.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

enum class Style { kPlain, kBold, kDim };

std::string InStyle(std::string_view text, Style style) {
  if (style == Style::kBold) return Bold(text);
  if (style == Style::kDim) return Faint(text);
  return std::string(text);
}

/// Chinese marks that a line does not begin with, and those that it does not end with.
constexpr std::string_view kClosing = "，。；：！？、）】》」』”’";
constexpr std::string_view kOpening = "（【《「『“‘";

/// Text in several styles, broken into lines between words and between Chinese characters.
class StyledText {
 public:
  /// indent: of the lines after the first.
  StyledText(size_t columns, size_t indent) : columns_(columns), indent_(indent) {}

  void Add(std::string_view text, Style style = Style::kPlain) {
    for (size_t at = 0; at < text.size();) {
      const size_t length = ReadUtf8(text, at).length;
      AddCharacter(text.substr(at, length), style);
      at += length;
    }
  }

  /// All lines, each with its end.
  std::string Finish() {
    EndWord();
    EndLine();
    return std::move(lines_);
  }

 private:
  struct Piece {
    std::string text;
    Style style;
  };

  void AddCharacter(std::string_view character, Style style) {
    if (character == "\n") {
      EndWord();
      EndLine();
    } else if (character == " " || character == "\t") {
      EndWord();
      ++blanks_;
    } else {
      const size_t width = DisplayWidth(character);
      const bool joins = width == 0 || kClosing.find(character) != std::string_view::npos ||
                         joins_next_ || (width == 1 && !after_wide_);
      if (!joins) EndWord();
      word_.push_back({std::string(character), style});
      word_width_ += width;
      if (width > 0) after_wide_ = width > 1;
      joins_next_ = kOpening.find(character) != std::string_view::npos;
    }
  }

  void EndWord() {
    if (word_.empty()) return;
    if (column_ > 0 && Indent() + column_ + blanks_ + word_width_ > columns_) EndLine();
    if (column_ > 0 && blanks_ > 0) {
      line_.back().text.append(blanks_, ' ');
      column_ += blanks_;
    }
    for (Piece& character : word_) {
      if (line_.empty() || line_.back().style != character.style) {
        line_.push_back(std::move(character));
      } else {
        line_.back().text += character.text;
      }
    }
    column_ += word_width_;
    word_.clear();
    word_width_ = 0;
    blanks_ = 0;
    after_wide_ = false;
    joins_next_ = false;
  }

  void EndLine() {
    if (!line_.empty()) lines_.append(Indent(), ' ');
    for (const Piece& piece : line_) lines_ += InStyle(piece.text, piece.style);
    lines_ += '\n';
    line_.clear();
    column_ = 0;
    blanks_ = 0;
  }

  size_t Indent() const { return lines_.empty() ? 0 : indent_; }

  size_t columns_;
  size_t indent_;
  std::string lines_;        // that are complete
  std::vector<Piece> line_;  // the one that is being filled
  size_t column_ = 0;        // its width, without its indent
  size_t blanks_ = 0;        // behind it
  std::vector<Piece> word_;  // characters that stay together
  size_t word_width_ = 0;
  bool after_wide_ = false;  // the last of these is wide
  bool joins_next_ = false;  // it opens a bracket
};

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
