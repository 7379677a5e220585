#include "roentgen/language/synonyms.h"

#include <gmock/gmock.h>

#include <string_view>
#include <vector>

namespace roentgen {
namespace {

TEST(Synonyms, ANameHasOneUsualNameOfItsLanguage) {
  EXPECT_EQ(UsualName("xray"), "X-ray");
  EXPECT_EQ(UsualName("CXR"), "X-ray");
  EXPECT_EQ(UsualName("Posterior-Anterior"), "PA");
  EXPECT_EQ(UsualName("X-ray"), std::nullopt);
  EXPECT_EQ(UsualName("x-ray of the chest"), std::nullopt);
  EXPECT_EQ(UsualName("核磁共振"), "磁共振");
  EXPECT_EQ(UsualName("核磁共振检查。"), "磁共振");
  EXPECT_EQ(UsualName("Ｘ线片"), "X光");
  EXPECT_EQ(UsualName("轴位"), "横断面");
  EXPECT_EQ(UsualName("额状面"), "冠状面");
  EXPECT_EQ(UsualName("超音波"), "超声");
  for (const char* usual : {"MRI", "CT", "磁共振", "X光", "冠状面", "肝脏", "右侧", "T2",
                            "T2 weighted", "左边", "Left side", "肺部"}) {
    EXPECT_EQ(UsualName(usual), std::nullopt) << usual;
  }
}

TEST(Synonyms, AnAnswerInTraditionalCharactersKeepsThem) {
  for (const char* answer : {"電腦斷層", "橫斷面", "軸位", "左邊", "超聲波", "肝臟"}) {
    EXPECT_EQ(UsualName(answer), std::nullopt) << answer;
  }
}

TEST(Synonyms, NamesOfOneThingAgreeInBothLanguages) {
  const std::vector<std::vector<std::string_view>> groups = {
      {"MRI", "mr", "MRI scan", "Magnetic Resonance Imaging", "磁共振", "核磁共振", "磁共振成像",
       "磁振造影", "磁共振。", "ＭＲＩ", "MRI图像"},
      {"CT", "ct scan", "Computed Tomography", "CT扫描", "CT图像", "电脑断层", "電腦斷層",
       "電腦斷層掃描", "计算机断层扫描"},
      {"X-ray", "xray", "radiograph", "X光", "Ｘ光", "X线", "X線", "X-Ray检查", "X光片", "X射线",
       "X 光"},
      {"Ultrasound", "ultrasonography", "超声", "超声波", "超音波", "B超", "超聲檢查"},
      {"Axial", "transverse plane", "横断面", "橫斷面", "横断位", "轴位", "軸位", "轴状面",
       "横轴位", "横切面", "水平面"},
      {"Coronal", "coronal view", "冠状面", "冠状位", "冠狀面", "冠状切面", "额状面"},
      {"Sagittal", "矢状面", "矢状位", "矢狀切面"},
      {"PA", "posteroanterior", "PA view", "后前位", "後前位"},
      {"AP", "anteroposterior", "前后位"},
      {"T2", "T2-weighted", "T2加权", "T2加權像", "T2WI"},
      {"T1", "T1 weighted image", "T1加权成像"},
      {"Left", "left side", "左", "左侧", "左側", "左边", "左邊"},
      {"right", "right-hand side", "右", "右侧"},
      {"bilateral", "both sides", "双侧", "两侧", "雙側", "兩側"},
      {"liver", "肝", "肝脏", "肝臟"},
      {"lung", "肺", "肺部", "肺脏"},
      {"yes", "Yes.", "有", "是", "是的。", "存在"},
      {"no", "没有", "沒有", "无", "無", "否", "不是", "不存在"}};
  for (size_t i = 0; i < groups.size(); ++i) {
    for (const std::string_view name : groups[i]) {
      EXPECT_EQ(AnswerForm(name), AnswerForm(groups[i][0])) << name;
    }
    for (size_t j = 0; j < i; ++j) {
      EXPECT_NE(AnswerForm(groups[i][0]), AnswerForm(groups[j][0])) << groups[i][0];
    }
  }
}

TEST(Synonyms, WhatSaysMoreOrOtherwiseStaysApart) {
  EXPECT_NE(AnswerForm("超声造影"), AnswerForm("超声"));  // with a contrast agent
  EXPECT_NE(AnswerForm("CT血管造影"), AnswerForm("CT"));
  EXPECT_NE(AnswerForm("CT with contrast"), AnswerForm("CT"));
  EXPECT_NE(AnswerForm("（+）"), AnswerForm("（-）"));
  EXPECT_NE(AnswerForm("<5mm"), AnswerForm("＞5mm"));
  EXPECT_EQ(AnswerForm("＜5mm"), AnswerForm("< 5 mm"));
  EXPECT_NE(AnswerForm("1 2"), AnswerForm("12"));
  EXPECT_NE(AnswerForm("5 mm"), AnswerForm("5 cm"));
  EXPECT_NE(AnswerForm("左肺"), AnswerForm("右肺"));
  EXPECT_NE(AnswerForm("lungs"), AnswerForm("lung"));
  EXPECT_NE(AnswerForm("大脑"), AnswerForm("脑"));
  EXPECT_NE(AnswerForm("不确定"), AnswerForm("不是"));
}

TEST(Synonyms, AreKnown) {
  EXPECT_TRUE(HasSynonyms("Coronal plane"));
  EXPECT_TRUE(HasSynonyms("磁振造影"));
  EXPECT_TRUE(HasSynonyms("ＣＴ"));
  EXPECT_FALSE(HasSynonyms("no"));
  EXPECT_FALSE(HasSynonyms("肝癌"));
}

}  // namespace
}  // namespace roentgen
