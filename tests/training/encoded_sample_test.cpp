#include "roentgen/training/encoded_sample.h"

#include <gmock/gmock.h>

#include "inference/generated_model.h"
#include "roentgen/base/error.h"
#include "roentgen/training/training_set.h"
#include "support/paths.h"
#include "training/trainable.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Sample Conversation(const std::vector<std::string>& texts) {
  Sample sample;
  sample.source = {"set.json", 4};
  for (size_t i = 0; i < texts.size(); ++i) {
    sample.turns.push_back({i % 2 == 0 ? Role::kUser : Role::kAssistant, texts[i]});
  }
  return sample;
}

class Encoding : public testing::Test {
 protected:
  EncodedSample Encode(const Sample& sample, const EncodingOptions& options = {},
                       const std::vector<size_t>& tokens = {}) const {
    std::vector<size_t> images(tokens.size());
    return SampleEncoder(tokenizer_, options).Encode(sample, images, tokens);
  }
  /// The tokens that have labels, as text.
  std::string Learned(const EncodedSample& sample) const {
    std::vector<int32_t> learned;
    for (const int32_t label : sample.labels) {
      if (label != kIgnoredLabel) learned.push_back(label);
    }
    return tokenizer_.Decode(learned, false);
  }
  std::string Text(const EncodedSample& sample) const {
    return tokenizer_.Decode(sample.ids, false);
  }

  const Tokenizer tokenizer_ = test::ByteTokenizer();
};

TEST_F(Encoding, IsChatMlWithTheAnswerToLearn) {
  const EncodedSample sample = Encode(Conversation({"Why?", "So."}));
  EXPECT_EQ(Text(sample),
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
            "Why?<|im_end|>\n<|im_start|>assistant\nSo.<|im_end|>\n");
  EXPECT_EQ(Learned(sample), "So.<|im_end|>\n");
  EXPECT_EQ(sample.LabelTokens(), 5u);
  EXPECT_EQ(sample.name, "set.json: row 4");
}

TEST_F(Encoding, TheSamplesOwnSystemPromptComesFirst) {
  Sample sample = Conversation({"Why?", "So."});
  EXPECT_TRUE(Text(Encode(sample, {.default_system = "Brief."}))
                  .starts_with("<|im_start|>system\nBrief.<|im_end|>"));
  sample.system = "Own.";
  EXPECT_TRUE(Text(Encode(sample, {.default_system = "Brief."}))
                  .starts_with("<|im_start|>system\nOwn.<|im_end|>"));
}

TEST_F(Encoding, M13AnEmptyDefaultMeansNoSystemPrompt) {
  Sample sample = Conversation({"Why?", "So."});
  EXPECT_TRUE(Text(Encode(sample, {.default_system = ""})).starts_with("<|im_start|>user\nWhy?"));
  sample.system = "你是医生。";
  EXPECT_TRUE(Text(Encode(sample, {.default_system = ""}))
                  .starts_with("<|im_start|>system\n你是医生。<|im_end|>"));
}

TEST_F(Encoding, MaskHistoryAndTrainOnPrompt) {
  const Sample sample = Conversation({"A?", "a", "B?", "b"});
  EXPECT_EQ(Learned(Encode(sample)), "a<|im_end|>\nb<|im_end|>\n");
  EXPECT_EQ(Learned(Encode(sample, {.mask_history = true})), "b<|im_end|>\n");
  const EncodedSample all = Encode(sample, {.train_on_prompt = true});
  EXPECT_EQ(all.labels, all.ids);
  EXPECT_EQ(all.LabelTokens(), all.ids.size() - 1);
}

TEST_F(Encoding, ImagesTakeTheirPlaces) {
  const EncodedSample sample =
      Encode(Conversation({"<image>A<image>?", "a"}), {.default_system = "S"}, {2, 1});
  EXPECT_THAT(Text(sample), testing::HasSubstr("user\n<|vision_start|><|image_pad|><|image_pad|>"
                                               "<|vision_end|>A<|vision_start|><|image_pad|>"
                                               "<|vision_end|>?<|im_end|>"));
  EXPECT_THAT(sample.images, SizeIs(2));
}

TEST_F(Encoding, TextMustNotSpellPlaceholders) {
  ROENTGEN_EXPECT_ERROR(Encode(Conversation({"<|image_pad|>?", "a"})),
                        "set.json: row 4: the text itself spells <|image_pad|>");
  ROENTGEN_EXPECT_ERROR(Encode(Conversation({"?", "<|video_pad|>"})), "spells <|video_pad|>");
  ROENTGEN_EXPECT_ERROR(Encode(Conversation({"<image>?", "a"})),
                        "set.json: row 4: the text has 1 <image>, but 0 images are given");
}

TEST_F(Encoding, WhatCannotBeLearnedFromIsRefused) {
  // One token of the prompt and no answer: the prompt alone is longer than twice the room.
  const EncodedSample masked = test::SampleOf({1, 2, 3}, 0);
  ROENTGEN_EXPECT_ERROR(RequireTrainable(masked), "no token of its answer");
  EncodedSample first_only = test::SampleOf({1, 2, 3}, 0);
  first_only.labels[0] = 1;  // follows nothing, so it is never predicted
  ROENTGEN_EXPECT_ERROR(RequireTrainable(first_only), "no token of its answer");
  const EncodedSample cut =
      Encode(Conversation({"<image>?", "yes"}), {.cutoff_len = 20, .default_system = "S"}, {40});
  ROENTGEN_EXPECT_ERROR(RequireTrainable(cut), "of its image tokens");
  RequireTrainable(Encode(Conversation({"?", "yes"}), {.cutoff_len = 20}));
}

TEST(Packing, LongestThatFitsFirst) {
  std::vector<EncodedSample> samples;
  for (const size_t length : {3u, 9u, 4u, 5u, 2u}) {
    samples.push_back(
        test::SampleOf(std::vector<int32_t>(length, static_cast<int32_t>(length)), 1));
  }
  const auto neat = PackRows(samples, 11, /*neat=*/true);
  std::vector<std::vector<size_t>> lengths;
  for (const TrainingRow& row : neat) {
    lengths.emplace_back();
    for (const EncodedSample& sample : row) lengths.back().push_back(sample.ids.size());
  }
  EXPECT_THAT(lengths, ElementsAre(ElementsAre(9), ElementsAre(5, 4), ElementsAre(3, 2)));
  const auto joined = PackRows(samples, 11, /*neat=*/false);
  ASSERT_THAT(joined, SizeIs(3));
  ASSERT_THAT(joined[1], SizeIs(1));
  EXPECT_THAT(joined[1][0].ids, ElementsAre(5, 5, 5, 5, 5, 4, 4, 4, 4));
  EXPECT_THAT(joined[1][0].LabelTokens(), 2u);
  ROENTGEN_EXPECT_ERROR(PackRows(samples, 9, true), "too long to be packed");
}

}  // namespace
}  // namespace roentgen
