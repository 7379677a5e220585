#include "roentgen/assistant/report.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "roentgen/assistant/picture_preview.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/base64.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/imaging/encode_png.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Image GreyPicture(int width, int height) {
  Image image;
  image.width = width;
  image.height = height;
  for (int i = 0; i < width * height; ++i) {
    image.rgb.insert(image.rgb.end(), 3, static_cast<uint8_t>(i * 7));
  }
  return image;
}

RadiologyReport SomeReport(Language language) {
  RadiologyReport report;
  report.language = language;
  report.study.examination.subject = ReportSubject::kChest;
  report.date = "2026-11-27T08:00:00Z";
  const bool english = language == Language::kEnglish;
  const std::vector<std::string> answers =
      english ? std::vector<std::string>{"PA radiograph of the chest.",
                                         "A nodule of 2.5 cm. Else <clear> & sharp.",
                                         "The heart is normal.",
                                         "It cannot be assessed.",
                                         "No fracture is seen.",
                                         "1. Nodule in the left upper zone.\n2. Follow up."}
              : std::vector<std::string>{"胸部后前位X线片。", "左肺上野见一结节。余肺野清晰！",
                                         "心影不大。",        "无法评估。",
                                         "未见骨折。",        "1. 左肺上野结节。\n2. 建议复查。"};
  const auto steps = ReportProtocol(ReportSubject::kChest);
  for (size_t i = 0; i < steps.size(); ++i) {
    report.answers.push_back({steps[i], answers[i], true, Answer::Finish::kEnd, {}});
  }
  report.study.images.push_back({std::string(64, 'a'), std::string(64, 'd'),
                                 "PNG 20×30 → 28×28, 1 tokens", EncodePng(GreyPicture(28, 28)), "",
                                 "", ""});
  report.facts.program = "roentgen 0";
  report.facts.model = "tiny";
  report.facts.model_sha256 = std::string(64, 'b');
  report.facts.adapters.push_back({"tuned", std::string(64, 'c')});
  report.facts.weights = "as published";
  ReadAnswers(report);
  return report;
}

TEST(Report, SentencesKnowTheirQuestions) {
  std::vector<std::string> texts;
  std::vector<size_t> answers;
  for (const ReportSentence& sentence : Sentences(SomeReport(Language::kEnglish), false)) {
    texts.push_back(sentence.text);
    answers.push_back(sentence.answer);
  }
  EXPECT_THAT(texts, ElementsAre("PA radiograph of the chest.", "A nodule of 2.5 cm.",
                                 "Else <clear> & sharp.", "The heart is normal.",
                                 "It cannot be assessed.", "No fracture is seen."));
  EXPECT_THAT(answers, ElementsAre(0, 1, 1, 2, 3, 4));
  texts.clear();
  for (const ReportSentence& sentence : Sentences(SomeReport(Language::kChinese), true)) {
    texts.push_back(sentence.text);
  }
  EXPECT_THAT(texts, ElementsAre("1. 左肺上野结节。", "2. 建议复查。"));
}

TEST(Report, SentencesEndAtMarksOfAnyWidth) {
  RadiologyReport report = SomeReport(Language::kChinese);
  for (ReportAnswer& answer : report.answers) answer.answer.clear();
  report.answers[1].answer = "左肺上野見一結節，約３．５cm．餘肺野清晰｡無積液！ 有骨折？No.Clear";
  ReadAnswers(report);
  std::vector<std::string> texts;
  for (const ReportSentence& sentence : Sentences(report, false)) texts.push_back(sentence.text);
  EXPECT_THAT(texts, ElementsAre("左肺上野見一結節，約３．５cm．", "餘肺野清晰｡", "無積液！",
                                 "有骨折？", "No.", "Clear"));
}

TEST(Report, WhatWasNotAssessedIsSaid) {
  EXPECT_EQ(NotAssessed(SomeReport(Language::kEnglish)), "Diaphragm and costophrenic angles");
  EXPECT_EQ(NotAssessed(SomeReport(Language::kChinese)), "膈肌和肋膈角");
}

TEST(Report, EveryFormCarriesHashesAndTheNotice) {
  const RadiologyReport report = SomeReport(Language::kChinese);
  for (const std::string& text :
       {ReportMarkdown(report), ReportHtml(report), ReportJson(report), ReportFhir(report)}) {
    EXPECT_THAT(text, HasSubstr("仅供研究使用"));
    EXPECT_THAT(text, HasSubstr(std::string(64, 'b')));
    EXPECT_THAT(text, HasSubstr(std::string(64, 'c')));
    EXPECT_THAT(text, HasSubstr("2026-11-27T08:00:00Z"));
  }
  for (const std::string& text : {ReportMarkdown(report), ReportHtml(report), ReportJson(report)}) {
    EXPECT_THAT(text, HasSubstr(std::string(64, 'a')));
  }
}

TEST(Report, MarkdownHasAllInTheLanguageOfTheReport) {
  RadiologyReport report = SomeReport(Language::kChinese);
  report.study.indication = "咳嗽\n<b>发热</b>";
  report.answers[4].answer.clear();
  report.answers[1].facts.run.generation.max_new_tokens = 7;
  ReadAnswers(report);
  const std::string text = ReportMarkdown(report);
  EXPECT_THAT(
      text,
      StartsWith("# 影像报告\n\n> **仅供研究使用。由程序生成，不构成诊断。**\n\n- 检查项目："));
  EXPECT_THAT(text, HasSubstr("- 临床资料：咳嗽\\\n\\<b>发热\\</b>\n"));
  EXPECT_THAT(text, HasSubstr("## 影像表现"));
  EXPECT_THAT(text, HasSubstr("**肺野**：左肺上野见一结节。余肺野清晰！ [2]"));
  EXPECT_THAT(text, HasSubstr("：无法评估。（*不能判断*） [4]"));
  EXPECT_THAT(text, HasSubstr("：*未作回答* [5]"));
  EXPECT_THAT(text, HasSubstr("## 诊断意见\n\n1\\. 左肺上野结节。\\\n2\\. 建议复查。 [6]"));
  EXPECT_THAT(text, HasSubstr("\n未能评估：膈肌和肋膈角"));
  EXPECT_THAT(text, HasSubstr("## 提问顺序\n\n1. "));
  EXPECT_THAT(text, HasSubstr("2. 请描述双肺野。\\\n   *"));
  EXPECT_THAT(text, HasSubstr("\n- 模型：tiny, SHA-256 " + std::string(64, 'b')));
  EXPECT_THAT(ReportBody(report), HasSubstr("（*不能判断*）"));
  EXPECT_THAT(text, StartsWith(ReportBody(report)));
}

TEST(Report, MarkdownOfASentenceIsText) {
  RadiologyReport report = SomeReport(Language::kEnglish);
  report.answers[1].answer =
      "# Mass <script>. A [link](x) of *2.5* cm. It cannot be assessed. Sharp.";
  ReadAnswers(report);
  EXPECT_THAT(ReportBody(report),
              HasSubstr("**: \\# Mass \\<script>. A \\[link\\](x) of \\*2.5\\* cm. It cannot be "
                        "assessed. (*cannot be told; said more than once*) Sharp. [2]\n"));
}

TEST(Report, HtmlEscapesAndHoldsTheImages) {
  const RadiologyReport report = SomeReport(Language::kEnglish);
  const std::string html = ReportHtml(report);
  EXPECT_THAT(html, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(html, HasSubstr("Else &lt;clear&gt; &amp; sharp."));
  EXPECT_THAT(html, HasSubstr("<img alt=\"image 1\" src=\"data:image/png;base64," +
                              Base64(report.study.images[0].png)));
  EXPECT_THAT(html, HasSubstr("<a href=\"#q2\">[2]</a>"));
  EXPECT_THAT(
      html, HasSubstr("It cannot be assessed.</bdi><span class=\"mark\"> (cannot be told)</span>"));
}

TEST(Report, HtmlIsInTheLanguageOfTheReport) {
  const std::string html = ReportHtml(SomeReport(Language::kChinese));
  EXPECT_THAT(html, HasSubstr("<html lang=\"zh-CN\">"));
  EXPECT_THAT(html, HasSubstr("<title>影像报告</title>"));
  EXPECT_THAT(html, HasSubstr("<dt>图像 1</dt>"));
  EXPECT_THAT(html, HasSubstr("<bdi>1. 左肺上野结节。</bdi><br><bdi>2. 建议复查。</bdi>"));
  EXPECT_THAT(html, HasSubstr("<footer>仅供研究使用，不是医疗器械。"));
  EXPECT_THAT(html, Not(HasSubstr("research")));
}

TEST(Report, PdfInBothLanguages) {
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    RadiologyReport report = SomeReport(language);
    for (int i = 0; i < 60; ++i) report.answers[1].answer += " More of it.";  // a second page
    const std::string pdf = ReportPdf(report);
    EXPECT_THAT(pdf, StartsWith("%PDF-"));
  }
}

TEST(Report, FilesAreOfTheFormTheirNameAsksForAndPrivate) {
  const test::TemporaryFolder folder;
  const RadiologyReport report = SomeReport(Language::kEnglish);
  for (const char* name : {"a.md", "a.html", "a.pdf", "a.json", "a.fhir.json"}) {
    WriteReport(report, folder.path() / name);
    struct stat status {};
    ASSERT_EQ(::stat((folder.path() / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
  EXPECT_THAT(ReadFile(folder.path() / "a.fhir.json", 1 << 20), HasSubstr("resourceType"));
  EXPECT_THAT(ReadFile(folder.path() / "a.json", 1 << 20), Not(HasSubstr("resourceType")));
  ROENTGEN_EXPECT_ERROR(WriteReport(report, folder.path() / "a.doc"), "no form of a report");
  EXPECT_FALSE(IsReportName("md"));
}

TEST(PicturePreview, FitsAndResetsColours) {
  const std::string blocks = DrawPreview(GreyPicture(40, 20), PreviewKind::kBlocks24, 20, 10);
  EXPECT_EQ(std::count(blocks.begin(), blocks.end(), '\n'), 5);
  EXPECT_THAT(blocks, testing::EndsWith("\x1b[0m\n"));
  const std::string tall = DrawPreview(GreyPicture(10, 1000), PreviewKind::kBlocks256, 20, 10);
  EXPECT_EQ(std::count(tall.begin(), tall.end(), '\n'), 10);
  EXPECT_THAT(tall, HasSubstr("\x1b[38;5;2"));
  const std::string sixel = DrawPreview(GreyPicture(40, 20), PreviewKind::kSixel, 20, 10);
  EXPECT_THAT(sixel, StartsWith("\x1bPq\"1;1;160;80"));
  EXPECT_THAT(sixel, testing::EndsWith("\x1b\\\n"));
}

}  // namespace
}  // namespace roentgen
