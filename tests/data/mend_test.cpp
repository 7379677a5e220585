#include "roentgen/data/mend.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "roentgen/data/labels.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class MendTest : public testing::Test {
 protected:
  std::vector<CleaningFinding> MendIt(Sample& sample) {
    std::vector<CleaningFinding> findings;
    SourceSample read{sample};
    Mend(modes_, {types_, answers_, organs_, modalities_}, read, findings);
    sample = read.sample;
    return findings;
  }

  static Sample Asked(std::string question, std::string answer) {
    Sample sample;
    sample.images = {"a.png"};
    sample.turns = {{Role::kUser, "<image>" + question}, {Role::kAssistant, std::move(answer)}};
    return sample;
  }

  RuleModes modes_;
  LabelSpelling types_;
  LabelSpelling answers_;
  LabelSpelling organs_;
  LabelSpelling modalities_;
};

TEST_F(MendTest, BlanksGoFromEdgesAndRuns) {
  Sample sample = Asked("Is it \tthere? ", " superficial  to\tit");
  sample.extra["frame"] = "Are there? ";
  EXPECT_THAT(MendIt(sample), SizeIs(3));
  EXPECT_EQ(sample.turns[0].text, "<image>Is it there?");
  EXPECT_EQ(sample.turns[1].text, "superficial to it");
  EXPECT_EQ(sample.extra["frame"], "Are there?");
  EXPECT_THAT(MendIt(sample), IsEmpty());
}

TEST_F(MendTest, LinesAndTheirIndentStay) {
  Sample sample = Asked("\nWhat is seen?", "Findings:\n  - left  lung \r\n\n  - heart\n");
  MendIt(sample);
  EXPECT_EQ(sample.turns[0].text, "<image>\nWhat is seen?");
  EXPECT_EQ(sample.turns[1].text, "Findings:\n  - left lung\n\n  - heart");
}

TEST_F(MendTest, BlanksOfAnyKindGoAsThoseOfAsciiDo) {
  Sample sample = Asked("\u3000有骨折吗？\u3000",
                        "\u00a0双肺\u3000\u3000清晰。\u3000\n\u3000\u3000心影不大。\u2029");
  MendIt(sample);
  EXPECT_EQ(sample.turns[0].text, "<image>有骨折吗？");
  EXPECT_EQ(sample.turns[1].text, "双肺\u3000清晰。\n\u3000\u3000心影不大。");
  EXPECT_THAT(MendIt(sample), IsEmpty());
  sample = Asked("\u2003Is it\u00a0 there?", "\u3000<image> a\tb");
  MendIt(sample);
  EXPECT_EQ(sample.turns[0].text, "<image>Is it there?");
  EXPECT_EQ(sample.turns[1].text, "<image>a b");
}

TEST_F(MendTest, ASingleBlankInsideALineStaysAsItIs) {
  for (const char* text : {"胸部\u3000正位", "5\u00a0mm", "5\u202f%", "左肺 上叶",
                           "第一行\u2028第二行", "零\u200b宽", "全角，标点。（＋）"}) {
    Sample sample = Asked("?", text);
    EXPECT_THAT(MendIt(sample), IsEmpty()) << text;
    EXPECT_EQ(sample.turns[1].text, text);
  }
}

TEST_F(MendTest, MendedTextsAreNotMendedAgain) {
  EXPECT_TRUE(rc::check([this](const std::vector<uint8_t>& choices) {
    constexpr std::string_view kPieces[] = {" ",       "\t", "\n",     "\r\n",   "a",      "图",
                                            "<image>", "  ", "\u3000", "\u00a0", "\u2028", "\x85"};
    std::string text;
    for (const uint8_t choice : choices) text += kPieces[choice % std::size(kPieces)];
    Sample sample = Asked(text, text);
    MendIt(sample);
    const Sample once = sample;
    RC_ASSERT(MendIt(sample).empty());
    RC_ASSERT(sample == once);
  }));
}

TEST_F(MendTest, NumbersBecomeTexts) {
  Sample sample = Asked("How many?", "4");
  sample.extra["answer"] = 4;
  EXPECT_THAT(MendIt(sample), SizeIs(1));
  EXPECT_THAT(sample.extra, IsEmpty());
  EXPECT_EQ(sample.turns[1].text, "4");
}

TEST_F(MendTest, LabelsAreSplitAndSpelled) {
  for (int i = 0; i < 20; ++i) types_.Count("PRES");
  types_.Count("PRSE");
  types_.Decide();
  Sample sample = Asked("Is it there?", "Yes");
  sample.question_types = {"PRSE, POS"};
  MendIt(sample);
  EXPECT_THAT(sample.question_types, ElementsAre("PRES", "POS"));
}

TEST(Labels, AreSplitAtCommasSemicolonsAndSlashesOfAnyWidth) {
  EXPECT_THAT(SplitLabels({"PRES, POS"}), ElementsAre("PRES", "POS"));
  EXPECT_THAT(SplitLabels({"胸部、腹部"}), ElementsAre("胸部", "腹部"));
  EXPECT_THAT(SplitLabels({"CT，MRI；\u3000X光／超声"}), ElementsAre("CT", "MRI", "X光", "超声"));
  EXPECT_THAT(SplitLabels({"位置 、 大小､形状", "大小;颜色/"}),
              ElementsAre("位置", "大小", "形状", "颜色"));
  EXPECT_THAT(SplitLabels({"、，", "右肺·上叶"}), ElementsAre("右肺·上叶"));
}

TEST(Labels, OneLabelStaysOne) {
  for (const char* label : {"是/否",
                            "有/无",
                            "Yes/No",
                            "对/错",
                            "T/F",
                            "N/A",
                            "WHO/ISUP分级",
                            "PET/CT",
                            "L4/5",
                            "1,000",
                            "大小(长/宽)",
                            "大小（长、宽）",
                            "w/o contrast",
                            "Location (left, right)",
                            "Yes / No",
                            "是、否",
                            "有無",
                            "有 ／ 無",
                            "阳性/阴性",
                            "陽性/陰性",
                            "左側/右側",
                            "正常/异常",
                            "存在/不存在",
                            "Normal / abnormal",
                            "left, right",
                            "是/否/不确定",
                            "Yes / No / Unclear",
                            "ＰＥＴ／ＣＴ",
                            "12,500 HU",
                            "是否【肺、肝】",
                            "1/2级"}) {
    EXPECT_THAT(SplitLabels({label}), ElementsAre(label));
  }
  EXPECT_THAT(SplitLabels({"PET/CT, MRI"}), ElementsAre("PET/CT", "MRI"));
  EXPECT_THAT(SplitLabels({"PRES / POS"}), ElementsAre("PRES", "POS"));
  EXPECT_THAT(SplitLabels({"大小(长/宽)，形状"}), ElementsAre("大小(长/宽)", "形状"));
  EXPECT_THAT(SplitLabels({"有/无/不详，位置"}), ElementsAre("有/无/不详", "位置"));
  EXPECT_THAT(SplitLabels({"有/无，位置"}), ElementsAre("有/无", "位置"));
  EXPECT_THAT(SplitLabels({"肝脏/肾脏", "胸部/腹部"}), ElementsAre("肝脏", "肾脏", "胸部", "腹部"));
  EXPECT_THAT(SplitLabels({"位置（上, 大小"}), ElementsAre("位置（上", "大小"));
  EXPECT_THAT(SplitLabels({"1,2", "3;4"}), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(SplitLabels({"Size, Count), Color"}), ElementsAre("Size", "Count)", "Color"));
}

TEST_F(MendTest, ChineseLabelsAreSplit) {
  Sample sample = Asked("有吗？", "有");
  sample.question_types = {"存在，位置、大小"};
  EXPECT_THAT(MendIt(sample), SizeIs(1));
  EXPECT_THAT(sample.question_types, ElementsAre("存在", "位置", "大小"));
}

TEST_F(MendTest, SynonymsKeepTheLanguageOfTheAnswer) {
  modes_.Set("synonyms=apply");
  for (const auto& [answer, usual] :
       {std::pair("核磁共振", "磁共振"), std::pair("轴位", "横断面"), std::pair("MRI", "MRI"),
        std::pair("電腦斷層", "電腦斷層"), std::pair("没有", "没有"), std::pair("无", "无")}) {
    Sample sample = Asked("这是什么？", answer);
    MendIt(sample);
    EXPECT_EQ(sample.turns[1].text, usual);
  }
}

TEST_F(MendTest, SynonymsAreReportedUnlessAskedFor) {
  Sample sample = Asked("What is this?", "xray");
  std::vector<CleaningFinding> findings = MendIt(sample);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].action, CleaningFinding::Action::kReported);
  EXPECT_EQ(sample.turns[1].text, "xray");
  modes_.Set("synonyms=apply");
  MendIt(sample);
  EXPECT_EQ(sample.turns[1].text, "X-ray");
}

TEST_F(MendTest, RulesThatAreOffFindNothing) {
  modes_ = RuleModes::AllOff();
  Sample sample = Asked(" a\t", "xray ");
  const Sample before = sample;
  EXPECT_THAT(MendIt(sample), IsEmpty());
  EXPECT_EQ(sample, before);
}

TEST(LabelSpelling, OnlyRareLabelsAreMisspelled) {
  LabelSpelling labels;
  for (int i = 0; i < 200; ++i) {
    for (const char* label : {"ATTRIB", "OTHER", "CLOSED", "AP"}) labels.Count(label);
  }
  for (int i = 0; i < 11; ++i) labels.Count("CLOSER");
  for (const char* label : {"ATRIB", "Other", "CLOSED ", "PA", "SIZE"}) labels.Count(label);
  labels.Decide();
  EXPECT_EQ(labels.Right("ATRIB"), "ATTRIB");
  EXPECT_EQ(labels.Right("Other"), "OTHER");
  EXPECT_EQ(labels.Right("CLOSED "), "CLOSED");
  EXPECT_EQ(labels.Right("PA"), "PA");          // too short for a guess
  EXPECT_EQ(labels.Right("CLOSER"), "CLOSER");  // too frequent for a slip
  EXPECT_EQ(labels.Right("SIZE"), "SIZE");
}

/// What becomes of one `label` beside 44 of `frequent`.
std::string Beside(const char* label, const char* frequent) {
  LabelSpelling labels;
  for (int i = 0; i < 44; ++i) labels.Count(frequent);
  labels.Count(label);
  labels.Decide();
  return labels.Right(label);
}

TEST(LabelSpelling, AnotherChineseCharacterIsAnotherWord) {
  for (const auto& [label, frequent] :
       {std::pair("肾脏", "肝脏"), std::pair("胃部", "胸部"), std::pair("上肺", "下肺"),
        std::pair("右肺", "双肺"), std::pair("左侧股骨", "右侧股骨"),
        std::pair("右侧颈内动脉", "左侧颈内动脉"), std::pair("颈椎正位", "颈椎侧位"),
        std::pair("腎臟", "肝脏"), std::pair("腹部CT平扫", "腹部CT扫描"),
        std::pair("腹部MRI检查", "腹部MRA检查"), std::pair("胸部chesf", "胸部chest"),
        std::pair("レントゲン", "レソトゲン"), std::pair("엑스레이", "엑스래이")}) {
    EXPECT_EQ(Beside(label, frequent), label) << frequent;
    EXPECT_EQ(Beside(frequent, label), frequent) << label;
  }
}

TEST(LabelSpelling, KnownTermsAreNotMisspelled) {
  for (const auto& [label, frequent] :
       {std::pair("ilium", "ileum"), std::pair("Ileum", "Ilium"), std::pair("spine", "supine"),
        std::pair("SIDE", "SIZE"), std::pair("urethral", "ureteral"),
        std::pair("abduction", "adduction"), std::pair("brachial", "bronchial"),
        std::pair("facial nerve", "fascial nerve"), std::pair("microadenoma", "macroadenoma"),
        std::pair("trapezius", "trapezium"), std::pair("arteritis", "arthritis"),
        std::pair("ileus", "ileum"), std::pair("fibula", "fibular")}) {
    EXPECT_EQ(Beside(label, frequent), label) << frequent;
    EXPECT_EQ(Beside(frequent, label), frequent) << label;
  }
}

TEST(LabelSpelling, DigitsSidesSignsAndNumbersAreNotMisspelled) {
  for (const auto& [label, frequent] :
       {std::pair("T1WI", "T2WI"), std::pair("L4/L5", "L4/L6"), std::pair("L4-L5", "L4-L6"),
        std::pair("Type II", "Type III"), std::pair("Grade IV", "Grade V"),
        std::pair("L lung", "R lung"), std::pair("upper L lobe", "upper R lobe"),
        std::pair("LMLO", "RMLO"), std::pair("left lung", "left lungs"),
        std::pair("HER2+", "HER2-"), std::pair("grade（+）", "grade（-）"),
        std::pair("none", "bone"), std::pair("Hepatitis A", "Hepatitis"),
        std::pair("T2 -1 mm", "T2 1 mm"), std::pair("< 5 mm", "> 5 mm"),
        std::pair("afferent", "efferent"), std::pair("typical", "atypical")}) {
    EXPECT_EQ(Beside(label, frequent), label) << frequent;
    EXPECT_EQ(Beside(frequent, label), frequent) << label;
  }
}

TEST(LabelSpelling, CodesAndAbbreviationsAreNotMisspelled) {
  for (const auto& [label, frequent] :
       {std::pair("HBeAg", "HBsAg"), std::pair("HBsAb", "HBsAg"), std::pair("CTPV", "CTPA"),
        std::pair("PTCD", "PTCA"), std::pair("GroupB", "GroupA"), std::pair("TypeB", "TypeA"),
        std::pair("AIDS", "ARDS"), std::pair("AB", "A-B"), std::pair("Group A B", "Group AB"),
        std::pair("ＨＢｅＡｇ", "HBsAg"), std::pair("Abcc1", "Abca1"), std::pair("SFSE", "SSFSE"),
        std::pair("aids", "ARDS"), std::pair("serum HBeAg level", "serum HBsAg level"),
        std::pair("GradeII", "GradeIII"), std::pair("血清HBeAg", "血清HBsAg"),
        std::pair("CTPV检查", "CTPA检查")}) {
    EXPECT_EQ(Beside(label, frequent), label) << frequent;
    EXPECT_EQ(Beside(frequent, label), frequent) << label;
  }
  for (const auto& [label, frequent] :
       {std::pair("ATRIB", "ATTRIB"), std::pair("ATTTRIB", "ATTRIB"), std::pair("PRSE", "PRES"),
        std::pair("hbsag", "HBsAg"), std::pair("Ctpa", "CTPA"),
        std::pair("HBsAg positve", "HBsAg positive"), std::pair("Abdomne", "ABDOMEN"),
        std::pair("ＨＢｓＡｇ", "HBsAg"), std::pair("T1 wieghted", "T1 weighted"),
        std::pair("PET CT", "PET-CT")}) {
    EXPECT_EQ(Beside(label, frequent), frequent) << label;
  }
}

TEST(LabelSpelling, OneLabelInAnyWritingIsSpelledAsMostDo) {
  for (const auto& [label, frequent] :
       {std::pair("肝臟", "肝脏"), std::pair("肝脏", "肝臟"), std::pair("ＣＴ", "CT"),
        std::pair("ct", "CT"), std::pair("\u3000肝脏 ", "肝脏"), std::pair("Ｘ光", "X光"),
        std::pair("左 肺", "左肺"), std::pair("X Ray", "X-Ray"), std::pair("XRay", "X-Ray"),
        std::pair("X\u2010Ray", "X-Ray"), std::pair("ЛЁГКОЕ", "лёгкое"),
        std::pair("OTHER.", "OTHER"), std::pair("胸部。", "胸部")}) {
    EXPECT_EQ(Beside(label, frequent), frequent) << label;
  }
  EXPECT_EQ(Beside("?", "-"), "?");
}

TEST(LabelSpelling, ALetterIsACharacter) {
  for (const auto& [label, frequent] :
       {std::pair("Abdomne", "Abdomen"), std::pair("Brian_Tissue", "Brain_Tissue"),
        std::pair("chest waal", "chest wall"), std::pair("лёгкоe", "лёгкое"),
        std::pair("Schadel", "Schädel"), std::pair("πνεύμνας", "πνεύμονας")}) {
    EXPECT_EQ(Beside(label, frequent), frequent) << label;
  }
  EXPECT_EQ(Beside("été", "étè"), "été");  // three letters, though five bytes
}

TEST(Unusable, RowsThatCannotBeAsked) {
  const auto reason = [](std::vector<std::string> images, std::vector<Turn> turns) {
    SourceSample read;
    read.sample.images = std::move(images);
    read.sample.turns = std::move(turns);
    const auto flaw = FindUnusable(read);
    return flaw ? std::string(InfoOf(flaw->rule).name) + ": " + flaw->reason : "";
  };
  const Turn answer = {Role::kAssistant, "Yes"};
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>Is it?"}, answer}), "");
  EXPECT_EQ(reason({}, {{Role::kUser, "Is it?"}, answer}), "");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "Is it?"}, answer}),
            "image-count: 1 images for 0 <image>");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image><image>?"}, answer}),
            "image-count: 1 images for 2 <image>");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>"}, answer}), "empty-text: the question is empty");
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>?"}, {Role::kAssistant, " \n"}}),
            "empty-text: the answer is empty");
  for (const char* blank : {"", "\u3000", "\u3000\u00a0\n", "\u200b", "\ufeff \u2028"}) {
    EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>有吗？"}, {Role::kAssistant, blank}}),
              "empty-text: the answer is empty");
    EXPECT_EQ(reason({"a"}, {{Role::kUser, std::string("<image>") + blank}, answer}),
              "empty-text: the question is empty");
  }
  EXPECT_EQ(reason({"a"}, {{Role::kUser, "<image>?"}, {Role::kAssistant, "。"}}), "");
}

}  // namespace
}  // namespace roentgen
