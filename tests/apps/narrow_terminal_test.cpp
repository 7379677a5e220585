// What the program says at a terminal of few columns: no word is broken.

#include <gmock/gmock.h>

#include <string>

#include "apps/program.h"
#include "apps/terminal.h"

namespace roentgen {
namespace {

using test::Terminal;
using testing::HasSubstr;
using testing::Not;

class NarrowTerminal : public testing::Test {
 protected:
  std::string Shown(const std::vector<std::string>& arguments) const {
    Terminal::Options options;
    options.home = options.folder = folder_.path();
    options.columns = 40;
    Terminal terminal(arguments, options);
    terminal.Wait();
    return terminal.shown();
  }

  const std::string model_ = (test::SourceDir() / "models/phantom").string();
  test::TemporaryFolder folder_;
};

TEST_F(NarrowTerminal, AnErrorIsBrokenBetweenWords) {
  EXPECT_THAT(Shown({"ask", "x.png", "what is it"}),
              HasSubstr("  An image is named by --image FILE; a\r\n"
                        "  question of several words stands in\r\n"
                        "  quotes. See roentgen ask --help\r\n"));
  EXPECT_THAT(Shown({"eval"}), HasSubstr("roentgen: say what to score:\r\n  --predictions FILE,"));
}

TEST_F(NarrowTerminal, ChineseIsBrokenByItsWidthAndNotBeforeAMark) {
  // 10 columns of "roentgen: " and 15 characters fill a line: the mark would begin the next.
  EXPECT_THAT(
      Shown({"右肺上叶见一枚结节影边界清楚请，结合临床建议随访。"}),
      HasSubstr("roentgen: 右肺上叶见一枚结节影边界清楚\r\n  请，结合临床建议随访。: no such\r\n"));
  EXPECT_THAT(Shown({"右肺上叶见一枚结节影边界清楚请"}),
              HasSubstr("roentgen: 右肺上叶见一枚结节影边界清楚\r\n  请: no such command"));
}

TEST_F(NarrowTerminal, TheHelpOfAChatToo) {
  Terminal::Options options;
  options.home = options.folder = folder_.path();
  options.columns = 40;
  Terminal terminal({"chat", "--model", model_}, options);
  ASSERT_TRUE(terminal.WaitFor("> ")) << terminal.shown();
  EXPECT_THAT(terminal.shown(),
              HasSubstr("Drop a picture here and ask about it.\r\n  /help lists"));
  terminal.Type("/help\r");
  ASSERT_TRUE(terminal.WaitFor("Ctrl-C stops an")) << terminal.shown();
  EXPECT_THAT(terminal.shown(), HasSubstr("attach a\r\n    picture to the next question\r\n"));
}

}  // namespace
}  // namespace roentgen
