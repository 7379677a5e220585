#pragma once

#include <string>
#include <vector>

#include "roentgen/assistant/report.h"

namespace roentgen {

/// A report as its reader sees it, in its language and in this order. Markdown, HTML, PDF, FHIR's
/// narrative and the terminal render it and nothing else, so that none of them leaves something
/// out. All texts are Printable; none is escaped for a form.
struct ReportDocument {
  /// A line of what it is about or was made with.
  struct Fact {
    std::string name;
    std::string value;
    std::string hash{};  ///< SHA-256; empty: it has none
  };
  struct Sentence {
    std::string before;  ///< between it and the one before it: "", " " or "\n"
    std::string text;
    std::vector<std::string> marks;  ///< what a reader has to know about it (DescribeMarks)
  };
  /// What one question brought.
  struct Paragraph {
    size_t question = 0;              ///< its number, from 1
    std::string topic;                ///< empty in the impression
    std::vector<Sentence> sentences;  ///< empty: there was no answer
  };
  struct Part {
    std::string heading;
    std::vector<Paragraph> paragraphs;  ///< empty: the questions did not come to it
  };
  struct Question {
    std::string text;
    std::string settings;  ///< those that differ from the report's, as in facts; mostly empty
  };

  std::string language;  ///< BCP 47: "en", "zh-CN"
  std::string title, date, notice;
  /// Examination; day of the study and indication where they are known; patients.
  std::vector<Fact> about;
  /// That the files name different patients, or that this is not known; empty: they do not.
  std::string patients;
  std::vector<Part> parts;   ///< findings, impression
  std::string no_answer;     ///< stands in the place of an answer without a word
  std::string not_assessed;  ///< "Could not be assessed: bones"; empty: all was
  std::string colon;         ///< behind a topic or a name: ": ", "："
  std::string questions_heading;
  std::vector<Question> questions;
  std::vector<Fact> images;  ///< "image 1", what it is; hash of its file
  std::vector<Fact> facts;   ///< program, model, adapters, settings
};

ReportDocument DocumentOf(const RadiologyReport& report);

/// A sentence's marks as they stand behind it, in the brackets of the language: " (cannot be told;
/// contradicts [6])", "（不能判断；与[6]矛盾）". Empty where there are none. emphasis: what a form
/// puts around the words, within the brackets.
std::string MarksBehind(const ReportDocument& document, const ReportDocument::Sentence& sentence,
                        std::string_view emphasis = "");

/// What a run was made with, for people, in that language. Nothing of ToJson(RunFacts) is missing.
std::vector<ReportDocument::Fact> DescribeFacts(const RunFacts& facts, Language language);

}  // namespace roentgen
