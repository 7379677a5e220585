#include "roentgen/language/refusal.h"

#include <gmock/gmock.h>

#include "roentgen/language/choice.h"

namespace roentgen {
namespace {

TEST(SaysNoImage, TheImageItselfIsMissing) {
  for (const char* answer : {"I cannot see an image",
                             "I can't see any image.",
                             "I'm sorry, but I cannot view images.",
                             "I am unable to view the image you provided.",
                             "I don't see an image attached.",
                             "I do not have access to the X-ray.",
                             "I don't have the ability to see images.",
                             "As a text-based AI, I cannot process images.",
                             "No image was provided.",
                             "No image",
                             "There is no image.",
                             "There is no X-ray attached.",
                             "No picture has been uploaded, so I can't answer.",
                             "The image is blank.",
                             "The image appears to be completely blank",
                             "This is a blank image.",
                             "The picture did not load.",
                             "The image could not be displayed.",
                             "The image was not provided",
                             "It seems that the image is missing.",
                             "The image is a solid gray.",
                             "The image is just noise.",
                             "Please upload the image.",
                             "Could you please provide the X-ray?",
                             "我看不到图像",
                             "我看不到圖像。",
                             "我无法看到图片。",
                             "抱歉，我无法查看您上传的图片。",
                             "作为一个AI语言模型，我无法直接查看图像",
                             "没有图像",
                             "没有提供图片。",
                             "未提供影像",
                             "没有收到图片",
                             "未见图像",
                             "图像是空白的。",
                             "图片无法显示",
                             "图片未上传。",
                             "图像未显示",
                             "这是一张空白图像",
                             "图像为灰色",
                             "请上传图片。",
                             "请您提供胸片",
                             "請上傳圖片"}) {
    EXPECT_TRUE(SaysNoImage(answer)) << answer;
    EXPECT_TRUE(Refuses(answer)) << answer;
  }
}

TEST(SaysNoImage, WhatIsNotSeenInTheImageIsNotTheImage) {
  for (const char* answer : {"",
                             "no",
                             "No.",
                             "Yes",
                             "I cannot see a fracture in the image.",
                             "I do not see a mass on the X-ray",
                             "The image does not show a fracture.",
                             "There is no fracture in the image",
                             "No abnormality in this image",
                             "No image abnormality",
                             "The image is black and white.",
                             "The image shows an X-ray.",
                             "X-ray",
                             "CT without contrast",
                             "This is not a CT",
                             "No, it is an MRI",
                             "grayscale image",
                             "The lung is not visible on this image.",
                             "The stomach is empty.",
                             "The bladder is empty",
                             "The costophrenic angle is blunted",
                             "not a chest x-ray",
                             "gray matter",
                             "white matter",
                             "Please provide the side.",
                             "图像未显示骨折",
                             "图像中看不到骨折",
                             "未见骨折",
                             "没有",
                             "图像显示正常",
                             "影像未见异常",
                             "这是CT图像",
                             "不是CT",
                             "图像没有显示明显异常",
                             "请结合临床",
                             "建议行CT检查",
                             "图像显示不清晰的边界",
                             "灰质",
                             "无影像学异常",
                             "没有图像改变"}) {
    EXPECT_FALSE(SaysNoImage(answer)) << answer;
  }
}

TEST(Refuses, ButNotWhoAnswersOrDenies) {
  for (const char* answer :
       {"I cannot tell from this image.", "This cannot be determined.",
        "I'm sorry, but I can't assist with that.", "I am unable to provide a diagnosis.",
        "无法判断。", "不确定", "抱歉，我不能提供医疗建议。", "無法確定",
        "It is not possible to say."}) {
    EXPECT_TRUE(Refuses(answer)) << answer;
  }
  for (const char* answer :
       {"", "yes", "No fracture is seen.", "There is no mass.", "left lung", "没有骨折", "未见肿块",
        "约3cm", "左肺上叶", "有骨折，无法判断新旧", "There is no doubt: in the left upper lobe.",
        "A CT could provide more detail", "normal"}) {
    EXPECT_FALSE(Refuses(answer)) << answer;
  }
  EXPECT_FALSE(Refuses("约3cm，看不清边界", "肿块的大小是多少？"));
  EXPECT_FALSE(Refuses("No mass is seen.", "Where is the mass?"));
}

TEST(Choice, IsALetterByItself) {
  for (const char* answer : {"B",
                             "b",
                             "(B)",
                             "B.",
                             "B. left lung",
                             "B) left",
                             "B: left",
                             "The answer is B.",
                             "Answer: B",
                             "**B**",
                             "Option B",
                             "The correct answer is (B).",
                             "B is correct",
                             "选B",
                             "答案：B",
                             "答案是Ｂ。",
                             "选项B",
                             "B、左肺",
                             "B 。",
                             "应选B项",
                             "B选项正确"}) {
    EXPECT_THAT(ChoiceTaken(answer), testing::Optional('b')) << answer;
  }
  for (const char* answer : {"", "A mass", "a left lung", "both", "A or B", "A, B", "A、B", "A和B",
                             "X", "CT", "B12", "is a mass", "左肺", "yes", "An answer"}) {
    EXPECT_EQ(ChoiceTaken(answer), std::nullopt) << answer;
  }
  for (const char* answer : {"B", "(b)", "B.", " Ｂ "}) {
    EXPECT_THAT(BareChoice(answer), testing::Optional('b')) << answer;
  }
  for (const char* answer : {"B. left", "E. coli", "", "CT", "AB"}) {
    EXPECT_EQ(BareChoice(answer), std::nullopt) << answer;
  }
}

}  // namespace
}  // namespace roentgen
