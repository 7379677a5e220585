// Nothing that a model said is missing in any form of a report, whatever it said.

#include <gmock/gmock.h>

#include <random>

#include "assistant/made_reports.h"
#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/json.h"
#include "support/hostile_text.h"
#include "support/long_checks.h"
#include "support/unescape.h"

namespace roentgen {
namespace {

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// What is read of a page: its lines, without tags.
std::string TextOfHtml(std::string html) {
  html = Replaced(Replaced(std::move(html), "<br>", "\n"), "<br/>", "\n");
  std::string text;
  bool tag = false;
  for (const char c : html) {
    if (c == '<') tag = true;
    if (!tag) text += c;
    if (c == '>') tag = false;
  }
  return test::UnescapeMarkup(text);
}

/// All strings of a JSON document, one behind the other.
std::string StringsOf(const Json& json) {
  if (json.is_string()) return json.get<std::string>() + "\n";
  std::string all;
  if (json.is_structured()) {
    for (const Json& value : json) all += StringsOf(value);
  }
  return all;
}

std::string StringsOf(const std::string& json) {
  return StringsOf(ParseJson(json, "report"));
}

class Texts {
 public:
  explicit Texts(uint64_t seed) : random_(seed) {}

  /// An answer of a kind that models give, or that somebody made a model give.
  std::string Answer() {
    switch (random_() % 12) {
      case 0:
        return "";
      case 1:
        return Repeated(10'000);
      case 2:
        return "Large right pneumothorax. The left base cannot be assessed. 可见气胸，性质不确定。";
      case 3:
        return "1. Nodule in the left upper zone.\n2. Follow up.\n\n3. 建议复查。";
      case 4:
        return "The lungs are clear. 心影不大。No fracture is seen";
      case 5:
        return "No pneumothorax. There is a pneumothorax on the right!";
      default:
        return test::HostileText(random_, 1 + random_() % 30);
    }
  }

  RadiologyReport Report() {
    RadiologyReport report = test::HostileReport(
        random_(), random_() % 2 == 0 ? Language::kEnglish : Language::kChinese);
    for (roentgen::ReportAnswer& answer : report.answers) answer.answer = Answer();
    ReadAnswers(report);
    return report;
  }

 private:
  std::string Repeated(size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += test::HostileText(random_, 4) + " ";
    return text;
  }

  std::mt19937_64 random_;
};

/// Finds texts one behind the other.
class Reading {
 public:
  explicit Reading(std::string text) : text_(std::move(text)) {}

  bool GoesOnWith(std::string_view wanted) {
    const size_t found = text_.find(wanted, at_);
    if (found == std::string::npos) return false;
    at_ = found + wanted.size();
    return true;
  }

 private:
  std::string text_;
  size_t at_ = 0;
};

/// Whether the document has what the report has: it is what all forms are made from.
void ExpectComplete(const RadiologyReport& report, const ReportDocument& document) {
  std::vector<const ReportDocument::Sentence*> sentences;
  for (const ReportDocument::Part& part : document.parts) {
    for (const ReportDocument::Paragraph& paragraph : part.paragraphs) {
      for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
        sentences.push_back(&sentence);
      }
    }
  }
  ASSERT_EQ(sentences.size(), report.sentences.size());
  for (size_t i = 0; i < sentences.size(); ++i) {  // the impression is the last answer
    ASSERT_EQ(sentences[i]->text, report.sentences[i].text);
    ASSERT_EQ(sentences[i]->marks.empty(), !report.sentences[i].marks.Any());
  }
}

void ExpectSentences(const ReportDocument& document, const std::string& read,
                     std::string_view emphasis, const char* form) {
  Reading reading(read);
  for (const ReportDocument::Part& part : document.parts) {
    ASSERT_TRUE(reading.GoesOnWith(part.heading)) << form;
    for (const ReportDocument::Paragraph& paragraph : part.paragraphs) {
      if (paragraph.sentences.empty()) {
        ASSERT_TRUE(reading.GoesOnWith(document.no_answer)) << form;
      }
      for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
        const std::string wanted = sentence.text + MarksBehind(document, sentence, emphasis);
        ASSERT_TRUE(reading.GoesOnWith(wanted)) << form << ": " << wanted;
      }
      ASSERT_TRUE(reading.GoesOnWith(fmt::format("[{}]", paragraph.question))) << form;
    }
  }
}

void ExpectFacts(const ReportDocument& document, const std::string& read, const char* form) {
  for (const auto* facts : {&document.about, &document.images, &document.facts}) {
    Reading reading(read);
    for (const ReportDocument::Fact& fact : *facts) {
      for (const std::string& wanted : {fact.name, fact.value, fact.hash}) {
        ASSERT_TRUE(reading.GoesOnWith(wanted)) << form << ": " << wanted;
      }
    }
  }
  Reading questions(read);
  for (const ReportDocument::Question& question : document.questions) {
    ASSERT_TRUE(questions.GoesOnWith(question.text)) << form;
    ASSERT_TRUE(questions.GoesOnWith(question.settings)) << form;
  }
}

TEST(ReportExports, EverySentenceStandsInEveryForm) {
  const uint64_t reports = test::Trials(84, 5000);  // 6 answers each
  for (uint64_t seed = 0; seed < reports; ++seed) {
    SCOPED_TRACE(seed);
    const RadiologyReport report = Texts(seed).Report();
    const ReportDocument document = DocumentOf(report);
    ExpectComplete(report, document);
    const std::string markdown = test::UnescapeMarkdown(ReportMarkdown(report));
    const std::string html = TextOfHtml(ReportHtml(report));
    ExpectSentences(document, test::UnescapeMarkdown(ReportBody(report)), "*", "body");
    ExpectSentences(document, markdown, "*", "Markdown");
    ExpectFacts(document, markdown, "Markdown");
    ExpectSentences(document, html, "", "HTML");
    ExpectFacts(document, html, "HTML");
    const Json fhir = ParseJson(ReportFhir(report), "report");
    const std::string div = TextOfHtml(fhir["text"]["div"].get<std::string>());
    ExpectSentences(document, div, "", "FHIR's div");
    ExpectFacts(document, div, "FHIR's div");
    const std::string json = StringsOf(ReportJson(report));
    const std::string resources = StringsOf(fhir["contained"]) + StringsOf(fhir["conclusion"]);
    for (const ReportSentence& sentence : report.sentences) {
      ASSERT_NE(json.find(sentence.text), std::string::npos) << "JSON: " << sentence.text;
      ASSERT_NE(resources.find(sentence.text), std::string::npos) << "FHIR: " << sentence.text;
    }
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace roentgen
