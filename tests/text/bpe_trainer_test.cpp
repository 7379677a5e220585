#include "roentgen/text/bpe_trainer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"
#include "roentgen/text/tokenizer.h"
#include "roentgen/text/utf8.h"
#include "support/paths.h"
#include "support/processor_time.h"

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

/// The merges of one word, counted anew before each.
std::vector<std::pair<std::string, std::string>> MergesByRecounting(const std::string& word) {
  std::vector<std::string> tokens;
  for (const char c : word) tokens.emplace_back(1, c);
  std::vector<std::string> made;  // in the order of their ids
  for (int byte = 0; byte < 256; ++byte) made.emplace_back(1, static_cast<char>(byte));
  const auto id_of = [&](const std::string& token) {
    return std::find(made.begin(), made.end(), token) - made.begin();
  };
  std::vector<std::pair<std::string, std::string>> merges;
  while (true) {
    std::map<std::pair<long, long>, int> counts;
    for (size_t i = 1; i < tokens.size(); ++i) ++counts[{id_of(tokens[i - 1]), id_of(tokens[i])}];
    const auto best = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
    if (best == counts.end() || best->second < 2) return merges;
    const std::string left = made[static_cast<size_t>(best->first.first)];
    const std::string right = made[static_cast<size_t>(best->first.second)];
    merges.emplace_back(left, right);
    if (id_of(left + right) == std::ssize(made)) made.push_back(left + right);
    for (size_t i = 1; i < tokens.size(); ++i) {
      if (tokens[i - 1] != left || tokens[i] != right) continue;
      tokens[i - 1] += right;
      tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(i));
    }
  }
}

TEST(BpeTrainer, LearnsWhatRecountingDoes) {
  Random random(7);
  for (int round = 0; round < 100; ++round) {
    std::string word;
    for (int i = 0; i < 60; ++i) word += static_cast<char>('a' + random.NextBits() % 3);
    EXPECT_EQ(LearnFrom({word}, 1000).merges, MergesByRecounting(word)) << word;
  }
}

TEST(BpeTrainer, LongWordsTakeTimeInProportion) {
  std::string chinese;
  for (uint32_t i = 0; i < 100'000; ++i) {
    AppendUtf8(0x4e00 + i * i % 5003 + i % 13 * 256, chinese);
  }
  for (const std::string& text : {chinese, std::string(300'000, 'a')}) {
    const test::ProcessorTime time;
    EXPECT_GT(LearnFrom({text}, 20'000).merges.size(), 10u);
    EXPECT_LT(time.Seconds(), 5);
  }
}

TEST(BpeTrainer, TextThatIsNoUtf8IsRefused) {
  BpeTrainer trainer;
  ROENTGEN_EXPECT_ERROR(trainer.Add("a\xff"), "byte 1");
}

}  // namespace
}  // namespace roentgen
