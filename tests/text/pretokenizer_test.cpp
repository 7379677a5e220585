#include "roentgen/text/pretokenizer.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace roentgen {
namespace {

using testing::ElementsAre;

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    words.emplace_back(text.substr(0, WordLength(text)));
    text.remove_prefix(words.back().size());
  }
  return words;
}

TEST(Pretokenizer, Contractions) {
  EXPECT_THAT(Words("it's I'LL"), ElementsAre("it", "'s", " I", "'LL"));
  EXPECT_THAT(Words("'sam 'rel 'lx"), ElementsAre("'s", "am", " '", "rel", " '", "lx"));
  EXPECT_THAT(Words("'re'Ve'd'm't"), ElementsAre("'re", "'Ve", "'d", "'m", "'t"));
  EXPECT_THAT(Words("'\u017fx"), ElementsAre("'\u017f", "x"));  // the long s
  EXPECT_THAT(Words("x\u2019s"), ElementsAre("x", "\u2019s"));  // no ASCII apostrophe
  EXPECT_THAT(Words("'l"), ElementsAre("'l"));
  EXPECT_THAT(Words("'"), ElementsAre("'"));
}

TEST(Pretokenizer, LettersTakeOneCharacterAlong) {
  EXPECT_THAT(Words(" lung(left"), ElementsAre(" lung", "(left"));
  EXPECT_THAT(Words("\tlung\u3000肺"), ElementsAre("\tlung", "\u3000肺"));
  EXPECT_THAT(Words("\nlung"), ElementsAre("\n", "lung"));  // but no line end
  EXPECT_THAT(Words("1lung"), ElementsAre("1", "lung"));    // and no digit
}

TEST(Pretokenizer, NumbersStandAlone) {
  EXPECT_THAT(Words("12 \u0663"), ElementsAre("1", "2", " ", "\u0663"));
}

TEST(Pretokenizer, SymbolsTakeABlankBeforeAndLineEndsAfter) {
  EXPECT_THAT(Words(" !?\r\n\n x"), ElementsAre(" !?\r\n\n", " x"));
  EXPECT_THAT(Words("\u00a0!"), ElementsAre("\u00a0", "!"));
  EXPECT_THAT(Words("  !"), ElementsAre(" ", " !"));
}

TEST(Pretokenizer, WhiteSpace) {
  EXPECT_THAT(Words("a   b"), ElementsAre("a", "  ", " b"));
  EXPECT_THAT(Words("a   "), ElementsAre("a", "   "));
  EXPECT_THAT(Words(" \n \n  b"), ElementsAre(" \n \n", " ", " b"));
  EXPECT_THAT(Words("\r\n\t1"), ElementsAre("\r\n", "\t", "1"));
  EXPECT_THAT(Words("\u3000\u3000开"), ElementsAre("\u3000", "\u3000开"));
}

}  // namespace
}  // namespace roentgen
