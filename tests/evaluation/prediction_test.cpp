#include "roentgen/evaluation/prediction.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/evaluation/example.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

class Predictions : public testing::Test {
 protected:
  std::vector<Prediction> Read(const std::string& text) {
    file_ = folder_.path() / "generated_predictions.jsonl";
    WriteFileAtomically(file_, text);
    return ReadPredictions(file_);
  }

  test::TemporaryFolder folder_;
  fs::path file_;
};

TEST_F(Predictions, LlamaFactorysFileIsRead) {
  const auto rows = Read(R"({"prompt": "<|im_start|>user\nIs it?", "predict": "", "label": "yes"}
{"prompt": "What?", "predict": "左肺", "label": "右肺"}
)");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].predict, "");
  EXPECT_THAT(rows[0].label, Optional(std::string("yes")));
  EXPECT_EQ(rows[1].predict, "左肺");
  EXPECT_EQ(rows[1].row, 2u);
  EXPECT_EQ(rows[1].id, "");
}

TEST_F(Predictions, OthersNamesAreRead) {
  const auto only = [&](const std::string& text) { return Read("[" + text + "]").at(0); };
  Prediction row = only(R"({"id": 7, "question": "is it?", "qtype": "closed", "reference": "yes",
                            "prediction": "no"})");
  EXPECT_EQ(row.id, "7");
  EXPECT_EQ(row.fields.at("qtype"), "closed");
  EXPECT_EQ(row.predict, "no");
  row = only(R"({"qid": "a", "question": "which?", "answer": "left", "gold": "right",
                 "image": "x.jpg"})");
  EXPECT_EQ(row.predict, "left");
  EXPECT_THAT(row.label, Optional(std::string("right")));
  EXPECT_THAT(row.images, ElementsAre("x.jpg"));
  row = only(R"({"question_id": "b", "prediction": "up", "answer": "down", "text": "x"})");
  EXPECT_EQ(row.predict, "up");
  EXPECT_THAT(row.label, Optional(std::string("down")));
}

// E1: in none of these files the model's answer can be told from the reference.
TEST_F(Predictions, AColumnThatMayBeTheReferenceIsNotTakenForTheAnswer) {
  const auto refused = [&](const std::string& text, const std::string& why) {
    try {
      Read(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(why)) << text;
      EXPECT_THAT(error.hint(), HasSubstr("\"predict\""));
    }
  };
  for (const char* name : {"response", "text", "pred", "model_answer", "output", "generated_answer",
                           "completion", "hypothesis", "Predict", "回答"}) {
    refused(std::string(R"([{"id": "q1", "question": "有吗？", "answer": "有", ")") + name +
                R"(": "无"}])",
            std::string("in any of these columns: ") + (std::string(name) < "answer"
                                                            ? std::string(name) + ", answer"
                                                            : std::string("answer, ") + name));
  }
  refused(R"({"question": "?", "label": "yes", "answer": "yes", "model_output": "no"})",
          "in any of these columns: answer, model_output");
  refused(R"({"question": "?", "label": "yes", "answer": "yes", "model_output": null})",
          "in any of these columns: answer, model_output");
  refused(R"({"id": 1, "answer": "yes", "messages": [{"role": "assistant", "content": "no"}]})",
          "in any of these columns: answer, messages");
  refused(R"({"id": 1, "question": "?", "answer": "yes"})",
          "\"answer\" may be the model's answer or the right one");
  refused(R"({"id": 1, "predict": "yes", "prediction": "no"})", "in \"predict\" or \"prediction\"");
  // LLaVA-Med's form.
  refused(R"({"question_id": 1, "prompt": "?", "text": "yes", "model_id": "m", "metadata": {}})",
          "no column \"predict\" with the model's answers; there are: metadata, model_id, prompt, "
          "question_id, text");
}

TEST_F(Predictions, NumbersAndTruthValuesMayBeAnswersToo) {
  for (const char* value : {"4", "2.5", "true"}) {
    ROENTGEN_EXPECT_ERROR(
        Read(R"({"label": "2", "answer": "2", "response": )" + std::string(value) + "}"),
        "in any of these columns: answer, response");
  }
  const auto rows = Read(R"({"predict": 3, "label": 3}
{"predict": true, "label": "true"}
{"predict": 2.5, "label": "是"})");
  EXPECT_EQ(rows.at(0).predict, "3");
  EXPECT_THAT(rows.at(0).label, Optional(std::string("3")));
  EXPECT_EQ(rows.at(1).predict, "true");
  EXPECT_EQ(rows.at(2).predict, "2.5");
}

TEST_F(Predictions, ReferencesThatDifferAreRefused) {
  for (const char* other : {"answer", "gold", "reference"}) {
    ROENTGEN_EXPECT_ERROR(
        Read(std::string(R"({"predict": "有", "label": "有", ")") + other + R"(": "无"})"),
        "row 1: the right answer may be");
    EXPECT_EQ(Read(std::string(R"({"predict": "有", "label": "Yes", ")") + other + R"(": " yes"})")
                  .at(0)
                  .label,
              "Yes");
  }
}

TEST_F(Predictions, ARowWithoutAnAnswerHasAnEmptyOne) {
  const auto rows = Read(R"({"id": 1, "prediction": null, "answer": "yes"}
{"id": 2, "answer": "no"}
{"id": 3, "prediction": "yes", "answer": "yes"})");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].predict, "");
  EXPECT_THAT(rows[0].label, Optional(std::string("yes")));
  EXPECT_EQ(rows[1].predict, "");
  EXPECT_EQ(rows[2].predict, "yes");
}

TEST_F(Predictions, ABlankReferenceIsNone) {
  const auto rows = Read(R"({"predict": "5", "label": " "}
{"predict": "5", "label": null}
{"predict": "5", "label": "五"})");
  EXPECT_FALSE(rows.at(0).label || rows.at(1).label);
  EXPECT_THAT(rows.at(2).label, Optional(std::string("五")));
}

TEST_F(Predictions, BadFilesAreRefusedWithTheirRow) {
  const auto refused = [&](const std::string& text, const std::string& why) {
    ROENTGEN_EXPECT_ERROR(Read(text), why);
  };
  const std::string good = "{\"id\": 1, \"predict\": \"yes\", \"label\": \"yes\"}\n";
  refused(good + "{\"id\": 2, \"predict\"\n", "line 2");
  refused(good + "[1]\n", "row 2: expected an object");
  refused(good + good, "row 2: id \"1\" was in row 1 already");
  refused(good + "{\"predict\": \"x\", \"label\": \"y\"}\n", "row 2: no id, but others have one");
  refused("{\"predict\": \"x\"}\n" + good, "row 2: an id, but others have none");
  refused("{\"predict\": [5], \"label\": \"5\"}", "row 1: predict: expected a text");
  refused("{\"id\": \"\", \"predict\": \"5\"}", "row 1: id: empty");
  refused("{\"id\": 1.5, \"predict\": \"5\"}", "row 1: id: expected a text");
  refused("{\"predict\": \"x\", \"log_probability_yes\": 0.5}", "at most 0");
  refused("{\"predict\": \"" + std::string(70'000, 'x') + "\"}", "70000 bytes, more than 65536");
  refused("{\"predict\": \"x\", \"prompt\": \"" + std::string(5'000'000, 'x') + "\"}",
          "row 1: more than");
  refused("", "empty");
  refused("[]", "no predictions");
  refused("{\"predict\": \"\xff\"}", "UTF-8");
  ROENTGEN_EXPECT_ERROR(ReadPredictions(folder_.path() / "none.jsonl"), "none.jsonl");
}

TEST_F(Predictions, WhatIsWrittenIsRead) {
  Prediction full;
  full.id = "slake-3";
  full.prompt = "Is the \"heart\"\n enlarged? 心脏";
  full.predict = "no\\";
  full.label = "no";
  full.images = {"a b.png", "c.png"};
  full.log_probability_yes = -1.25;
  full.log_probability_no = -0.1;
  full.fields = {{"modality", "X-Ray"}};
  Prediction least;
  least.id = "4";
  file_ = folder_.path() / "out.jsonl";
  WritePredictions(file_, std::vector<Prediction>{full, least});
  std::vector<Prediction> read = ReadPredictions(file_);
  full.row = 1;
  least.row = 2;
  EXPECT_THAT(read, ElementsAre(full, least));
}

Sample Question(const std::string& id, const std::string& question, const std::string& answer) {
  Sample sample;
  sample.id = id;
  sample.turns = {{Role::kUser, "<image>" + question}, {Role::kAssistant, answer}};
  sample.modality = "CT";
  sample.question_types = {"PRES, ABN "};
  return sample;
}

Prediction Answer(const std::string& id, const std::string& predict,
                  const std::string& label = "") {
  Prediction prediction;
  prediction.id = id;
  prediction.predict = predict;
  if (!label.empty()) prediction.label = label;
  prediction.row = 5;
  return prediction;
}

const std::vector<Sample>& TwoQuestions() {
  static const std::vector<Sample> kQuestions = {Question("a", "Is it?", "Yes"),
                                                 Question("b", "Which side?", "left")};
  return kQuestions;
}

TEST(Examples, AreMatchedById) {
  const std::vector<Prediction> answers = {Answer("b", "right", "left"), Answer("a", "no")};
  const auto examples = ToExamples(answers, "f", TwoQuestions());
  ASSERT_EQ(examples.size(), 2u);
  EXPECT_EQ(examples[0].id, "a");
  EXPECT_EQ(examples[0].question, "Is it?");
  EXPECT_EQ(examples[0].prediction, "no");
  EXPECT_EQ(examples[0].reference, "Yes");
  EXPECT_TRUE(examples[0].closed);
  EXPECT_FALSE(examples[1].closed);
  EXPECT_THAT(examples[1].fields.at("question_type"), ElementsAre("PRES", "ABN"));
}

TEST(Examples, ChineseLabelsAreSplitToo) {
  std::vector<Sample> questions = {Question("a", "有吗？", "有")};
  questions[0].question_types = {"存在、位置，大小"};
  const std::vector<Prediction> answers = {Answer("a", "有")};
  const auto examples = ToExamples(answers, "f", questions);
  EXPECT_THAT(examples.at(0).fields.at("question_type"), ElementsAre("存在", "位置", "大小"));
}

TEST(Examples, DoubtfulMatchesAreRefused) {
  const auto refused = [](const std::vector<Prediction>& answers, const std::string& why) {
    ROENTGEN_EXPECT_ERROR(ToExamples(answers, "f.jsonl", TwoQuestions()), why);
  };
  refused({Answer("a", "x"), Answer("c", "x")}, "f.jsonl: row 5: no question has the id \"c\"");
  refused({Answer("b", "x")}, "1 of 2 questions have no prediction, \"a\" the first");
  refused({Answer("a", "x", "no"), Answer("b", "x")}, "the reference is \"no\" there, but \"Yes\"");
  // The ids fit, the questions do not.
  Prediction asks_other = Answer("a", "x");
  asks_other.prompt = "Is it broken?";
  refused({asks_other, Answer("b", "x")}, "row 5: its prompt does not ask \"Is it?\" (a)");
  asks_other.prompt = "user\nIS  it?\nassistant";
  EXPECT_EQ(
      ToExamples(std::vector<Prediction>{asks_other, Answer("b", "x")}, "f", TwoQuestions()).size(),
      2u);
  const std::vector<Sample> chinese = {Question("a", "图中<image>有肿块吗？", "有")};
  asks_other.prompt = "图中<|image_pad|>有肿块吗？";
  EXPECT_EQ(ToExamples(std::vector<Prediction>{asks_other}, "f", chinese).size(), 1u);
  asks_other.question = "图中有骨折吗？";
  asks_other.prompt.clear();
  ROENTGEN_EXPECT_ERROR(ToExamples(std::vector<Prediction>{asks_other}, "f", chinese),
                        "its question does not ask");
  // Without ids.
  refused({Answer("", "x", "yes")}, "1 predictions without ids for 2 questions");
  refused({Answer("", "x", "yes"), Answer("", "x")}, "neither an id nor a reference");
  refused({Answer("", "x", "left"), Answer("", "x", "yes")}, "the reference is \"left\"");
  Prediction asks_else = Answer("", "x", "yes");
  asks_else.prompt = "user: Is it broken?";
  refused({asks_else, Answer("", "x", "left")}, "does not ask \"Is it?\"");
  asks_else.prompt = "user: Is it?";
  EXPECT_EQ(
      ToExamples(std::vector<Prediction>{asks_else, Answer("", "x", "left")}, "f", TwoQuestions())
          .size(),
      2u);
}

TEST(Examples, WithoutAQuestionSetPredictionsCarryTheirReferences) {
  EXPECT_EQ(ToExamples(std::vector<Prediction>{Answer("1", "x", "是")}, "f")[0].closed, true);
  std::vector<std::string> notes;
  const auto note = [&](const std::string& text) { notes.push_back(text); };
  EXPECT_EQ(ToExamples(std::vector<Prediction>{Answer("1", "x", "是"), Answer("2", "x")}, "f", note)
                .size(),
            1u);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("1 of 2 rows have no reference")));
  // A set's question without an answer.
  const std::vector<Sample> questions = {Question("a", "Is it?", "Yes"),
                                         Question("b", "哪边？", "")};
  EXPECT_EQ(
      ToExamples(std::vector<Prediction>{Answer("a", "x"), Answer("b", "x")}, "f", questions, note)
          .size(),
      1u);
  EXPECT_THAT(notes.back(), HasSubstr("question b is the first"));
  Prediction open = Answer("1", "x", "no");
  open.fields["qtype"] = "OPEN ";
  EXPECT_EQ(ToExamples(std::vector<Prediction>{open}, "f")[0].closed, false);
  ROENTGEN_EXPECT_ERROR(ToExamples(std::vector<Prediction>{Answer("1", "x")}, "f"),
                        "f: row 5: no reference");
}

TEST(Examples, OtherRunsAnswersAreMatchedToo) {
  const auto examples =
      ToExamples(std::vector<Prediction>{Answer("a", "1"), Answer("b", "2")}, "f", TwoQuestions());
  const std::vector<Prediction> swapped = {Answer("b", "3"), Answer("a", "4")};
  EXPECT_THAT(AnswersTo(examples, swapped, "g"), ElementsAre("4", "3"));
  const std::vector<Prediction> ordered = {Answer("", "3", "yes"), Answer("", "4", "left")};
  EXPECT_THAT(AnswersTo(examples, ordered, "g"), ElementsAre("3", "4"));
  const std::vector<Prediction> reversed = {Answer("", "3", "left"), Answer("", "4", "yes")};
  ROENTGEN_EXPECT_ERROR(AnswersTo(examples, reversed, "g"), "nothing shows that this answers");
  ROENTGEN_EXPECT_ERROR(AnswersTo(examples, std::vector<Prediction>{Answer("", "3", "yes")}, "g"),
                        "1 predictions without ids for 2");
  ROENTGEN_EXPECT_ERROR(AnswersTo(examples, std::vector<Prediction>{Answer("z", "3")}, "g"),
                        "no question has the id \"z\"");
}

TEST(Examples, TheProbabilityOfYesIsAgainstNo) {
  Prediction prediction = Answer("1", "yes", "yes");
  prediction.log_probability_yes = -1.0;
  prediction.log_probability_no = -1.0;
  EXPECT_THAT(ToExamples(std::vector<Prediction>{prediction}, "f")[0].probability_yes,
              Optional(0.5));
}

TEST(Samples, AConversationsLastQuestionCounts) {
  Sample sample = Question("a", "First?", "1");
  sample.turns.push_back({Role::kUser, " <image> Second? "});
  sample.turns.push_back({Role::kAssistant, " 2 "});
  EXPECT_EQ(QuestionOf(sample), "Second?");
  EXPECT_EQ(AnswerOf(sample), "2");
}

}  // namespace
}  // namespace roentgen
