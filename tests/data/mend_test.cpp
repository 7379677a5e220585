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
    read.tabs_are_commas = tabs_are_commas_;
    read.text_columns = {"question_frame"};
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

  bool tabs_are_commas_ = false;
  RuleModes modes_;
  LabelSpelling types_;
  LabelSpelling answers_;
  LabelSpelling organs_;
  LabelSpelling modalities_;
};

TEST_F(MendTest, BlanksGoFromEdgesAndRuns) {
  Sample sample = Asked("Is it \tthere? ", " superficial  to\tit");
  sample.extra["question_frame"] = "Are there? ";
  EXPECT_THAT(MendIt(sample), SizeIs(3));
  EXPECT_EQ(sample.turns[0].text, "<image>Is it there?");
  EXPECT_EQ(sample.turns[1].text, "superficial to it");
  EXPECT_EQ(sample.extra["question_frame"], "Are there?");
  EXPECT_THAT(MendIt(sample), IsEmpty());
}

TEST_F(MendTest, LinesAndTheirIndentStay) {
  Sample sample = Asked("\nWhat is seen?", "Findings:\n  - left  lung \r\n\n  - heart\n");
  MendIt(sample);
  EXPECT_EQ(sample.turns[0].text, "<image>\nWhat is seen?");
  EXPECT_EQ(sample.turns[1].text, "Findings:\n  - left lung\n\n  - heart");
}

TEST_F(MendTest, LinesKeepTheirEnds) {
  for (const char* end : {"\r", "\r\n", "\n", "\v", "\f"}) {
    std::string report = "Findings: clear.$印象：正常。$$No mass.";
    for (size_t at; (at = report.find('$')) != report.npos;) report.replace(at, 1, end);
    Sample sample = Asked("?", report);
    EXPECT_THAT(MendIt(sample), SizeIs(*end == '\n' ? 0 : 1));
    EXPECT_EQ(sample.turns[1].text, "Findings: clear.\n印象：正常。\n\nNo mass.");
  }
  for (const char* text : {"第一行\u2028第二行", "a\u2029b", "a\u0085b"}) {
    Sample sample = Asked("?", text);
    EXPECT_THAT(MendIt(sample), IsEmpty()) << text;
  }
  Sample sample = Asked("?", "a \r b  c\r");
  MendIt(sample);
  EXPECT_EQ(sample.turns[1].text, "a\n b c");
}

TEST_F(MendTest, ParagraphsKeepTheIndentThatAllHave) {
  for (const char* text :
       {"\u3000\u3000段落一\n\u3000\u3000段落二", "  One.\n\n  Two.\n  Three.", "\tOne.\n\tTwo."}) {
    Sample sample = Asked("?", text);
    EXPECT_THAT(MendIt(sample), IsEmpty()) << text;
  }
  Sample sample = Asked("?", "\u3000\u3000段落一 \n\u3000\u3000段落二\n");
  EXPECT_THAT(MendIt(sample), SizeIs(1));
  EXPECT_EQ(sample.turns[1].text, "\u3000\u3000段落一\n\u3000\u3000段落二");
  // One line, or lines that begin in other ways: the blank is a slip.
  for (const auto& [text, mended] :
       {std::pair("\u3000\u3000段落一", "段落一"), std::pair("  One.\nTwo.", "One.\nTwo."),
        std::pair(" One.\n  - two", "One.\n  - two"), std::pair("  One.\n  \n", "One.")}) {
    sample = Asked("?", text);
    MendIt(sample);
    EXPECT_EQ(sample.turns[1].text, mended);
  }
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
    constexpr std::string_view kPieces[] = {
        " ",      "\t",     "\n",   "\r\n", "a",     "图",   "<image>", "  ",   "\u3000",
        "\u00a0", "\u2028", "\x85", "&lt;", "&amp;", "&#9;", "lt;",     "ab n", ","};
    std::string text;
    for (const uint8_t choice : choices) text += kPieces[choice % std::size(kPieces)];
    tabs_are_commas_ = choices.size() % 2 == 0;
    Sample sample = Asked(text, text);
    MendIt(sample);
    const Sample once = sample;
    RC_ASSERT(MendIt(sample).empty());
    RC_ASSERT(sample == once);
  }));
}

TEST_F(MendTest, NumbersThatBecameTextsAreNamed) {
  SourceSample read{Asked("How many?", "2.50")};
  read.number_fields = {"answer"};
  read.sample.extra["value"] = 2.5;
  std::vector<CleaningFinding> findings;
  Mend(modes_, {types_, answers_, organs_, modalities_}, read, findings);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].rule, Rule::kIntegerAnswer);
  EXPECT_EQ(findings[0].before, "2.50");
  EXPECT_EQ(findings[0].after, "\"2.50\"");
  EXPECT_EQ(read.sample.turns[1].text, "2.50");
  EXPECT_EQ(read.sample.extra["value"], 2.5);
}

TEST_F(MendTest, WhatIsNoTextStaysByteForByte) {
  Sample sample = Asked("What?", "It");
  sample.images = {"a  b .png"};
  sample.extra = {{"path", "scans/a  b\t.png "},
                  {"note", "\u3000&lt;5  "},
                  {"question", " ? "},
                  {"code", "007"},
                  {"size", 2.50},
                  {"answer", 4}};
  sample.system = " Be  brief. &lt; ";
  sample.id = " 1 ";
  sample.language = "en";
  const Sample before = sample;
  EXPECT_THAT(MendIt(sample), IsEmpty());
  EXPECT_EQ(sample, before);
}

TEST_F(MendTest, LabelsLoseBlanksAtTheirEdges) {
  Sample sample = Asked("What?", "It");
  sample.answer_type = "CLOSED ";
  sample.organ = "\u3000胸  部\u00a0";
  sample.modality = "\tMRI";
  sample.question_types = {"PRES", " POS\u2003"};
  EXPECT_THAT(MendIt(sample), SizeIs(4));
  EXPECT_EQ(sample.answer_type, "CLOSED");
  EXPECT_EQ(sample.organ, "胸  部");
  EXPECT_EQ(sample.modality, "MRI");
  EXPECT_THAT(sample.question_types, ElementsAre("PRES", "POS"));
  EXPECT_THAT(MendIt(sample), IsEmpty());
}

TEST_F(MendTest, OnlyEdgesAndDoubleBlanksOfAReportChange) {
  const std::string report =
      "Findings:\n  1. Heart: normal.\n\n     - size 5 mm\n\tindented by a tab\n"
      "影像所见：\n　　双肺清晰。\n\n　　1．心影不大；\r\n印象：正常。";
  Sample sample = Asked("?", report);
  MendIt(sample);
  std::string expected = report;
  expected.erase(expected.find('\r'), 1);
  EXPECT_EQ(sample.turns[1].text, expected);
  sample = Asked("?", "  \n" + report + " \n\n");
  MendIt(sample);
  EXPECT_EQ(sample.turns[1].text, expected);
}

TEST_F(MendTest, ATabIsTheCommaThatTheSetLost) {
  tabs_are_commas_ = true;
  for (const auto& [before, after] :
       {std::pair("Heart \tlungs", "Heart, lungs"),
        std::pair("liver \tsplee n\tstomac h\tand esophagus",
                  "liver, spleen, stomach, and esophagus"),
        std::pair("lungs \tbony thoracic cavit y\tmediastinum",
                  "lungs, bony thoracic cavity, mediastinum"),
        std::pair("~15 minutes\tpotentially faster", "~15 minutes, potentially faster"),
        std::pair("(hours?\tminutes?)", "(hours?, minutes?)"), std::pair("a\t\t b", "a, b"),
        std::pair("肝\t脾", "肝, 脾"), std::pair("vitamin c\td", "vitamin c, d"),
        std::pair("vitamin b\tvitamin a\tc", "vitamin b, vitamin a, c"),
        // at an edge, or behind a mark: no comma was there
        std::pair("liver \t, spleen", "liver, spleen"),
        std::pair("liver\t, spleen \tskin", "liver, spleen, skin"),
        std::pair("肝 \t，脾", "肝，脾"), std::pair("liver\t.", "liver."),
        std::pair("肝\t。", "肝。"), std::pair("a\t.5 mm", "a, .5 mm"),
        std::pair("肝\t、脾\t; a", "肝、脾; a"), std::pair("\ta b\t", "a b"),
        std::pair("a,\tb.\tc", "a, b. c"), std::pair("a\n\tb\t\nc", "a\n\tb\nc")}) {
    Sample sample = Asked("\tIs it?", before);
    MendIt(sample);
    EXPECT_EQ(sample.turns[0].text, "<image>Is it?");
    EXPECT_EQ(sample.turns[1].text, after);
    EXPECT_THAT(MendIt(sample), IsEmpty());
  }
  modes_.Set("lost-comma=report");
  Sample sample = Asked("?", "Heart \tlungs");
  modes_.Set("whitespace=off");
  EXPECT_THAT(MendIt(sample), SizeIs(1));
  EXPECT_EQ(sample.turns[1].text, "Heart \tlungs");
}

TEST_F(MendTest, InOtherSetsATabIsABlank) {
  Sample sample = Asked("?", "Heart \tlungs\tliver");
  EXPECT_THAT(MendIt(sample), SizeIs(1));
  EXPECT_EQ(sample.turns[1].text, "Heart lungs liver");
  modes_.Set("whitespace=off");
  sample = Asked("?", "Heart \tlungs");
  EXPECT_THAT(MendIt(sample), IsEmpty());
}

TEST_F(MendTest, EntitiesAreTheirCharacters) {
  for (const auto& [before, after] :
       {std::pair("&lt;5 mm", "<5 mm"), std::pair("5 &gt; 3 &amp; 2", "5 > 3 & 2"),
        std::pair("&quot;A&quot;", "\"A\""), std::pair("3 &#177; 1", "3 ± 1"),
        std::pair("3 &#xB1;1 &plusmn;2", "3 ±1 ±2"), std::pair("37&deg;C", "37°C"),
        std::pair("&#32925;&#x810F;", "肝脏"), std::pair("直径&lt;5&nbsp;mm", "直径<5\u00a0mm"),
        std::pair("a&nbsp;", "a"), std::pair("a&nbsp; b", "a b"), std::pair("&amp;lt;5", "<5"),
        std::pair("&amp;amp;amp;", "&"), std::pair("1&ndash;2&hellip;", "1–2…"),
        std::pair("don&#39;t", "don't"), std::pair("&#150;", "–"),
        std::pair("&beta;-blocker", "β-blocker"), std::pair("R&amp;D", "R&D"),
        std::pair("10 &micro;m &times; 2", "10 µm × 2")}) {
    Sample sample = Asked(before, before);
    MendIt(sample);
    EXPECT_EQ(sample.turns[1].text, after);
    EXPECT_EQ(sample.turns[0].text, std::string("<image>") + after);
    EXPECT_THAT(MendIt(sample), IsEmpty()) << after;
  }
}

TEST_F(MendTest, WhatIsNoEntityStays) {
  for (const char* text : {"AT&T",
                           "R&D",
                           "a & b",
                           "&",
                           "&;",
                           "&#;",
                           "&#x;",
                           "H&E; stain",
                           "&unknown;",
                           "&LTE;",
                           "AT&T;",
                           "&lt",
                           "& lt;",
                           "&#0;",
                           "&#7;",
                           "&#xD800;",
                           "&#1114112;",
                           "&#99999999999999999999;",
                           "&#12a;",
                           "＆lt；",
                           "肝&胆",
                           "&lt;image&gt;",
                           "&lt;|im_end|&gt;",
                           "&lt;video&gt; 1 &lt; 2"}) {
    Sample sample = Asked("?", text);
    EXPECT_THAT(MendIt(sample), IsEmpty()) << text;
    EXPECT_EQ(sample.turns[1].text, text);
  }
}

TEST_F(MendTest, EntitiesOfLabelsDoNotSplitThem) {
  modes_.Set("several-labels=apply");
  Sample sample = Asked("?", "It");
  sample.question_types = {"Head &amp; neck"};
  MendIt(sample);
  EXPECT_THAT(sample.question_types, ElementsAre("Head & neck"));
}

/// The rule by which nobody can use a row with these texts; nothing where it is sound.
std::optional<Rule> Unusable(const std::string& question, const std::string& answer,
                             const std::string& system = "") {
  SourceSample read;
  read.sample.images = {"a.png"};
  read.sample.turns = {{Role::kUser, "<image>" + question}, {Role::kAssistant, answer}};
  read.sample.system = system;
  const auto flaw = FindUnusable(read);
  return flaw ? std::optional(flaw->rule) : std::nullopt;
}

TEST(FindUnusable, NothingIsNoText) {
  for (const char* nothing :
       {"", " ", "\u00a0", "\u200b", "\ufeff", "\u3000", "\u200b \u00a0\ufeff\n", "nan", "NaN",
        "NULL", "null", "#N/A", "<NA>", "NaT", " nan ", "\u3000NULL\n"}) {
    EXPECT_EQ(Unusable("What?", nothing), Rule::kEmptyText) << nothing;
    EXPECT_EQ(Unusable(nothing, "It"), Rule::kEmptyText) << nothing;
  }
}

TEST(FindUnusable, ShortAnswersAreText) {
  for (const char* text : {"None", "none",         "N/A",    "n/a",  "NA",         "na",  "no", "0",
                           "-",    "无",           "無",     "空",   ".",          "?",   "<",  "+",
                           "007",  "Null finding", "nan ya", "无效", "NaN values", "ＮＡ"}) {
    EXPECT_EQ(Unusable("What?", text), std::nullopt) << text;
  }
}

TEST(FindUnusable, SignsOfTheFormatAreNoText) {
  for (const char* sign :
       {"<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|vision_start|>", "<|vision_end|>",
        "<|image_pad|>", "<|video_pad|>", "<|eot_id|>", "<|any_word1|>", "<video>", "<audio>"}) {
    EXPECT_EQ(Unusable(std::string("What ") + sign, "It"), Rule::kControlToken) << sign;
    EXPECT_EQ(Unusable("什么？", std::string("骨折") + sign + "。"), Rule::kControlToken) << sign;
  }
  EXPECT_EQ(Unusable("What?", "It", "Be brief.<|im_end|>"), Rule::kControlToken);
}

TEST(FindUnusable, OtherMarksAreText) {
  for (const char* text :
       {"<|", "|>", "<||>", "< |im_end| >", "＜｜im_end｜＞", "<|two words|>", "<Video>", "video",
        "<5 | >3", "<|\u200bim_end|>", "a <| b |> c",
        "<|object_ref_start|>lung<|object_ref_end|><|box_start|>(1,2),(3,4)<|box_end|>"}) {
    EXPECT_EQ(Unusable("What?", text), std::nullopt) << text;
  }
}

TEST_F(MendTest, LabelsAreSplitAndSpelled) {
  modes_.Set("several-labels=apply");
  modes_.Set("label-spelling=apply");
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
                            "1/2级",
                            "yes/no",
                            "CT w/ contrast",
                            "with / without contrast",
                            "Location [left/right]",
                            "Chest, abdomen and pelvis",
                            "Head &amp; neck",
                            "Male / Female",
                            "Presence / Absence",
                            "mild / moderate / severe",
                            "轻度/中度/重度",
                            "輕度／中度／重度",
                            "正位/侧位"}) {
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

TEST(Labels, WhatQualifiesALabelIsNone) {
  for (const char* label : {"Lung, right",
                            "Kidney, left",
                            "Femur, left side",
                            "Lung, upper lobe",
                            "MRI, T1",
                            "MRI, T2-weighted",
                            "MRI, T1, axial",
                            "CT, contrast-enhanced",
                            "CT, without contrast",
                            "CT, non-contrast",
                            "X-ray, frontal view",
                            "MRI, sagittal T2",
                            "CT, w/o contrast",
                            "CT, arterial phase",
                            "Glioma, grade IV",
                            "Spine, lumbar",
                            "CT，动脉期",
                            "MRI，矢狀位，T1",
                            "Fracture, acute",
                            "Nodule, 5 mm",
                            "2,5 mm",
                            "12,5%",
                            "2,5毫米",
                            "i.v., contrast",
                            "肺，右侧",
                            "腎，左",
                            "CT，增强",
                            "MRI，T1加权",
                            "骨折，急性",
                            "CT，軸位",
                            "良/恶性",
                            "良／惡性",
                            "良、恶性",
                            "左、右肺",
                            "头/颈",
                            "頭／頸",
                            "增强／平扫",
                            "平扫/增强扫描",
                            "轴位/冠状位",
                            "axial / coronal"}) {
    EXPECT_THAT(SplitLabels({label}), ElementsAre(label));
  }
  EXPECT_THAT(SplitLabels({"T1, T2"}), ElementsAre("T1", "T2"));
  EXPECT_THAT(SplitLabels({"AP, lateral", "轴位，斜位"}),
              ElementsAre("AP", "lateral", "轴位", "斜位"));
  EXPECT_THAT(SplitLabels({"axial, coronal"}), ElementsAre("axial", "coronal"));
  EXPECT_THAT(SplitLabels({"Lung, right, PRES"}), ElementsAre("Lung, right", "PRES"));
  EXPECT_THAT(SplitLabels({"CT, MRI"}), ElementsAre("CT", "MRI"));
  EXPECT_THAT(SplitLabels({"Modality, Plane, Side"}), ElementsAre("Modality", "Plane", "Side"));
  EXPECT_THAT(SplitLabels({"肺部、右侧", "位置；左"}), ElementsAre("肺部", "右侧", "位置", "左"));
  EXPECT_THAT(SplitLabels({"肝、脾", "头部/颈部"}), ElementsAre("肝", "脾", "头部", "颈部"));
}

TEST_F(MendTest, ChineseLabelsAreSplit) {
  modes_.Set("several-labels=apply");
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

TEST(LabelSpelling, OtherWordsOfMedicineAreNotMisspelled) {
  for (const auto& [label, frequent] : {std::pair("parotid", "carotid"),
                                        std::pair("peroneal", "perineal"),
                                        std::pair("shin", "skin"),
                                        std::pair("L5", "L4"),
                                        std::pair("2D CT", "3D CT"),
                                        std::pair("grade 2", "grade 1"),
                                        std::pair("Grade II", "Grade III"),
                                        std::pair("HU", "MU"),
                                        std::pair("MCA", "ACA"),
                                        std::pair("ADC", "ADH"),
                                        std::pair("CTAP", "CTPA"),
                                        std::pair("MRPC", "MRCP"),
                                        std::pair("PTAC", "PTCA"),
                                        std::pair("macrocytic", "microcytic"),
                                        std::pair("tracheotomy", "tracheostomy"),
                                        std::pair("colostomy", "colotomy"),
                                        std::pair("metastases", "metastasis"),
                                        std::pair("diverticula", "diverticulum"),
                                        std::pair("Ｔ１ＷＩ", "Ｔ２ＷＩ"),
                                        std::pair("Ⅱ级", "Ⅲ级"),
                                        std::pair("2级", "1级"),
                                        std::pair("腎臟", "肝臟"),
                                        std::pair("左側", "右側"),
                                        std::pair("腰4", "腰5"),
                                        std::pair("上頜", "下頜")}) {
    EXPECT_EQ(Beside(label, frequent), label) << frequent;
    EXPECT_EQ(Beside(frequent, label), frequent) << label;
  }
}

TEST(LabelSpelling, ChangedLettersMakeOtherWords) {
  for (const auto& [label, frequent] :
       {std::pair("palmate", "palate"), std::pair("clonic", "colonic"),
        std::pair("fibulae", "fibular"), std::pair("ilial", "ileal"), std::pair("fatal", "fetal"),
        std::pair("virus", "varus"), std::pair("spina", "spine"), std::pair("coma", "comma"),
        std::pair("form", "from"), std::pair("trachea", "tracheal"), std::pair("plural", "pleural"),
        std::pair("radial nerve", "radical nerve"), std::pair("Palmate", "PALATE"),
        std::pair("脑virus", "脑varus"), std::pair("FATAL", "FETAL")}) {
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
        std::pair("PET CT", "PET-CT"), std::pair("pneumothrax", "pneumothorax"),
        std::pair("pulmonnary", "pulmonary")}) {
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
        std::pair("chesst wall", "chest wall"), std::pair("лёгоке", "лёгкое"),
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
