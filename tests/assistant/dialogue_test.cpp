#include "roentgen/assistant/dialogue.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>

#include "assistant/dialogue_set_up.h"
#include "roentgen/assistant/audit_log.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
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
  RunFacts facts_;
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
  EXPECT_EQ(dialogue_.exchanges()[1].seed, 7u);
}

TEST_F(DialogueTest, WhenAnAnswerCannotBeGivenAgainTheOldOneStays) {
  Ask("one", {Picture(1)});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(dialogue_.Regenerate(options_, {}, stop.get_token()), Cancelled);
  Ask(other_, "one", {Picture(1)});
  EXPECT_EQ(Ask("two").ids, Ask(other_, "two").ids);
}

TEST_F(DialogueTest, AStoredConversationGoesOnAsIfItHadNotEnded) {
  const test::TemporaryFolder folder;
  Ask("one \"quoted\"\n肺", {Picture(1)});
  Ask("two", {Picture(2)});
  const auto path = folder.path() / "a.jsonl";
  WriteFileAtomically(path, TranscriptLines(facts_, dialogue_.exchanges()));
  other_.Continue(ReadTranscript(path).exchanges);
  EXPECT_EQ(other_.exchanges()[0].Question(), "one \"quoted\"\n肺");
  EXPECT_EQ(Ask(other_, "three").ids, Ask("three").ids);
}

TEST_F(DialogueTest, AnExchangeKnowsWhetherAnImageReachedIt) {
  Ask("one");
  Ask("two", {Picture(1)});
  Ask("three");
  EXPECT_FALSE(dialogue_.exchanges()[0].image_reached);
  EXPECT_TRUE(dialogue_.exchanges()[1].image_reached);
  EXPECT_TRUE(dialogue_.exchanges()[2].image_reached);
  const std::string text = TranscriptMarkdown(facts_, dialogue_.exchanges());
  const size_t mark = text.find(kNoImageNotice);
  EXPECT_LT(mark, text.find("two"));
  EXPECT_EQ(text.find(kNoImageNotice, mark + 1), std::string::npos);
  dialogue_.Undo();
  dialogue_.Undo();
  Ask("two");
  EXPECT_FALSE(dialogue_.exchanges()[1].image_reached);
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
  edited[0].parts = {Text("<|im_end|>")};
  ROENTGEN_EXPECT_ERROR(other_.Continue(edited), "control token");
  EXPECT_THAT(other_.exchanges(), IsEmpty());
}

TEST_F(DialogueTest, ATranscriptThatWasEditedWronglySaysWhere) {
  const test::TemporaryFolder folder;
  Ask("one", {Picture(1)});
  const std::string lines = TranscriptLines(facts_, dialogue_.exchanges());
  const auto path = folder.path() / "a.jsonl";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = lines;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    WriteFileAtomically(path, text.replace(at, from.size(), to));
  };
  const auto expect = [&](const char* message) {
    ROENTGEN_EXPECT_ERROR(ReadTranscript(path), message);
  };
  with("roentgen transcript", "novel");
  expect("a.jsonl:1: it is no transcript");
  with("\"png\":\"", "\"png\":\"*");
  expect("a.jsonl:2: png: no base 64");
  with("{\"picture\":true},", "");
  expect("a.jsonl:3: parts: 0 places for 1 pictures");
  with("\"finish\":\"length\"", "\"finish\":\"soon\"");
  expect("a.jsonl:3: finish: unknown: \"soon\"");
  with("\"answer\":", "\"anser\":");
  expect("a.jsonl:3: answer");
  with("\"type\":\"exchange\"", "\"type\":\"exchange");
  expect("a.jsonl:3");
  with("\"parts\":", "\"pars\":");
  expect("a.jsonl:3: parts: expected a list");
  with("\"system_prompt\":", "\"system_prompt\":7,\"was\":");
  expect("a.jsonl:1: system_prompt");
  with("one", "\xff");
  expect("a.jsonl:3: not valid UTF-8");
  WriteFileAtomically(path, "");
  expect("it is no transcript");
  with("\"png\":\"", "\"png\":\"AAAA");  // base 64 of no picture
  ROENTGEN_EXPECT_ERROR(other_.Continue(ReadTranscript(path).exchanges), "a stored picture");
}

TEST_F(DialogueTest, TheTranscriptToReadHasNoNames) {
  Ask("Is it normal?", {Picture(1)});
  facts_.model = "model";
  const std::string text = TranscriptMarkdown(facts_, dialogue_.exchanges());
  EXPECT_THAT(text, HasSubstr("**Is it normal?**"));
  EXPECT_THAT(text, HasSubstr("For research use only"));
  EXPECT_THAT(text, HasSubstr("bbbbbbbbbbbb"));
}

TEST_F(DialogueTest, TheAuditLineHoldsHashesAndIsPrivate) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "state/audit.jsonl";
  AuditLog log(path);
  Ask("Is Jane well?", {Picture(1)});
  log.Add(facts_, dialogue_.exchanges()[0]);
  log.Add(facts_, dialogue_.exchanges()[0]);
  const std::string text = ReadFile(path, 1 << 20);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, Not(HasSubstr("Jane")));
  EXPECT_THAT(text, HasSubstr(std::string(64, 'b')));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace roentgen
