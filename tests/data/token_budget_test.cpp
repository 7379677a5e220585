#include "roentgen/data/token_budget.h"

#include <gmock/gmock.h>

#include "data/byte_tokenizer.h"
#include "roentgen/base/error.h"

namespace roentgen {
namespace {

TEST(ImageTokens, SizesThatAreKnown) {
  const auto tokens = [](int width, int height, int64_t max_pixels = 768 * 768) {
    return CountImageTokens({width, height}, {max_pixels, 32 * 32}, {});
  };
  EXPECT_EQ(tokens(448, 448), 16u * 16u);
  EXPECT_EQ(tokens(100, 100), 4u * 4u);      // to 112
  EXPECT_EQ(tokens(1000, 1000), 27u * 27u);  // to 768, then to 756
  EXPECT_EQ(tokens(448, 448, 112 * 112), 4u * 4u);
  EXPECT_EQ(tokens(1, 1), 2u * 2u);  // to 32, then to min_pixels, 56
  EXPECT_EQ(tokens(0, 0), std::nullopt);
}

TEST(SequenceLengths, AreSharedAsInLlamaFactory) {
  const auto lengths = [](size_t source, size_t target, size_t cutoff) {
    const SequenceLengths kept = InferSequenceLengths({source, target}, cutoff);
    return std::pair(kept.source, kept.target);
  };
  // infer_seqlen(source, target, cutoff) of LLaMA-Factory 0.9.5
  EXPECT_EQ(lengths(10, 5, 100), std::pair(10ul, 5ul));
  EXPECT_EQ(lengths(200, 20, 100), std::pair(80ul, 20ul));
  EXPECT_EQ(lengths(20, 200, 100), std::pair(20ul, 80ul));
  EXPECT_EQ(lengths(100, 200, 100), std::pair(34ul, 66ul));
  EXPECT_EQ(lengths(10, 5, 0), std::pair(0ul, 0ul));
}

class TokenBudgetTest : public testing::Test {
 protected:
  static Sample Asked(const std::string& question, const std::string& answer) {
    Sample sample;
    sample.turns = {{Role::kUser, question}, {Role::kAssistant, answer}};
    return sample;
  }
  TokenBudget Count(const Sample& sample, std::vector<size_t> image_tokens,
                    size_t cutoff_len = 2048) const {
    return TokenCounter(tokenizer_, cutoff_len).Count(sample, image_tokens);
  }

  // One token a byte: what is counted can be counted by hand.
  const size_t system_ =
      std::string_view("<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n").size();
  const size_t frame_ =
      std::string_view("<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n<|im_end|>\n").size();
  const size_t image_frame_ = std::string_view("<|vision_start|><|vision_end|>").size();
  const Tokenizer tokenizer_ = test::ByteTokenizer();
};

TEST_F(TokenBudgetTest, CountsEveryPart) {
  const TokenBudget text = Count(Asked("Is it?", "Yes"), {});
  EXPECT_EQ(text.tokens, system_ + frame_ + 6 + 3);
  EXPECT_EQ(text.kept, text.tokens);
  EXPECT_EQ(text.image_tokens, 0u);
  const TokenBudget image = Count(Asked("<image>Is it?", "Yes"), {100});
  EXPECT_EQ(image.tokens, text.tokens + image_frame_ + 100);
  EXPECT_EQ(image.image_tokens, 100u);
  EXPECT_FALSE(image.cuts_images);
  Sample sample = Asked("Is it?", "Yes");
  sample.system = "Short.";
  EXPECT_EQ(Count(sample, {}).tokens, text.tokens - 28 + 6);
  sample.turns.push_back({Role::kUser, "a"});
  sample.turns.push_back({Role::kAssistant, "b"});
  EXPECT_EQ(Count(sample, {}).tokens, text.tokens - 28 + 6 + frame_ + 2);
}

TEST_F(TokenBudgetTest, PromptAndAnswerAreTokenisedApart) {
  // " th" is one token, so a blank at the answer's edge would join what stands apart in training.
  EXPECT_EQ(Count(Asked("?", " th"), {}).tokens, system_ + frame_ + 2);
}

TEST_F(TokenBudgetTest, ACutThroughAnImageIsSeen) {
  const Sample sample = Asked("<image>Is it?", "Yes");
  const TokenBudget whole = Count(sample, {100});
  const size_t text_after =
      std::string_view("<|vision_end|>Is it?<|im_end|>\n<|im_start|>assistant\n").size();
  EXPECT_FALSE(Count(sample, {100}, whole.tokens).cuts_images);
  const TokenBudget text_cut = Count(sample, {100}, whole.tokens - text_after);
  EXPECT_EQ(text_cut.kept, whole.tokens - text_after);
  EXPECT_FALSE(text_cut.cuts_images);
  EXPECT_TRUE(Count(sample, {100}, whole.tokens - text_after - 1).cuts_images);
}

TEST_F(TokenBudgetTest, AnImageInATurnThatIsLeftAwayIsSeen) {
  Sample sample = Asked(std::string(500, 'a'), "b");
  sample.turns.push_back({Role::kUser, "<image>And here?"});
  sample.turns.push_back({Role::kAssistant, "c"});
  EXPECT_FALSE(Count(sample, {10}, 1000).cuts_images);
  EXPECT_TRUE(Count(sample, {10}, 300).cuts_images);
}

TEST(TokenCounter, NeedsATokenForImages) {
  const test::TemporaryFolder folder;
  test::TinyTokenizer().WriteTokenizerJson(folder.path());
  const Tokenizer tokenizer = Tokenizer::Load(folder.path());
  ROENTGEN_EXPECT_ERROR(TokenCounter(tokenizer, 2048), "<|image_pad|>");
}

}  // namespace
}  // namespace roentgen
