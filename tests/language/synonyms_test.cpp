#include "roentgen/language/synonyms.h"
#include "roentgen/language/answer.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

TEST(Synonyms, SynonymsHaveOneUsualName) {
  EXPECT_EQ(UsualName("xray"), "X-ray");
  EXPECT_EQ(UsualName("CXR"), "X-ray");
  EXPECT_EQ(UsualName("Posterior-Anterior"), "PA");
  EXPECT_EQ(UsualName("X-ray"), std::nullopt);
  EXPECT_EQ(UsualName("x-ray of the chest"), std::nullopt);
  EXPECT_EQ(AnswerForm("Computed Tomography"), AnswerForm("ct scan"));
  EXPECT_NE(AnswerForm("PA"), AnswerForm("AP"));
}

}  // namespace
}  // namespace roentgen
