#include "roentgen/text/bpe_trainer.h"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/text/tokenizer.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

const std::vector<std::string> kTexts = {
    "Is there a pleural effusion? Is there a pneumothorax?", "There is a pleural effusion.",
    "图像中有胸腔积液吗？", "胸腔积液位于哪一侧？", "The heart is of normal size. 心影大小正常。"};

TokenizerDefinition LearnFrom(const std::vector<std::string>& texts, size_t size) {
  BpeTrainer trainer;
  for (const std::string& text : texts) trainer.Add(text);
  return trainer.Learn(size);
}

TEST(BpeTrainer, MergesTheMostFrequentPairFirst) {
  // "abab ab": the words "abab" and " ab"; "ab" occurs three times, then "abab" and " ab" once.
  const TokenizerDefinition definition = LearnFrom({"abab ab", "abab"}, 1000);
  EXPECT_THAT(definition.merges, ElementsAre(Pair("a", "b"), Pair("ab", "ab")));
  EXPECT_THAT(definition.vocab, SizeIs(258));
  EXPECT_EQ(definition.vocab[256].token, "ab");
}

TEST(BpeTrainer, StopsAtTheWantedSize) {
  EXPECT_THAT(LearnFrom(kTexts, 256).merges, SizeIs(0));
  EXPECT_THAT(LearnFrom(kTexts, 270).vocab, SizeIs(270));
  ROENTGEN_EXPECT_ERROR(LearnFrom(kTexts, 255), "at least the 256 bytes");
}

TEST(BpeTrainer, WhatItLearnsIsATokenizerThatKeepsTheText) {
  std::vector<std::string> twice = kTexts;  // what occurs once is not merged
  twice.insert(twice.end(), kTexts.begin(), kTexts.end());
  const Tokenizer tokenizer(LearnFrom(twice, 400));
  size_t bytes = 0;
  size_t tokens = 0;
  for (const std::string& text : kTexts) {
    const std::vector<int32_t> ids = tokenizer.Encode(text);
    EXPECT_EQ(tokenizer.Decode(ids, false), text);
    bytes += text.size();
    tokens += ids.size();
  }
  EXPECT_LT(2 * tokens, bytes);
}

TEST(BpeTrainer, TheOrderOfTheTextsDoesNotMatter) {
  const TokenizerDefinition forward = LearnFrom(kTexts, 320);
  const TokenizerDefinition backward = LearnFrom({kTexts.rbegin(), kTexts.rend()}, 320);
  EXPECT_EQ(forward.merges, backward.merges);
}

TEST(BpeTrainer, NoTokenStandsTwice) {
  // Runs of one letter are merged in overlapping ways.
  const TokenizerDefinition definition =
      LearnFrom({"aaa aaaa aaaaa aaaaaaa aaa aaaa", "aabaa baab aabb abab baba"}, 400);
  std::set<std::string> tokens;
  for (const auto& entry : definition.vocab) EXPECT_TRUE(tokens.insert(entry.token).second);
  const Tokenizer tokenizer(definition);
  EXPECT_EQ(tokenizer.Decode(tokenizer.Encode("aaaaaaa baab"), false), "aaaaaaa baab");
}

TEST(BpeTrainer, TextThatIsNoUtf8IsRefused) {
  BpeTrainer trainer;
  ROENTGEN_EXPECT_ERROR(trainer.Add("a\xff"), "byte 1");
}

}  // namespace
}  // namespace roentgen
