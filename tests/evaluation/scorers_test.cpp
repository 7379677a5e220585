// What the goldens do not cover: scorers without stored values, names, refusals.

#include "roentgen/evaluation/scorers.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/evaluation_json.h"
#include "roentgen/evaluation/llama_factory.h"
#include "roentgen/evaluation/overlap.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/evaluation/yes_no.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

std::vector<double> Scores(const Scorer& scorer, std::string_view prediction,
                           std::string_view reference, bool closed) {
  std::vector<double> scores(scorer.values.size());
  scorer.score({prediction, reference, closed}, scores);
  return scores;
}

TEST(Scorers, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Scorer* scorer : AllScorers()) {
    EXPECT_TRUE(names.insert(std::string(scorer->name)).second) << scorer->name;
    EXPECT_EQ(&FindScorer(scorer->name), scorer);
    std::set<std::string_view> values;
    for (const ScoreValue& value : scorer->values) {
      EXPECT_TRUE(values.insert(value.name).second) << value.name;
    }
  }
  ROENTGEN_EXPECT_ERROR(FindScorer("bleurt"), "bleurt");
}

TEST(Scorers, StayWithinTheirRange) {
  const std::vector<std::string> texts = {"",      " ",        "yes",     "No.", "左肺",
                                          "a a a", "\xff\xfe", "...",     "1,0", "\n\n",
                                          "是。",  "the",      "\\boxed{"};
  for (const Scorer* scorer : AllScorers()) {
    for (const std::string& prediction : texts) {
      for (const std::string& reference : texts) {
        for (const bool closed : {false, true}) {
          const std::vector<double> scores = Scores(*scorer, prediction, reference, closed);
          for (size_t i = 0; i < scores.size(); ++i) {
            const ScoreUnit unit = scorer->values[i].unit;
            if (std::isnan(scores[i]) || unit == ScoreUnit::kRatio) continue;
            EXPECT_GE(scores[i], 0) << scorer->values[i].name;
            EXPECT_LE(scores[i], unit == ScoreUnit::kPercent ? 100 : 1) << scorer->values[i].name;
          }
        }
      }
    }
  }
}

TEST(Scorers, BlanksAroundAReferenceCountForLlamaFactoryAlone) {
  for (const Scorer* scorer : AllScorers()) {
    const bool blanks_count = scorer->name.starts_with("llama-factory");
    bool differ = false;
    for (const char* reference : {"yes", "No", "left lung", "chest x-ray"}) {
      for (const char* answer : {"yes", "Yes.", "no", "the left lung", "chest x-ray", ""}) {
        for (const bool closed : {true, false}) {
          const std::vector<double> plain = Scores(*scorer, answer, reference, closed);
          const std::vector<double> fed =
              Scores(*scorer, answer, std::string(reference) + "\n", closed);
          for (size_t i = 0; i < plain.size(); ++i) {
            const bool same = plain[i] == fed[i] || (std::isnan(plain[i]) && std::isnan(fed[i]));
            differ = differ || !same;
            EXPECT_TRUE(same || blanks_count) << scorer->name << ' ' << reference << ' ' << answer;
          }
        }
      }
    }
    EXPECT_EQ(differ, blanks_count) << scorer->name;
  }
}

/// As its definition has it, cell by cell.
size_t SubsequenceByTable(const TokenPair& pair) {
  std::vector<std::vector<size_t>> table(pair.prediction.size() + 1,
                                         std::vector<size_t>(pair.reference.size() + 1));
  for (size_t i = 1; i < table.size(); ++i) {
    for (size_t j = 1; j < table[i].size(); ++j) {
      table[i][j] = pair.prediction[i - 1] == pair.reference[j - 1]
                        ? table[i - 1][j - 1] + 1
                        : std::max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table.back().back();
}

TEST(Overlap, TheLongestCommonSubsequenceIsThatOfTheTable) {
  std::mt19937 random(1);
  for (int i = 0; i < 400; ++i) {
    const auto tokens = [&, kinds = 1 + random() % 40] {
      std::vector<uint32_t> list(random() % 300);
      for (uint32_t& token : list) token = random() % kinds;
      return list;
    };
    const TokenPair pair = {tokens(), tokens()};
    ASSERT_EQ(LongestCommonSubsequence(pair), SubsequenceByTable(pair)) << i;
  }
  std::vector<uint32_t> all(130, 7);  // of one token, beyond two words
  EXPECT_EQ(LongestCommonSubsequence({all, all}), 130u);
}

TEST(Scorers, LongAnswersTakeNoMinutes) {
  for (const char* piece : {"1-", "liver, ", "e\u0301\u0323", "一"}) {
    std::string text;
    while (text.size() < 65'000) text += piece;
    for (const Scorer* scorer : {&StrictScorer(), &LlamaFactoryCharactersScorer()}) {
      EXPECT_GT(Scores(*scorer, text, text, false).back(), 0.99) << piece;
    }
  }
}

TEST(Strict, LongerAnswersShowInTheLengthRatio) {
  const auto scores = Scores(StrictScorer(), "it is in the left lung", "left lung", false);
  EXPECT_EQ(scores[0], 0);
  EXPECT_DOUBLE_EQ(scores[1], 0.5);  // 2 common of 6 and 2
  EXPECT_DOUBLE_EQ(scores[7], 3);
  EXPECT_TRUE(std::isnan(Scores(StrictScorer(), "x", "...", false)[7]));
}

TEST(Strict, NGrams) {
  const auto scores = Scores(StrictScorer(), "a b c d", "a b x c d", false);
  EXPECT_DOUBLE_EQ(scores[6], 2 * (2.0 / 3) * (2.0 / 4) / (2.0 / 3 + 2.0 / 4));  // ab, cd
  // 4/4, 2/3, then none of 2 and of 1: 1/(2·2) and 1/(4·1); brevity exp(1 − 5/4).
  EXPECT_DOUBLE_EQ(scores[4], std::exp(-0.25) * std::pow(2.0 / 3 / 4 / 4, 0.25));
}

TEST(MedEvalKit, TakesTheFinalAnswer) {
  const auto yes_no = [](std::string_view prediction, std::string_view reference) {
    return Scores(MedEvalKitScorer(), prediction, reference, true)[0];
  };
  EXPECT_EQ(yes_no("Yes, there is.", "yes"), 1);
  EXPECT_EQ(yes_no("Yes and no", "yes"), 0);           // both words
  EXPECT_EQ(yes_no("The lung is abnormal", "no"), 1);  // "no" as a part of a word counts
  EXPECT_EQ(yes_no("No effusion? The answer is yes", "yes"), 1);
  EXPECT_EQ(yes_no("no <answer>Yes</answer>", "yes"), 1);
  EXPECT_EQ(yes_no("no, \\boxed{\\text{yes}}", "Yes"), 1);
  EXPECT_EQ(yes_no("", "no"), 0);
}

TEST(MedEvalKit, ClosedAnswersMustBeEqual) {
  const auto exact = [](std::string_view prediction, std::string_view reference) {
    return Scores(MedEvalKitScorer(), prediction, reference, true)[1];
  };
  EXPECT_EQ(exact("Left\nLung.", "leftlung"), 1);
  EXPECT_EQ(exact("left lung", "left"), 0);
  EXPECT_TRUE(std::isnan(Scores(MedEvalKitScorer(), "left", "left", false)[1]));
}

TEST(MedVlmBench, AThreeQuarterRecallIsRight) {
  const auto open = [](std::string_view prediction) {
    return Scores(MedVlmBenchScorer(), prediction, "left upper lung lobe", false)[0];
  };
  EXPECT_EQ(open("upper lung lobe"), 1);
  EXPECT_EQ(open("lung lobe"), 0);
  EXPECT_EQ(Scores(MedVlmBenchScorer(), "Yes it is", "yes", true)[1], 1);
  EXPECT_EQ(Scores(MedVlmBenchScorer(), "It is", "yes", true)[1], 0);
}

TEST(FirstWord, AnAnswerThatSaysNeitherIsWrong) {
  EXPECT_EQ(Scores(FirstWordScorer(), "No, normal.", "no", true)[0], 1);
  EXPECT_EQ(Scores(FirstWordScorer(), "Normal.", "no", true)[0], 0);
  EXPECT_EQ(Scores(FirstWordScorer(), "没有", "否", true)[0], 1);
  EXPECT_EQ(Scores(FirstWordScorer(), "未發現骨折。", "没有", true)[0], 1);
  EXPECT_EQ(Scores(FirstWordScorer(), "不能排除骨折", "没有", true)[0], 0);
  EXPECT_TRUE(std::isnan(Scores(FirstWordScorer(), "left", "left", true)[0]));
}

TEST(YesNoTable, AnEmptyOneIsZero) {
  const YesNoTable table;
  EXPECT_EQ(table.accuracy(), 0);
  EXPECT_EQ(table.f1(), 0);
  EXPECT_EQ(table.false_positive_rate(), 0);
}

TEST(YesNoTable, NothingOfNothingIsToldAsNoValue) {
  YesNoTable table;
  EXPECT_TRUE(std::isnan(table.shares().accuracy));
  table.Add(false, false);  // nothing to find and nothing found
  EXPECT_EQ(table.shares().accuracy, 1);
  EXPECT_EQ(table.shares().false_positive_rate, 0);
  EXPECT_TRUE(std::isnan(table.shares().precision));
  EXPECT_TRUE(std::isnan(table.shares().recall));
  EXPECT_TRUE(std::isnan(table.shares().f1));
  EXPECT_EQ(nlohmann::json::parse(ToJson(table).dump()).at("f1"), nullptr);
  table.Add(true, std::nullopt);  // something to find
  EXPECT_TRUE(std::isnan(table.shares().precision));
  EXPECT_EQ(table.shares().recall, 0);
  EXPECT_EQ(table.shares().f1, 0);
  YesNoTable all_yes;
  all_yes.Add(true, true);
  EXPECT_TRUE(std::isnan(all_yes.shares().false_positive_rate));
  EXPECT_EQ(all_yes.shares().f1, 1);
}

TEST(YesNoTable, UnansweredOnesCountAsWrong) {
  YesNoTable table;
  table.Add(true, true);
  table.Add(false, true);
  table.Add(false, std::nullopt);
  EXPECT_DOUBLE_EQ(table.accuracy(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(table.false_positive_rate(), 1);
  EXPECT_DOUBLE_EQ(table.yes_ratio(), 2.0 / 3);
}

TEST(LlamaFactory, ChineseIsRefusedWithTheReason) {
  const AnswerPair chinese = {"左肺", "左肺", false};
  const AnswerPair english = {"left lung", "lung", false};
  EXPECT_THAT(LlamaFactoryScorer().refusal(chinese), Optional(HasSubstr("jieba")));
  EXPECT_EQ(LlamaFactoryScorer().refusal(english), std::nullopt);
  EXPECT_EQ(LlamaFactoryCharactersScorer().refusal, nullptr);
  EXPECT_EQ(Scores(LlamaFactoryScorer(), "left lung", "lung", false),
            Scores(LlamaFactoryCharactersScorer(), "left lung", "lung", false));
}

TEST(Scorers, ThoseOfEnglishRefuseChineseReferencesAndNameAnother) {
  for (const Scorer* scorer : {&LlavaMedScorer(), &MedVlmBenchScorer(), &PopeScorer()}) {
    EXPECT_THAT(scorer->refusal({"没有", "没有", true}), Optional(HasSubstr("first-token")));
    EXPECT_THAT(scorer->refusal({"No", "無", true}), Optional(HasSubstr("Chinese")));
    EXPECT_EQ(scorer->refusal({"没有", "no", true}), std::nullopt) << scorer->name;
    EXPECT_EQ(scorer->refusal({"left", "left lung", false}), std::nullopt) << scorer->name;
  }
  EXPECT_THAT(LlavaMedScorer().refusal({"左肺", "左肺", false}), Optional(HasSubstr("characters")));
  EXPECT_EQ(PopeScorer().refusal({"左肺", "左肺", false}), std::nullopt);  // no yes/no question
}

TEST(LlamaFactory, CutsLikeJieba) {
  // Printed by jieba 0.42.1.
  EXPECT_THAT(CutWithoutDictionary("use c++ and AT&T, x-ray 3.5mm 20%"),
              ElementsAre("use", " ", "c++", " ", "and", " ", "AT&T", ",", " ", "x", "-", "ray",
                          " ", "3.5", "mm", " ", "20%"));
  EXPECT_THAT(CutWithoutDictionary("a--b\r\n...é"),
              ElementsAre("a", "--", "b", "\r\n", "...", "é"));
  EXPECT_THAT(CutWithoutDictionary("左肺CT"), ElementsAre("左", "肺", "CT"));  // ours
}

TEST(Words, FollowPython) {
  EXPECT_EQ(Lowercase("ÀÉ Ω K 左"), "àé ω k 左");
  EXPECT_EQ(Strip(" \x1c\xe3\x80\x80x y\t\n"), "x y");
  EXPECT_THAT(SplitAtBlanks("  a\xc2\xa0"
                            "b \n c"),
              ElementsAre("a", "b", "c"));
  EXPECT_EQ(Lowercase("\xff"
                      "A"),
            "\xff"
            "a");
}

}  // namespace
}  // namespace roentgen
