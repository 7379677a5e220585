#include "roentgen/imaging/dicom_terms.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

TEST(DicomTerms, AreTakenAsTheyAreDefinedOrNotAtAll) {
  EXPECT_EQ(DicomModality("CT"), "CT");
  EXPECT_EQ(DicomModality("cr"), "CR");
  EXPECT_EQ(DicomBodyPart("CHEST"), "CHEST");
  EXPECT_EQ(DicomBodyPart("Abdomen"), "ABDOMEN");
  for (const char* none :
       {"", "DOE^JANE", "CT DOE", "\x1b[31mCT", "CT\x1b]0;x\x07", "C", "CTT", "胸部", "CT\\MR"}) {
    EXPECT_EQ(DicomModality(none), "") << none;
    EXPECT_EQ(DicomBodyPart(none), "") << none;
  }
  EXPECT_EQ(DicomBodyPart("CHEST OF DOE^JANE"), "");
}

TEST(DicomTerms, DatesAreDays) {
  EXPECT_EQ(DicomDate("20190407"), "2019-04-07");
  EXPECT_EQ(DicomDate("2019.04.07"), "2019-04-07");
  EXPECT_EQ(DicomDate("20200229"), "2020-02-29");
  EXPECT_EQ(DicomDate("18960101"), "1896-01-01");
  for (const char* none :
       {"", "20190229", "20191301", "2019", "201904", "20190407-20190408", "2019-04-07", "00000000",
        "DOE^JANE", "2019040\x1b", "99999999", "00010101", "18000101", "99991231", "0001.01.01"}) {
    EXPECT_EQ(DicomDate(none), "") << none;
  }
}

}  // namespace
}  // namespace roentgen
