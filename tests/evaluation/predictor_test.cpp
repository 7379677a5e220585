#include "roentgen/evaluation/predictor.h"

#include <gmock/gmock.h>

#include "inference/generated_model.h"
#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;

constexpr int kPictureSide = 4;  // patches; merged, four tokens

class PredictorTest : public testing::Test {
 protected:
  Prompt Ask(const std::vector<size_t>& pictures, const std::string& question) const {
    std::string text = "<|im_start|>user\n";
    for (size_t i = 0; i < pictures.size(); ++i) {
      text += "<|vision_start|><|image_pad|><|image_pad|><|image_pad|><|image_pad|><|vision_end|>";
    }
    text += question + "<|im_end|>\n<|im_start|>assistant\n";
    return {tokenizer_.Encode(text), pictures};
  }

  PredictorOptions Options() const {
    PredictorOptions options;
    options.generation.max_new_tokens = 6;
    options.end_ids = {tokenizer_.Special("<|im_end|>")};
    return options;
  }

  /// The answers by prompt, those that were not asked empty.
  std::vector<std::string> Answers(std::span<const Prompt> prompts,
                                   const std::vector<bool>& answered) {
    Predictor predictor(model_, tokenizer_, pool_, options_);
    std::vector<std::string> texts(prompts.size());
    work_ = predictor.AnswerAll(
        prompts, answered,
        [&](size_t number) {
          loaded_.push_back(number);
          return test::GeneratedPatches(kPictureSide, kPictureSide, static_cast<int>(number) + 1);
        },
        [&](size_t prompt, const ModelAnswer& answer) { texts[prompt] = answer.text; });
    return texts;
  }
  std::vector<std::string> Answers(std::span<const Prompt> prompts) {
    return Answers(prompts, std::vector<bool>(prompts.size()));
  }

  ThreadPool pool_{2};
  Tokenizer tokenizer_ = test::ByteTokenizer();
  Model model_ = test::GeneratedModel(tokenizer_);
  PredictorOptions options_ = Options();
  PredictionWork work_;
  std::vector<size_t> loaded_;
};

TEST_F(PredictorTest, QuestionsThatShareTheirPicturesAreAnsweredAsAlone) {
  const std::vector<Prompt> prompts = {
      Ask({0}, "Is the heart large?"), Ask({1}, "Is the heart large?"), Ask({0}, "Where?"),
      Ask({}, "Which organ?"),         Ask({0, 1}, "Which is older?"),  Ask({}, "Where is it?")};
  std::vector<std::string> alone;
  size_t tokens_alone = 0;
  for (const Prompt& prompt : prompts) {
    alone.push_back(Answers({&prompt, 1}).front());
    tokens_alone += work_.prompt_tokens;
    EXPECT_EQ(work_.prompt_tokens, prompt.ids.size());
  }
  loaded_.clear();
  EXPECT_EQ(Answers(prompts), alone);
  EXPECT_EQ(work_.questions, prompts.size());
  EXPECT_EQ(work_.answer_tokens, 6 * prompts.size());
  // Both on picture 0 begin alike up to the picture's end, both without one with "user\nWh".
  const size_t shared =
      tokenizer_.Encode("<|im_start|>user\n<|vision_start|><|vision_end|>").size() + 4 +
      tokenizer_.Encode("<|im_start|>user\nWh").size();
  EXPECT_EQ(work_.prompt_tokens, tokens_alone - shared);
}

TEST_F(PredictorTest, EachPictureIsEncodedOnceWhateverItIsShownWith) {
  const std::vector<Prompt> prompts = {Ask({0}, "a"), Ask({0, 1}, "b"), Ask({1}, "c"),
                                       Ask({0}, "d"), Ask({1, 0}, "e")};
  Answers(prompts);
  EXPECT_EQ(work_.encodings, 2u);
  EXPECT_THAT(loaded_, testing::UnorderedElementsAre(0, 1));
}

TEST_F(PredictorTest, WhatIsAnsweredIsNotAskedAndChangesNothing) {
  const std::vector<Prompt> prompts = {Ask({0}, "Is it?"), Ask({1}, "Is it?"), Ask({0}, "Why?")};
  const std::vector<std::string> all = Answers(prompts);
  loaded_.clear();
  EXPECT_THAT(Answers(prompts, {true, true, false}), ElementsAre("", "", all[2]));
  EXPECT_EQ(work_.questions, 1u);
  EXPECT_THAT(loaded_, ElementsAre(0));
}

TEST_F(PredictorTest, AnEndTokenEndsAnAnswer) {
  const Prompt prompt = Ask({0}, "Is it?");
  Answers({&prompt, 1});
  EXPECT_EQ(work_.answer_tokens, 6u);
  for (int32_t id = 0; id < tokenizer_.id_limit(); ++id) options_.end_ids.push_back(id);
  Answers({&prompt, 1});
  EXPECT_EQ(work_.answer_tokens, 1u);
}

TEST_F(PredictorTest, DrawnAnswersHaveASeedEach) {
  options_.generation.sampling.temperature = 2;
  options_.generation.seed = 5;
  const std::vector<Prompt> prompts = {Ask({0}, "Is it?"), Ask({0}, "Is it?")};
  const std::vector<std::string> first = Answers(prompts);
  EXPECT_NE(first[0], first[1]);
  EXPECT_EQ(Answers(prompts), first);
  options_.generation.seed = 6;
  EXPECT_NE(Answers(prompts), first);
}

TEST_F(PredictorTest, StopsBetweenAnswersWhenCancelled) {
  const std::vector<Prompt> prompts = {Ask({0}, "Is it?"), Ask({1}, "Is it?")};
  std::stop_source stop;
  const ThreadPool::CancelScope scope(pool_, stop.get_token());
  Predictor predictor(model_, tokenizer_, pool_, options_);
  size_t taken = 0;
  EXPECT_THROW(predictor.AnswerAll(
                   prompts, {false, false},
                   [&](size_t) { return test::GeneratedPatches(kPictureSide, kPictureSide, 1); },
                   [&](size_t, const ModelAnswer&) {
                     ++taken;
                     stop.request_stop();
                   }),
               Cancelled);
  EXPECT_EQ(taken, 1u);
}

TEST_F(PredictorTest, RefusesOptionsOutOfRange) {
  options_.generation.sampling.top_p = 2;
  ROENTGEN_EXPECT_ERROR(Predictor(model_, tokenizer_, pool_, options_), "top_p");
}

}  // namespace
}  // namespace roentgen
