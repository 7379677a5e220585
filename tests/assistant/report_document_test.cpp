#include "roentgen/assistant/report_document.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A report about the chest with these answers; the last is the impression.
RadiologyReport ReportOf(Language language, const std::vector<std::string>& answers) {
  RadiologyReport report;
  report.language = language;
  report.facts.program = "roentgen 0";
  const auto steps = ReportProtocol(ReportSubject::kChest);
  for (size_t i = 0; i < answers.size(); ++i) {
    const size_t step = i + 1 == answers.size() ? steps.size() - 1 : i;
    report.answers.push_back({steps[step], answers[i], true, Answer::Finish::kEnd, {}});
    report.answers.back().facts.run = report.facts;
  }
  ReadAnswers(report);
  return report;
}

std::string TextOf(const ReportDocument::Paragraph& paragraph) {
  std::string text;
  for (const auto& sentence : paragraph.sentences) text += sentence.before + sentence.text;
  return text;
}

TEST(ReportDocument, HasAParagraphForEveryAnswerAlsoForAnEmptyOne) {
  const ReportDocument document =
      DocumentOf(ReportOf(Language::kEnglish, {"A chest radiograph.", "", "1. Nodule. 2. Mass."}));
  ASSERT_THAT(document.parts, SizeIs(2));
  EXPECT_EQ(document.language, "en");
  EXPECT_THAT(document.parts[0].paragraphs, SizeIs(2));
  EXPECT_EQ(document.parts[0].paragraphs[0].topic, "Examination");
  EXPECT_THAT(document.parts[0].paragraphs[1].sentences, IsEmpty());
  EXPECT_EQ(document.no_answer, "no answer was given");
  EXPECT_EQ(document.parts[1].paragraphs[0].question, 3u);
  EXPECT_EQ(document.parts[1].paragraphs[0].topic, "");
  EXPECT_THAT(document.questions, SizeIs(3));
}

TEST(ReportDocument, JoinsSentencesAsTheirLanguagesDo) {
  const auto joined = [](const std::string& answer) {
    return TextOf(DocumentOf(ReportOf(Language::kChinese, {answer, "无"})).parts[0].paragraphs[0]);
  };
  EXPECT_EQ(joined("左肺见结节。 余肺野清晰。"), "左肺见结节。余肺野清晰。");
  EXPECT_EQ(joined("No nodule. Lungs are clear."), "No nodule. Lungs are clear.");
  EXPECT_EQ(joined("左肺见结节。The heart is normal. 未见骨折。"),
            "左肺见结节。 The heart is normal. 未见骨折。");
  EXPECT_EQ(joined("1. 左肺结节。\n2. 建议复查。"), "1. 左肺结节。\n2. 建议复查。");
}

TEST(ReportDocument, WhatAnAnswerWasGivenWithBesidesStandsAtItsQuestion) {
  RadiologyReport report =
      ReportOf(Language::kEnglish, {"A chest radiograph.", "Clear.", "Normal."});
  report.answers[1].facts.run.generation.max_new_tokens += 100;
  const ReportDocument document = DocumentOf(report);
  EXPECT_EQ(document.questions[0].settings, "");
  EXPECT_THAT(document.questions[1].settings, HasSubstr("max_new_tokens"));
}

TEST(ReportDocument, TextsFromOutsideArePrintable) {
  RadiologyReport report =
      ReportOf(Language::kEnglish, {"A \x1b[31mchest\u202e radiograph.", "N."});
  report.study.indication = "fall\x07\nfrom a horse";
  report.study.images.push_back({std::string(64, 'a'), "", "PNG\x1b", "", "", "", ""});
  report.facts.model = "tiny\x1b\n";
  const ReportDocument document = DocumentOf(report);
  EXPECT_EQ(TextOf(document.parts[0].paragraphs[0]), "A �[31mchest� radiograph.");
  EXPECT_EQ(document.about.back().value, "fall�\nfrom a horse");
  EXPECT_EQ(document.images[0].value, "PNG�");
  EXPECT_EQ(document.facts[1].value, "tiny  ");
}

TEST(ReportDocument, SpeaksTheLanguageOfTheReport) {
  const ReportDocument document = DocumentOf(ReportOf(Language::kChinese, {"胸片。", "正常。"}));
  EXPECT_EQ(document.language, "zh-CN");
  std::vector<std::string> names;
  for (const auto& fact : document.facts) names.push_back(fact.name);
  EXPECT_THAT(names, ElementsAre("程序", "模型", "权重", "键值缓存", "指令集", "系统提示词",
                                 "生成参数", "上下文长度", "图像像素上限"));
  EXPECT_EQ(document.about[0].name, "检查项目");
}

}  // namespace
}  // namespace roentgen
