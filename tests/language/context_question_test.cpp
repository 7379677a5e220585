#include "roentgen/language/context_question.h"

#include <gtest/gtest.h>

namespace roentgen {
namespace {

TEST(HangsOnContext, WhatPointsBackOrNamesNothing) {
  for (const char* question : {"Which side?",
                               "which side",
                               "Is it large?",
                               "Where is it?",
                               "Where?",
                               "How large?",
                               "What about the left?",
                               "And on the right?",
                               "Are they benign?",
                               "What is its size?",
                               "Why?",
                               "Is this normal?",
                               "哪一侧？",
                               "多大？",
                               "大小？",
                               "它在哪里？",
                               "左侧呢？",
                               "該處有多大？",
                               "位置？",
                               "是良性的吗？",
                               "这个是什么？",
                               "Ｗｈｉｃｈ ｓｉｄｅ？"}) {
    EXPECT_TRUE(HangsOnContext(question)) << question;
  }
}

TEST(HangsOnContext, WhatNamesItsSubjectStandsAlone) {
  for (const char* question :
       {"Is there a nodule in the left lung?", "Which side is the effusion on?",
        "What does this image show?", "Is this X-ray normal?", "What organ is shown?",
        "Where is the fracture?", "图中有骨折吗？", "病灶在哪一侧？", "心影大小如何？",
        "左肺有没有结节？", "胸腔積液在哪裡？", "L5?", "What modality was used?"}) {
    EXPECT_FALSE(HangsOnContext(question)) << question;
  }
}

}  // namespace
}  // namespace roentgen
