#include "roentgen/text/printable.h"

#include <gtest/gtest.h>

namespace roentgen {
namespace {

TEST(Printable, KeepsWhatIsReadAndReplacesTheRest) {
  EXPECT_EQ(Printable("右肺\tnodule — 2.5 cm\né e\xcc\x81 👩‍⚕️"),
            "右肺\tnodule — 2.5 cm\né e\xcc\x81 👩‍⚕️");
  EXPECT_EQ(Printable("a\x1b[31mb\x07\x7f"), "a�[31mb��");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m肺"),
            "�31m肺");  // CSI as one character
  EXPECT_EQ(Printable(std::string_view("a\0b", 3)), "a�b");
  EXPECT_EQ(Printable("a\xff\xe8\x82"), "a��");
  EXPECT_EQ(Printable("a\uffff\ufffe\ufdd0\U0010fffe"), "a����");
}

TEST(Printable, LinesEndInOneWay) {
  EXPECT_EQ(Printable("a\r\nb\rc\n\nd\u0085e\u2028f\u2029g"), "a\nb\nc\n\nd\ne\nf\ng");
}

TEST(Printable, NothingChangesTheOrderOfWhatIsShown) {
  EXPECT_EQ(Printable("\u202eexe.gnp"), "�exe.gnp");
  EXPECT_EQ(Printable("a\u2066b\u2069c\u200ed\u061ce"), "a�b�c�d�e");
  EXPECT_EQ(Printable("a\U000e0041b"), "a�b");
  EXPECT_EQ(Printable("النص"), "النص");
}

TEST(OneLine, ControlCharactersAreBlanks) {
  EXPECT_EQ(OneLine("a\nb\x1b[2Jc\x7f"), "a b [2Jc ");
  EXPECT_EQ(OneLine("a\r\nb\u2028c\td"), "a b c d");
  EXPECT_EQ(OneLine("\xc2\x9b"
                    "31m肺"),
            " 31m肺");
  EXPECT_EQ(OneLine("a\u202eb\xff"), "a�b�");
}

TEST(PrintableJson, KeepsTheValues) {
  EXPECT_EQ(PrintableJson("{\n  \"a\": \"右肺 \\u001b[31m\"\n}"),
            "{\n  \"a\": \"右肺 \\u001b[31m\"\n}");
  EXPECT_EQ(PrintableJson("\"a\u202eb\xc2\x9b"
                          "c\x7f\u2028\U000e0041\""),
            R"("a\u202eb\u009bc\u007f\u2028\udb40\udc41")");
}

}  // namespace
}  // namespace roentgen
