#include "roentgen/evaluation/yes_no_tokens.h"

#include <gmock/gmock.h>

#include <cmath>

#include "inference/generated_model.h"
#include "roentgen/language/answer.h"
#include "support/paths.h"

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

TEST(YesNoTokens, TakesTheLikeliestFirstTokenOfEachSide) {
  const Tokenizer tokenizer = WithTokens({});
  const YesNoTokens tokens(tokenizer);
  std::vector<float> logits(256, -1e4f);  // of no weight
  logits['y'] = std::log(2.0f);
  logits['Y'] = std::log(3.0f);
  logits['n'] = std::log(4.0f);
  logits['x'] = std::log(1.0f);
  const auto found = tokens.LogProbabilities(logits);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(std::exp(found->yes), 0.3, 1e-6);
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
  EXPECT_NEAR(found->no, -100, 1e-3);
}

/// Logits under which the first token of a text is all that is likely.
std::vector<float> BeginningWith(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<float> logits(static_cast<size_t>(tokenizer.id_limit()), -40.0f);
  logits[static_cast<size_t>(tokenizer.Encode(text).front())] = 0;
  return logits;
}

/// A model that says the text, whatever its first token was.
YesNoTokens::LogitsBehind Saying(const Tokenizer& tokenizer, std::string_view text,
                                 std::vector<float>& logits) {
  const std::vector<int32_t> ids = tokenizer.Encode(text);
  return [ids, &logits](std::span<const int32_t> beginning) -> std::span<const float> {
    std::fill(logits.begin(), logits.end(), -40.0f);
    if (beginning.size() < ids.size()) logits[static_cast<size_t>(ids[beginning.size()])] = 0;
    return logits;
  };
}

constexpr const char* kAnswers[] = {"Yes",
                                    "No",
                                    "yes",
                                    "no",
                                    "是",
                                    "是的",
                                    "有",
                                    "没有",
                                    "不是",
                                    "不存在",
                                    "不能",
                                    "不可以",
                                    "不包含",
                                    "包含",
                                    "存在",
                                    "可以",
                                    "可见骨折",
                                    "未见骨折",
                                    "无",
                                    "否",
                                    "没",
                                    "未发现骨折",
                                    "图中没有骨折",
                                    "沒有",
                                    "無",
                                    "见骨折",
                                    "不仅有骨折",
                                    "无疑有骨折",
                                    "都有",

                                    "There is no fracture.",
                                    "The answer is yes.",
                                    "根据图像，没有骨折。",
                                    "并没有",
                                    "对"};

/// Whether the side of each answer that a model gives is the likelier one.
void ExpectSides(const Tokenizer& tokenizer) {
  const YesNoTokens tokens(tokenizer);
  std::vector<float> behind(static_cast<size_t>(tokenizer.id_limit()));
  for (const char* answer : kAnswers) {
    const std::optional<bool> side = SideTaken(answer);
    ASSERT_TRUE(side.has_value()) << answer;
    const auto found =
        tokens.LogProbabilities(BeginningWith(tokenizer, answer), tokenizer.Encode(answer),
                                Saying(tokenizer, answer, behind));
    ASSERT_TRUE(found.has_value()) << answer;
    EXPECT_EQ(found->yes > found->no, *side) << answer;
    EXPECT_GT(std::max(found->yes, found->no), std::log(0.9)) << answer;
  }
}

TEST(YesNoTokens, TheSideThatIsReadIsTheLikelierWithQwensVocabulary) {
  const auto folder = test::SharedRoot() / "models" / "qwen2-vl-2b-instruct";
  ROENTGEN_NEED(folder);
  const Tokenizer tokenizer = Tokenizer::Load(folder);
  ExpectSides(tokenizer);
  const YesNoTokens tokens(tokenizer);
  for (const char* word : {"是", "有", "可见"}) {
    const auto found = tokens.LogProbabilities(BeginningWith(tokenizer, word));
    ASSERT_TRUE(found.has_value());
    EXPECT_GT(found->yes, found->no) << word;
  }
  for (const char* word : {"不是", "没有", "不存在", "不能", "否", "无", "未"}) {
    const auto found = tokens.LogProbabilities(BeginningWith(tokenizer, word));
    ASSERT_TRUE(found.has_value());
    EXPECT_GT(found->no, found->yes) << word;
  }
}

TEST(YesNoTokens, TheSideThatIsReadIsTheLikelierWithTheEmbeddedVocabulary) {
  ExpectSides(Tokenizer::Load(test::SourceDir() / "models" / "phantom"));
}

TEST(YesNoTokens, ACharacterInSeveralTokensIsFollowed) {
  const auto folder = test::SharedRoot() / "models" / "tiny-rad";
  ROENTGEN_NEED(folder);
  ExpectSides(Tokenizer::Load(folder));
}

TEST(YesNoTokens, SeveralWordsOfTheOtherSideDoNotOutweighTheOneThatIsSaid) {
  const Tokenizer tokenizer = WithTokens({});
  std::vector<float> logits(256, -1e4f);
  logits['Y'] = std::log(0.4f);
  logits['N'] = std::log(0.3f);
  logits['n'] = std::log(0.3f);
  const auto found = YesNoTokens(tokenizer).LogProbabilities(logits);
  ASSERT_TRUE(found.has_value());
  EXPECT_GT(found->yes, found->no);
}

TEST(YesNoTokens, TheSidesAreComparedWhereTheGreedyAnswerPartsThem) {
  // "A" leaves it open. The greedy answer is "A yes" (0.5 · 0.6), which is less likely than "N".
  const Tokenizer tokenizer = WithTokens({{"y", "e"}, {"ye", "s"}, {"n", "o"}});
  const int32_t yes = 257;
  const int32_t no = 258;
  std::vector<float> first(259, -1e4f);
  first['A'] = std::log(0.5f);
  first[no] = std::log(0.4f);
  first[yes] = std::log(0.1f);
  std::vector<float> second(259, -1e4f);
  const auto behind = [&](std::span<const int32_t> beginning) -> std::span<const float> {
    std::fill(second.begin(), second.end(), -1e4f);
    if (beginning.back() == 'A') second[' '] = 0;
    if (beginning.back() == ' ') second[yes] = std::log(0.6f), second[no] = std::log(0.4f);
    return second;
  };
  const auto found =
      YesNoTokens(tokenizer).LogProbabilities(first, std::vector<int32_t>{'A', ' ', yes}, behind);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->yes, std::log(0.6), 1e-5);
  EXPECT_NEAR(found->no, std::log(0.4), 1e-5);
}

TEST(YesNoTokens, WhereOnlyTheAnswersSideIsLikelyBehindItsBeginningThatCountsWhole) {
  // "A" (0.5), behind which many words say yes and none no, against "no" (0.4).
  const Tokenizer tokenizer =
      WithTokens({{"y", "e"}, {"ye", "s"}, {"n", "o"}, {"e", "s"}, {"Y", "es"}});
  std::vector<float> first(261, -1e4f);
  first['A'] = std::log(0.5f);
  first[258] = std::log(0.4f);
  first['x'] = std::log(0.1f);
  std::vector<float> second(261, -1e4f);
  const auto behind = [&](std::span<const int32_t> beginning) -> std::span<const float> {
    std::fill(second.begin(), second.end(), -1e4f);
    if (beginning.back() == 'A') second[' '] = 0;
    if (beginning.back() == ' ') second[257] = std::log(0.6f), second[260] = std::log(0.4f);
    return second;
  };
  const auto found =
      YesNoTokens(tokenizer).LogProbabilities(first, std::vector<int32_t>{'A', ' ', 257}, behind);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->yes, std::log(0.5), 1e-5);
  EXPECT_NEAR(found->no, std::log(0.4), 1e-5);
}

TEST(YesNoTokens, AGreedyAnswerThatTakesNoSideDoesNotHideTheOthers) {
  const Tokenizer tokenizer = WithTokens({{"y", "e"}, {"ye", "s"}, {"n", "o"}});
  std::vector<float> first(259, -1e4f);
  first['A'] = std::log(0.5f);
  first[258] = std::log(0.3f);
  first[257] = std::log(0.2f);
  std::vector<float> second(259, -1e4f);
  const auto behind = [&](std::span<const int32_t>) -> std::span<const float> {
    std::fill(second.begin(), second.end(), -1e4f);
    second['x'] = 0;
    return second;
  };
  const auto found =
      YesNoTokens(tokenizer).LogProbabilities(first, std::vector<int32_t>{'A', 'x'}, behind);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->yes, std::log(0.2), 1e-5);
  EXPECT_NEAR(found->no, std::log(0.3), 1e-5);
}

}  // namespace
}  // namespace roentgen
