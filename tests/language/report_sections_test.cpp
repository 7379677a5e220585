// Headings of reports as hospitals write them, and as people type them.

#include "roentgen/language/report_sections.h"

#include <gmock/gmock.h>

#include <iterator>
#include <random>
#include <string>

#include "support/processor_time.h"

namespace roentgen {
namespace {

/// "F:text I:text": each section's part and text, without its heading.
std::string Show(std::string_view report) {
  std::string shown;
  for (const ReportSection& section : SplitReport(report)) {
    if (!shown.empty()) shown += ' ';
    shown += "UFIO"[static_cast<size_t>(section.part)];
    shown += ":" + std::string(section.text);
  }
  return shown;
}

class BothHeadings : public testing::TestWithParam<const char*> {};

TEST_P(BothHeadings, AreFound) {
  EXPECT_TRUE(HasReportHeadings(GetParam())) << GetParam() << "\n" << Show(GetParam());
  for (const ReportSection& section : SplitReport(GetParam())) {
    EXPECT_TRUE(section.part != ReportPart::kUntitled || section.text == "{") << Show(GetParam());
    EXPECT_NE(section.text, "") << Show(GetParam());
  }
}

constexpr const char* kChinese[] = {
    "影像表现：双肺清晰。\n诊断意见：未见异常。",
    "影像所见：双肺清晰。\n诊断印象：正常。",
    "影像学表现：双肺清晰。影像学诊断：正常。",
    "影像学所见：双肺清晰。诊断结论：正常。",
    "影像描述：双肺清晰\n影像诊断：正常",
    "检查所见：肝脏大小正常。提示：脂肪肝。",
    "检查所见：……。提示：……正常",
    "超声所见：肝大小正常。\n超声提示：脂肪肝",
    "超声描述：正常。超声诊断：正常",
    "彩超所见：正常。彩超提示：正常",
    "超声心动图所见：正常。超声心动图提示：正常",
    "X线所见：双肺清晰\nX线诊断：正常",
    "CT表现：双肺清晰；印象：正常",
    "CT所见：双肺清晰\nCT诊断：正常",
    "MRI所见：脑白质高信号\nMRI诊断意见：缺血灶",
    "DR所见：正常\nDR诊断：正常",
    "PET/CT所见：正常\nPET/CT诊断：正常",
    "胸部CT所见：双肺清晰。胸部CT诊断：正常",
    "胸部正位片所见：双肺清晰。诊断：正常",
    "头颅MRI平扫+增强所见：正常\n诊断意见：正常",
    "放射学表现：双肺清晰 放射学诊断：正常",
    "检查所见：正常\n检查结论：正常",
    "所见：双肺清晰。印象：正常。",
    "描述：双肺清晰\n结论：正常",
    "表现：双肺清晰\n意见：正常",
    "所见：双肺清晰。医学影像诊断：正常",
    "所见如下：双肺清晰。诊断与建议：正常，随访。",
    "诊断意见(仅供参考)：正常。影像所见(平扫)：正常",
    "临床诊断：肺炎？\n检查方法：平扫\n影像表现：双肺清晰\n影像诊断：正常",
    // Traditional.
    "影像所見：雙肺清晰。診斷意見：正常。",
    "檢查所見：肝臟正常。印象：脂肪肝",
    "超音波所見：正常。超音波診斷：脂肪肝",
    "影像學表現：正常。結論：正常",
    // Numbers.
    "一、影像表现\n双肺清晰\n二、诊断意见\n正常",
    "一、影像表现：双肺清晰。二、诊断意见：正常。",
    "（一）影像表现：双肺清晰。（二）诊断意见：正常。",
    "(1)影像表现:双肺清晰.(2)诊断意见:正常.",
    "1.影像表现:双肺清晰.2.诊断意见:正常.",
    "1、影像所见：双肺清晰；2、诊断：正常",
    "①影像所见：双肺清晰②诊断：正常",
    // Brackets and Markdown.
    "［影像所见］双肺清晰。［诊断意见］正常。",
    "【影像所见】双肺清晰【印象】正常",
    "【影像所见】：双肺清晰\n【诊断意见】：正常",
    "【 影像所见 】 双肺清晰 【 诊断意见 】 正常",
    "[影像所见]双肺清晰[诊断]正常",
    "〖影像所见〗双肺清晰〖诊断意见〗正常",
    "「影像所见」\n双肺清晰\n「诊断意见」\n正常",
    "(影像所见)双肺清晰\n(诊断意见)正常",
    "“影像所见”：双肺清晰。“诊断意见”：正常",
    "**影像所见** 双肺清晰 **诊断意见** 正常",
    "**影像所见**：双肺清晰\n**诊断意见**：正常",
    "## 影像表现\n双肺清晰\n## 诊断意见\n正常",
    // Colons and blanks.
    "影像所见∶双肺清晰。诊断意见∶正常",
    "影像所见︰双肺清晰。诊断意见︰正常",
    "影像所见﹕双肺清晰。诊断意见﹕正常",
    "影像所见　：双肺清晰\n诊断印象　：正常",
    "影像描述　双肺清晰\n影像诊断　正常",
    "　　影像描述　双肺清晰\n　　提示　正常",
    "影 像 所 见：双肺清晰\n印　　象：正常",
    "影像表现——双肺清晰\n诊断意见——正常",
    "所见\n双肺清晰\n提示\n正常",
    "影像所见：\r\n双肺清晰\r\n诊断意见：\r\n正常",
    // Typed in haste.
    "影像所见:双肺清晰.诊断意见:正常.",
    "影像所见:双肺清晰,诊断意见:正常",
    "影像所见:双肺清晰诊断意见:正常",
    "影像所见；双肺清晰\n诊断意见；正常",
    "检查所见：肝脏大小正常 提示：脂肪肝",
    "ＣＴ所见：双肺清晰　印象：正常",
    "影像所见　双肺纹理清晰　诊断意见　正常",
    "影像所见 双肺纹理清晰 诊断意见 正常",
    "印象/诊断：正常\n所见：双肺清晰",
    "所见：双肺清晰。结论及诊断：正常",
    "★影像表现：双肺清晰\n★诊断与意见：正常",
    "Ⅰ、影像表现：双肺清晰。Ⅱ、诊断意见：正常。",
    "检查所见（胸部平扫）：双肺清晰\n印象：正常",
    "影像發現：雙肺清晰。診斷：正常",
    "心电图所见：正常；印象：正常",
    "{\"影像所见\": \"双肺清晰\", \"诊断意见\": \"正常\"}",
};
INSTANTIATE_TEST_SUITE_P(Chinese, BothHeadings, testing::ValuesIn(kChinese));

constexpr const char* kEnglish[] = {
    "Findings: clear.\nImpression: normal.",
    "FINDINGS\nclear\nIMPRESSION\nnormal",
    "FINDINGS:\n\nClear\n\nIMPRESSION:\n\n1. Normal",
    "## 1. Findings\nclear\n**Conclusion:** normal",
    "I. Findings\nclear\nII. Impression\nnormal",
    "Findings: clear. Impression: normal",
    "findings: clear. impression: normal",
    "findings: the lungs are clear impression: normal",
    "FINDINGS The lungs are clear.\nIMPRESSION No acute disease.",
    "Findings - clear\nImpression - normal",
    "CT findings: clear\nDiagnosis: normal",
    "Findings (PA and lateral): clear\nImpression and recommendations: normal",
    "[Findings] clear [Impression] normal",
    "Findings：clear\nConclusion：normal",
    "ＦＩＮＤＩＮＧＳ：clear．ＩＭＰＲＥＳＳＩＯＮ：normal．",
    "Radiological findings: clear.\nOpinion: normal",
    "Chest X-ray findings: clear.\nRadiological diagnosis: normal",
    "Left knee MRI findings: tear\nImpression: tear",
    "ULTRASOUND FINDINGS: normal ULTRASOUND IMPRESSION: normal",
    "INDICATION: cough. COMPARISON: none. FINDINGS: clear. IMPRESSION: normal.",
    "Findings: of grade 2. Impression: normal",
    "Finding(s): clear\nImpression(s): normal",
    "{\"findings\": \"clear\", \"impression\": \"normal\"}",
    "• Findings: clear\n• IMPRESSION AND PLAN: normal",
};
INSTANTIATE_TEST_SUITE_P(English, BothHeadings, testing::ValuesIn(kEnglish));

class NotBothHeadings : public testing::TestWithParam<const char*> {};

TEST_P(NotBothHeadings, AreFound) {
  EXPECT_FALSE(HasReportHeadings(GetParam())) << GetParam() << "\n" << Show(GetParam());
}

constexpr const char* kOne[] = {
    "",
    "Findings: clear.",
    "Impression: normal.",
    "影像表现：双肺清晰。",
    "诊断意见：正常",
    "影像所见",
    "临床表现：咳嗽。临床诊断：肺炎。",
    "临床诊断：肺炎。影像表现：结节。",
    "鉴别诊断：肺癌。影像所见：结节",
    "Clinical findings: cough. Differential diagnosis: pneumonia.",
};
INSTANTIATE_TEST_SUITE_P(One, NotBothHeadings, testing::ValuesIn(kOne));

class RunningText : public testing::TestWithParam<const char*> {};

TEST_P(RunningText, HasNoHeading) {
  EXPECT_EQ(Show(GetParam()), std::string("U:") + GetParam());
}

constexpr const char* kProse[] = {
    "The findings give the impression of health.",
    "Findings impression",
    "Findings are stable. The impression is of a normal chest.",
    "No findings. No impression.",
    "No findings\nNo impression",
    "In my opinion the findings: normal.",
    "These findings suggest an impression on the liver.",
    "What are the findings and impression?",
    "双肺见结节，提示炎症。影像表现不典型。",
    "双肺见片状高密度影，提示：炎症。",
    "超声提示胆囊结石，所见肝脏正常",
    "超声所见肝脏正常。超声提示胆囊结石。",
    "超聲提示膽囊結石。所見諸骨未見異常。",
    "所见诸骨未见异常，诊断为肺炎。",
    "双肺所见正常，印象深刻。",
    "CT表现支持肺炎，结论待定",
    "病变表现为结节。诊断为肺炎",
    "影像所见与诊断意见不符",
    "影像 所见 与 诊断 意见 不符",
    "双肺纹理增多 提示 支气管炎",
    "请描述影像表现并给出诊断意见。",
    "肺内病灶。部位：右肺上叶。",
    "右侧胸腔积液。\n原因：肋膈角变钝。",
    "There is an effusion.\nReason: The angle is blunted.",
    "与前片（检查日期：2023-01-01）比较，右侧胸腔积液增多。",
    "T2WI信号：增高，右侧胸腔积液。",
    "【信号】增高，右侧胸腔积液。",
    "有高血压病史\n右侧胸腔积液",
    "Compared with the prior (date: 2023), the effusion is larger.",
    "Normal examination\nNo comparison",
    "The findings were read by Dr. Smith.",
};
INSTANTIATE_TEST_SUITE_P(Prose, RunningText, testing::ValuesIn(kProse));

TEST(ReportSections, AreTextsWithoutTheirHeadings) {
  EXPECT_EQ(Show("影像所見：左肺上葉結節。\n診斷意見：１．結節；２．建議複查。"),
            "F:左肺上葉結節。 I:１．結節；２．建議複查。");
  EXPECT_EQ(Show("姓名不详\n［影像所见］ 双肺清晰。［诊断］\n正常\n"),
            "U:姓名不详 F:双肺清晰。 I:正常");
  EXPECT_EQ(Show("Indication: pneumonia?\nFindings: Clear.\n\nImpression:\n1. Normal."),
            "O:pneumonia? F:Clear. I:1. Normal.");
  EXPECT_EQ(Show("临床诊断：肺炎？影像表现：双肺清晰。印象："), "O:肺炎？ F:双肺清晰。 I:");
  EXPECT_EQ(Show("影像所见:双肺清晰诊断意见:正常"), "F:双肺清晰 I:正常");
  EXPECT_EQ(Show("Indication: cough,\nfever.\nThe lungs are clear."),
            "O:cough,\nfever. U:The lungs are clear.");
  EXPECT_EQ(Show("临床诊断：\n肺炎\n右侧胸腔积液。\n诊断：积液"), "O:肺炎 U:右侧胸腔积液。 I:积液");
}

TEST(ReportSections, HeadingsAreKeptAsTheyAreWritten) {
  const auto sections = SplitReport("一、【影像所见】：双肺清晰。二、胸部ＣＴ诊断∶ 正常");
  ASSERT_EQ(sections.size(), 2u);
  EXPECT_EQ(sections[0].heading, "一、【影像所见】：");
  EXPECT_EQ(sections[1].heading, "二、胸部ＣＴ诊断∶");
  EXPECT_EQ(sections[1].text, "正常");
}

TEST(ReportSections, AHeadingRightBehindAnotherOneEndsIt) {
  EXPECT_EQ(Show("检查所见: 临床病史: 气胸。\n诊断: 未见异常。"), "F: O:气胸。 I:未见异常。");
  EXPECT_EQ(Show("檢查所見：　臨床病史：氣胸。\n診斷：未見異常。"), "F: O:氣胸。 I:未見異常。");
  EXPECT_EQ(Show("Findings: Clinical history: pneumothorax.\nImpression: Normal chest."),
            "F: O:pneumothorax. I:Normal chest.");
  EXPECT_EQ(Show("【检查所见】 【诊断意见】 未见异常。\n【临床诊断】 气胸。"),
            "F: I:未见异常。 O:气胸。");
  EXPECT_EQ(Show("Impression: Findings: Lungs clear.\nClinical history: pneumothorax."),
            "I: F:Lungs clear. O:pneumothorax.");
}

TEST(ReportSections, HistoryAndRequestAreOther) {
  for (const std::string name : {"既往史",
                                 "现病史",
                                 "手术史",
                                 "家族史",
                                 "病史",
                                 "主诉",
                                 "申请诊断",
                                 "送检诊断",
                                 "初步诊断",
                                 "入院诊断",
                                 "检查原因",
                                 "检查目的",
                                 "申请目的",
                                 "病情摘要",
                                 "适应症",
                                 "适应证",
                                 "適應症",
                                 "临床表现",
                                 "临床症状",
                                 "臨床資料",
                                 "症状",
                                 "病情描述",
                                 "检查部位",
                                 "既往肿瘤病史",
                                 "Reason for exam",
                                 "Reason for the examination",
                                 "REASON FOR STUDY",
                                 "Reason for visit",

                                 "History",
                                 "Clinical history",
                                 "Past medical history",
                                 "Smoking history",
                                 "History of present illness",
                                 "Chief complaint",
                                 "Clinical details",
                                 "Clinical question",
                                 "Indication"}) {
    EXPECT_EQ(Show(name + "：气胸。\n右侧胸腔积液。"), "O:气胸。 U:右侧胸腔积液。") << name;
    EXPECT_EQ(Show("Normal.\n" + name + ": pneumonia\nFindings: Clear."),
              "U:Normal. O:pneumonia F:Clear.")
        << name;
  }
}

TEST(ReportSections, PeopleDatesAndNumbersAreOther) {
  for (const std::string name : {"报告医师",
                                 "審核醫師",
                                 "审核医师",
                                 "签名",
                                 "医师签名",
                                 "报告日期",
                                 "检查日期",
                                 "检查号",
                                 "影像号",
                                 "住院号",
                                 "病历号",
                                 "姓名",
                                 "患者姓名",
                                 "性别",
                                 "年龄",
                                 "科室",
                                 "申请科室",
                                 "审核时间",
                                 "检查设备",
                                 "报告者",
                                 "审核人",
                                 "主任医师",
                                 "审核",
                                 "Radiologist",
                                 "Dictated by",
                                 "Signed",
                                 "Electronically signed by",
                                 "SIGNED BY",
                                 "Reported by",
                                 "Referring physician",
                                 "Exam date",
                                 "Date of exam",
                                 "Date of birth",
                                 "MRN",
                                 "Accession number",
                                 "Patient name",
                                 "Age",
                                 "Date"}) {
    EXPECT_EQ(Show(name + "：X1\n右侧胸腔积液。"), "O:X1 U:右侧胸腔积液。") << name;
    EXPECT_EQ(Show("Findings: Clear.\n" + name + ": X1\n"), "F:Clear. O:X1") << name;
  }
  EXPECT_EQ(Show("诊断：未见异常。报告医师：李四 审核医师：王五"), "I:未见异常。 O:李四 O:王五");
  EXPECT_EQ(Show("诊断：未见异常  报告医师：李四"), "I:未见异常 O:李四");
  EXPECT_EQ(Show("姓名：张三，性别：男，年龄：45岁，检查所见：正常"),
            "O:张三， O:男， O:45岁， F:正常");
  EXPECT_EQ(Show("检查日期：2024.01.02。右侧胸腔积液。"), "O:2024.01.02。 U:右侧胸腔积液。");
  EXPECT_EQ(Show("报告医师：\n右侧胸腔积液。"), "O: U:右侧胸腔积液。");
  EXPECT_EQ(Show("Impression: Normal.\nElectronically signed by J. Smith, MD"),
            "I:Normal. O:J. Smith, MD");
  EXPECT_EQ(Show("Age: 45. Clear lungs."), "O:45. U:Clear lungs.");
  EXPECT_EQ(Show("报告医师 李四"), "O:李四");
}

TEST(ReportSections, APreliminaryDiagnosisBehindFindingsIsTheirMeaning) {
  EXPECT_EQ(Show("检查所见：右侧胸腔积液。\n初步诊断：积液"), "F:右侧胸腔积液。 I:积液");
  EXPECT_EQ(Show("影像初步诊断：积液"), "I:积液");
  EXPECT_EQ(Show("初步诊断：气胸\n检查所见：正常"), "O:气胸 F:正常");
}

/// Mixtures of what headings are made of.
TEST(ReportSections, LieInOrderWithinTheReport) {
  constexpr std::string_view kPieces[] = {
      "检查所见",   "诊断",     "临床诊断",   "影像",  "表现", "Findings", "Impression:", "History",
      "Indication", "报告医师", "日期：",     "：",    ":",    " ",        "　",          "\n",
      "【",         "】",       "(",          ")",     "①",    "1.",       "、",          "-",
      "**",         "。",       "未见异常。", "clear", "\xff", "；"};
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string report;
    for (size_t pieces = 1 + random() % 14; pieces > 0; --pieces) {
      report += kPieces[random() % std::size(kPieces)];
    }
    const char* last = report.data();
    for (const ReportSection& section : SplitReport(report)) {
      for (const std::string_view text : {section.heading, section.text}) {
        if (text.empty()) continue;
        ASSERT_GE(text.data(), last) << report;
        last = text.data() + text.size();
        ASSERT_LE(last, report.data() + report.size()) << report;
      }
    }
  }
}

TEST(ReportSections, TakeTimeInProportion) {
  for (const std::string_view heading :
       {"影像表现: ", "诊断", "诊断 ", "影像", "【所见】 ", "Findings: ", "Clinical history: ",
        "findings ", "CT ", "1. Impression\n", "(", "诊断-", "报告医师：", "Signed by: "}) {
    std::string repeated;
    while (repeated.size() < 100'000) repeated += heading;
    const test::ProcessorTime time;
    SplitReport(repeated);
    EXPECT_LT(time.Seconds(), 2) << heading;
  }
  std::string report;
  while (report.size() < 1'000'000) report += "影像 所  见 (1 、";
  EXPECT_FALSE(HasReportHeadings(report));
  EXPECT_FALSE(HasReportHeadings(std::string(1'000'000, ' ') + "所见"));
}

}  // namespace
}  // namespace roentgen
