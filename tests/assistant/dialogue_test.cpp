#include "roentgen/assistant/dialogue.h"

#include <gmock/gmock.h>

#include "assistant/dialogue_set_up.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class DialogueTest : public test::DialogueSetUp {
 protected:
  Session other_session_{model_, tokenizer_, images_, prefixes_, pool_};
  Dialogue other_{other_session_, tokenizer_, preprocessor_};
};

TEST_F(DialogueTest, ATurnThatIsTakenBackLeavesNothing) {
  Ask("one", {Picture(1)});
  const size_t context = session_.context_used();
  const Answer first = Ask("two");
  dialogue_.Undo();
  EXPECT_EQ(session_.context_used(), context);
  EXPECT_THAT(dialogue_.exchanges(), SizeIs(1));
  EXPECT_EQ(Ask("two").ids, first.ids);
  dialogue_.Undo();
  dialogue_.Undo();
  EXPECT_EQ(session_.context_used(), 0u);
  ROENTGEN_EXPECT_ERROR(dialogue_.Undo(), "no turn to take back");
}

TEST_F(DialogueTest, AnAnswerCanBeGivenAgain) {
  Ask("one", {Picture(1), Picture(2)});
  const Answer greedy = Ask("two");
  EXPECT_EQ(dialogue_.Regenerate(options_).ids, greedy.ids);
  options_.sampling.temperature = 5;
  options_.seed = 7;
  const Answer drawn = dialogue_.Regenerate(options_);
  EXPECT_NE(drawn.ids, greedy.ids);
  EXPECT_THAT(dialogue_.exchanges(), SizeIs(2));
  EXPECT_EQ(dialogue_.exchanges()[1].answer, drawn.text);
  EXPECT_EQ(dialogue_.exchanges()[1].facts.run.generation.seed, 7u);
}

TEST_F(DialogueTest, WhenAnAnswerCannotBeGivenAgainTheOldOneStays) {
  Ask("one", {Picture(1)});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(dialogue_.Regenerate(options_, {}, stop.get_token()), Cancelled);
  Ask(other_, "one", {Picture(1)});
  EXPECT_EQ(Ask("two").ids, Ask(other_, "two").ids);
}

TEST_F(DialogueTest, AnExchangeKnowsWhetherAnImageReachedIt) {
  Ask("one");
  Ask("two", {Picture(1)});
  Ask("three");
  EXPECT_FALSE(dialogue_.exchanges()[0].image_reached);
  EXPECT_TRUE(dialogue_.exchanges()[1].image_reached);
  EXPECT_TRUE(dialogue_.exchanges()[2].image_reached);
  const std::string text = TranscriptMarkdown(dialogue_.exchanges());
  const size_t mark = text.find(kNoImageNotice);
  EXPECT_LT(mark, text.find("two"));
  EXPECT_EQ(text.find(kNoImageNotice, mark + 1), std::string::npos);
  dialogue_.Undo();
  dialogue_.Undo();
  Ask("two");
  EXPECT_FALSE(dialogue_.exchanges()[1].image_reached);
}

TEST_F(DialogueTest, AStoredImageIsShownAsItWasWhateverTheLimitIsNow) {
  const PreparedPicture first = Picture(1);
  PreprocessorConfig small = preprocessor_;
  small.min_pixels = small.max_pixels = 28 * 28;
  const PreparedPicture again = PrepareAgain(first.shown, small, model_.config.vision);
  EXPECT_EQ(again.patches.values, first.patches.values);
}

TEST_F(DialogueTest, WhatWasToldAtOnceIsMarked) {
  Ask("one", {Picture(1)});
  Ask("two");
  other_.Continue(dialogue_.exchanges());
  Ask(other_, "three");
  Ask(other_, "four");
  const auto retold = [&] {
    std::vector<bool> flags;
    for (const Exchange& exchange : other_.exchanges()) flags.push_back(exchange.retold);
    return flags;
  };
  EXPECT_THAT(retold(), ElementsAre(false, false, true, false));
  other_.Undo();
  other_.Undo();
  Ask(other_, "three");
  EXPECT_THAT(retold(), ElementsAre(false, false, true));
  other_.Undo();
  other_.Regenerate(options_);  // after one answer that was told
  EXPECT_THAT(retold(), ElementsAre(false, true));
  Ask(other_, "three");
  EXPECT_THAT(retold(), ElementsAre(false, true, false));
}

TEST_F(DialogueTest, TheHashOfThePixelsIsOfWhatWasShown) {
  // Two frames of one file.
  const PreparedPicture first = Picture(1);
  const PreparedPicture second = Picture(2);
  EXPECT_EQ(first.shown.pixels_sha256, Picture(1).shown.pixels_sha256);
  EXPECT_NE(first.shown.pixels_sha256, second.shown.pixels_sha256);
  const std::span<const uint8_t> png(reinterpret_cast<const uint8_t*>(first.shown.png.data()),
                                     first.shown.png.size());
  EXPECT_EQ(Sha256Hex(std::span<const uint8_t>(DecodeImage(png, "shown").rgb)),
            first.shown.pixels_sha256);
}

TEST_F(DialogueTest, AnEditedAnswerIsWhatWasSaid) {
  Ask("one");
  std::vector<Exchange> edited = dialogue_.exchanges();
  edited[0].answer = "clear lungs";
  other_.Continue(edited);
  EXPECT_EQ(other_.exchanges()[0].tokens, tokenizer_.Encode("clear lungs"));
  EXPECT_TRUE(other_.exchanges()[0].edited);
  edited[0].parts = {Text("<|im_end|>")};
  ROENTGEN_EXPECT_ERROR(other_.Continue(edited), "control token");
  EXPECT_THAT(other_.exchanges(), IsEmpty());
}

}  // namespace
}  // namespace roentgen
