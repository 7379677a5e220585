// The forms that texts are read and compared in.

#include "roentgen/text/normal_form.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "roentgen/text/simplified.h"

namespace roentgen {
namespace {

TEST(FoldText, WidthCaseBlanksAndInvisibleCharacters) {
  EXPECT_EQ(FoldText("Ｘ光　ＣＴ，５㎜"), "x光 ct,5mm");
  EXPECT_EQ(FoldText("A\tB\r\nC"), "a b \nc");
  EXPECT_EQ(FoldText("“肺”\u200b—Ⅱ期"), "“肺”-ii期");
  EXPECT_EQ(FoldText("未见实变｡"), "未见实变。");
}

TEST(FoldText, TraditionalCharactersAreReadAsSimplified) {
  EXPECT_EQ(FoldText("右側胸腔積液。"), "右侧胸腔积液。");
  EXPECT_EQ(FoldText("餘無異常，週圍纖維化"), "余无异常,周围纤维化");
  EXPECT_EQ(FoldText("沒有"), FoldText("没有"));
  EXPECT_EQ(SimplifiedOf(U'a'), U'a');
  EXPECT_EQ(SimplifiedOf(U'肺'), U'肺');
}

TEST(FoldText, ItemsOfAListKeepTheirMark) {
  EXPECT_EQ(FoldText("①右肺②左肺"), "(1)右肺(2)左肺");
  EXPECT_EQ(FoldText("⑴⒉⑳❸"), "(1)(2)(20)(3)");
}

TEST(FoldText, FoldingTwiceChangesNothing) {
  for (const char* text : {"Ｘ光　①½ ㎜ 餘 ﬁ ß", "Heart: normal.", "\xff\xe5", "（－）５％"}) {
    EXPECT_EQ(FoldText(FoldText(text)), FoldText(text)) << text;
  }
}

TEST(ComparisonForm, LeavesWordsOnly) {
  EXPECT_EQ(ComparisonForm("Is there a T1-weighted\tImage?"), "is there t1 weighted image");
  EXPECT_EQ(ComparisonForm("  The  heart. "), "heart");
  EXPECT_EQ(ComparisonForm("图中有“肺”吗？"), "图中有肺吗");
  EXPECT_EQ(ComparisonForm("这是 CT 图像。"), "这是ct图像");
  EXPECT_EQ(ComparisonForm("?!。、…～"), "");
  EXPECT_EQ(ComparisonForm(""), "");
  EXPECT_EQ(ComparisonForm("\xff"), "\xef\xbf\xbd");
}

TEST(ComparisonForm, NumbersAreDigits) {
  const std::vector<std::pair<const char*, const char*>> cases = {{"二", "2"},
                                                                  {"2", "2"},
                                                                  {"２", "2"},
                                                                  {"②", "2"},
                                                                  {"two", "2"},
                                                                  {"十二", "12"},
                                                                  {"二十", "20"},
                                                                  {"二十三个", "23个"},
                                                                  {"一百零五", "105"},
                                                                  {"两个结节", "2个结节"},
                                                                  {"第五肋骨", "第5肋骨"},
                                                                  {"一般", "一般"},
                                                                  {"进一步检查", "进一步检查"},
                                                                  {"统一", "统一"},
                                                                  {"二尖瓣", "二尖瓣"},
                                                                  {"百分", "百分"},
                                                                  {"Two lesions", "2 lesions"}};
  for (const auto& [text, form] : cases) EXPECT_EQ(ComparisonForm(text), form) << text;
}

TEST(ComparisonForm, NeighbouringDigitsAreARange) {
  EXPECT_EQ(ComparisonForm("一两个"), ComparisonForm("1-2个"));
  EXPECT_NE(ComparisonForm("一两个"), ComparisonForm("12个"));
  EXPECT_NE(ComparisonForm("第一二胸椎"), ComparisonForm("第十二胸椎"));
  EXPECT_NE(ComparisonForm("二三级"), ComparisonForm("二十三级"));
  EXPECT_EQ(ComparisonForm("一百二"), "120");
  EXPECT_EQ(ComparisonForm("一百零二"), "102");
  EXPECT_EQ(ComparisonForm("二〇二四年"), "2024年");
  EXPECT_EQ(ComparisonForm("2～3个"), ComparisonForm("两三个"));
  EXPECT_NE(ComparisonForm("第3-5肋"), ComparisonForm("第3、5肋"));
  EXPECT_NE(ComparisonForm("ribs 3-5"), ComparisonForm("ribs 3, 5"));
  EXPECT_NE(ComparisonForm("1/2"), ComparisonForm("1-2"));
}

TEST(ComparisonForm, ArticlesGoBeforeWordsOnly) {
  EXPECT_EQ(ComparisonForm("A mass in the lung"), "mass in lung");
  EXPECT_EQ(ComparisonForm("Hepatitis A"), "hepatitis a");
  EXPECT_EQ(ComparisonForm("A"), "a");
  EXPECT_NE(ComparisonForm("A、B"), ComparisonForm("B"));
  EXPECT_NE(ComparisonForm("A, C"), ComparisonForm("C"));
  EXPECT_NE(ComparisonForm("图 A 中有什么？"), ComparisonForm("图中有什么？"));
  EXPECT_EQ(ComparisonForm("选A"), ComparisonForm("选 A"));
}

TEST(ComparisonForm, ANameAStays) {
  for (const auto& [text, without] :
       {std::pair("What does arrow A show?", "What does arrow show?"),
        std::pair("Is hepatitis A likely?", "Is hepatitis likely?"),
        std::pair("Is hepatitis a likely?", "Is hepatitis likely?"),
        std::pair("Lack of vitamin A causes it", "Lack of vitamin causes it"),
        std::pair("group A patients", "group patients"), std::pair("Type A Lesion", "Type Lesion"),
        std::pair("a type A dissection", "a type dissection"),
        std::pair("the structure at Ａ is what?", "the structure at is what?"),
        std::pair("A. Yes", "Yes"), std::pair("A) liver", "liver"), std::pair("a 型", "型"),
        std::pair("图 A 中", "图中")}) {
    EXPECT_NE(ComparisonForm(text), ComparisonForm(without)) << text;
  }
  for (const auto& [text, without] :
       {std::pair("Is there a mass?", "Is there mass?"), std::pair("A mass", "mass"),
        std::pair("Is There A Mass?", "is there a mass"),
        std::pair("IS THERE A MASS", "Is there mass"),
        std::pair("Look. A mass is seen.", "look mass is seen"),
        std::pair("an X-ray of the chest", "X-ray of chest")}) {
    EXPECT_EQ(ComparisonForm(text), ComparisonForm(without)) << text;
  }
}

TEST(ComparisonForm, MarksBehindAWordOrNumberBelongToIt) {
  for (const auto& [a, b] :
       {std::pair("1e3", "1e-3"), std::pair("10e-3", "10E3"),
        std::pair("T2* weighted", "T2 weighted"), std::pair("这是T2*加权像吗", "这是T2加权像吗"),
        std::pair("Ｔ２＊", "T2"), std::pair("5'", "5\""), std::pair("5'", "5"),
        std::pair("5\"", "5"), std::pair("5′", "5″"), std::pair("* T2* shows it", "* T2 shows it"),
        std::pair("**T2***", "**T2**"), std::pair("a few nodules", "few nodules"),
        std::pair("A few", "few"), std::pair("There is a little fluid", "There is little fluid")}) {
    EXPECT_NE(ComparisonForm(a), ComparisonForm(b)) << a;
  }
  for (const auto& [a, b] :
       {std::pair("**liver**", "liver"), std::pair("*liver*", "liver"),
        std::pair("***T2*** image", "T2 image"), std::pair("Its **left** *lung*", "its left lung"),
        std::pair("**左肺**正常", "左肺正常"), std::pair("* liver\n* spleen", "liver\nspleen"),
        std::pair("1E-3", "1e-3"), std::pair("“5”", "5"), std::pair("\"5\"", "5"),
        std::pair("选项 'A5'", "选项 A5"), std::pair("5’", "5'"), std::pair("5″", "5''"),
        std::pair("5”", "5\""), std::pair("**T2***", "T2*"),
        std::pair("T2*-weighted", "t2* weighted"), std::pair("T1's", "T1 s"),
        std::pair("the few nodules", "few nodules")}) {
    EXPECT_EQ(ComparisonForm(a), ComparisonForm(b)) << a;
  }
}

TEST(ComparisonForm, SignsThatCarryMeaningStay) {
  EXPECT_NE(ComparisonForm(".5 cm"), ComparisonForm("5 cm"));
  EXPECT_NE(ComparisonForm("50 %"), ComparisonForm("50"));
  EXPECT_NE(ComparisonForm("CT值-50HU"), ComparisonForm("CT值50HU"));
  EXPECT_NE(ComparisonForm("约-10HU"), ComparisonForm("约10HU"));
  EXPECT_EQ(ComparisonForm("（±）"), ComparisonForm("(+/-)"));
  EXPECT_NE(ComparisonForm("(+/-)"), ComparisonForm("(+)"));
  EXPECT_EQ(ComparisonForm("2×3cm"), ComparisonForm("2*3cm"));
  EXPECT_EQ(ComparisonForm("2x3cm"), ComparisonForm("2×3cm"));
  EXPECT_NE(ComparisonForm("10⁹/L"), ComparisonForm("109/L"));
  EXPECT_EQ(ComparisonForm("3cm²"), ComparisonForm("3cm2"));
  EXPECT_NE(ComparisonForm("5‰"), ComparisonForm("5"));
  EXPECT_NE(ComparisonForm("（+）"), ComparisonForm("（-）"));
  EXPECT_NE(ComparisonForm("(+)"), ComparisonForm("（－）x"));
  EXPECT_NE(ComparisonForm("<5mm"), ComparisonForm(">5mm"));
  EXPECT_NE(ComparisonForm("≤5mm"), ComparisonForm("≥5mm"));
  EXPECT_NE(ComparisonForm("3.5cm"), ComparisonForm("35cm"));
  EXPECT_NE(ComparisonForm("-3"), ComparisonForm("3"));
  EXPECT_NE(ComparisonForm("5%"), ComparisonForm("5"));
  EXPECT_EQ(ComparisonForm("＜５ｍｍ"), ComparisonForm("<5mm"));
  EXPECT_EQ(ComparisonForm("T1-weighted."), ComparisonForm("t1 weighted"));
}

}  // namespace
}  // namespace roentgen
