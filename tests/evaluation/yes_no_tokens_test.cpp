#include "roentgen/evaluation/yes_no_tokens.h"

#include <gmock/gmock.h>

#include <cmath>

#include "inference/generated_model.h"

namespace roentgen {
namespace {

/// A tokenizer with one token a byte, and with more that are longer.
Tokenizer WithTokens(const std::vector<std::pair<std::string, std::string>>& merges) {
  TokenizerDefinition definition;
  for (int byte = 0; byte < 256; ++byte) {
    definition.vocab.push_back({ByteSymbol(static_cast<unsigned char>(byte)), byte});
  }
  int32_t id = 256;
  for (const auto& [left, right] : merges) {
    definition.vocab.push_back({left + right, id++});
    definition.merges.push_back({left, right});
  }
  return Tokenizer(definition);
}

TEST(YesNoTokens, SumsTheFirstTokensOfEachSide) {
  const Tokenizer tokenizer = WithTokens({});
  const YesNoTokens tokens(tokenizer);
  std::vector<float> logits(256, -1e4f);  // of no weight
  logits['y'] = std::log(2.0f);
  logits['Y'] = std::log(3.0f);
  logits['n'] = std::log(4.0f);
  logits['x'] = std::log(1.0f);
  const auto found = tokens.LogProbabilities(logits);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(std::exp(found->yes), 0.5, 1e-6);
  EXPECT_NEAR(std::exp(found->no), 0.4, 1e-6);
}

TEST(YesNoTokens, BytesOfAChineseCharacterTellNothing) {
  // With bytes as tokens 是 and 没 begin with bytes that many characters begin with.
  const YesNoTokens tokens(WithTokens({}));
  std::vector<float> logits(256, -1e4f);
  logits[0xe6] = 0;  // 是, 有 and 没 all begin with it
  EXPECT_FALSE(tokens.LogProbabilities(logits).has_value());
}

TEST(YesNoTokens, AChineseCharacterThatIsATokenCounts) {
  // 有 is e6 9c 89.
  const std::string a = ByteSymbol(0xe6);
  const std::string b = ByteSymbol(0x9c);
  const std::string c = ByteSymbol(0x89);
  const YesNoTokens tokens(WithTokens({{a, b}, {a + b, c}}));
  std::vector<float> logits(258, -1e4f);
  logits[257] = 0;
  logits['N'] = 0;
  const auto found = tokens.LogProbabilities(logits);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->yes, std::log(0.5), 1e-6);
  EXPECT_NEAR(found->no, std::log(0.5), 1e-6);
}

TEST(YesNoTokens, OfProbabilitiesAtTheEndsLogarithmsStayFinite) {
  const YesNoTokens tokens(WithTokens({}));
  std::vector<float> logits(256, 0.0f);
  logits['y'] = 100;
  const auto found = tokens.LogProbabilities(logits);
  ASSERT_TRUE(found.has_value());
  EXPECT_LE(found->yes, 0);
  EXPECT_NEAR(found->no, std::log(2.0) - 100, 1e-3);  // n and N
}

}  // namespace
}  // namespace roentgen
