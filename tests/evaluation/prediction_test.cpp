#include "roentgen/evaluation/prediction.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <set>

#include <set>
#include "roentgen/base/error.h"

#include "roentgen/base/hash.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/example.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;

class Predictions : public testing::Test {
 protected:
  std::vector<Prediction> Read(const std::string& text) {
    file_ = folder_.path() / "generated_predictions.jsonl";
    WriteFile(file_, text);
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
  EXPECT_THAT(row.fields.at("qtype"), ElementsAre("closed"));
  EXPECT_EQ(row.predict, "no");
  EXPECT_EQ(row.question, "is it?");
  row = only(R"({"question_id": "b", "prediction": "up", "answer": "down", "text": "x",
                 "image": "x.jpg"})");
  EXPECT_EQ(row.predict, "up");
  EXPECT_THAT(row.label, Optional(std::string("down")));
  EXPECT_THAT(row.images, ElementsAre("x.jpg"));
  row = only(R"({"ID": "c", "问题": "有吗？", "模型回答": "有", "参考答案": "没有"})");
  EXPECT_EQ(row.id, "c");
  EXPECT_EQ(row.question, "有吗？");
  EXPECT_EQ(row.predict, "有");
  EXPECT_THAT(row.label, Optional(std::string("没有")));
}

// M6: the answer is never scored against itself.
TEST_F(Predictions, M6AResponseIsScoredAndTheAnswerIsItsReference) {
  for (const char* name :
       {"response", "pred", "model_answer", "modelOutput", "Predict", "generated_text",
        "completion", "hypothesis", "predicted-answer", "预测答案", "模型输出"}) {
    const auto rows = Read(std::string(R"([{"id": "q1", "answer": "有", ")") + name +
                           R"(": "无"}, {"id": "q2", "answer": "no", ")" + name + R"(": null}])");
    EXPECT_EQ(rows.at(0).predict, "无") << name;
    EXPECT_THAT(rows.at(0).label, Optional(std::string("有"))) << name;
    EXPECT_EQ(rows.at(1).predict, "") << name;
    EXPECT_THAT(rows.at(1).label, Optional(std::string("no"))) << name;
  }
}

TEST_F(Predictions, M6WhereNamesDoNotTellTheColumnIsAskedFor) {
  const auto refused = [&](const std::string& text, const std::string& why,
                           const std::string& hint) {
    try {
      Read(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(why)) << text;
      EXPECT_THAT(error.hint(), HasSubstr("--prediction-column " + hint));
    }
  };
  refused(R"({"id": "q1", "text": "wrong", "answer": "gold"})",
          "in any of these columns: answer, text", "NAME: answer, text");
  refused(R"({"id": "q1", "output": "错", "答案": "对"})", "in any of these columns: output, 答案",
          "NAME");
  refused(R"({"id": 1, "predict": "yes", "prediction": "no"})",
          "in any of these columns: predict, prediction", "NAME");
  refused(R"({"predict": null, "response": "no", "label": "yes"})",
          "in any of these columns: predict, response", "NAME");
  refused(R"({"id": 1, "question": "?", "answer": "yes"})",
          "\"answer\" may hold the model's answers or the right ones", "answer");
  refused(R"({"qid": "a", "question": "which?", "answer": "left", "gold": "right"})",
          "\"answer\" may hold", "answer");
  // LLaVA-Med's form.
  refused(R"({"question_id": 1, "prompt": "?", "text": "yes", "model_id": "m", "metadata": {}})",
          "\"text\" may hold", "text");
  refused(R"({"id": 1, "label": "yes"})",
          "no column with the model's answers; there are: id, label", "NAME");
}

TEST_F(Predictions, M6AChosenColumnIsRead) {
  const auto read = [&](const std::string& text, const ColumnChoice& choice) {
    file_ = folder_.path() / "f.jsonl";
    WriteFile(file_, text);
    return ReadPredictions(file_, choice);
  };
  const std::string both = R"({"id": 1, "text": "无", "answer": "有", "output": "x"})";
  auto rows = read(both, {"text", ""});
  EXPECT_EQ(rows.at(0).predict, "无");
  EXPECT_THAT(rows.at(0).label, Optional(std::string("有")));
  rows = read(both, {"answer", "output"});
  EXPECT_EQ(rows.at(0).predict, "有");
  EXPECT_THAT(rows.at(0).label, Optional(std::string("x")));
  rows = read(R"({"predict": "a", "prediction": "b", "label": "c"})", {"prediction", ""});
  EXPECT_EQ(rows.at(0).predict, "b");
  ROENTGEN_EXPECT_ERROR(read(both, {"reply", ""}), "no column \"reply\"; there are: answer, id");
  ROENTGEN_EXPECT_ERROR(read(both, {"text", "text"}), "cannot hold both");
}

// Columns about a prediction, or beside it, are none.
TEST_F(Predictions, M6OtherColumnsAreNoCandidates) {
  const auto rows = Read(
      R"([{"id": 1, "response": "no", "response_time": 0.5, "label": "yes", "references": ["a"],
           "prediction_score": 0.25, "predicted_label_id": 3, "label_id": 4}])");
  EXPECT_EQ(rows.at(0).predict, "no");
  EXPECT_THAT(rows.at(0).label, Optional(std::string("yes")));
  EXPECT_THAT(rows.at(0).fields.at("response_time"), ElementsAre("0.5"));
}

TEST_F(Predictions, NumbersAndTruthValuesMayBeAnswersToo) {
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

TEST_F(Predictions, AReferenceThatATablesProgramLeftOutIsNone) {
  for (const char* none : {"nan", "NaN", "null", "NULL", "<NA>", "#N/A", " nan "}) {
    EXPECT_FALSE(Read(fmt::format(R"({{"predict": "肺", "label": "{}"}})", none))[0].label) << none;
  }
  for (const char* answer : {"None", "N/A", "-", "?", "未知", "无", "unknown"}) {
    EXPECT_TRUE(Read(fmt::format(R"({{"predict": "肺", "label": "{}"}})", answer))[0].label)
        << answer;
  }
  std::vector<std::string> notes;
  ToExamples(Read(R"({"predict": "5", "label": "5"}
{"predict": "5", "label": "nan"})"),
             "f", [&](const std::string& note) { notes.push_back(note); });
  EXPECT_THAT(notes, ElementsAre(HasSubstr("1 of 2 rows have no reference and are left out")));
}

TEST_F(Predictions, AListIsSeveralLabels) {
  const auto examples = ToExamples(Read(R"({"predict": "5", "label": "5", "organ": ["lung", "心"]}
{"predict": "5", "label": "5", "organ": "lung, 心", "question_type": ["PRES", "ABN, SIZE"]})"),
                                   "f");
  EXPECT_THAT(examples[0].fields.at("organ"), ElementsAre("lung", "心"));
  EXPECT_THAT(examples[1].fields.at("organ"), ElementsAre("lung, 心"));
  EXPECT_THAT(examples[1].fields.at("question_type"), ElementsAre("PRES", "ABN", "SIZE"));
}

TEST_F(Predictions, PatientZeroIsOneAmongNumbers) {
  const auto patients = [&](const std::string& column, const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) {
      text += fmt::format("{{\"predict\": \"5\", \"{}\": {}}}\n", column, value);
    }
    std::set<std::string> hashes;
    for (const Prediction& row : Read(text)) hashes.insert(row.patient);
    return hashes;
  };
  for (const char* column : {"patient_id", "病人编号"}) {
    EXPECT_EQ(patients(column, {"0", "1", "2", "3"}).size(), 4u);
    EXPECT_FALSE(patients(column, {"\"0\"", "\"1\"", "\"2\""}).contains(""));
    EXPECT_FALSE(patients(column, {"0.0", "1.0"}).contains(""));
    EXPECT_FALSE(patients(column, {"\"000\"", "\"001\""}).contains(""));
    EXPECT_THAT(patients(column, {"0", "1", "null"}), testing::SizeIs(3));
    EXPECT_TRUE(patients(column, {"0", "0"}).contains(""));  // a table without patients
    EXPECT_TRUE(patients(column, {"\"0\"", "\"P1\""}).contains(""));
    EXPECT_TRUE(patients(column, {"\"未知\"", "1", "0"}).contains(""));
  }
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
  for (const char* none : {"-", "NaN", "None", " null ", "－", "未知"}) {
    refused(good + "{\"id\": \"" + none + "\", \"predict\": \"5\"}", "is no id");
  }
  refused(good + "{\"id\": NaN, \"predict\": \"5\"}", "line 2");
  refused(good + "{\"id\": 2, \"predict\": NaN}", "line 2");
  refused(good + "{\"id\": \" 1 \", \"predict\": \"5\"}", "row 2: id \"1\" was in row 1 already");
  refused(good + "{\"id\": null, \"qid\": 2, \"predict\": \"5\"}", "row 2: no id");
  refused("{\"predict\": \"x\", \"image\": \"a\", \"images\": [\"b\"]}", "row 1: image: another");
  refused("{\"predict\": \"x\", \"image_sha256\": [\"ab\"]}", "image_sha256: expected a SHA-256");
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
  full.question = "心脏";
  full.images = {"a b.png", "c.png"};
  full.image_hashes = {std::string(64, 'a'), std::string(64, '0')};
  full.patient = std::string(64, 'f');
  full.log_probability_yes = -1.25;
  full.log_probability_no = -0.1;
  full.fields = {{"modality", {"X-Ray"}}, {"organ", {"lung", "心脏"}}};
  const std::map<std::string, std::vector<std::string>> kept = full.fields;
  // What a set calls by a name that means something here.
  full.fields.insert(
      {{"image", {"x.png"}}, {"gold", {"yes"}}, {"response", {"no"}}, {"mrn", {"7"}}});
  Prediction least;
  least.id = "4";
  file_ = folder_.path() / "out.jsonl";
  WritePredictions(file_, std::vector<Prediction>{full, least});
  std::vector<Prediction> read = ReadPredictions(file_);
  full.row = 1;
  full.fields = kept;
  least.row = 2;
  EXPECT_THAT(read, ElementsAre(full, least));
}

TEST_F(Predictions, APatientIsKeptAsAHashOnly) {
  const auto rows = Read(R"({"predict": "a", "patient_id": "Li-7", "MRN": 12, "plane": "AP"}
{"predict": "a", "patient_id": "Li-7"}
{"predict": "a", "patient_id": "-"}
{"predict": "a", "patient_id": 7.0})");
  EXPECT_EQ(rows[0].patient, Sha256Hex(std::string_view("Li-7")));
  EXPECT_EQ(rows[1].patient, rows[0].patient);
  EXPECT_EQ(rows[2].patient, "");
  EXPECT_EQ(rows[3].patient, Sha256Hex(std::string_view("7")));
  EXPECT_THAT(rows[0].fields, ElementsAre(testing::Pair("plane", ElementsAre("AP"))));
  EXPECT_THAT(PredictionToJson(rows[0]), Not(HasSubstr("Li-7")));
  EXPECT_EQ(Read(R"({"predict": "有", "病人编号": "李"})")[0].patient,
            Sha256Hex(std::string_view("李")));
}

// M8: metadata is no text alone.
TEST_F(Predictions, M8MetadataHasTypes) {
  const auto rows = Read(R"({"predict": "a", "premise": false, "twin": 1, "paraphrase": 2.0}
{"predict": "a", "premise": "False", "twin": "1", "paraphrase": "2", "organ": ["a", "b"]}
{"predict": "a", "premise": 0, "twin": " 1 "}
{"predict": "a", "premise": "假", "twin": null}
{"predict": "a", "premise": "否", "twin": "nan"}
{"predict": "a", "premise": "TRUE", "twin": "", "seed": 7, "contrast": true}
{"predict": "a", "premise": 1, "paraphrase": "-"}
{"predict": "a", "premise": null})");
  for (size_t i = 0; i < 5; ++i)
    EXPECT_THAT(rows[i].fields.at("premise"), ElementsAre("false")) << i;
  for (size_t i = 0; i < 3; ++i) EXPECT_THAT(rows[i].fields.at("twin"), ElementsAre("1")) << i;
  EXPECT_EQ(rows[0].fields.at("paraphrase"), rows[1].fields.at("paraphrase"));
  EXPECT_THAT(rows[1].fields.at("organ"), ElementsAre("a", "b"));
  for (size_t i = 3; i < 8; ++i) EXPECT_FALSE(rows[i].fields.contains("twin")) << i;
  EXPECT_THAT(rows[5].fields.at("premise"), ElementsAre("true"));
  EXPECT_THAT(rows[5].fields.at("seed"), ElementsAre("7"));
  EXPECT_THAT(rows[5].fields.at("contrast"), ElementsAre("true"));
  EXPECT_THAT(rows[6].fields.at("premise"), ElementsAre("true"));
  EXPECT_FALSE(rows[7].fields.contains("premise"));
  ROENTGEN_EXPECT_ERROR(Read(R"({"predict": "a"}
{"predict": "a", "premise": "maybe"})"),
                        "row 2: premise: expected true or false, found \"maybe\"");
  ROENTGEN_EXPECT_ERROR(Read(R"({"predict": "a", "premise": 2})"), "row 1: premise: expected");
  ROENTGEN_EXPECT_ERROR(Read(R"({"predict": "a", "premise": [false]})"), "found [false]");
  ROENTGEN_EXPECT_ERROR(Read(R"({"predict": "a", "twin": true})"), "row 1: twin: expected a text");
  ROENTGEN_EXPECT_ERROR(Read(R"({"predict": "a", "twin": {"id": 1}})"), "row 1: twin");
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
  refused({asks_other, Answer("b", "x")},
          "row 5: the prompt is \"Is it broken?\" there, but \"Is it?\" in the question set (a)");
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
                        "the question is \"图中有骨折吗？\" there, but \"图中有肿块吗？\"");
  // Without ids.
  refused({Answer("", "x", "yes")}, "1 predictions without ids for 2 questions");
  refused({Answer("", "x", "yes"), Answer("", "x")}, "neither an id nor a reference");
  refused({Answer("", "x", "left"), Answer("", "x", "yes")}, "the reference is \"left\"");
  Prediction asks_else = Answer("", "x", "yes");
  asks_else.prompt = "user: Is it broken?";
  refused({asks_else, Answer("", "x", "left")}, "but \"Is it?\" in the question set");
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
  EXPECT_THAT(notes, testing::Contains(HasSubstr("question b is the first")));
  Prediction open = Answer("1", "x", "no");
  open.fields["qtype"] = {"OPEN "};
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
  ROENTGEN_EXPECT_ERROR(
      AnswersTo(examples, reversed, "g"),
      "g: row 5: the reference is \"left\" there, but \"Yes\" with the true images");
  const std::vector<Prediction> bare = {Answer("", "3"), Answer("", "4")};
  ROENTGEN_EXPECT_ERROR(AnswersTo(examples, bare, "g"), "nothing shows that this answers");
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
