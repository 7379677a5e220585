// `roentgen eval --predictions` and `roentgen compare` over files of other programs.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "apps/program.h"

namespace roentgen {
namespace {

using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;
using testing::Not;

class ScoreProgram : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) const {
    const auto file = folder_.path() / name;
    WriteFile(file, text);
    return file.string();
  }
  static Outcome Score(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "eval");
    arguments.insert(arguments.end(), {"--scorer", "strict", "--json"});
    return RunProgram(arguments);
  }
  /// The mean of strict exact match.
  static double Right(const Outcome& outcome) {
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out)["groups"][0]["scores"][0]["mean"];
  }

  test::TemporaryFolder folder_;
};

TEST_F(ScoreProgram, TheModelsColumnIsFoundOrAskedFor) {
  const std::string response = Write(
      "response.jsonl", R"({"id": "1", "question": "有吗？", "response": "无", "answer": "有"})");
  EXPECT_EQ(Right(Score({"--predictions", response})), 0);
  const std::string text =
      Write("text.jsonl", R"({"id": "1", "question": "Is it?", "text": "no", "answer": "yes"})");
  const Outcome asked = Score({"--predictions", text});
  EXPECT_EQ(asked.status, 1);
  EXPECT_THAT(asked.err, HasSubstr("--prediction-column NAME: answer, text"));
  EXPECT_EQ(Right(Score({"--predictions", text, "--prediction-column", "text"})), 0);
  EXPECT_EQ(Score({"--predictions", text, "--prediction-column", "answer", "--reference-column",
                   "answer"})
                .status,
            1);
  const std::string null =
      Write("null.jsonl", R"({"id": "1", "prediction": null, "answer": "yes", "text": "yes"})");
  EXPECT_EQ(Right(Score({"--predictions", null})), 0);
}

TEST_F(ScoreProgram, ReferencesAreOfTheSameQuestions) {
  const std::string set = Write(
      "set.jsonl",
      R"({"id": "1", "messages": [{"role": "user", "content": "右侧有骨折吗？"}, {"role": "assistant", "content": "有"}]})");
  const std::string same =
      Write("same.jsonl", R"({"id": "1", "question": "右側有骨折嗎？", "response": "有"})");
  EXPECT_EQ(Right(Score({"--predictions", same, "--references", set})), 1);
  const std::string other =
      Write("other.jsonl", R"({"id": "1", "question": "左侧有骨折吗？", "response": "有"})");
  const Outcome refused = Score({"--predictions", other, "--references", set});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("row 1: the question is \"左侧有骨折吗？\" there, but "
                                     "\"右侧有骨折吗？\" in the question set (1)"));
}

TEST_F(ScoreProgram, FilesAreComparedWhereTheyAreOfTheSameQuestions) {
  const std::string before = Write(
      "a.jsonl", R"({"id": 1, "question": "Is it?", "response": "Yes", "answer": "Yes", "twin": 1}
{"id": 2, "question": "Is it?", "response": "No, none.", "answer": "No", "twin": "1"}
{"id": 3, "question": "Where is it?", "response": "It is not there.", "answer": "Nowhere", "premise": false})");
  const std::string after = Write(
      "b.jsonl", R"({"id": 1, "question": "is it", "response": "No", "answer": "Yes", "twin": 1}
{"id": 2, "question": "Is it?", "response": "No", "answer": "No", "twin": 1}
{"id": 3, "question": "Where is it?", "response": "Left", "answer": "Nowhere"})");
  const Outcome outcome = RunProgram({"compare", before, after});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("twins right"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("nan")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("| false premises declined")));
  EXPECT_THAT(outcome.out, HasSubstr("false premises declined: 1 question is left out"));
  EXPECT_THAT(outcome.err, HasSubstr("false premises declined: 1 question is left out"));
  EXPECT_THAT(outcome.err, HasSubstr("images could not be compared"));
  const Outcome swapped = Score({"--predictions", before, "--swapped", after});
  EXPECT_EQ(swapped.status, 0) << swapped.err;
  const std::string other =
      Write("c.jsonl", R"({"id": 1, "question": "Is it big?", "response": "No", "answer": "Yes"}
{"id": 2, "question": "Is it?", "response": "No", "answer": "No"}
{"id": 3, "question": "Where is it?", "response": "Left", "answer": "Nowhere"})");
  for (const Outcome& refused : {RunProgram({"compare", before, other}),
                                 Score({"--predictions", before, "--swapped", other})}) {
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("\"Is it big?\""));
  }
}

TEST_F(ScoreProgram, NoOutputNamesAPatient) {
  const std::string file = Write(
      "a.jsonl",
      R"({"id": 1, "predict": "yes", "label": "yes", "patient_id": "LiMing-7", "MRN": 5551234})");
  const Outcome outcome = Score({"--predictions", file, "--by", "patient_id"});
  EXPECT_THAT(outcome.out, Not(HasSubstr("LiMing")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("5551234")));
}

}  // namespace
}  // namespace roentgen
