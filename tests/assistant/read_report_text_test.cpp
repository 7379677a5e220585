// What is read of a report that was exported: its sentences, the same in every form.

#include "roentgen/assistant/read_report_text.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "assistant/made_reports.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/evaluation/report_labels.h"

namespace roentgen {
namespace {

using testing::HasSubstr;
using testing::Not;

RadiologyReport ReportIn(Language language) {
  RadiologyReport report = test::MadeReport(language, test::SomeAnswers(language));
  report.study.indication = language == Language::kEnglish ? "Pneumonia?" : "肺炎？";
  return test::Finished(std::move(report));
}

TEST(ReadReportText, IsTheSameInEveryForm) {
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    const RadiologyReport report = ReportIn(language);
    const ReportLabels labels = ReadReport(ReadReportText(ReportJson(report)).value()).labels;
    EXPECT_EQ(labels[static_cast<size_t>(ReportLabel::kPneumothorax)], Finding::kPresent);
    EXPECT_EQ(labels[static_cast<size_t>(ReportLabel::kPneumonia)], Finding::kNotMentioned);
    EXPECT_EQ(labels[static_cast<size_t>(ReportLabel::kSupportDevices)], Finding::kNotMentioned);
    for (const std::string& form :
         {ReportJson(report), ReportHtml(report), ReportMarkdown(report), ReportBody(report)}) {
      const std::string text = ReadReportText(form).value();
      for (const ReportSentence& sentence : report.sentences) {
        EXPECT_THAT(text, HasSubstr(sentence.text));
      }
      EXPECT_THAT(text, Not(HasSubstr(WordsOf(language).notice)));
      EXPECT_THAT(text, Not(HasSubstr(report.study.indication)));
      EXPECT_THAT(text, Not(HasSubstr(std::string(report.answers[1].step.TopicIn(language)) +
                                      std::string(WordsOf(language).colon))));
      EXPECT_THAT(text, Not(HasSubstr(report.answers[1].step.QuestionIn(language))));
      EXPECT_EQ(ReadReport(text).labels, labels) << text;
    }
  }
}

TEST(ReadReportText, NothingIsReadOfOtherTexts) {
  for (const char* text : {"", "# Radiology report\n\nThe lungs are clear. [1]\n", "{}", "{",
                           "两肺清晰。", "[{\"type\": \"roentgen report\"}]",
                           "<!doctype html>\n<div class=\"report\"><bdi>Clear.</bdi></div>",
                           "{\"type\": \"roentgen report\", \"sentences\": [1]}"}) {
    EXPECT_EQ(ReadReportText(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace roentgen
