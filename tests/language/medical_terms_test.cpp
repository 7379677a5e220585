#include "roentgen/language/medical_terms.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

TEST(MedicalTerms, AreKnownInAnyWriting) {
  for (const char* term : {"ilium", "Ileum", "ureteral", "urethral", "SIZE", "side", "supine",
                           "heart size", "肺纹理", "肺紋理", "MRI", "冠状位", "ｌｕｎｇ"}) {
    EXPECT_TRUE(IsKnownTerm(term)) << term;
  }
  for (const char* other : {"ATRIB", "chets", "肺胸", "", "?"}) {
    EXPECT_FALSE(IsKnownTerm(other)) << other;
  }
  EXPECT_THAT(ChestReportTerms(), testing::Contains("气胸"));
}

}  // namespace
}  // namespace roentgen
