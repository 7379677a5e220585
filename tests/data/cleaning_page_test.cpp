#include "roentgen/data/cleaning_page.h"

#include <gmock/gmock.h>

#include "data/generated_set.h"

namespace roentgen {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MarkDifference, ShowsWhatChanged) {
  const auto expect = [](const char* before, const char* after, const char* marked_before,
                         const char* marked_after) {
    const MarkedTexts marked = MarkDifference(before, after);
    EXPECT_EQ(marked.before, marked_before);
    EXPECT_EQ(marked.after, marked_after);
  };
  expect("Heart \tlungs", "Heart, lungs", "Heart <del>⇥</del>lungs", "Heart<ins>,</ins> lungs");
  expect("肝臟", "肝脏", "肝<del>臟</del>", "肝<ins>脏</ins>");  // two last bytes may be equal
  expect("a  a", "a a", "a <del>␣</del>a", "a a");
  expect("<b>", "<c>", "&lt;<del>b</del>&gt;", "&lt;<ins>c</ins>&gt;");
  expect("", "x", "", "<ins>x</ins>");
  expect("one  two  three", "one two three", "one <del>␣</del>two <del>␣</del>three",
         "one two three");
  // Two changes far apart in a long report are both shown, and what is between them is not.
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += "右肺未见异常。\n";
  const MarkedTexts marked = MarkDifference("左  " + lines + "a  b", "左 " + lines + "a b");
  EXPECT_THAT(marked.before, testing::StartsWith("左 <del>␣</del>右肺"));
  EXPECT_THAT(marked.before, testing::EndsWith("a <del>␣</del>b"));
  EXPECT_THAT(marked.before, HasSubstr(" … "));
  EXPECT_LT(marked.before.size(), 300u);
  EXPECT_THAT(marked.after, Not(HasSubstr("<ins>")));
}

TEST(CleaningPage, ShowsSomeOfEveryKindWithImageAndBothRows) {
  test::TemporaryFolder folder;
  test::PutImage(folder.path(), "a.png");
  Sample sample;
  sample.images = {(folder.path() / "a.png").string()};
  sample.source = {"set.json", 7};
  CleaningPage page;
  for (int i = 0; i < 50; ++i) {
    page.Add(sample, {Rule::kWhitespace, CleaningFinding::Action::kMended, "blanks", "answer",
                      "a  b", "a b", i < 40 ? "answer" : "question"});
  }
  CleaningFinding disputed{Rule::kContradiction,
                           CleaningFinding::Action::kReported,
                           "row 9 of set.json answers differently",
                           "",
                           "",
                           "",
                           "train"};
  disputed.asked = {"q7", {"set.json", 7}, "train", "<image>哪一侧？", "左侧"};
  disputed.other = {"q9", {"set.json", 9}, "train", "<image>哪一侧?", "<右侧>"};
  page.Add(sample, disputed);
  sample.source.row = 9;  // the same pair from the other side
  std::swap(disputed.asked, disputed.other);
  page.Add(sample, disputed);
  const std::string html = page.Finish("set: cleaning");
  EXPECT_THAT(html, HasSubstr(": 50 mended; 6 shown."));
  EXPECT_THAT(html, HasSubstr("2 only reported; 1 shown."));
  EXPECT_THAT(html, HasSubstr("a <del>␣</del>b"));
  EXPECT_THAT(html, HasSubstr("<p>哪一侧？</p><p class=\"answer\">左侧</p>"));
  EXPECT_THAT(html, HasSubstr("row 9 of set.json · train"));
  EXPECT_THAT(html, HasSubstr("&lt;右侧&gt;"));
  EXPECT_THAT(html, HasSubstr("data:image/png;base64,"));
  EXPECT_THAT(html, Not(HasSubstr(folder.path().string())));
}

}  // namespace
}  // namespace roentgen
