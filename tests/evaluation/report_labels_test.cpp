// What reports say: the published sample reports, and two tables of sentences of our own.

#include "roentgen/evaluation/report_labels.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/data/csv_rows.h"
#include "roentgen/evaluation/words.h"
#include "support/paths.h"

namespace roentgen {
namespace {

constexpr std::array<std::string_view, kReportLabels> kShort = {
    "NF", "EC", "CM", "LL", "LO", "ED", "CO", "PN", "AT", "PX", "EF", "PO", "FX", "SD"};
constexpr std::string_view kSigns = " -?+";

ReportLabels Labels(std::string_view report) {
  return ReadReport(report).labels;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

/// "CM+ EF-"; without "No Finding", which follows from the others.
std::string Write(const ReportLabels& labels) {
  std::vector<std::string> said;
  for (size_t i = 1; i < kReportLabels; ++i) {
    if (labels[i] != Finding::kNotMentioned) {
      said.push_back(std::string(kShort[i]) + kSigns[static_cast<size_t>(labels[i])]);
    }
  }
  std::sort(said.begin(), said.end());
  return Joined(said);
}

/// Its words: "No Finding" first, the others in order.
std::vector<std::string> Ordered(const std::string& labels) {
  std::vector<std::string> words = SplitAtBlanks(labels);
  std::sort(words.begin(), words.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a != "NF+", a) < std::pair(b != "NF+", b);
  });
  return words;
}

/// The same with "No Finding".
std::string WriteAll(const ReportLabels& labels) {
  return (labels[0] == Finding::kPresent ? "NF+ " : "") + Write(labels);
}

std::string Sorted(const std::string& labels) {
  std::vector<std::string> words = SplitAtBlanks(labels);
  std::sort(words.begin(), words.end());
  return Joined(words);
}

void ExpectTable(const std::string& name, size_t least) {
  const auto path = test::SourceDir() / "tests/evaluation/data" / name;
  std::string text = ReadFile(path, 1 << 20);
  size_t sentences = 0;
  size_t line_number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (line.starts_with('#')) continue;
    const size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << name << ":" << line_number;
    ++sentences;
    EXPECT_EQ(Write(Labels(line.substr(tab + 1))), Sorted(line.substr(0, tab)))
        << name << ":" << line_number << ": " << line.substr(tab + 1);
  }
  EXPECT_GE(sentences, least);
}

TEST(ReportLabels, EnglishSentences) {
  ExpectTable("english_report_sentences.tsv", 200);
}
TEST(ReportLabels, ChineseSentences) {
  ExpectTable("chinese_report_sentences.tsv", 100);
}

void ExpectAll(const std::vector<std::pair<const char*, const char*>>& cases) {
  for (const auto& [text, labels] : cases) {
    EXPECT_EQ(WriteAll(Labels(text)), Joined(Ordered(labels))) << text;
  }
}

/// What was read wrongly in real users' hands, and its neighbours; with "No Finding".
TEST(ReportLabels, FieldSentences) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      // Marks by what they join, in any width
      {"两肺未见结节，右侧胸腔积液。", "LL- EF+"},
      {"两肺未见结节,右侧胸腔积液.", "LL- EF+"},
      {"两肺未见结节.右侧胸腔积液", "LL- EF+"},
      {"两肺未见结节．右侧胸腔积液．", "LL- EF+"},
      {"两肺未见结节｡右侧胸腔积液｡", "LL- EF+"},
      {"两肺未见结节 右侧胸腔积液", "LL- EF+"},
      {"两肺未见结节　右侧胸腔积液", "LL- EF+"},
      {"两肺未见结节右侧胸腔积液", "LL- EF+"},
      {"①两肺未见结节②右侧胸腔积液", "LL- EF+"},
      {"1.两肺未见结节2.右侧胸腔积液", "LL- EF+"},
      {"未见实变，结节及肿块。", "NF+ CO- LL-"},
      {"未见实变,结节及肿块.", "NF+ CO- LL-"},
      {"1) No pneumonia 2) Right pleural effusion", "PN- EF+"},
      {"1. No pneumonia 2. Right pleural effusion", "PN- EF+"},
      // A denial governs its object
      {"左侧胸腔见无肺纹理透亮区及气胸线", "PX+"},
      {"左侧肋骨见骨质连续性中断。", "FX+"},
      {"右侧第5肋骨无移位骨折", "FX+"},
      {"无明显移位的骨折", "FX+"},
      {"右侧胸腔积液伴肋膈角消失", "EF+"},
      {"未见骨折及脱位", "NF+ FX-"},
      {"骨折，断端未见明显移位", "FX+"},
      // Denial and doubt are composed
      {"未看到气胸", "NF+ PX-"},
      {"没发现骨折", "NF+ FX-"},
      {"两肺感染，不伴胸腔积液", "PN+ EF-"},
      {"心影不增大", "NF+ CM-"},
      {"纵隔未增宽", "NF+ EC-"},
      {"肺炎可除外", "NF+ PN-"},
      {"不能完全排除肺炎", "PN?"},
      {"未除外肺炎", "PN?"},
      {"建议CT排除肺癌", "LL?"},
      {"建议进一步CT检查以除外肺癌", "LL?"},
      {"目前尚难以完全除外气胸可能", "PX?"},
      // Word order
      {"肺癌病史5年。", "NF+ LL-"},
      {"History of lung carcinoma.", "NF+ LL-"},
      // Unknown is not healthy, and not its neighbour
      {"双肺多发转移瘤", "LL+"},
      {"间质纤维化", "LO+"},
      {"右侧脓胸", "EF+"},
      {"心界扩大", "CM+"},
      {"肺结核", ""},
      {"Tuberculosis.", ""},
      {"心包积液", ""},
      {"腹腔积液", ""},
      {"双侧胸腔及心包积液", "EF+"},
      {"胸腔未见积液，心包少量积液", "EF-"},
      {"Pericardial effusion.", ""},
      {"Left knee effusion.", ""},
      {"No pericardial or pleural effusion.", "NF+ EF-"},
      {"双肺见蟛蜞状改变", ""},
      {"The lungs are frobnicated.", ""},
      {"支扩", ""},
      {"肺大疱", ""},
      {"肺大泡", ""},
      {"纵隔气肿", ""},
      // Traditional characters
      {"右側胸腔積液。", "EF+"},
      {"兩肺未見結節,無氣胸。", "NF+ LL- PX-"},
      {"心臟無增大,縱膈腔無增寬", "NF+ CM- EC-"},
      // Headings are none of it
      {"影像表现：双肺野清晰。诊断意见：未见异常。", "NF+"},
      {"【檢查所見】兩肺清晰 【印象】心肺膈未見異常", "NF+ CM-"},
  };
  ExpectAll(cases);
}

TEST(ReportLabels, ADenialOfAModifierIsNoneOfTheFinding) {
  ExpectAll({{"左肺非钙化结节", "LL+"},
             {"左肺非实性结节", "LL+"},
             {"右肺非小细胞肺癌", "LL+"},
             {"非心源性肺水肿", "ED+"},
             {"非张力性气胸", "PX+"},
             {"不全骨折", "FX+"},
             {"未移位骨折", "FX+"},
             {"无移位的肋骨骨折", "FX+"},
             {"未見移位之骨折", "FX+"},
             {"未见骨折移位", "FX+"},
             {"左肺结节，性质不明", "LL+"},
             {"左肺结节密度不高", "LL+"},
             {"胸腔积液量不多", "EF+"},
             {"右侧气胸，压缩不明显", "PX+"},
             {"PICC尖端未见显示", "NF+ SD+"},
             {"胸腔积液不明显", "NF+ EF-"},
             {"气胸、胸腔积液均不明显", "NF+ EF- PX-"}});
}

TEST(ReportLabels, AListEndsWhereAStatementBegins) {
  ExpectAll({{"无气胸、无胸腔积液、右侧肋骨骨折。", "PX- EF- FX+"},
             {"未见气胸、右侧胸腔积液。", "PX- EF+"},
             {"未见气胸 / 左侧胸腔积液", "PX- EF+"},
             {"未见气胸、胸腔积液、心影增大。", "PX- EF- CM+"},
             {"未见气胸心影增大", "PX- CM+"},
             {"未见气胸及双侧胸腔积液", "NF+ PX- EF-"},
             {"未见（实变、结节、气胸）。", "NF+ CO- LL- PX-"},
             {"1、未见气胸2、双侧胸腔积液", "PX- EF+"},
             {"No pneumonia | Right pleural effusion", "PN- EF+"},
             {"No pneumonia, right pleural effusion present", "PN- EF+"}});
}

TEST(ReportLabels, WhatIsNotSeenAndHowItIsAreAbnormalToo) {
  ExpectAll({{"右肋膈角未见显示", ""},
             {"右肺无肺纹理", ""},
             {"肋膈角不锐利", ""},
             {"双侧胸廓非对称", ""},
             {"右膈升高", ""},
             {"气管偏右", ""},
             {"肺纹理粗", ""},
             {"右肺体积缩小", ""},
             {"左肺见椭圆形影", ""},
             {"膈下见气体", ""},
             {"考虑恶性", ""},
             {"情况恶化", ""},
             {"The lungs are not clear.", ""},
             {"Abnormal chest radiograph.", ""},
             {"Air under the right hemidiaphragm.", ""},
             {"心肺膈(-)", "NF+ CM-"},
             {"胸膜无特殊", "NF+"},
             {"Normal chest radiograph.", "NF+"},
             {"No acute findings.", "NF+"}});
}

TEST(ReportLabels, NothingIsNormalWhereNothingIsSaid) {
  ExpectAll({{"对不起，我无法判断。", ""},
             {"未行检查。", ""},
             {"12345", ""},
             {"。。。", ""},
             {"😀😀", ""},
             {"建议CT。", ""},
             {"同前。", ""},
             {"胸部正位片。", ""},
             {"The study is limited.", ""}});
}

TEST(ReportLabels, TheHeartIsMeasuredByItsRatio) {
  ExpectAll({{"心胸比约0.56", "CM+"},
             {"心胸比0.48", "NF+ CM-"},
             {"心胸比高于0.5", "CM+"},
             {"心胸比未超过0.5", "NF+ CM-"},
             {"心胸比约0.5～0.6", "CM+"},
             {"心胸比例约1:1.6", "CM+"},
             {"心胸比：5.8:10", "CM+"},
             {"心胸比由0.48增至0.56", "CM+"},
             {"心/胸比58%", "CM+"},
             {"心胸比为0.58（正常<0.5）", "CM+"},
             {"Cardiothoracic ratio 0.58.", "CM+"},
             {"CTR is 0.45.", "NF+ CM-"},
             {"The cardiothoracic ratio is increased.", "CM+"}});
}

TEST(ReportLabels, DoubtsAndWishes) {
  ExpectAll({{"请结合临床除外肺炎", "PN?"},
             {"肺炎需除外", "PN?"},
             {"肺炎待定", "PN?"},
             {"骨折待MRI排除", "FX?"},
             {"肺炎可能性极小", "NF+ PN-"},
             {"肺炎依据不足", "NF+ PN-"},
             {"不能说没有骨折", "FX?"},
             {"未能发现骨折", "NF+ FX-"},
             {"左肺结节，恶性不除外", "LL+"},
             {"建议置管引流", ""},
             {"建议拔除引流管", "NF+ SD+"},
             {"拔除气管插管后，双肺清晰", "NF+ SD-"},
             {"Pneumonia is unlikely.", "NF+ PN-"},
             {"Resolved pneumothorax.", "NF+ PX-"},
             {"Early consolidation possible.", "CO?"}});
}

TEST(ReportLabels, SpacedAndWrappedCharactersAreOneText) {
  ExpectAll({{"右 侧 胸 腔 积 液 。", "EF+"},
             {"未 见 气 胸 。", "NF+ PX-"},
             {"未见气胸、\n胸腔积液。", "NF+ PX- EF-"},
             {"未见\n气胸及胸腔积液", "NF+ PX- EF-"},
             {"未见明\n显实变", "NF+ CO-"},
             {"右侧胸腔积\n液", "EF+"},
             {"两肺未见结节\n右侧胸腔积液", "LL- EF+"}});
}

TEST(ReportLabels, SentencesThatWereNotUnderstoodAreListed) {
  const ReportReading reading =
      ReadReport("双肺清晰。双肺见蟛蜞状改变。The lungs are frobnicated.");
  ASSERT_EQ(reading.unread.size(), 2u);
  EXPECT_EQ(reading.unread[0].text, "双肺见蟛蜞状改变。");
  EXPECT_THAT(reading.unread[0].unknown, testing::ElementsAre("蟛蜞"));
  EXPECT_THAT(reading.unread[1].unknown, testing::ElementsAre("frobnicated"));
  EXPECT_EQ(reading.labels, ReportLabels{});
}

TEST(ReportLabels, NothingIsSaidByNothing) {
  for (const char* text : {"", " \n\t"}) EXPECT_EQ(Labels(text), ReportLabels{});
}

TEST(ReportLabels, NoFindingNeedsThatNothingButDevicesIsThereOrUncertain) {
  const auto no_finding = [](std::string_view text) { return Labels(text)[0]; };
  for (const char* text :
       {"The lungs are clear.", "No effusion.", "PICC in place.", "双肺清晰。"}) {
    EXPECT_EQ(no_finding(text), Finding::kPresent) << text;
  }
  for (const char* text : {"Effusion.", "Possible effusion.", "Hyperinflated lungs.", "肺气肿。"}) {
    EXPECT_EQ(no_finding(text), Finding::kNotMentioned) << text;
  }
}

TEST(ReportLabels, PresentWinsOverUncertainWinsOverAbsent) {
  EXPECT_EQ(Write(Labels("No effusion. Possible effusion.")), "EF? ");
  EXPECT_EQ(Write(Labels("Effusion. Possible effusion. No effusion.")), "EF+ ");
}

TEST(ReportLabels, ALineGoesOnWithASmallLetter) {
  EXPECT_EQ(Write(Labels("No pneumothorax or\neffusion")), "EF- PX- ");
  EXPECT_EQ(Write(Labels("No pneumothorax\nEffusion")), "EF+ PX- ");
}

TEST(ReportLabels, AnyBytesAreTaken) {
  EXPECT_EQ(Write(Labels("\xff\xe5 effusion \xe3\x80")), "EF+ ");
}

TEST(ReportLabels, EndlessRepetitionIsReadInTime) {
  std::string report;
  for (int i = 0; i < 100'000; ++i) report += "effusion resolved, ";
  EXPECT_EQ(Write(Labels(report)), "EF- ");
  for (const char* unit : {"心影、纵隔、", "未见气胸、", "心胸比0.5", "不能排除", "结节或"}) {
    report.clear();
    while (report.size() < 200'000) report += unit;
    ReadReport(report);
  }
}

TEST(ReportLabels, WhatIsAbnormalWithoutALabelIsTold) {
  for (const char* text : {"心包积液", "可疑肺气肿", "Pericardial effusion."}) {
    EXPECT_TRUE(ReadReport(text).other) << text;
  }
  for (const char* text : {"未见心包积液", "右侧胸腔积液", "Normal chest."}) {
    EXPECT_FALSE(ReadReport(text).other) << text;
  }
}

TEST(ReportLabels, ADenialReachesThroughALongList) {
  std::string report = "未见";
  for (int i = 0; i < 300; ++i) report += "结节、";
  EXPECT_EQ(Write(Labels(report + "气胸。")), "LL- PX- ");
}

/// A cell of CheXpert's tables.
Finding FromCell(const std::string& cell) {
  if (cell.empty()) return Finding::kNotMentioned;
  return cell == "1.0" ? Finding::kPresent : cell == "0.0" ? Finding::kAbsent : Finding::kUncertain;
}

TEST(ReportLabels, PublishedSampleReportsComeOut) {
  const auto file = test::SharedRoot() / "data/report-labels/chexpert-labeler/labeled_reports.csv";
  ROENTGEN_NEED(file);
  size_t reports = 0;
  ForEachCsvRow(file, CsvForm{}, [&](size_t line, const std::vector<std::string>& row) {
    if (row.front() == "Reports") return;
    ++reports;
    ASSERT_EQ(row.size(), kReportLabels + 1);
    const ReportLabels labels = Labels(row.front());
    for (size_t i = 0; i < kReportLabels; ++i) {
      EXPECT_EQ(labels[i], FromCell(row[i + 1])) << "line " << line << ": " << kReportLabelNames[i];
    }
  });
  EXPECT_EQ(reports, 4u);
}

TEST(ReportLabels, TheFieldsOfAFormAreRead) {
  const auto read = [](std::string_view report) { return Write(Labels(report)); };
  EXPECT_EQ(read("Pneumothorax: none."), "PX- ");
  EXPECT_EQ(read("Pneumothorax: No, pleural effusion: present; cardiomegaly: ABSENT"),
            "CM- EF+ PX- ");
  EXPECT_EQ(read("Pneumothorax = negative\nPleural effusion: equivocal"), "EF? PX- ");
  EXPECT_EQ(read("Pneumothorax: left apical. Fracture: nil."), "FX- PX+ ");
  EXPECT_EQ(read("Impression: no pneumothorax."), "PX- ");
  EXPECT_EQ(read("Prior: none. Pneumothorax."), "PX+ ");
  EXPECT_EQ(read("气胸：无。胸腔积液：有。"), "EF+ PX- ");
  EXPECT_EQ(read("Pneumothorax: none seen. Pleural effusion: not seen."), "EF- PX- ");
}

TEST(ReportLabels, ContractionsDenyAsWhatTheyStandFor) {
  const auto read = [](std::string_view report) { return Write(Labels(report)); };
  for (const char* denied :
       {"There isn't any effusion.", "There isn’t any effusion.", "I don't see an effusion.",
        "It doesn't show effusion.", "There wasn't an effusion.", "The effusion isn't visible.",
        "I can't see any effusion.", "Can't see an effusion.", "There can't be an effusion.",
        "No longer any effusion.", "There is no longer an effusion.",
        "The left effusion is no longer seen.", "Effusion: none.", "Effusion absent.",
        "未见胸腔积液。", "没有胸腔积液"}) {
    EXPECT_EQ(read(denied), "EF- ") << denied;
  }
  EXPECT_EQ(read("The heart isn't enlarged."), "CM- ");
  EXPECT_EQ(read("The lungs aren't consolidated."), "CO- ");
  EXPECT_EQ(read("The pneumothorax hasn't resolved."), "PX+ ");
  EXPECT_EQ(read("Pneumonia can't be excluded."), "PN? ");
  EXPECT_EQ(read("Pneumothorax hasn't been excluded."), "PX? ");
  EXPECT_EQ(read("There isn't a pneumothorax, but there's an effusion."), "EF+ PX- ");
  EXPECT_EQ(read("Rather than pneumonia, this is edema."), "ED+ PN- ");
  EXPECT_EQ(read("Edema rather than pneumonia."), "ED+ PN- ");
  EXPECT_EQ(read("There is no way to miss the large pneumothorax."), "PX+ ");
}

TEST(ReportLabels, AbsentDeniesItsNounOrWhatItIsSaidOf) {
  const auto read = [](std::string_view report) { return Write(Labels(report)); };
  EXPECT_EQ(read("Large pneumothorax with absent vascular markings in the left hemithorax."),
            "PX+ ");
  EXPECT_EQ(read("Left pneumothorax with absent lung markings."), "PX+ ");
  EXPECT_EQ(read("Absent pleural effusion."), "EF- ");
  EXPECT_EQ(read("Pneumothorax is absent."), "PX- ");
  EXPECT_EQ(read("Pneumothorax absent on the left."), "PX- ");
  EXPECT_EQ(read("Previously present effusion is absent today."), "EF- ");
}

TEST(ReportLabels, WhatCannotBeToldIsUncertain) {
  const auto read = [](std::string_view report) { return Write(Labels(report)); };
  EXPECT_EQ(read("It cannot be determined whether a pneumothorax is present."), "PX? ");
  EXPECT_EQ(read("Atelectasis cannot be distinguished from pneumonia."), "AT+ PN? ");
  EXPECT_EQ(read("Pneumonia cannot be confidently excluded."), "PN? ");
  for (const char* verb : {"seen", "identified", "detected", "demonstrated", "confirmed"}) {
    EXPECT_EQ(read(fmt::format("A pneumothorax cannot be {}.", verb)), "PX? ") << verb;
    EXPECT_EQ(read(fmt::format("Pneumothorax couldn't be {}.", verb)), "PX? ") << verb;
    EXPECT_EQ(read(fmt::format("Pneumothorax could not be {}.", verb)), "PX? ") << verb;
  }
  EXPECT_EQ(read("It cannot be pneumonia."), "PN- ");
  EXPECT_EQ(read("The findings cannot represent edema."), "ED- ");
}

TEST(ReportLabels, ANameAloneSaysNothing) {
  for (const char* name :
       {"X-ray of the heart and lungs.", "MRI of the heart", "The heart.", "Heart:", "No heart.",
        "The image doesn't show the lungs.", "A normal variant azygos lobe.", "心脏", "心影："}) {
    EXPECT_EQ(WriteAll(Labels(name)), "") << name;
  }
  EXPECT_EQ(WriteAll(Labels("No acute findings in the chest.")), "NF+ ");
  EXPECT_EQ(WriteAll(Labels("A normal variant azygos lobe. The lungs are clear.")), "NF+ ");
}

TEST(ReportLabels, WhatIsToBeRuledOutIsUncertain) {
  for (const char* open : {"Rule out pneumonia.", "Exclude pneumonia.", "Evaluate for pneumonia.",
                           "If there is fever, pneumonia should be considered.",
                           "If pneumonia is present, treat.", "如有发热，应考虑肺炎。"}) {
    EXPECT_EQ(Write(Labels(open)), "PN? ") << open;
  }
}

}  // namespace
}  // namespace roentgen
