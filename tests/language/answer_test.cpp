#include "roentgen/language/answer.h"

#include <gmock/gmock.h>

#include <string>

#include "support/processor_time.h"

namespace roentgen {
namespace {

using testing::Optional;

TEST(SideTaken, Yes) {
  for (const char* answer :
       {// Words that affirm
        "Yes", "yes, it is", "  YES.", "Yes, no doubt.", "yeah", "Correct.", "是", "是的", "是的。",
        "是的，没有骨折", "“是”", "对", "对的。", "對", "正确", "没错", "沒錯，有骨折",
        "不错，是肺炎", "当然", "嗯，有。", "是啊",
        // Verbs of presence
        "有", "有肺炎", "有。", "有的", "都有", "均有", "都是", "存在", "存在骨折。", "可见骨折",
        "可見骨折", "見骨折", "可见右侧胸腔积液。", "包含", "包括肝脏", "能", "可以",
        "可以看到结节", "能看到", "能看見", "会", "会的", "显示骨折", "发现结节", "看到肿块",
        "符合肺炎表现", "确实有", "的确存在骨折", "明显可见骨折", "肯定有骨折", "目前有积液",
        "有不规则结节", "可见不均匀密度影", "见无回声区", "可见无移位骨折",
        "有多发结节，可能为转移", "There is a fracture.", "There are two nodules.",
        "The answer is yes.", "Answer: Yes", "I can see a fracture.", "The image shows a fracture.",
        "Visible.",
        // No denials
        "不仅有骨折", "不仅有骨折，还有积液。", "不只有一处", "不但有骨折，而且有移位",
        "不仅仅是肺炎", "不止一处", "无疑有骨折", "無疑有骨折", "毫无疑问有骨折",
        "毫无疑问，有骨折。", "无疑是肺炎", "不难看出有骨折", "无非是肺炎",
        "no doubt there is a fracture", "No doubt.", "Not only a fracture but also an effusion.",
        "Undoubtedly.",
        // Two denials
        "不是没有骨折", "并非没有", "不是沒有",
        // The image named first
        "图中有骨折", "图像中可见骨折。", "影像显示骨折", "答案：是", "答案是有", "答：有。",
        "根据图像，有骨折。", "从图像来看，有骨折", "根据您提供的胸片，可见骨折。", "结论：有",
        "图像显示右肺结节", "可以确定有骨折", "有没有骨折？有。", "ＹＥＳ", "有，但不严重",
        "不能否认有骨折", "不得不说有骨折", "可以诊断为骨折", "可以肯定有骨折", "我肯定有骨折",
        "It is.", "Positive", "阳性"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
}

TEST(SideTaken, No) {
  for (const char* answer :
       {"No", "no.", "No evidence of it", "No fracture is seen.", "no, it is normal", "Not seen.",
        "Not visible", "None.", "Nope", "Incorrect", "It is not large.", "No other abnormality",
        "NO",
        // Words that deny
        "不", "否", "不是", "不是的", "不是的，是左肺。", "不对", "不對", "不正确", "错", "错误",
        "没", "没有", "沒有", "沒有。", "没有的", "无", "無", "无。", "不存在", "不能", "不可以",
        "不包含", "不包括", "不会", "不可见",
        // Denial, fillers, object
        "没有异常", "没有骨折", "无骨折", "無骨折", "未见异常", "未见明显异常", "未見明顯骨折",
        "未发现骨折", "未發現骨折", "未发现明确骨折", "未看到骨折", "没看到骨折", "没看见",
        "没发现异常", "没有发现骨折", "没有看到明显的结节", "并没有", "并没有骨折", "並沒有骨折",
        "并无骨折", "并未发现骨折", "都没有", "均未见", "暂未发现异常", "目前未见", "尚未发现",
        "没有任何异常", "没有明确骨折", "没有明确的骨折征象", "无明确骨折", "无明显异常",
        "未明确显示骨折", "未显示", "不显示", "不能看到骨折", "看不到", "看不到骨折", "看不见",
        "看不出明显异常", "看不出異常", "毫无异常", "没有证据表明有骨折", "没有什么异常",
        "没什么异常", "没有骨折可能", "不可能", "不可能是骨折", "不明显", "不大", "不正常",
        "不对称", "不像骨折", "未累及", "没有不正常", "没骨折", "並非骨折", "并不存在", "肯定没有",
        "确实没有", "毫无疑问没有骨折", "毫无疑问，没有骨折。", "无疑没有骨折", "不考虑骨折",
        "不支持骨折诊断",
        // Exclusion
        "排除骨折", "可排除骨折", "可以排除骨折", "能排除", "已排除", "基本排除骨折", "可除外",
        // The image named first
        "图中没有骨折", "图像中未见骨折。", "影像未见异常", "图像显示没有骨折", "图像显示未见骨折",
        "答案：否", "答案是没有", "根据图像，没有骨折。", "根据图像没有骨折",
        "根据您提供的胸片，没有骨折。", "The answer is no.", "Answer: no", "There is no fracture.",
        "There isn't a fracture.", "There are no nodules.", "The image shows no fracture.",
        "The image does not show a fracture.", "I do not see a fracture.",
        "I don't see any nodule.", "I see no fracture.", "There is not any fracture.", "是没有的",
        "显示没有骨折", "可以确定没有骨折", "有没有骨折？没有。", "（否）", "没有，但有积液",
        "X光片未见骨折", "我认为没有骨折", "我不认为有骨折", "几乎没有", "难以发现明显异常",
        "难以看到骨折", "什么都没有", "什么也没有", "一点都没有",
        "There does not appear to be a fracture.", "Nothing.", "Negative.", "阴性",
        "可以肯定没有骨折", "不需要"}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
}

TEST(SideTaken, Neither) {
  for (const char* answer :
       {"", "。", "Normal", "nodule", "yesterday", "November", "左肺", "正常", "CT", "2",
        "The heart is enlarged.", "Where?",
        // Questions
        "是否需要复查", "有没有骨折", "有沒有骨折", "有没有骨折不确定", "有无骨折", "是不是骨折",
        "能否看到", "有骨折吗", "有骨折嗎？", "有骨折？", "可不可以", "会不会是骨折", "存在不存在",
        "Is there a fracture?",
        // Doubt and not knowing
        "不确定", "不能确定", "不確定", "无法判断", "無法判斷", "无法确定是否有骨折", "难以确定",
        "難以判斷", "不清楚", "不太清楚", "不是很确定", "不知道", "看不清", "看不清楚", "不好判断",
        "不易判断", "无从判断", "未知", "未能确定", "没法确定", "没有把握", "没有足够的信息",
        "看不出是否有骨折", "看不出来", "不得而知", "说不准", "不明", "没看清", "可能",
        "可能有骨折", "可能没有", "有可能", "有可能是骨折", "疑似骨折", "可疑骨折", "也许有",
        "似乎有", "好像没有", "应该有", "不一定", "未必", "不太可能", "没准有", "有骨折可能",
        "考虑骨折", "有待确定", "Possibly.", "Maybe yes", "Uncertain", "Not sure.", "Not certain",
        "I am not sure", "Cannot be determined.", "It cannot be determined.", "No idea.",
        "No way to tell", "Unlikely", "Not clear if there is a fracture", "Not enough information",
        // What is not excluded
        "不能排除骨折", "不能排除", "不能完全排除骨折", "不除外骨折", "未除外骨折", "未排除",
        "没有排除骨折", "无法排除骨折", "難以排除骨折", "难以除外", "尚不能除外骨折", "不排除骨折",
        "Cannot exclude a fracture.", "Not excluded", "A fracture cannot be ruled out.",
        // Characters of cues in other words
        "对称", "对侧", "会厌", "非常大", "无回声区", "无移位骨折", "能量减低", "对比剂增强",
        "见解", "有限", "不张", "无论如何", "不无骨折可能", "不能百分之百确定", "需除外骨折",
        "待除外骨折", "建议进一步检查", "我看不到图像", "我无法看到图像",
        "There may be a fracture.", "我不知道有没有骨折"}) {
    EXPECT_EQ(SideTaken(answer), std::nullopt) << answer;
  }
}

TEST(SideTaken, OfAnAnswerThatRepeatsItself) {
  std::string answer;
  for (int i = 0; i < 5'000; ++i) answer += "可见";
  EXPECT_EQ(SideTaken(answer + "骨折"), SideTaken("可见可见骨折"));
}

TEST(SideTaken, TakesTimeInProportion) {
  for (const std::string_view word :
       {"可见", "未见", "可见骨折", "是、", "无法判断", "没有", "有无", "yes ", "no ", "not seen ",
        "there is a fracture ", "left lung, "}) {
    std::string answer;
    while (answer.size() < 100'000) answer += word;
    const test::ProcessorTime time;
    SideTaken(answer);
    CannotTell(answer);
    EXPECT_LT(time.Seconds(), 2) << word;
  }
}

TEST(SideTaken, WhatIsNormalOrTheImageDoesNotDecide) {
  for (const char* answer :
       {"图像显示双肺正常，没有骨折", "图像显示肋骨完整，未见骨折", "可见肺纹理清晰，未见骨折",
        "圖像顯示肋骨完整，未見骨折", "这是一张胸片，未见骨折", "这是CT图像，未见骨折",
        "由图可见，未见骨折", "图中可见，肋骨未见骨折", "是正常的，没有骨折", "正常，没有骨折",
        "图像显示两肺未见结节", "影像显示胸廓对称，无气胸", "能看到肝脏，没有结节",
        "The image shows intact ribs, no fracture", "There are clear lungs and no fracture",
        "I see a normal chest without fracture", "The image shows the lungs with no nodule",
        "Normal. No fracture."}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
  for (const char* answer :
       {"图像显示正常", "图像显示胸部", "这是一张胸片", "我觉得是从背后拍摄的（后前位）。",
        "图中可见心脏和双肺", "可见肋骨", "正常", "The image shows a normal chest",
        "The image shows the chest", "There is a heart", "The image shows an X-ray of the chest"}) {
    EXPECT_EQ(SideTaken(answer), std::nullopt) << answer;
  }
  for (const char* answer : {"可见肋骨骨折", "图像显示心脏增大", "图像显示右肺结节，左肺清晰",
                             "可见清晰的骨折线", "可见肝脏占位", "包含肝脏", "能看到肝脏",
                             "There is a clear fracture.", "There is a fracture of the left rib",
                             "The image shows a lung nodule", "The image contains the liver"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
}

TEST(SideTaken, ADenialThatIsPartOfANameDeniesNothing) {
  for (const char* answer :
       {"是不稳定骨折", "是不完全骨折", "是不规则骨折", "是未移位骨折", "為不完全骨折",
        "是非移位性骨折", "有无数结节", "有無數結節", "有无菌性坏死"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
  for (const char* answer :
       {"是不对的", "是不存在的", "是不可能的", "是未见的", "是未发现骨折", "是无明显骨折"}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
}

TEST(SideTaken, NotForWhoCannotTell) {
  for (const char* answer : {"图片不清晰",
                             "影像不完整，无法判断",
                             "图像未包括该部位，無法判斷",
                             "不清晰，无法判断",
                             "图像显示不全，无法确定",
                             "未显示清楚",
                             "该图像无法显示骨折与否",
                             "未看到图像，无法回答",
                             "肯定不了",
                             "可以排除不了",
                             "未定",
                             "没有充分证据",
                             "没有可靠的依据",
                             "无充分依据判断",
                             "无侧位片，无法判断",
                             "没有提供足够的临床信息，无法判断",
                             "不能单凭此图判断",
                             "不能给出结论",
                             "不太好判断",
                             "不甚清楚",
                             "无可奉告",
                             "有骨折的可能性不大",
                             "有骨折的可能性较小",
                             "是骨折的可能性大",
                             "没有骨折的可能性不大",
                             "有很大可能是骨折",
                             "有点像骨折",
                             "存在骨折风险",
                             "存在骨折風險",
                             "有争议",
                             "有或没有",
                             "阳性（-）",
                             "有骨折还是没有骨折，不好说",
                             "There is a possibility of fracture",
                             "There is suspicion of fracture",
                             "There is concern for a fracture",
                             "There is doubt about a fracture",
                             "There is some uncertainty",
                             "Present or absent",
                             "Not clear.",
                             "The image is not clear",
                             "It is not clear",
                             "Not definite",
                             "Not conclusive",
                             "Not assessable",
                             "Not available",
                             "Not applicable",
                             "No conclusion can be drawn",
                             "No definite answer",
                             "No information",
                             "No image was provided, so I cannot tell",
                             "There is no image",
                             "There is no certainty",
                             "It does not allow a conclusion",
                             "None of these can be determined",
                             "The image does not provide enough information"}) {
    EXPECT_EQ(SideTaken(answer), std::nullopt) << answer;
  }
  for (const char* answer :
       {"没有证据表明有骨折", "没有骨折的证据", "There is no evidence of fracture",
        "No definite fracture", "The image does not show a definite fracture",
        "I can't see any fracture"}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
  for (const char* answer :
       {"有骨折，需要手术治疗", "可见骨折，建议复查", "有骨折，无法判断新旧"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
}

TEST(SideTaken, NotForBothSides) {
  for (const char* answer :
       {"Yes/No", "yes / no", "No/Yes", "(Yes/No)", "Yes/No?", "True/False", "Yes or no",
        "Yes and no", "Yes, no.", "Yes. No.", "yes|no", "是/否", "是 / 否", "是、否", "是，否",
        "有/无", "有/沒有", "对/错", "有骨折/无骨折"}) {
    EXPECT_EQ(SideTaken(answer), std::nullopt) << answer;
    EXPECT_EQ(YesOrNo(answer), std::nullopt) << answer;
  }
  for (const char* answer : {"Yes/No: Yes", "Yes, no doubt.", "是/否：是", "是的，没有骨折"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
  for (const char* answer : {"Answer (yes/no): no", "No fracture/dislocation", "No, no.",
                             "是/否：否", "没有骨折/有积液", "对，没有"}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
}

TEST(SideTaken, NotForWhoTakesItBack) {
  for (const char* answer :
       {"Yes, but I cannot tell", "Yes, but it cannot be determined.", "Yes, although I'm not sure",
        "No. I cannot determine.", "No, it is unclear.", "No. The image is too blurry to tell.",
        "Yes, it cannot be seen", "是的，但无法判断", "是的，我不能确定", "否，無法確定",
        "没有，看不清"}) {
    EXPECT_EQ(SideTaken(answer), std::nullopt) << answer;
  }
  for (const char* answer : {"Yes, but small", "Yes, but I cannot tell which side",
                             "Yes, but it is unclear where", "Yes, but its age is unclear",
                             "有，但边界不清", "有骨折，无法判断新旧", "是的，但不知道在哪里"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
  for (const char* answer :
       {"No, I cannot see a fracture", "No, I can't see it.", "No, it cannot be seen.",
        "没有，无法看到", "没有骨折，其他无法判断", "不，看不到骨折"}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
}

TEST(SideTaken, NotWhereThereIsNoAnswerOrImage) {
  for (const char* answer : {"No response",
                             "No output.",
                             "No output was generated.",
                             "No answer",
                             "No results",
                             "No data",
                             "No data available.",
                             "No clue",
                             "I have no clue.",
                             "No opinion",
                             "无数据",
                             "无数据。",
                             "没有数据",
                             "沒有數據",
                             "没有头绪",
                             "毫无头绪",
                             "无输出",
                             "没有回答",
                             "无响应",
                             "无内容",
                             "The picture shows only noise.",
                             "The image is blank.",
                             "Yes. No image was provided.",
                             "No, I cannot see the image.",
                             "图像是空的",
                             "图片是灰色的",
                             "圖像是黑色的。",
                             "图像全是噪声"}) {
    EXPECT_EQ(SideTaken(answer), std::nullopt) << answer;
  }
  for (const char* answer :
       {"没有异常", "No data suggest a fracture", "There is no data to support a fracture.",
        "No response to treatment", "没有数据表明有骨折", "No."}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
  for (const char* answer : {"有无数结节", "无数个结节", "The picture shows a mass.", "有回声"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
}

TEST(SideTaken, PhrasesThatStrengthenAgreeOrNumber) {
  for (const char* answer : {"我不否认有骨折",
                             "不否认存在骨折",
                             "不存在争议，有骨折",
                             "没有异议，是骨折",
                             "無一例外都有骨折",
                             "不出所料，有骨折",
                             "不用说，有",
                             "无庸置疑",
                             "没有错",
                             "不会错",
                             "没有错，有骨折",
                             "没有问题，是骨折",
                             "不是阴性",
                             "對，有骨折",
                             "两侧都有",
                             "双侧均有",
                             "1. 有",
                             "骨折：有",
                             "看起来有骨折",
                             "可见，右侧肋骨骨折",
                             "Not negative",
                             "1. Yes"}) {
    EXPECT_THAT(SideTaken(answer), Optional(true)) << answer;
  }
  for (const char* answer : {"对，没有骨折", "是阴性", "结果是阴性", "是错的", "是不对的", "是假的",
                             "根本没有", "骨折：无", "有无骨折：无", "1. 没有", "（B）否",
                             "如图所示，无骨折", "看起来没有骨折", "两侧均未见骨折", "雙側均無",
                             "Of course not", "Certainly not", "Absolutely not.", "1. No"}) {
    EXPECT_THAT(SideTaken(answer), Optional(false)) << answer;
  }
}

TEST(YesOrNo, NothingElseIsSaid) {
  for (const char* yes : {" Yes.", "yes", "是", "是的。", "有", "有的", "对", "對", "没错", "存在",
                          "包含", "可以", "能", "可见", "是的，有。", "能看到"}) {
    EXPECT_THAT(YesOrNo(yes), Optional(true)) << yes;
  }
  for (const char* no : {"No",     "no!",  "不",     "否",       "不是",   "没有", "沒有",
                         "无",     "無",   "没",     "不存在",   "不包含", "不能", "不可以",
                         "并没有", "未见", "没有。", "不，没有", "不是的", "不会", "未发现"}) {
    EXPECT_THAT(YesOrNo(no), Optional(false)) << no;
  }
  for (const char* neither :
       {"",         "no change", "left",   "No evidence", "yes it shows a mass",
        "没有骨折", "有骨折",    "正常",   "不正常",      "对称",
        "不对称",   "不确定",    "可能",   "有可能",      "有没有",
        "是否",     "是吗",      "有吗？", "不一定",      "看不清",
        "无法判断", "是，不是",  "0",      "都是",        "都有",
        "是/否",    "yes/no",    "无移位", "Normal",      "不明显",
        "是左肺",   "None"}) {
    EXPECT_EQ(YesOrNo(neither), std::nullopt) << neither;
  }
}

TEST(CannotTell, IsNotADenial) {
  for (const char* answer : {"I can't tell from this image.",
                             "This cannot be determined.",
                             "Unable to assess.",
                             "It can not be judged.",
                             "It is impossible to say.",
                             "I do not know.",
                             "I don't know",
                             "I am not sure.",
                             "There is not enough information.",
                             "Insufficient information",
                             "The image is blurred; it is not possible to determine the side.",
                             "Unknown.",
                             "It is unclear whether there is one.",
                             "It is difficult to determine.",
                             "The kidney cannot be seen.",
                             "It is hard to tell",
                             "No way to know.",
                             "无法判断。",
                             "無法判斷",
                             "无法确定",
                             "无法看出",
                             "无法评估",
                             "无法识别",
                             "不能判断",
                             "不能确定",
                             "不能確定",
                             "不确定",
                             "难以判断",
                             "难以确定",
                             "難以確定",
                             "很难判断",
                             "没有足够信息",
                             "信息不足",
                             "这个问题信息不足",
                             "不能从图中判断",
                             "不能根据这张图确定位置",
                             "无法从图像中准确判断",
                             "图像质量差，无法判断。",
                             "未能明确",
                             "不好说",
                             "看不清",
                             "看不清楚",
                             "看不太清",
                             "辨认不清",
                             "看不出是否有骨折",
                             "看不出来是什么",
                             "是否有骨折不清楚",
                             "性质不明",
                             "原因不明",
                             "不得而知",
                             "未知",
                             "我不知道",
                             "没有把握",
                             "没看清",
                             "没办法判断",
                             "不足以判断",
                             "有骨折，性质难以确定",
                             "性质待定",
                             "有没有骨折不确定",
                             "尚不能明确",
                             "无法回答",
                             "我看不到图像",
                             "我无法看到图像",
                             "没有图像",
                             "我无法提供医疗建议",
                             "抱歉，我无法判断",
                             "诊断不明确",
                             "不宜判断",
                             "不确切"}) {
    EXPECT_TRUE(CannotTell(answer)) << answer;
  }
  for (const char* answer : {"",
                             "Yes",
                             "No",
                             "5 cm",
                             "There is no fracture.",
                             "The lungs are not clear.",
                             "A fracture cannot be excluded.",
                             "It is not difficult to see.",
                             "The nodule is not seen.",
                             "Not only that.",
                             "No known fracture",
                             "看不出明显异常",
                             "看不出異常",
                             "看不到骨折",
                             "没有骨折",
                             "未见明显异常",
                             "未见明确骨折",
                             "没有明确骨折征象",
                             "不能排除骨折",
                             "不能完全排除",
                             "无法排除骨折",
                             "难以除外",
                             "边界不清",
                             "边界不清楚",
                             "边缘不明确",
                             "轮廓显示不清",
                             "不明显",
                             "明确有骨折",
                             "可以确定有骨折",
                             "能判断",
                             "不难判断有骨折",
                             "不仅可以确定",
                             "无疑有骨折",
                             "不正常",
                             "不大",
                             "知道",
                             "左肺上叶",
                             "可能在左肺",
                             "没什么异常"}) {
    EXPECT_FALSE(CannotTell(answer)) << answer;
  }
}

TEST(DeniesPremise, DeniesWhatWasAskedFor) {
  for (const char* answer : {"There is no fracture.",
                             "There isn't any nodule.",
                             "No fracture.",
                             "No evidence of a mass.",
                             "The kidney is not visible in the image.",
                             "It is not in the image.",
                             "No such finding",
                             "The image does not show a nodule.",
                             "I do not see a nodule.",
                             "None.",
                             "No, there is no nodule.",
                             "The nodule does not exist.",
                             "Fracture is absent.",
                             "This is a chest X-ray. There is no fracture.",
                             "Normal lungs, no nodule.",
                             "The lungs are free of nodules.",
                             "没有骨折",
                             "沒有骨折。",
                             "没有",
                             "无",
                             "无骨折",
                             "無骨折",
                             "未发现骨折",
                             "未發現明顯骨折",
                             "没发现骨折",
                             "没看到结节",
                             "图中没有骨折",
                             "图像中未见结节",
                             "未见明显结节",
                             "看不到结节",
                             "看不见",
                             "看不出明显异常",
                             "不存在",
                             "骨折并不存在",
                             "结节不可见",
                             "没有显示",
                             "未显示结节",
                             "不显示",
                             "并没有这个",
                             "您说的结节并不存在",
                             "右肺未见结节。",
                             "可排除骨折",
                             "骨折可除外。",
                             "双肺清晰，未见结节。",
                             "图像正常，没有骨折",
                             "不，没有骨折",
                             "不在图中",
                             "这是一张胸片，没有骨折。",
                             "心影不大，未见积液",
                             "否认骨折史",
                             "肾脏不在该图像中",
                             "难以发现骨折",
                             "没有骨折，但有积液"}) {
    EXPECT_TRUE(DeniesPremise(answer)) << answer;
  }
  for (const char* answer :
       {"",
        "Yes",
        "No",
        "No.",
        "5 cm",
        "In the left lung",
        "It is not large.",
        "The notable nodule",
        "In the left lung, no calcification.",
        "In the left lung without shift",
        "Left lung nodule with no calcification",
        "No other abnormality.",
        "Fracture of the fifth rib, otherwise no abnormality.",
        "No doubt in the left lung.",
        "Not only in the left lung.",
        "左肺上叶",
        "有两个结节",
        "没错",
        "没错，在左肺",
        "右侧第5肋骨骨折，余未见异常。",
        "右側第5肋骨骨折，餘未見異常。",
        "右侧肋骨骨折；其余骨质未见异常",
        "右肺结节，未见钙化。",
        "右侧第5肋骨，无移位",
        "无移位骨折，右侧第5肋",
        "其他未见异常",
        "其余肺野未见异常",
        "有两个结节，没有其他异常",
        "不大",
        "不是左肺",
        "不仅在左肺",
        "毫无疑问在左肺",
        "不能排除骨折",
        "不除外骨折",
        "可能在左肺",
        "左肺不张",
        "边界不清",
        "5毫米，没有钙化",
        "不是没有骨折",
        "没有排除骨折",
        "有没有骨折？",
        "左侧，边界清晰，无钙化",
        "建议进一步检查以排除骨折",
        "需除外骨折",
        "我看不到图像",
        "右肺没有结节，左肺有结节",
        "右侧未见骨折，左侧可见骨折",
        "There is no nodule in the right lung, but there is a nodule in the left lung."}) {
    EXPECT_FALSE(DeniesPremise(answer)) << answer;
  }
}

TEST(DeniesPremise, OfWhatTheQuestionNames) {
  EXPECT_TRUE(DeniesPremise("有两个结节，没有骨折", "骨折在哪里？"));
  EXPECT_TRUE(DeniesPremise("右侧胸腔积液，未見骨折。", "骨折在哪一侧？"));
  EXPECT_TRUE(DeniesPremise("未见明确病灶", "骨折在哪里？"));
  EXPECT_TRUE(DeniesPremise("The heart is large; there are no nodules.", "Where is the nodule?"));
  EXPECT_FALSE(DeniesPremise("未见移位，位于右侧第5肋", "骨折在哪里？"));
  EXPECT_FALSE(DeniesPremise("右侧第5肋骨骨折，余未见异常。", "骨折在哪里？"));
  EXPECT_FALSE(DeniesPremise("左肺上叶，没有钙化", "结节在哪里？"));
  EXPECT_FALSE(DeniesPremise("No shift; left fifth rib.", "Where is the fracture?"));
}

struct Asked {
  const char* question;
  const char* answer;
};

TEST(Declines, UnlessItFirstGivesWhatWasAskedFor) {
  const Asked answered[] = {
      {"骨折在哪里？", "右侧有骨折，左侧没有骨折"},
      {"骨折在哪裡？", "右側有骨折，左側沒有骨折"},
      {"骨折在哪里？", "右侧第三肋骨骨折，左侧未见骨折"},
      {"肿块的大小是多少？", "约3cm，看不清边界"},
      {"肿块的大小是多少？", "3.5×2cm，边界无法判断"},
      {"肿块的大小是多少？", "约3厘米，未见肿块钙化"},
      {"肺炎在哪一侧？", "右下肺，病原体无法确定"},
      {"肺炎在哪一侧？", "右側肺炎，無法判斷病原體"},
      {"有几个结节？", "10个"},
      {"有几个结节？", "0.5cm"},
      {"有几个结节？", "两个，没有钙化"},
      {"有几个结节？", "3个，良恶性无法判断"},
      {"On which side is the mass?", "Right. No mass on the left."},
      {"On which side is the mass?", "Right lung; there is no mass in the left lung"},
      {"On which side is the mass?", "The mass is in the right lung; no mass on the left"},
      {"骨折在哪里？", "除第三肋骨骨折外未见异常"},
      {"哪根肋骨骨折？", "除第5肋外均未见骨折"},
      {"Where is the fracture?", "Apart from a fracture of the fifth rib there is no abnormality"},
      {"骨折在哪里？", "骨折位于右侧，左侧无骨折"},
      {"骨折在哪里？", "右侧肋骨骨折无移位"},
      {"How large is the mass?", "About 3 cm, no mass in the other lung"},
      {"How large is the mass?", "3 cm; it is not clear whether it is malignant"}};
  for (const Asked& asked : answered) {
    EXPECT_FALSE(Declines(asked.answer, asked.question)) << asked.question << asked.answer;
  }
}

TEST(Declines, ByWhatIsNormalOrNone) {
  const Asked declined[] = {{"中线向哪一侧移位？", "中线居中"},
                            {"中线向哪一侧移位？", "中线无移位"},
                            {"中线向哪一侧移位？", "中线未移位"},
                            {"中线向哪一侧移位？", "中線未移位"},
                            {"有几个结节？", "0个"},
                            {"有几个结节？", "零"},
                            {"有几个结节？", "０"},
                            {"有几个结节？", "零个。"},
                            {"Where is the fracture?", "The ribs are intact"},
                            {"Where is the fracture?", "The ribs are intact."},
                            {"On which side is the mass?", "Neither side"},
                            {"On which side is the mass?", "Neither lung shows a mass"},
                            {"骨折在哪里？", "右侧胸腔积液，未见骨折"},
                            {"骨折在哪里？", "无法判断，未见骨折"},
                            {"骨折在哪里？", "右侧，无法判断"},
                            {"骨折在哪里？", "胸片，未见骨折"},
                            {"心影增大的程度？", "心影不大"},
                            {"心影增大的程度？", "心影大小正常"},
                            {"骨折在哪里？", "正常"},
                            {"骨折在哪里？", "图像显示双肺正常"},
                            {"Where is the nodule?", "The lungs are clear."},
                            {"结节在哪里？", "双肺清晰，未见结节"},
                            {"结节在哪里？", "右肺未见结节"},
                            {"结节在哪里？", "双侧均未见结节"}};
  for (const Asked& asked : declined) {
    EXPECT_TRUE(Declines(asked.answer, asked.question)) << asked.question << asked.answer;
  }
}

TEST(MayYetTakeSide, OnlyWhatAWordOfYesOrNoBeginsWith) {
  for (const char* open : {"", "图", "图中", "可", "存", "包", "The", "The answer", "Y", "n",
                           "根据图像，", "\xe4", "\xe4\xb8", "图中\xe6", "答案："}) {
    EXPECT_TRUE(MayYetTakeSide(open)) << open;
  }
  for (const char* closed : {"Yes", "no", "不", "没有", "左", "有", "z", "\xf0\x9f", "左\xe4"}) {
    EXPECT_FALSE(MayYetTakeSide(closed)) << closed;
  }
}

}  // namespace
}  // namespace roentgen
