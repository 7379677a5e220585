// The program as a user meets it: what it prints where, and how it ends.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "apps/program.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::Program;
using test::ReadAll;
using test::RunProgram;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Program, SaysWhatItIs) {
  const Outcome version = RunProgram({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, HasSubstr("roentgen 0."));
  const Outcome help = RunProgram({"ask", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.out, HasSubstr("--max-pixels"));
  EXPECT_THAT(help.out, HasSubstr("Example:"));
}

TEST(Program, WrongUsageEndsWithTwo) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"nonsense"},
                                                    {"ask", "--bogus"},
                                                    {"ask", "--threads", "0"},
                                                    {"ask", "--max-pixels", "many", "q"},
                                                    {"ask", "--max-pixels", "100", "q"},
                                                    {"--nope"},
                                                    {"report", "x.png", "--examination", "neck"},
                                                    {"eval", "--predictions", "x", "--scorer", "f"},
                                                    {"bench", "--isa", "foo"},
                                                    {"bench", "train", "--isa", "foo"},
                                                    {"compare", "a", "b", "--primary", "foo"}}) {
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.status, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(outcome.err, HasSubstr("roentgen: "));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
}

TEST(Program, AMistypedCommandIsNamed) {
  EXPECT_THAT(RunProgram({"mergee"}).err,
              HasSubstr("mergee: no such command. Did you mean merge?"));
  EXPECT_THAT(RunProgram({"诊断"}).err, HasSubstr("诊断: no such command\n"));
  EXPECT_THAT(RunProgram({"--nope"}).err, HasSubstr("--nope: no such option"));
  EXPECT_THAT(RunProgram({"--诊断=x", "ask"}).err, HasSubstr("--诊断=x: no such option"));
}

TEST(Program, AnImageIsAskedForByItsOption) {
  EXPECT_THAT(RunProgram({"ask", "head.png", "what"}).err, HasSubstr("--image FILE"));
  EXPECT_THAT(RunProgram({"ask", "头部.png", "是什么"}).err, HasSubstr("--image FILE"));
  EXPECT_THAT(RunProgram({"chat", "head.png"}).err, HasSubstr("--image FILE"));
}

TEST(Program, ValuesThatHaveNamesAreTakenAndShownByThem) {
  const auto refused = [](const char* option, const char* value, const char* says) {
    const Outcome outcome =
        RunProgram({"data", "phantom", "--count", "4", "--out", "/nowhere/x", option, value});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr(says));
  };
  refused("--language", "fr", "fr not in {en,zh}");
  refused("--language", "1", "1 not in {en,zh}");
  refused("--questions", "2", "2 not in {general,radiology,sketch}");
  refused("--study", "胸部", "胸部 not in {abdomen,chest,head}");
  const std::string help = RunProgram({"data", "phantom", "--help"}).out;
  EXPECT_THAT(help, HasSubstr("general|radiology|sketch"));
  EXPECT_THAT(help, HasSubstr("en|zh"));
  EXPECT_THAT(help, testing::Not(HasSubstr("->")));
}

TEST(Program, MistakesWithDataNameTheNextStep) {
  const test::TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  const auto says = [](const std::vector<std::string>& arguments, int status, const char* what) {
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(what));
  };
  says({"data", "phantom", "--count", "1", "--out", path("one")}, 1, "--test-share 0");
  WriteFile(path("表格.xlsx"), std::string("PK\3\4\0\0xl/workbook.xml", 21));
  says({"data", "check", "csv", path("表格.xlsx")}, 1, "an Excel file (.xlsx)");
  says({"data", "check", "csv", path("表格.xlsx")}, 1, "save it as \"CSV UTF-8\"");
  WriteFile(path("t.csv"), "image,question,answer\nx.png,Clear?,yes\n");
  says({"data", "check", "csv", path("t.csv"), "--rule", "blur=maybe"}, 2,
       "Say blur=off, blur=report or blur=apply.");
  WriteFile(path("p.jsonl"), R"({"prompt": "?", "predict": "no", "label": "no"})"
                             "\n");
  says({"eval", "--predictions", path("p.jsonl"), "--by", "foo"}, 1, "--references");
}

TEST(Program, ShellsCompleteTheNamesOfAValue) {
  const test::TemporaryFolder folder;
  WriteFile(folder.path() / "completion", RunProgram({"completion", "bash"}).out);
  const std::string script = "source " + (folder.path() / "completion").string() +
                             "; COMP_WORDS=(roentgen ask --quant q); COMP_CWORD=3; _roentgen; "
                             "[ \"${COMPREPLY[*]}\" = \"q8 q4\" ]";
  EXPECT_EQ(std::system(("bash -c '" + script + "'").c_str()), 0);
}

TEST(Program, AMissingModelSaysWhatToDo) {
  const Outcome outcome = RunProgram({"ask", "--model", "/no/such/model", "question"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("/no/such/model"));
}

TEST(Program, EvalScoresAFileWithoutAModel) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "answers.jsonl").string();
  WriteFile(file,
            R"({"id": 1, "prompt": "is it?", "predict": "Yes", "label": "yes"}
{"id": 2, "prompt": "is it there?", "predict": "Yes", "label": "no"}
{"id": 3, "prompt": "where?", "predict": "left lung", "label": "left lung"}
)");
  const Outcome table = RunProgram({"eval", "--predictions", file, "--blank", file});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("3 questions, 3 units; 0 answered with nothing"));
  EXPECT_THAT(table.out, HasSubstr("closed, 2 questions"));
  EXPECT_THAT(table.out, HasSubstr("depend on the image: too little to tell"));
  EXPECT_THAT(table.err, HasSubstr("images could not be compared"));

  const Outcome json = RunProgram({"eval", "--predictions", file, "--json", "--scorer", "strict"});
  const auto result = nlohmann::json::parse(json.out);
  EXPECT_EQ(result["examples"], 3);
  EXPECT_EQ(result["groups"][1]["scores"][0]["mean"], 0.5);
}

TEST(Program, EvalRefusesWhatItCannotScore) {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "answers.jsonl").string();
  WriteFile(file, "{\"predict\": \"a\", \"label\": \"a\"}\n{\"predict\": \n");
  const Outcome broken = RunProgram({"eval", "--predictions", file});
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.err, HasSubstr("line 2"));
  EXPECT_THAT(broken.out, IsEmpty());
  // The right answer is not taken for the model's.
  WriteFile(file, R"({"id": "1", "answer": "yes", "output": "no"})");
  const Outcome either = RunProgram({"eval", "--predictions", file});
  EXPECT_EQ(either.status, 1);
  EXPECT_THAT(either.err, HasSubstr("answer, output"));
  EXPECT_THAT(either.err, HasSubstr("--prediction-column"));
  WriteFile(file, "{\"predict\": \"a\", \"label\": \"a\"}\n");
  EXPECT_THAT(RunProgram({"eval", "--predictions", file, "--scorer", "best"}).err,
              HasSubstr("llava-med"));
  EXPECT_THAT(RunProgram({"eval", "--predictions", file, "--by", "colour"}).err,
              HasSubstr("no question has a field"));
  EXPECT_EQ(RunProgram({"eval", "--split", "test", "--predictions", file}).status, 2);
}

TEST(Program, ParityOfTheStoredCase) {
  const fs::path folder = test::SourceDir() / "tests" / "golden" / "model" / "tiny-a";
  const Outcome same = RunProgram({"inspect", "parity", "--model", "procedural:" + folder.string(),
                                   (folder / "image.safetensors").string()});
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_THAT(same.out, HasSubstr("32 of 32"));
  // With other weights it must see the difference.
  const Outcome other =
      RunProgram({"inspect", "parity", "--model", "procedural:" + folder.string() + "#other",
                  (folder / "image.safetensors").string()});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.out, HasSubstr("DIFFERENT"));
}

/// The small trained model and one of the pictures that its reference answers are about.
class ProgramWithModel : public testing::Test {
 protected:
  void SetUp() override {
    ROENTGEN_NEED(model_ / "reference.jsonl");
    std::ifstream lines(model_ / "reference.jsonl");
    std::string line;
    while (std::getline(lines, line)) {
      reference_ = nlohmann::json::parse(line);
      if (reference_["root"] == "shared" && reference_["turn"] == 1) break;
    }
    image_ = (test::SharedRoot() / reference_["image"].get<std::string>()).string();
    ROENTGEN_NEED(image_);
  }

  Outcome Ask(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(), {"ask", "--model", model_.string()});
    return RunProgram(arguments, input);
  }

  const fs::path model_ = test::SharedRoot() / "models" / "tiny-rad";
  nlohmann::json reference_;
  std::string image_;
};

TEST_F(ProgramWithModel, AnswersAsTheReferenceDoes) {
  const std::string question = reference_["question"];
  const Outcome outcome = Ask({"--image", image_, question});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, reference_["answer"].get<std::string>() + "\n");
  EXPECT_THAT(outcome.err, HasSubstr(" tokens"));  // the size that was used is always shown
  // The same through a pipe, and merged adapters' flag without adapters.
  EXPECT_EQ(Ask({"--image", image_, "--merge"}, question + "\n").out, outcome.out);
}

TEST_F(ProgramWithModel, JsonTellsEverything) {
  const Outcome outcome = Ask({"--json", "--image", image_, reference_["question"]});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["answer"], reference_["answer"]);
  EXPECT_EQ(json["tokens"], reference_["answer_ids"]);
  EXPECT_EQ(json["prompt_tokens"], reference_["prompt_ids"].size());
  EXPECT_EQ(json["images"][0]["sha256"].get<std::string>().size(), 64u);
  EXPECT_GT(json["images"][0]["tokens"], 0);
  EXPECT_THAT(json["notice"], HasSubstr("research"));
}

TEST_F(ProgramWithModel, AnImageThatCannotBeReadIsNeverAnswered) {
  const test::TemporaryFolder folder;
  const fs::path text = folder.path() / "not-a-picture.png";
  WriteFile(text, "this is text");
  const fs::path half = folder.path() / "half.jpg";
  const std::string whole = ReadAll(image_);
  WriteFile(half, std::string_view(whole).substr(0, whole.size() / 2));
  const fs::path empty = folder.path() / "empty.png";
  WriteFile(empty, "");
  for (const std::string& path :
       {text.string(), half.string(), empty.string(), (folder.path() / "missing.png").string(),
        folder.path().string(), std::string("/dev/null")}) {
    const Outcome outcome = Ask({"--image", path, "What is this?"});
    EXPECT_EQ(outcome.status, 1) << path;
    EXPECT_THAT(outcome.out, IsEmpty()) << path;
    EXPECT_THAT(outcome.err, HasSubstr(path));
  }
}

TEST_F(ProgramWithModel, APictureNamedInTheQuestionIsAnError) {
  for (const char* question :
       {"what is in chest.png?", "/data/肺部.JPG 这张图里有什么？", "x.png这张图里有什么？"}) {
    const Outcome outcome = Ask({question});
    EXPECT_EQ(outcome.status, 1) << question;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("leads to none"));
  }
  EXPECT_EQ(Ask({"Is a .png format lossless?"}).status, 0);
  // One that was attached may be named.
  const std::string name = fs::path(image_).filename().string();
  EXPECT_EQ(Ask({"--image", image_, "What does " + name + " show?"}).status, 0);
}

TEST_F(ProgramWithModel, BadQuestionsAreRefused) {
  EXPECT_THAT(Ask({"--image", image_, "broken \xff text"}).err, HasSubstr("UTF-8"));
  EXPECT_THAT(Ask({"--image", image_, "a <|image_pad|> b"}).err, HasSubstr("control token"));
  EXPECT_THAT(Ask({"--context", "64", "--image", image_, "x"}).err, HasSubstr("--context"));
  EXPECT_THAT(Ask({}, "").err, HasSubstr("empty"));
  EXPECT_THAT(Ask({"--temperature", "-1", "x"}).err, HasSubstr("temperature"));
  for (const char* option : {"--temperature", "--window", "--frame"}) {
    EXPECT_EQ(Ask({option, "-1", "x"}).status, 2) << option;
  }
}

TEST_F(ProgramWithModel, ChatKeepsTheConversation) {
  const Outcome outcome =
      RunProgram({"chat", "--model", model_.string()},
                 fmt::format("image {}\n{}\nclear\n\nexit\nnever asked\n", image_,
                             reference_["question"].get<std::string>()));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, reference_["answer"].get<std::string>() + "\n");
  EXPECT_THAT(outcome.err, HasSubstr("forgotten"));
  // In a script a picture that does not load ends the run.
  const Outcome broken =
      RunProgram({"chat", "--model", model_.string()}, "image /none.png\nWhat is this?\n");
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.out, IsEmpty());
}

TEST_F(ProgramWithModel, InterruptEndsWith130) {
  // At its full size the picture takes a second or more to encode; its line on standard error comes
  // just before that.
  Program program({"ask", "--model", model_.string(), "--image", image_, "--max-pixels", "12845056",
                   "Describe."});
  for (int i = 0; i < 1000 && program.ErrSoFar().empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  program.Interrupt();
  const Outcome outcome = program.Wait();
  EXPECT_EQ(outcome.status, 130) << outcome.out;
  EXPECT_THAT(outcome.err, HasSubstr("roentgen: interrupted"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(ProgramWithModel, FiftyTurnsWithFivePicturesStayWithinTheStatedMemory) {
  const test::TemporaryFolder folder;
  const std::string kept = (folder.path() / "kept.jsonl").string();
  const std::vector<std::string> chat = {"chat", "--model", model_.string(), "--context",
                                         "8192", "--audit", "none",          "--max-new-tokens",
                                         "24"};
  const std::string last = "Which organ is shown in the first image?\n";
  std::string lines;
  for (int turn = 0; turn < 49; ++turn) {
    // The same picture in five files is five pictures of the conversation.
    if (turn % 10 == 0) {
      const fs::path copy =
          folder.path() / fmt::format("{}{}", turn, fs::path(image_).extension().string());
      fs::copy_file(image_, copy);
      lines += "/add " + copy.string() + "\n";
    }
    lines += fmt::format("Is there an abnormality, asked for the time {}?\n", turn);
  }
  const Outcome whole = RunProgram(chat, lines + "/save " + kept + "\n/stats\n" + last);
  ASSERT_EQ(whole.status, 0) << whole.err;
  EXPECT_THAT(whole.err, HasSubstr("49 turns"));
  const size_t at = whole.err.find("at most ");
  ASSERT_NE(at, std::string::npos) << whole.err;
  const double bound = std::stod(whole.err.substr(at + 8)) * 1e9;
  EXPECT_LE(static_cast<double>(whole.peak_memory), bound);
  // Nothing of it was lost: the stored conversation answers the next question alike.
  const Outcome stored = RunProgram(chat, "/load " + kept + "\n" + last);
  ASSERT_EQ(stored.status, 0) << stored.err;
  const auto last_line = [](std::string text) {
    text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  };
  EXPECT_EQ(last_line(stored.out), last_line(whole.out));
}

}  // namespace
}  // namespace roentgen
