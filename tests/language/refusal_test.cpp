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
                             "图中看不到",
                             "图像中未显示",
                             "圖片上不可見",
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

TEST(IsNoAnswer, PlaceholdersApologiesAndErrors) {
  for (const char* answer : {"",
                             " ",
                             "-",
                             "...",
                             "N/A",
                             "n.a.",
                             "NaN",
                             "null",
                             "<na>",
                             "Sorry!",
                             "I am very sorry.",
                             "Sorry for the inconvenience",
                             "Error: timeout",
                             "[ERROR]",
                             "ValueError: bad",
                             "Error 500",
                             "API Error: 429",
                             "HTTP 502",
                             "CUDA out of memory",
                             "抱歉",
                             "非常抱歉。",
                             "对不起！",
                             "不适用",
                             "错误：超时",
                             "请求超时",
                             "请求失败，请重试"}) {
    EXPECT_TRUE(IsNoAnswer(answer)) << answer;
  }
  for (const char* answer :
       {"None", "no", "3", "+", "<5 mm", "left lung", "Sorry, left lung", "refractive error",
        "positioning error: rotation", "failed back surgery", "无", "左肺", "抱歉，左肺", "错误",
        "异常：左肺", "很小"}) {
    EXPECT_FALSE(IsNoAnswer(answer)) << answer;
  }
  for (const char* none : {"None.", "无。", "未见"}) EXPECT_TRUE(SaysNone(none)) << none;
  for (const char* some : {"no mass", "无骨折", "无名动脉"}) EXPECT_FALSE(SaysNone(some)) << some;
}

TEST(ChoiceTaken, WhereAnAnswerSaysThatItAnswers) {
  struct Case {
    const char* answer;
    std::optional<char> choice;
  };
  for (const auto& [answer, choice] :
       {Case{"This is a chest X-ray, so the answer is B.", 'b'}, Case{"This is a CT, so B.", 'b'},
        Case{"A shows air, C fat. The correct answer is (C).", 'c'},
        Case{"A is wrong. The answer is B.", 'b'}, Case{"So B is the correct answer.", 'b'},
        Case{"这是A型，因此答案是B。", 'b'}, Case{"综上，应选B。", 'b'}, Case{"所以是B", 'b'},
        Case{"Vitamin C", std::nullopt}, Case{"Hepatitis A, B", std::nullopt},
        Case{"The answer is a mass", std::nullopt}, Case{"The answer is A or B", std::nullopt},
        Case{"I would not choose B", std::nullopt}, Case{"A is not correct", std::nullopt},
        Case{"选B超", std::nullopt}, Case{"不选B", std::nullopt}}) {
    EXPECT_EQ(ChoiceTaken(answer), choice) << answer;
  }
  EXPECT_EQ(ChoiceNamed("B. liver")->text, "liver");
  EXPECT_EQ(ChoiceNamed("B、肝脏")->text, "肝脏");
  EXPECT_EQ(ChoiceNamed("(b)")->letter, 'b');
  for (const char* none : {"A mass", "A.P. view", "A, B", "B超", "liver"}) {
    EXPECT_FALSE(ChoiceNamed(none)) << none;
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

TEST(Refuses, WhoCannotSeeTellOrHelp) {
  for (const char* answer : {"I can not see an image.",
                             "I cannot see any images here.",
                             "I'm unable to see the picture.",
                             "I am not able to view images.",
                             "I don't have the ability to view or analyze images directly.",
                             "I can't see the X-ray you are referring to.",
                             "Sorry, I can't view attachments.",
                             "Sorry, but I don't see any image in your message.",
                             "It looks like the image did not upload properly.",
                             "It seems there is no image attached to your message.",
                             "It seems you forgot to attach the image.",
                             "You haven't uploaded an image.",
                             "You did not provide an image.",
                             "The image you uploaded is completely black.",
                             "The image appears blank, so I cannot assess it.",
                             "The picture is empty.",
                             "This picture is just a gray rectangle.",
                             "This image contains only a plain grey background.",
                             "The image is a uniform gray field with no visible structures.",
                             "Image not available.",
                             "Image not provided",
                             "No image available.",
                             "No image is visible.",
                             "No picture to analyze.",
                             "Without an image I cannot answer.",
                             "Without seeing the image, I cannot answer.",
                             "Cannot see image",
                             "Unable to view image.",
                             "I need to see the image to answer.",
                             "Please share the X-ray image so I can help.",
                             "Can you share the picture again?",
                             "I apologize, but I cannot determine this without the image.",
                             "As an AI, I cannot view images.",
                             "I'm a language model and can't see pictures.",
                             "I'm sorry, I can't help with that.",
                             "I'm sorry, but I cannot provide medical advice.",
                             "I cannot answer this question.",
                             "I cannot answer.",
                             "It is impossible to tell.",
                             "The answer cannot be determined from the image.",
                             "Not enough information to answer.",
                             "I don't know.",
                             "The image quality is too poor to tell.",
                             "The image is too blurry to assess.",
                             "The image is random noise.",
                             "The image shows only noise.",
                             "The image is unreadable",
                             "Image failed to load.",
                             "我看不到任何图像。",
                             "我无法看到您提供的图像。",
                             "我看不见图片",
                             "抱歉，我看不到图片内容。",
                             "很抱歉，我无法直接查看图片。",
                             "我是语言模型，无法处理图像。",
                             "您没有上传图片。",
                             "您还没有上传图像",
                             "您似乎没有附上图片。",
                             "图片没有显示出来。",
                             "图片加载失败",
                             "图像无法加载。",
                             "图像全黑。",
                             "图像是一片灰色。",
                             "图像是纯灰色的。",
                             "这是一张空白的图片。",
                             "这张图片是空白的",
                             "图像中没有任何内容。",
                             "没有看到图像，无法回答。",
                             "没有可用的图像",
                             "无图像",
                             "请提供图像。",
                             "请您重新上传图片",
                             "请上传您的X光片。",
                             "麻烦把图片发给我。",
                             "需要看到图像才能回答。",
                             "不知道。",
                             "无法回答。",
                             "我不能给出诊断。",
                             "图像模糊，无法判断。",
                             "看不清。",
                             "圖像是空白的",
                             "我看不到影像",
                             "沒有圖片",
                             "图像只有噪声",
                             "图片显示不出来"}) {
    EXPECT_TRUE(Refuses(answer)) << answer;
  }
}

TEST(Refuses, NotWhoSaysSomething) {
  for (const char* answer : {"Yes",
                             "No",
                             "No.",
                             "Yes, there is a fracture.",
                             "No, there is no fracture.",
                             "The image shows no fracture.",
                             "There is no abnormality visible in the image.",
                             "I cannot see any fracture in the image.",
                             "I don't see a mass in this picture.",
                             "The X-ray is normal.",
                             "The scan is not contrast enhanced.",
                             "The CT was performed without contrast.",
                             "No contrast was given.",
                             "This image was taken with contrast.",
                             "The image is an axial CT.",
                             "X-ray",
                             "CT scan",
                             "MRI",
                             "Black and white",
                             "The lung appears black.",
                             "The lesion is grey",
                             "It is a grayscale image.",
                             "The stomach is empty",
                             "Empty sella",
                             "A blank area in the liver",
                             "The left kidney is missing.",
                             "The left lung is not visible.",
                             "The diaphragm is not clearly seen.",
                             "No rotation of the image",
                             "The film is slightly overexposed.",
                             "The bladder is not displayed.",
                             "white matter",
                             "Noise",
                             "The image plane is axial.",
                             "PA film",
                             "I see an X-ray of the chest.",
                             "Not present",
                             "Absent",
                             "Right",
                             "There is no free air on this film.",
                             "No fracture on this radiograph.",
                             "The chest x-ray is clear.",
                             "The image shows a chest with clear lungs.",
                             "Nothing.",
                             "No abnormality.",
                             "The image displays a chest radiograph",
                             "没有",
                             "是",
                             "有",
                             "未见异常",
                             "图像未见异常。",
                             "图像中未见骨折",
                             "图中看不到骨折。",
                             "影像上没有看到肿块",
                             "X光片",
                             "CT",
                             "这是一张胸片。",
                             "这张图片没有骨折",
                             "图像显示双肺正常",
                             "平扫，未增强",
                             "没有造影剂",
                             "未行增强扫描",
                             "胸片未见明显异常",
                             "黑色",
                             "灰色",
                             "左肺",
                             "膀胱空虚",
                             "肺野透亮",
                             "没有对比剂",
                             "图像是轴位",
                             "图像显示右肺有结节",
                             "片子上没有骨折",
                             "无影像学改变",
                             "照片显示骨折",
                             "请进一步检查",
                             "建议结合临床",
                             "没有游离气体",
                             "白质",
                             "图像没有异常",
                             "影像没有显示骨折",
                             "片中未显示肾脏",
                             "The image is not blank.",
                             "The image is missing the left lung base.",
                             "The image shows a white lesion",
                             "The image shows only the left lung.",
                             "The image contains only the chest",
                             "Too small to be a mass",
                             "The lesion is too small.",
                             "Unfortunately there is a fracture.",
                             "抱歉，没有骨折。",
                             "请看图像",
                             "需要查看CT以外的检查"}) {
    EXPECT_FALSE(Refuses(answer)) << answer;
  }
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
