#include "roentgen/assistant/report_document.h"

#include <gmock/gmock.h>

#include <optional>
#include <utility>

#include "roentgen/assistant/report_facts_zh.h"

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

TEST(ReportDocument, FactsOfImagesAndWeightsAreInTheLanguageOfTheReport) {
  const auto told = [](Language language) {
    RadiologyReport report = ReportOf(language, {"胸片。", "正常。"});
    report.study.images.push_back({std::string(64, 'a'), "",
                                   "DICOM 512×512 → 28×28, 1 tokens, US, frame 1 of 30", "", "", "",
                                   ""});
    report.facts.weights = "decoder q8, vision q8";
    report.facts.context_tokens = 8192;
    report.facts.max_pixels = 50176;
    const ReportDocument document = DocumentOf(report);
    std::vector<std::string> values = {document.images[0].value};
    for (const auto& fact : document.facts) values.push_back(fact.value);
    return values;
  };
  for (const char* value : {"DICOM 512×512 → 28×28, 1 tokens, US, frame 1 of 30",
                            "decoder q8, vision q8", "8192 tokens", "50176 pixels"}) {
    EXPECT_THAT(told(Language::kEnglish), testing::Contains(value));
  }
  for (const char* value : {"DICOM 512×512 → 28×28，1 个 token，US，第 1/30 帧",
                            "解码器 q8，视觉编码器 q8", "8192 个 token", "50176 像素"}) {
    EXPECT_THAT(told(Language::kChinese), testing::Contains(value));
  }
}

TEST(ReportDocument, ChineseFactsHaveNoEnglishPhrase) {
  const std::pair<const char*, const char*> facts[] = {
      {"window 1600/600, slice 7 of 12", "窗宽/窗位 1600/600，第 7/12 层"},
      {"window -5..1e+06", "灰度范围 -5..1e+06"},
      {"window lookup table", "按查找表显示"},
      {"64 tokens, text may be burned into the picture: look for names",
       "64 个 token，图像内可能有文字，请检查是否含姓名"},
      {"turned upright, the window is narrower than 1, so LINEAR_EXACT is used, 9 of 40 slices "
       "side "
       "by side",
       "已转正，窗宽小于 1，按 LINEAR_EXACT 处理，并排显示 9/40 层"},
      {"signed 16-bit grey scaled from -5..9 to 8 bits", "有符号 16 位灰度由 -5..9 缩放至 8 位"},
      {"16-bit grey clipped at 255", "16 位灰度截断于 255"},
      {"the lookup table uses 4 of its 256 levels, so the image has little contrast, CT",
       "查找表仅用 4/256 级，图像对比度低，CT"},
      {"colours taken as RGB, as the compressed image says (components R, G, B); its header has no "
       "Photometric Interpretation",
       "颜色按压缩图像所记（分量 R、G、B）取为 RGB；文件头为 无 Photometric Interpretation"},
      {"7 pixels are NaN or infinite: shown black, +inf white",
       "7 个像素为 NaN 或无穷大：显示为黑色，+inf 为白色"},
      {"something else, of a file", "something else，of a file"},
      {"", ""},
      {", ,, tokens", "，,，tokens"},
  };
  for (const auto& [english, chinese] : facts) EXPECT_EQ(FactsInChinese(english), chinese);
}

TEST(ReportDocument, TellsWhoseImagesTheseAre) {
  RadiologyReport report = ReportOf(Language::kEnglish, {"A chest radiograph.", "Normal."});
  const auto patients = [&](Language language, std::optional<bool> different) {
    report.language = language;
    report.study.different_patients = different;
    return DocumentOf(report).patients;
  };
  EXPECT_EQ(patients(Language::kEnglish, false), "");
  EXPECT_EQ(patients(Language::kEnglish, true), "The files name different patients");
  EXPECT_EQ(patients(Language::kChinese, true), "各文件所记患者不同");
  EXPECT_THAT(patients(Language::kEnglish, std::nullopt), HasSubstr("not known"));
  EXPECT_THAT(patients(Language::kChinese, std::nullopt), HasSubstr("不详"));
}

}  // namespace
}  // namespace roentgen
