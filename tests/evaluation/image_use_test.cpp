// Whether the image is used: constructed answers whose truth is known.

#include "roentgen/evaluation/image_use.h"

#include <gmock/gmock.h>

#include <array>
#include <random>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "roentgen/evaluation/right_answer.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using enum ImageUseVerdict;
using testing::HasSubstr;

using Texts = std::vector<std::string>;

ImageUse Use(const Texts& with_true, const Texts& with_other) {
  return MeasureImageUse(Texts(with_true.size(), "yes"), with_true, with_other);
}

TEST(RightAnswer, IsWhatItsReaderFinds) {
  EXPECT_TRUE(IsRight("Yes, it is.", "yes"));
  EXPECT_TRUE(IsRight("No, it is not.", "No"));
  EXPECT_TRUE(IsRight("未见骨折", "没有"));
  EXPECT_TRUE(IsRight("The answer is B.", "B"));
  EXPECT_TRUE(IsRight("(B) left lung", "B"));
  EXPECT_TRUE(IsRight("选B", "B"));
  EXPECT_TRUE(IsRight("Left lung.", "left lung"));
  EXPECT_FALSE(IsRight("C", "B"));
  EXPECT_FALSE(IsRight("B or C", "B"));
  EXPECT_FALSE(IsRight("Hard to say", "yes"));
  EXPECT_TRUE(SameAnswer("Yes.", "Yes, there is a mass", "yes"));
  EXPECT_TRUE(SameAnswer("B", "The answer is B: liver", "C"));
  EXPECT_FALSE(SameAnswer("可见骨折", "未见骨折", "有"));
  EXPECT_FALSE(SameAnswer("left", "right", "left"));
  EXPECT_FALSE(IsGiven("The image shows an X-ray.", "", "yes"));
  EXPECT_FALSE(IsGiven("", "", "liver"));
  EXPECT_FALSE(IsGiven("I cannot see an image.", "", "liver"));
  EXPECT_TRUE(IsGiven("无法判断", "", "无法判断"));  // which is right
  EXPECT_TRUE(IsGiven("no mass", "Where is the mass?", "left lung"));
}

TEST(RightAnswer, SaysWhatTheReferenceDoes) {
  struct Pair {
    const char *answer, *reference;
  };
  for (const auto& [answer, reference] :
       {Pair{"The left lung.", "left lung"}, Pair{"It is in the left lung.", "left lung"},
        Pair{"在左肺", "左肺"}, Pair{"50 mm", "5 cm"}, Pair{"约50毫米", "5 cm"},
        Pair{"not the left but the right", "right"}, Pair{"不是左侧而是右侧", "右侧"},
        Pair{"Yes", "True"}, Pair{"False", "No"}, Pair{"是", "正确"}, Pair{"不是", "错误"},
        Pair{"B", "B. liver"}, Pair{"The liver.", "B. liver"}, Pair{"肝脏", "B、肝脏"},
        Pair{"选B", "B、肝脏"}, Pair{"None", "None"}, Pair{"无", "无"}, Pair{"N/A", "N/A"}}) {
    EXPECT_TRUE(IsRight(answer, reference)) << answer << " / " << reference;
    EXPECT_TRUE(IsGiven(answer, "", reference)) << answer << " / " << reference;
  }
  for (const auto& [answer, reference] :
       {Pair{"neither left nor right", "right"}, Pair{"neither left nor right", "left"},
        Pair{"既不在左侧也不在右侧", "右侧"}, Pair{"not left", "left"}, Pair{"No", "True"},
        Pair{"不是", "正确"}, Pair{"A", "B. liver"}, Pair{"C. spleen", "B. liver"},
        Pair{"C、脾", "B、肝脏"}, Pair{"Vitamin C", "C"}, Pair{"B超", "B"}}) {
    EXPECT_FALSE(IsRight(answer, reference)) << answer << " / " << reference;
    EXPECT_TRUE(IsGiven(answer, "", reference)) << answer << " / " << reference;
  }
}

TEST(RightAnswer, WhatIsNoAnswerIsNotGivenEvenWhereItHappensToBeRight) {
  for (const char* answer :
       {"N/A", "-", "nan", "null", "None", "sorry", "Error: timeout", "I cannot see an image",
        "unknown", "抱歉", "无", "未见", "不知道", "错误：超时", "图片是灰色的"}) {
    for (const char* reference : {"left lung", "左肺", "B"}) {
      EXPECT_FALSE(IsGiven(answer, "", reference)) << answer << " / " << reference;
      EXPECT_FALSE(IsRight(answer, reference)) << answer << " / " << reference;
    }
  }
  for (const char* reference : {"yes", "有"}) {
    for (const char* answer : {"图片是灰色的", "N/A", "抱歉"}) {
      EXPECT_FALSE(IsGiven(answer, "", reference)) << answer;
      EXPECT_FALSE(IsRight(answer, reference)) << answer;
    }
  }
  EXPECT_TRUE(IsGiven("None", "", "no mass"));
  EXPECT_TRUE(IsGiven("无", "", "未见骨折"));
}

TEST(ImageUse, TheSameInOtherWordsIsNoChange) {
  struct Case {
    const char *reference, *own, *other;
  };
  for (const auto& [reference, own, other] :
       {Case{"left lung", "left lung", "The left lung."}, Case{"左肺", "左肺", "在左肺"},
        Case{"right lung", "left lung", "The left lung."}, Case{"右肺", "左肺", "在左肺"},
        Case{"5 cm", "5 cm", "50 mm"}, Case{"B", "B", "B. liver"},
        Case{"left lung", "left lung", "The left lung is affected."}}) {
    const ImageUse use = MeasureImageUse(Texts(8, reference), Texts(8, own), Texts(8, other));
    EXPECT_EQ(use.verdict(), kNo) << own << " / " << other;
    EXPECT_EQ(use.right_true, use.right_other) << own << " / " << other;
  }
}

TEST(ImageUse, OpenAnswersInSentencesThatAreRightShowIt) {
  for (const auto& [left, right, says_left, says_right] :
       {std::array{"left lung", "right lung", "It is in the left lung.", "In the right lung"},
        std::array{"左肺", "右肺", "病变位于左肺。", "在右肺"}}) {
    Texts references, own, other;
    for (int i = 0; i < 8; ++i) {
      references.emplace_back(i % 2 == 0 ? left : right);
      own.emplace_back(i % 2 == 0 ? says_left : says_right);
      other.emplace_back(i % 2 == 0 ? says_right : says_left);
    }
    const ImageUse use = MeasureImageUse(references, own, other);
    EXPECT_EQ(use.verdict(), kYes) << left;
    EXPECT_EQ(use.right_true, 8u) << left;
    EXPECT_EQ(use.right_other, 0u) << left;
  }
}

TEST(ImageUse, NoAnswerToTheOtherImageProvesNothing) {
  for (const char* nothing :
       {"N/A", "-", "nan", "None", "sorry", "Error: timeout", "抱歉", "无", "未见", "不知道"}) {
    const ImageUse use =
        MeasureImageUse(Texts(20, "left lung"), Texts(20, "left lung"), Texts(20, nothing));
    EXPECT_EQ(use.verdict(), kTooLittle) << nothing;
    EXPECT_EQ(use.silent_other, 20u) << nothing;
  }
  Texts sides;
  for (int i = 0; i < 20; ++i) sides.emplace_back(i % 2 == 0 ? "yes" : "no");
  const ImageUse use = MeasureImageUse(sides, sides, Texts(20, "图片是灰色的"));
  EXPECT_EQ(use.verdict(), kTooLittle);
  EXPECT_EQ(use.changes, kTooLittle);
  EXPECT_EQ(use.right_other, 0u);
}

TEST(ImageUse, AModelThatDropsTheImageDoesNotUseIt) {
  Texts answers;
  Texts again;  // the same but for their writing
  for (int i = 0; i < 4; ++i) {
    answers.insert(answers.end(), {"yes", "No", "yes."});
    again.insert(again.end(), {"Yes, it is", "no", "yes"});
  }
  const ImageUse use = Use(answers, again);
  EXPECT_EQ(use.verdict(), kNo);
  EXPECT_EQ(use.changes, kNo);
  EXPECT_EQ(use.righter, kNotShown);
  EXPECT_EQ(use.p, 1);
  EXPECT_THAT(Describe(use, "swapped images"), HasSubstr("depend on the image: no. They change"));
}

TEST(ImageUse, SentencesThatAreRightAndAllChangeShowIt) {
  const std::array<std::array<const char*, 4>, 3> languages = {
      {{"yes", "no", "Yes, it is.", "No, it is not."},
       {"有", "没有", "是的，可见骨折。", "未见骨折。"},
       {"Yes, it is.", "No, it is not.", "Yes, it is.", "No, it is not."}}};
  for (const auto& [yes, no, says_yes, says_no] : languages) {
    Texts references, own, other;
    for (int i = 0; i < 200; ++i) {
      references.emplace_back(i % 2 == 0 ? yes : no);
      own.emplace_back(i % 2 == 0 ? says_yes : says_no);
      other.emplace_back(i % 2 == 0 ? says_no : says_yes);
    }
    const ImageUse use = MeasureImageUse(references, own, other);
    EXPECT_EQ(use.verdict(), kYes) << yes;
    EXPECT_EQ(use.right_true, 200u) << yes;
    EXPECT_EQ(use.right_other, 0u) << yes;
    EXPECT_EQ(use.changed, 200u) << yes;
    EXPECT_THAT(Describe(use, "swapped images"),
                HasSubstr("They are righter with the true one: yes, p < 0.001"));
  }
}

TEST(ImageUse, WhoSeesThatThereIsNoImageHasNotUsedOne) {
  for (const auto& [yes, no, refusal] :
       {std::array{"Yes", "No", "I cannot see an image."},
        std::array{"有", "没有", "我看不到图像。"},
        std::array{"Yes", "No", "No image was provided."},
        std::array{"Yes", "No", "This is a grey square."}, std::array{"Yes", "No", ""}}) {
    Texts references;
    for (int i = 0; i < 200; ++i) references.emplace_back(i % 2 == 0 ? yes : no);
    const ImageUse use = MeasureImageUse(references, Texts(200, no), Texts(200, refusal));
    EXPECT_EQ(use.verdict(), kTooLittle) << refusal;
    EXPECT_EQ(use.changes, kTooLittle) << refusal;
    EXPECT_EQ(use.righter, kTooLittle) << refusal;
    EXPECT_EQ(use.silent_other, 200u) << refusal;
    EXPECT_EQ(use.changed, 0u) << refusal;
    EXPECT_THAT(Describe(use, "blank images"), HasSubstr("No answer, which proves nothing: 0.0 % "
                                                         "with the true image, 100.0 %"));
  }
  // Half of the blank images are refused, the other answers are as before.
  Texts half(200, "No");
  for (int i = 0; i < 100; ++i) half[i] = "I don't see any image attached.";
  Texts references;
  for (int i = 0; i < 200; ++i) references.emplace_back(i % 2 == 0 ? "Yes" : "No");
  const ImageUse use = MeasureImageUse(references, Texts(200, "No"), half);
  EXPECT_EQ(use.verdict(), kNo);
  EXPECT_EQ(use.refused_other, 100u);
  EXPECT_EQ(use.compared, 100u);
}

TEST(ImageUse, WhoRefusesTheTrueImageIsWrong) {
  const ImageUse use = MeasureImageUse(Texts(40, "No"), Texts(40, "Cannot tell."), Texts(40, "No"));
  EXPECT_EQ(use.right_true, 0u);
  EXPECT_EQ(use.only_other, 40u);
  EXPECT_EQ(use.verdict(), kTooLittle);  // no question has two answers
}

TEST(ImageUse, TooLittleIsNeverNo) {
  for (const size_t count : {1, 2, 5}) {
    EXPECT_EQ(Use(Texts(count, "yes"), Texts(count, "yes")).verdict(), kTooLittle);
    EXPECT_EQ(Use(Texts(count, "yes"), Texts(count, "no")).verdict(), kTooLittle);
  }
  std::vector<Example> examples(200);  // all about three images
  for (size_t i = 0; i < examples.size(); ++i) {
    examples[i].images = {std::to_string(i % 3)};
    examples[i].reference = examples[i].prediction = "yes";
  }
  EXPECT_EQ(MeasureImageUse(examples, Texts(200, "no")).verdict(), kTooLittle);
  EXPECT_EQ(MeasureImageUse(examples, Texts(200, "yes")).verdict(), kTooLittle);
  EXPECT_THAT(Describe(MeasureImageUse(examples, Texts(200, "yes")), "blank images"),
              HasSubstr("depend on the image: too little to tell."));
}

TEST(ImageUse, AnswersThatTheImageFixesAndTheTruthDoesNotAreNotRighter) {
  // 60 images with 11 questions each; every image has one answer of its own to all of them.
  size_t shown = 0;
  constexpr int kRuns = 200;
  for (int run = 0; run < kRuns; ++run) {
    std::mt19937 random(run);
    std::vector<bool> says(60);
    for (size_t i = 0; i < says.size(); ++i) says[i] = random() % 2 == 0;
    std::vector<Example> examples;
    Texts other;
    for (size_t image = 0; image < says.size(); ++image) {
      for (int question = 0; question < 11; ++question) {
        Example& example = examples.emplace_back();
        example.images = {std::to_string(image)};
        example.reference = random() % 2 == 0 ? "yes" : "no";
        example.prediction = says[image] ? "yes" : "no";
        other.emplace_back(says[(image + 7) % says.size()] ? "yes" : "no");
      }
    }
    const ImageUse use = MeasureImageUse(examples, other);
    EXPECT_EQ(use.changes, kYes);
    EXPECT_EQ(use.units.count, 60u);
    shown += use.verdict() == kYes ? 1 : 0;
  }
  EXPECT_LE(shown, 5u);  // 1 % nominal, of which half are in this direction
}

TEST(ImageUse, MarksOfChineseDoNotCount) {
  const Texts references(20, "是");
  const Texts right(20, "是。");
  const Texts wrong(20, "不是。");
  const ImageUse use = MeasureImageUse(references, right, wrong);
  EXPECT_EQ(use.right_true, 20u);
  EXPECT_EQ(use.right_other, 0u);
  EXPECT_EQ(use.verdict(), kYes);
  EXPECT_EQ(MeasureImageUse(references, right, references).changed, 0u);
}

TEST(ImageUse, MoreRightAnswersShowItAndChangesAloneDoNot) {
  const Texts right(8, "yes");
  const Texts wrong(8, "no");
  EXPECT_EQ(Use(right, wrong).verdict(), kYes);  // p = 2^-7
  EXPECT_DOUBLE_EQ(Use(right, wrong).p, 1.0 / 128);
  EXPECT_EQ(Use(wrong, right).verdict(), kNotShown);
  EXPECT_EQ(Use(Texts(7, "yes"), Texts(7, "no")).verdict(), kTooLittle);
  const auto choice =
      MeasureImageUse(Texts(20, "B"), Texts(20, "The answer is B."), Texts(20, "C"));
  EXPECT_EQ(choice.verdict(), kYes);
  const auto open = MeasureImageUse(Texts(20, "liver"), Texts(20, "Liver."), Texts(20, "LIVER"));
  EXPECT_EQ(open.verdict(), kNo);
  ROENTGEN_EXPECT_ERROR(Use(right, {"no"}), "8 questions and 1 answers");
}

TEST(ImageUse, JsonHasBothResults) {
  const auto json = ToJson(Use(Texts(20, "yes"), Texts(20, "no")));
  EXPECT_EQ(json.at("depends_on_image"), "yes");
  EXPECT_EQ(json.at("answers_change"), "yes");
  EXPECT_EQ(json.at("righter_with_true_image"), "yes");
  EXPECT_EQ(json.at("units"), 20);
  EXPECT_TRUE(ToJson(Use({"yes"}, {"yes"})).at("p").is_null());
}

TEST(ImageUse, ADerangementMovesEveryImage) {
  for (size_t count = 2; count < 12; ++count) {
    std::vector<std::string> images;
    for (size_t i = 0; i < count; ++i) images.push_back("image" + std::to_string(i));
    images.push_back("image0");
    const auto other = DerangeImages(images, 42);
    ASSERT_EQ(other.size(), count);
    std::set<std::string> taken;
    for (const auto& [image, replacement] : other) {
      EXPECT_NE(image, replacement);
      EXPECT_TRUE(taken.insert(replacement).second);
    }
    EXPECT_EQ(other, DerangeImages(images, 42));
  }
  ROENTGEN_EXPECT_ERROR(DerangeImages({"a", "a"}, 0), "two different");
}

}  // namespace
}  // namespace roentgen
