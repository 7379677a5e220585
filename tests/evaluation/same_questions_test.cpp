// Whether what is joined belongs together: runs, answers to other images, question sets, twins.

#include "roentgen/evaluation/same_questions.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/ablation.h"
#include "roentgen/evaluation/answered_run.h"
#include "roentgen/evaluation/consistency.h"
#include "roentgen/evaluation/hallucination.h"
#include "roentgen/imaging/encode_png.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kOneImage(64, '1');
const std::string kOtherImage(64, '2');

Prediction Row(const std::string& id, const std::string& question, const std::string& answer,
               const std::string& reference, const std::string& image = "") {
  Prediction row;
  row.id = id;
  row.question = question;
  row.predict = answer;
  if (!reference.empty()) row.label = reference;
  if (!image.empty()) row.image_hashes = {image};
  row.row = 1;
  return row;
}

std::vector<Example> Examples(const Prediction& row) {
  return ToExamples(std::vector<Prediction>{row}, "f");
}

TEST(SameQuestionsTest, M5RunsOverOthersAreRefusedWithBothValues) {
  const std::vector<Example> one = Examples(Row("1", "Is it there?", "Yes", "Yes", kOneImage));
  const auto refused = [&](const Prediction& row, const std::string& why) {
    ROENTGEN_EXPECT_ERROR(RequireSameQuestions(one, Examples(row)), why);
  };
  refused(
      Row("1", "Is the other there?", "Yes", "Yes", kOneImage),
      "number 1 (\"1\") has the question \"Is it there?\" in one and \"Is the other there?\" in "
      "the other");
  refused(Row("1", "Is it there?", "Yes", "No", kOneImage), "has the reference \"Yes\" in one");
  refused(Row("1", "Is it there?", "Yes", "Yes", kOtherImage),
          "has the image SHA-256 " + kOneImage + " in one and SHA-256 " + kOtherImage);
  refused(Row("2", "Is it there?", "Yes", "Yes", kOneImage), "has the id \"1\" in one and \"2\"");
  EXPECT_EQ(RequireSameQuestions(one, Examples(Row("1", "is it  there", "No", "yes.", kOneImage))),
            std::nullopt);
  EXPECT_EQ(RequireSameQuestions(one, Examples(Row("1", "", "No", "Yes"))),
            "questions and images could not be compared: not both have them");
  const std::vector<Example> chinese = Examples(Row("1", "右侧有骨折吗？", "有", "有"));
  ROENTGEN_EXPECT_ERROR(
      RequireSameQuestions(chinese, Examples(Row("1", "左侧有骨折吗？", "有", "有"))),
      "\"右侧有骨折吗？\" in one and \"左侧有骨折吗？\"");
  EXPECT_EQ(RequireSameQuestions(chinese, Examples(Row("1", "右側有骨折嗎?", "无", "有。"))),
            "images could not be compared: not both have them");
}

TEST(SameQuestionsTest, M5ImagesWithoutPixelsAreToldByName) {
  const auto about = [](const std::string& file) {
    std::vector<Example> examples = Examples(Row("1", "Is it?", "Yes", "Yes"));
    examples[0].images = {file};
    return examples;
  };
  for (const char* same : {"/there/p1/片1.png", "./p1/片1.png", "片1.png"}) {
    EXPECT_EQ(RequireSameQuestions(about("/here/p1/片1.png"), about(same)),
              "images could not be compared: not both have them");
  }
  // Sets with a folder a patient call all their images alike.
  ROENTGEN_EXPECT_ERROR(RequireSameQuestions(about("p1/image.png"), about("p2/image.png")),
                        "has the image \"p1/image.png\" in one and \"p2/image.png\"");
  ROENTGEN_EXPECT_ERROR(RequireSameQuestions(about("片1.png"), about("片2.png")),
                        "has the image \"片1.png\" in one and \"片2.png\" in the other");
}

TEST(SameQuestionsTest, SwappedImagesHaveOtherNamesWherePixelsAreNotKnown) {
  Prediction row = Row("1", "有骨折吗？", "有", "有");
  row.images = {"片/a.png"};
  const std::vector<Example> examples = Examples(row);
  const auto answers = [&](const std::string& image, ImageRule rule) {
    Prediction other = row;
    other.images = {image};
    return AnswersTo(examples, std::vector<Prediction>{other}, "swapped.jsonl", rule);
  };
  for (const char* same : {"片/a.png", "./片/a.png"}) {
    ROENTGEN_EXPECT_ERROR(answers(same, ImageRule::kOtherFiles),
                          "row 1: the image is the same as with the true images");
  }
  EXPECT_THAT(answers("片/b.png", ImageRule::kOtherFiles), ElementsAre("有"));
  EXPECT_THAT(answers("片/a.png", ImageRule::kOther), ElementsAre("有"));  // a blank one
}

TEST(SameQuestionsTest, RunsAreMatchedById) {
  const auto run = [](const std::vector<std::string>& ids) {
    std::vector<Prediction> rows;
    for (const std::string& id : ids) rows.push_back(Row(id, "第" + id + "问？", "有", "有"));
    return ToExamples(rows, "f");
  };
  const auto ids = [](const std::vector<Example>& examples) {
    std::string text;
    for (const Example& example : examples) text += example.id;
    return text;
  };
  EXPECT_EQ(ids(InOrderOf(run({"1", "2", "3"}), run({"3", "1", "2"}))), "123");
  EXPECT_EQ(ids(InOrderOf(run({"1", "2", "3"}), run({"3", "1", "4"}))), "314");  // refused later
  EXPECT_EQ(ids(InOrderOf(run({"1", "2"}), run({"2", "1", "3"}))), "213");
  EXPECT_EQ(ids(InOrderOf(run({"", ""}), run({"", ""}))), "");
}

TEST(SameQuestionsTest, M5OtherDataIsRefused) {
  const Json one = {{"data", {{"sha256", "ab"}}}};
  ROENTGEN_EXPECT_ERROR(RequireSameData(one, {{"data", {{"sha256", "cd"}}}}),
                        "its SHA-256 is ab in one and cd in the other");
  RequireSameData(one, one);
  RequireSameData(one, Json::object());
  RequireSameData({{"data", "x"}}, one);
}

TEST(SameQuestionsTest, M5AnswersToOtherImagesAreToTheSameQuestions) {
  const std::vector<Example> examples = Examples(Row("1", "有骨折吗？", "有", "有", kOneImage));
  const auto answers = [&](const Prediction& row, const Note& note = nullptr) {
    return AnswersTo(examples, std::vector<Prediction>{row}, "swapped.jsonl", ImageRule::kOther,
                     note);
  };
  ROENTGEN_EXPECT_ERROR(
      answers(Row("1", "Is the heart enlarged?", "有", "有", kOtherImage)),
      "swapped.jsonl: row 1: the question is \"Is the heart enlarged?\" there, but \"有骨折吗？\"");
  ROENTGEN_EXPECT_ERROR(answers(Row("1", "有骨折吗？", "有", "没有", kOtherImage)),
                        "the reference is \"没有\" there");
  ROENTGEN_EXPECT_ERROR(answers(Row("1", "有骨折吗？", "有", "有", kOneImage)),
                        "row 1: the image is the same as with the true images");
  EXPECT_THAT(answers(Row("1", "有骨折吗?", "无", "有", kOtherImage)), ElementsAre("无"));
  std::vector<std::string> notes;
  answers(Row("1", "", "无", ""), [&](const std::string& text) { notes.push_back(text); });
  EXPECT_THAT(notes,
              ElementsAre(HasSubstr("questions, references and images could not be compared")));
}

TEST(SameQuestionsTest, M5PixelsTellImagesApart) {
  const test::TemporaryFolder folder;
  const auto write = [&](const std::string& name, uint8_t grey) {
    const std::string file = (folder.path() / name).string();
    WriteFile(file, EncodePng(std::vector<uint8_t>(64, grey), {8, 8}));
    return file;
  };
  const std::string image = write("a.png", 1);
  const std::string copy = write("b.png", 1);
  const std::string other = write("c.png", 2);
  ThreadPool pool(1);
  Sample sample;
  sample.id = "1";
  sample.turns = {{Role::kUser, "<image>Is it?"}, {Role::kAssistant, "Yes"}};
  sample.images = {image};
  const std::vector<Sample> samples = {sample};
  const auto score = [&](const std::string& file) {
    Prediction row = Row("1", "Is it?", "Yes", "Yes");
    row.images = {file};
    const std::vector<Prediction> rows = {row};
    const std::string name = (folder.path() / "f.jsonl").string();
    return ToExamples(rows, name, samples, nullptr, HashImages(rows, name, samples, pool));
  };
  EXPECT_EQ(score(copy)[0].image_hashes.size(), 1u);
  EXPECT_EQ(score("b.png")[0].image_hashes.size(), 1u);  // beside the file
  ROENTGEN_EXPECT_ERROR(score(other), "row 1: the image is SHA-256");
  EXPECT_EQ(score("none.png").size(), 1u);
}

TEST(SameQuestionsTest, APromptAsksAQuestionInWholeSentences) {
  EXPECT_TRUE(
      Asks("user\n<|vision_start|><|image_pad|><|vision_end|>Is it?\nassistant\n", "Is it?"));
  EXPECT_TRUE(Asks("<|im_start|>user\nIs it <|im_end|>\n<|im_start|>assistant", "is it?"));
  EXPECT_TRUE(Asks("USER: <image>\nIs it? Answer with one word. ASSISTANT:", "Is it?"));
  EXPECT_TRUE(Asks("USER: describe the image ASSISTANT:", "Describe the image"));
  EXPECT_TRUE(Asks("Question: Look at it. Is it? Answer:", "Look at it. Is it?"));
  EXPECT_TRUE(Asks("请看图。有骨折吗？请用一个词回答。", "有骨折嗎?"));
  EXPECT_TRUE(Asks("Is 5.6 cm right?", "Is 5.6 cm right?"));
  EXPECT_FALSE(Asks("Is it broken?", "Is it?"));
  EXPECT_FALSE(Asks("user\nIs there a fracture of the left rib?", "Is there a fracture"));
  EXPECT_FALSE(Asks("右侧有骨折吗？", "有骨折吗？"));
  EXPECT_FALSE(Asks("", "Is it?"));
}

TEST(SameQuestionsTest, ARunIsReadWithWhatIdentifiesItsQuestions) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "f.jsonl";
  WriteFile(file, R"({"id": 1, "response": "no", "answer": "yes", "question": "Is it?"})");
  ThreadPool pool(1);
  const AnsweredRun run = ReadAnsweredRun(file, pool);
  EXPECT_EQ(run.examples[0].prediction, "no");
  EXPECT_EQ(run.examples[0].reference, "yes");
  EXPECT_EQ(ReadAnsweredRun(file, pool, {"answer", "response"}).examples[0].prediction, "yes");
}

Example Twin(const std::string& reference, const std::string& prediction, const std::string& twin,
             const std::string& image = "") {
  Example example;
  example.id = reference;
  example.reference = reference;
  example.prediction = prediction;
  example.fields = {{"twin", {twin}}};
  if (!image.empty()) example.image_hashes = {image};
  return example;
}

TEST(Twins, M7OfThreeAreRightWhenAllAre) {
  const std::vector<Example> right = {Twin("yes", "Yes.", "a"), Twin("no", "No, none.", "a"),
                                      Twin("没有", "未见骨折", "a"), Twin("yes", "yes", "b")};
  EXPECT_EQ(ScoreTwins(right).pairs, 1u);
  EXPECT_EQ(ScoreTwins(right).both_right, 1u);
  EXPECT_EQ(ScoreTwins(right).larger, 1u);
  std::vector<Example> wrong = right;
  wrong[1].prediction = "yes";  // the one between the first and the last
  EXPECT_EQ(ScoreTwins(wrong).both_right, 0u);
  EXPECT_EQ(ScoreTwins(wrong).one_right, 1u);
}

// "Yes." and "No, none." in an evaluation and in a comparison of runs.
TEST(Twins, M7AreTheSameInEvaluationAndComparison) {
  std::vector<Example> sides = {Twin("Yes", "Yes.", "a"),    Twin("No", "No, none.", "a"),
                                Twin("有", "可见骨折", "b"), Twin("没有", "无，未见。", "b"),
                                Twin("yes", "yes", "c"),     Twin("no", "no", "c"),
                                Twin("no", "yes", "c")};
  for (size_t i = 0; i < sides.size(); ++i) sides[i].id = std::to_string(i);
  const TwinScore score = ScoreTwins(sides);
  ThreadPool pool(1);
  const Ablation ablation = CompareRuns(sides, sides, {}, pool);
  const auto row = std::find_if(ablation.rows.begin(), ablation.rows.end(),
                                [](const auto& r) { return r.measure->name == "twins right"; });
  ASSERT_NE(row, ablation.rows.end());
  EXPECT_DOUBLE_EQ(row->before,
                   static_cast<double>(score.both_right) / static_cast<double>(score.pairs));
  EXPECT_EQ(score.both_right, 2u);
  EXPECT_EQ(score.pairs, 3u);
}

TEST(Premises, M7KnownToOneRunOnlyAreLeftOutAndSaid) {
  std::vector<Example> with = Examples(Row("1", "Where is the nodule?", "Left.", "没有结节"));
  const std::vector<Example> without = with;
  with[0].fields["premise"] = {"False"};
  EXPECT_TRUE(HasFalsePremise(with[0]));
  ThreadPool pool(1);
  for (const bool first : {true, false}) {
    const std::vector<Example>& one = first ? with : without;
    const std::vector<Example>& other = first ? without : with;
    for (const AblationRow& row : CompareRuns(one, other, {}, pool).rows) {
      EXPECT_FALSE(std::isnan(row.before) || std::isnan(row.after)) << row.measure->name;
      EXPECT_NE(row.measure->name, "false premises declined");
    }
    EXPECT_THAT(OneSidedMeasures(one, other),
                testing::Contains("false premises declined: 1 question is left out, which only one "
                                  "run says to be of the kind that it is made for; none is left"));
  }
  EXPECT_THAT(OneSidedMeasures(with, with), testing::IsEmpty());
  // What is answered makes no difference.
  with[0].fields = {{"question_type", {"PRES"}}};
  with[0].reference = "no";
  std::vector<Example> silent = with;
  with[0].prediction = "yes";
  silent[0].prediction = "";
  EXPECT_THAT(OneSidedMeasures(with, silent), testing::IsEmpty());
}

TEST(Twins, AboutOneImageAreNone) {
  const std::vector<Example> same = {Twin("yes", "yes", "a", kOneImage),
                                     Twin("no", "no", "a", kOneImage)};
  ROENTGEN_EXPECT_ERROR(ScoreTwins(same),
                        "\"yes\" and \"no\" of the twin \"a\" are about the same image");
  std::vector<Example> named = {Twin("有", "有", "双"), Twin("无", "无", "双")};
  named[0].images = {"片.png"};
  named[1].images = {"./片.png"};
  ROENTGEN_EXPECT_ERROR(ScoreTwins(named), "are about the same image");
  named[1].images = {"片2.png"};
  EXPECT_EQ(ScoreTwins(named).both_right, 1u);
  // Names count where the pixels of one are not known; other pixels under one name are others.
  named[0].image_hashes = {"1"};
  EXPECT_EQ(ScoreTwins(named).both_right, 1u);
  named[1].images = named[0].images;
  ROENTGEN_EXPECT_ERROR(ScoreTwins(named), "\"有\" and \"无\" of the twin \"双\"");
  std::swap(named[0], named[1]);
  ROENTGEN_EXPECT_ERROR(ScoreTwins(named), "\"无\" and \"有\" of the twin \"双\"");
  named[0].image_hashes = {"2"};
  EXPECT_EQ(ScoreTwins(named).both_right, 1u);
}

TEST(Twins, OfVeryManyTakeNoMinutes) {
  std::vector<Example> many;
  for (int i = 0; i < 50'000; ++i) {
    many.push_back(Twin("yes", "yes", "a", "image " + std::to_string(i)));
  }
  EXPECT_EQ(ScoreTwins(many).both_right, 1u);
  many.push_back(Twin("no", "no", "a", "image 7"));
  ROENTGEN_EXPECT_ERROR(ScoreTwins(many), "\"yes\" and \"no\" of the twin \"a\"");
}

}  // namespace
}  // namespace roentgen
