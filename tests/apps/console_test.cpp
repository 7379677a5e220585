// The console as somebody meets it who sits at a terminal.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "apps/small_model.h"
#include "apps/terminal.h"
#include "imaging/dicom_writer.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using test::Terminal;
using testing::HasSubstr;
using testing::Not;

/// One untrained model and its phantoms for all tests; each has a home and a folder of its own.
class Console : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<test::TemporaryFolder>();
    test::MakePhantomsAndModel(made_->path(), "2");
  }
  static void TearDownTestSuite() { made_.reset(); }

  void SetUp() override {
    options_.home = folder_.path() / "home";
    options_.folder = folder_.path() / "here";
    fs::create_directories(options_.home);
    fs::create_directories(options_.folder);
    picture_ = options_.folder / "肺部 X光片.png";
    fs::copy_file(made_->path() / "data/images/phantom-000001.png", picture_);
  }

  std::unique_ptr<Terminal> Start(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"chat", "--model", (made_->path() / "model").string(),
                                          "--max-new-tokens", "8"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto terminal = std::make_unique<Terminal>(arguments, options_);
    EXPECT_TRUE(terminal->WaitFor("> ")) << terminal->shown();
    return terminal;
  }

  Json Saved(const std::string& name, size_t line) const {
    const std::string text = ReadFile(options_.folder / name, 1 << 24);
    size_t begin = 0;
    const auto next = [&] { begin = text.find('\n', begin) + 1; };
    for (size_t i = 1; i < line; ++i) {
      next();
      if (text.compare(begin, 19, "{\"type\":\"made_with\"") == 0) next();  // not counted
    }
    return ParseJson(text.substr(begin, text.find('\n', begin) - begin), name);
  }

  static std::unique_ptr<test::TemporaryFolder> made_;
  test::TemporaryFolder folder_;
  Terminal::Options options_;
  fs::path picture_;
};
std::unique_ptr<test::TemporaryFolder> Console::made_;

TEST_F(Console, AQuestionIsAnsweredAndTheEndIsClean) {
  const auto terminal = Start();
  EXPECT_THAT(terminal->shown(), HasSubstr("For research only, not a diagnosis."));
  EXPECT_THAT(terminal->shown(), HasSubstr("GB of memory"));
  terminal->Type("Is this normal?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
  EXPECT_TRUE(terminal->WaitFor("> "));
  terminal->Type("\x04");
  EXPECT_EQ(terminal->Wait(), 0);
}

TEST_F(Console, ChineseIsTypedAndDeletedByCharacters) {
  const auto terminal = Start();
  terminal->Type("这是什么吗\x7f\x7f\x7f正常？\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written: a.jsonl")) << terminal->shown();
  EXPECT_EQ(Saved("a.jsonl", 2)["parts"][0]["text"], "这是正常？");
}

TEST_F(Console, ADroppedPictureIsAttachedAndShown) {
  const auto terminal = Start();
  terminal->Paste("'" + picture_.string() + "' ");
  terminal->Type("这张图里有什么？\r");
  EXPECT_TRUE(terminal->WaitFor("肺部 X光片.png: PNG 64×64 → 56×56, 4 tokens"))
      << terminal->shown();
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  terminal->Type("/images\r");
  EXPECT_TRUE(terminal->WaitFor("1  "));
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written"));
  EXPECT_EQ(Saved("a.jsonl", 3)["parts"][0]["picture"], true);
  EXPECT_EQ(Saved("a.jsonl", 3)["parts"][1]["text"], "这张图里有什么？");
  EXPECT_THAT(ReadFile(options_.folder / "a.jsonl", 1 << 24), Not(HasSubstr("光片")));
}

TEST_F(Console, APathThatLeadsNowhereIsNotAnswered) {
  const auto terminal = Start();
  terminal->Type("/no/such/chest.png what is this?\r");
  EXPECT_TRUE(terminal->WaitFor("reads as the path of a picture, but leads to none"));
  terminal->Type("/stats\r");
  EXPECT_TRUE(terminal->WaitFor("0 turns")) << terminal->shown();
  terminal->Type("/nonsense\r");
  EXPECT_TRUE(terminal->WaitFor("/nonsense is no command"));
}

TEST_F(Console, TabCompletesCommandsAndPaths) {
  const auto terminal = Start();
  terminal->Type("/ima\t\t");
  EXPECT_TRUE(terminal->WaitFor("/images")) << terminal->shown();  // the choices
  terminal->Type(" \x15/image 肺\t\r");
  EXPECT_TRUE(terminal->WaitFor("肺部 X光片.png: PNG")) << terminal->shown();
}

TEST_F(Console, CtrlCDropsTheLineAndKeepsTheProgram) {
  const auto terminal = Start();
  terminal->Type("half a ques");
  EXPECT_TRUE(terminal->WaitFor("ques"));
  terminal->Type("\x03\x03\x03");
  EXPECT_TRUE(terminal->WaitFor("Ctrl-D or /exit leaves"));
  EXPECT_TRUE(terminal->WaitFor("> "));
  terminal->Type("\x03");
  EXPECT_TRUE(terminal->WaitFor("Ctrl-D or /exit leaves"));
  EXPECT_TRUE(terminal->WaitFor("> "));
  terminal->Type("Is it?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
  terminal->Type("exit\r");
  EXPECT_EQ(terminal->Wait(), 0);
}

TEST_F(Console, CtrlCStopsAnAnswerAndTheConversationGoesOn) {
  const auto terminal = Start({"--context", "60000"});
  terminal->Type("/set max_new_tokens 50000\rGo on for ever\r");
  EXPECT_TRUE(terminal->WaitFor("for ever"));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  terminal->Type("\x03");
  EXPECT_TRUE(terminal->WaitFor("interrupted")) << terminal->shown().substr(0, 2000);
  terminal->Type("/stats\r");
  EXPECT_TRUE(terminal->WaitFor("1 turn"));
  terminal->Type("/set max_new_tokens 5\rAnd now?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
}

TEST_F(Console, TheWindowMayChangeItsSize) {
  const auto terminal = Start();
  terminal->Type("Is this film normal or not, and if not, ");
  terminal->Resize(40);
  terminal->Type("why");
  terminal->Resize(120);
  terminal->Type(" not?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written"));
  EXPECT_EQ(Saved("a.jsonl", 2)["parts"][0]["text"],
            "Is this film normal or not, and if not, why not?");
}

TEST_F(Console, SeveralLinesStandBetweenQuotes) {
  const auto terminal = Start();
  terminal->Type("\"\"\"one\rtwo\r\"\"\"\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written"));
  EXPECT_EQ(Saved("a.jsonl", 2)["parts"][0]["text"], "one\ntwo");
}

TEST_F(Console, APasteOfSeveralLinesIsOneQuestion) {
  const auto terminal = Start();
  terminal->Paste("one\r\rtwo\r");
  EXPECT_TRUE(terminal->WaitFor("[paste 1: 8 bytes]"));
  terminal->Type("three\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written"));
  EXPECT_EQ(Saved("a.jsonl", 2)["parts"][0]["text"], "one\n\ntwo three");
}

TEST_F(Console, HugeAndBinaryPastesAreSurvived) {
  const auto terminal = Start();
  terminal->Paste(std::string(3'000'000, 'x'));
  terminal->Type("\r");
  EXPECT_TRUE(terminal->WaitFor("of the paste were left out"));
  EXPECT_TRUE(terminal->WaitFor("is more than a question")) << terminal->shown().substr(0, 500);
  EXPECT_TRUE(terminal->WaitFor("> "));
  std::string binary;
  for (int i = 0; i < 2000; ++i) {
    const char byte = static_cast<char>(i * 37 % 251 + 1);
    // What makes a terminal itself act: Ctrl-C, Ctrl-S, Ctrl-Z, Ctrl-\\.
    if (std::string_view("\x03\x13\x1a\x1c").find(byte) == std::string_view::npos) binary += byte;
  }
  terminal->Paste(binary);
  terminal->Type("\x15\xff\xfe\xe8\x82 ok?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown().substr(0, 500);
}

TEST_F(Console, WhatIsNoPictureSaysWhy) {
  const auto terminal = Start();
  terminal->Type("/image /dev/zero\r");
  EXPECT_TRUE(terminal->WaitFor("no regular file")) << terminal->shown();
  terminal->Type("/image .\r");
  EXPECT_TRUE(terminal->WaitFor("a folder without a DICOM picture")) << terminal->shown();
  WriteFile(options_.folder / "broken.png", "\x89PNG\r\n\x1a\n");
  terminal->Type("broken.png\r");
  EXPECT_TRUE(terminal->WaitFor("not a readable PNG picture")) << terminal->shown();
}

TEST_F(Console, APictureThatIsDeletedAfterItWasAttachedIsStillThere) {
  const auto terminal = Start();
  terminal->Type("/image 肺部 X光片.png\r");
  EXPECT_TRUE(terminal->WaitFor("4 tokens"));
  fs::remove(picture_);
  terminal->Type("What is it?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  terminal->Type("/regenerate\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
}

TEST_F(Console, APictureOfAQuestionThatFailedIsThereForTheNext) {
  const auto terminal = Start();
  terminal->Type("/set max_new_tokens 9000\r'肺部 X光片.png' What is it?\r");
  EXPECT_TRUE(terminal->WaitFor("exceed the context")) << terminal->shown();
  terminal->Type("/set max_new_tokens 8\rWhat is it?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written"));
  EXPECT_EQ(Saved("a.jsonl", 3)["parts"][0]["picture"], true);
}

TEST_F(Console, AFullDiskLeavesTheOldTranscript) {
  options_.max_file_bytes = 3000;
  const auto terminal = Start({"--audit", "none"});
  terminal->Type("Is it?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written"));
  const std::string before = ReadFile(options_.folder / "a.jsonl", 1 << 20);
  for (int i = 0; i < 15; ++i) {
    terminal->Type("Is it, with many words that fill the file?\r");
    ASSERT_TRUE(terminal->WaitFor("context ")) << terminal->shown();
  }
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("a.jsonl: cannot write")) << terminal->shown().substr(4000);
  EXPECT_EQ(ReadFile(options_.folder / "a.jsonl", 1 << 20), before);
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(options_.folder)) files += entry.exists() ? 1 : 0;
  EXPECT_EQ(files, 2u);  // the picture and the transcript
}

TEST_F(Console, ATranscriptIsLoadedOrRefused) {
  {
    const auto terminal = Start({"--save", "kept.jsonl"});
    terminal->Type("/image 肺部 X光片.png\rIs it?\r");
    EXPECT_TRUE(terminal->WaitFor("tokens read"));
    EXPECT_TRUE(terminal->WaitFor("> "));
    terminal->Type("\x04");
    EXPECT_EQ(terminal->Wait(), 0);
  }
  fs::remove(picture_);
  const auto terminal = Start({"--load", "kept.jsonl"});
  EXPECT_THAT(terminal->shown(), HasSubstr("1 turn"));
  terminal->Type("And now?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  WriteFile(options_.folder / "edited.jsonl", "{\"type\": \"novel\"}");
  terminal->Type("/load edited.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("edited.jsonl:1: ")) << terminal->shown();
  std::string kept = ReadFile(options_.folder / "kept.jsonl", 1 << 20);
  kept.insert(kept.find("\"png\":\"") + 7, "AAAA");  // no picture any more
  WriteFile(options_.folder / "damaged.jsonl", kept);
  terminal->Type("/load damaged.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("damaged.jsonl:3: the stored image")) << terminal->shown();
  terminal->Type("/stats\r");
  EXPECT_TRUE(terminal->WaitFor("2 turns"));  // what was there is still there
}

TEST_F(Console, TwoProgramsShareAHistoryWithoutNamesOfPictures) {
  const auto one = Start();
  const auto two = Start();
  one->Type("first question?\r");
  EXPECT_TRUE(one->WaitFor("tokens read"));
  two->Paste(picture_.string());
  two->Type(" second question?\r");
  EXPECT_TRUE(two->WaitFor("tokens read"));
  one->Type("third question?\r");
  EXPECT_TRUE(one->WaitFor("tokens read"));
  const fs::path history = options_.home / ".local/state/roentgen/history";
  EXPECT_EQ(ReadFile(history, 1 << 20), "first question?\nsecond question?\nthird question?\n");
  struct stat status {};
  ASSERT_EQ(::stat(history.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto three = Start();
  three->Type("\x1b[A\x1b[A\r");
  EXPECT_TRUE(three->WaitFor("tokens read")) << three->shown();
  three->Type("/save a.jsonl\r");
  EXPECT_TRUE(three->WaitFor("written"));
  EXPECT_EQ(Saved("a.jsonl", 2)["parts"][0]["text"], "second question?");
}

TEST_F(Console, AReportIsPrintedAndWritten) {
  const auto terminal = Start();
  terminal->Type("/report\r");
  EXPECT_TRUE(terminal->WaitFor("a report needs a picture"));
  terminal->Type("/report zh out.doc\r");
  EXPECT_TRUE(terminal->WaitFor("no form of a report"));
  terminal->Type("/image 肺部 X光片.png\r/report zh out.html out.pdf\r");
  EXPECT_TRUE(terminal->WaitFor("影像表现")) << terminal->shown();
  EXPECT_TRUE(terminal->WaitFor("written: out.pdf")) << terminal->shown();
  EXPECT_TRUE(FileExists(options_.folder / "out.html"));
}

TEST_F(Console, AnImageBehindAQuestionIsAskedAbout) {
  fs::copy_file(made_->path() / "data/images/phantom-000002.png", options_.folder / "b.png");
  const auto terminal = Start();
  terminal->Type("'肺部 X光片.png' Is it?\r");
  EXPECT_TRUE(terminal->WaitFor("study 1: 肺部 X光片.png")) << terminal->shown();
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  constexpr const char* kQuestion = "Does this image belong to study 1?";
  terminal->Type("/image b.png\r");
  EXPECT_TRUE(terminal->WaitFor(kQuestion)) << terminal->shown();
  terminal->Type("perhaps\r");
  EXPECT_TRUE(terminal->WaitFor(kQuestion)) << terminal->shown();
  terminal->Type("\x03");
  EXPECT_TRUE(terminal->WaitFor("interrupted")) << terminal->shown();
  terminal->Type("/image b.png\r");
  EXPECT_TRUE(terminal->WaitFor(kQuestion));
  terminal->Type("y\r");
  EXPECT_TRUE(terminal->WaitFor("study 1: 肺部 X光片.png, b.png")) << terminal->shown();
  terminal->Type("b.png And this?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
  terminal->Type("./b.png And this?\r");
  EXPECT_TRUE(terminal->WaitFor(kQuestion));
  terminal->Type("否\r");
  EXPECT_TRUE(terminal->WaitFor("study 2: b.png")) << terminal->shown();
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  terminal->Type("/save a.jsonl\r");
  EXPECT_TRUE(terminal->WaitFor("written"));
  EXPECT_EQ(Saved("a.jsonl", 7)["begins_study"], true);
}

TEST_F(Console, WithoutATerminalLinesComeFromAPipe) {
  const Outcome outcome =
      RunProgram({"chat", "--model", (made_->path() / "model").string(), "--max-new-tokens", "4",
                  "--audit", "none"},
                 picture_.string() + " Is it normal?\nAnd the heart?\n/undo\n/stats\n");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("1 turn"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("> ")));
  const Outcome failed = RunProgram({"chat", "--model", (made_->path() / "model").string()},
                                    "none.png what?\nAnd now?\n");
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("leads to none"));
}

TEST_F(Console, ADumbTerminalGetsNoEscapeCodes) {
  options_.colour = true;
  for (const char* term : {"dumb", ""}) {
    options_.term = term;
    const auto terminal = Start();
    terminal->Type("/image 肺部 X光片.png\r");
    EXPECT_TRUE(terminal->WaitFor("4 tokens")) << terminal->shown();
    terminal->Type("Is it?\r");
    EXPECT_TRUE(terminal->WaitFor("tokens read")) << terminal->shown();
    terminal->Type("exit\r");
    EXPECT_EQ(terminal->Wait(), 0);
    EXPECT_THAT(terminal->shown(), Not(HasSubstr("\x1b"))) << term;
  }
  options_.term = "xterm-256color";
  EXPECT_THAT(Start()->shown(), HasSubstr("\x1b[2m"));
}

TEST_F(Console, CommandsMayBeTypedInFullWidth) {
  const std::vector<std::string> chat = {
      "chat",    "--model", (made_->path() / "model").string(), "--max-new-tokens", "4",
      "--audit", "none"};
  const std::pair<const char*, const char*> helps[] = {
      {"／help", "this list"},    {"　／help　", "this list"}, {"／ｈｅｌｐ", "this list"},
      {"/ｈｅｌｐ", "this list"}, {"／？", "this list"},       {"／帮助", "本列表"},
      {"/幫助", "本列表"}};
  for (const auto& [help, said] : helps) {
    const Outcome outcome = RunProgram(chat, std::string(help) + "\n");
    EXPECT_EQ(outcome.status, 0) << help << outcome.err;
    EXPECT_EQ(outcome.out, "") << help;
    EXPECT_THAT(outcome.err, HasSubstr(said)) << help;
    EXPECT_THAT(outcome.err, HasSubstr("/帮助")) << help;
  }
  const std::string chinese = RunProgram(chat, "/帮助\n").err;
  for (const char* name : {"/exit, /退出", "/report, /报告", "/undo"}) {
    EXPECT_THAT(chinese, HasSubstr(name));
  }
  for (const char* english : {" the ", "leave", "attach"}) {
    EXPECT_THAT(chinese, Not(HasSubstr(english)));
  }
  for (const char* exit : {"／退出", "退出", "／ｅｘｉｔ", "　／quit", "ｅｘｉｔ"}) {
    const Outcome outcome = RunProgram(chat, std::string(exit) + "\nIs it asked?\n");
    EXPECT_EQ(outcome.status, 0) << exit << outcome.err;
    EXPECT_EQ(outcome.out, "") << exit;
  }
  const Outcome set = RunProgram(chat, "／set　seed　７\n／ｓｅｔ　ｔｏｐ＿ｋ　５\n／image　" +
                                           picture_.string() + "　\n／show\n／images\n");
  EXPECT_EQ(set.status, 0) << set.err;
  EXPECT_THAT(set.err, testing::ContainsRegex("seed +7\n"));
  EXPECT_THAT(set.err, testing::ContainsRegex("top_k +5\n"));
  EXPECT_THAT(set.err, HasSubstr("(for the next question)"));
  for (const char* unknown : {"／开始", "／ｎｏｎｓｅｎｓｅ", "/nonsense"}) {
    const Outcome outcome = RunProgram(chat, std::string(unknown) + " now\n");
    EXPECT_EQ(outcome.status, 1) << unknown;
    EXPECT_THAT(outcome.err, HasSubstr(std::string(unknown) + " is no command")) << unknown;
  }
  // Paths stay paths.
  EXPECT_THAT(RunProgram(chat, "/no/help.png\n").err, HasSubstr("leads to none"));
  EXPECT_THAT(RunProgram(chat, picture_.string() + "\n/images\n").err, HasSubstr("for the next"));
}

TEST_F(Console, ALanguageOfAReportIsEnglishOrChineseAndOne) {
  const auto report = [&](const std::string& arguments, const std::string& command = "/report") {
    const std::string folder = folder_.path().string();
    test::Program program(
        {"chat", "--model", (made_->path() / "model").string(), "--max-new-tokens", "2", "--audit",
         "none", "--image", picture_.string()},
        fmt::format("{} {}\n", command, fmt::format(fmt::runtime(arguments), folder)));
    return program.Wait();
  };
  for (const char* wrong : {"fr {}/q.md", "zh en {}/q.md", "zh fr {}/q.md", "{}/q.md de",
                            "zh-CN q.md", "法语 q.md", "中文 英文 q.md", "ＦＲ q.md"}) {
    const Outcome outcome = report(wrong);
    EXPECT_EQ(outcome.status, 2) << wrong;
    EXPECT_THAT(outcome.err, HasSubstr("A report is in en or zh.")) << wrong;
    EXPECT_FALSE(fs::exists(folder_.path() / "q.md")) << wrong;
  }
  const std::pair<const char*, const char*> right[] = {{"zh {}/a.md", "影像表现"},
                                                       {"{}/a.md en", "Findings"},
                                                       {"中文 {}/a.md", "影像表现"},
                                                       {"英文 {}/a.md", "Findings"},
                                                       {"汉语 {}/a.md", "影像表现"},
                                                       {"英語 {}/a.md", "Findings"},
                                                       {"en \"{}/fr a.md\" {}/a.md", "Findings"},
                                                       {"ＺＨ {}/a.md", "影像表现"}};
  for (const auto& [arguments, heading] : right) {
    for (const char* command : {"/report", "/报告", "／報告"}) {
      const std::string text = std::string(arguments) + " --force";
      const bool twice = text.find("fr a") != text.npos;
      const Outcome outcome = report(twice ? "en \"{0}/fr a.md\" {0}/a.md --force" : text, command);
      EXPECT_EQ(outcome.status, 0) << arguments << outcome.err;
      EXPECT_THAT(test::ReadAll(folder_.path() / "a.md"), HasSubstr(heading)) << arguments;
    }
  }
  EXPECT_TRUE(fs::exists(folder_.path() / "fr a.md"));
  for (const char* name : {"CT {}/a.md", "mr/头 {}/a.md"}) {  // a modality is no language
    EXPECT_THAT(report(name).err, Not(HasSubstr("language"))) << name;
  }
}

TEST_F(Console, SettingsResolveAsFlagsDo) {
  const auto shown = [&](const std::string& lines, std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"chat", "--model", (made_->path() / "model").string(),
                                 "--max-new-tokens", "4", "--audit", "none"});
    return RunProgram(flags, lines + "/show\n").err;
  };
  EXPECT_EQ(shown("/set temperature 0.7\n", {}), shown("", {"--temperature", "0.7"}));
  EXPECT_THAT(shown("/set temperature 0.7\n", {}), testing::ContainsRegex("top_k +50\n"));
  EXPECT_EQ(shown("/set top_k 5\n", {}), shown("", {"--top-k", "5"}));
  EXPECT_EQ(shown("/set temperature default\n", {"--temperature", "0.7"}), shown("", {}));
  EXPECT_EQ(shown("/set top_p 0.5\n/set seed 7\n", {"--temperature", "0.7"}),
            shown("", {"--temperature", "0.7", "--top-p", "0.5", "--seed", "7"}));
}

/// A grey image that takes a while to encode.
std::string LargeDicom(uint16_t side) {
  test::DicomWriter file;
  file.Word(0x00280002, 1).Text(0x00280004, "CS", "MONOCHROME2");
  file.Word(0x00280010, side).Word(0x00280011, side).Word(0x00280100, 8).Word(0x00280101, 8);
  file.Word(0x00280102, 7).Word(0x00280103, 0);
  std::string pixels;
  for (size_t i = 0; i < size_t{side} * side; ++i) pixels += static_cast<char>(i * i % 251);
  return file.Raw(0x7fe00010, "OB", pixels).bytes();
}

TEST_F(Console, WaitingForAnImageIsTold) {
  WriteFile(options_.folder / "a.dcm", LargeDicom(840));
  const auto seconds = [&](const std::vector<std::string>& images) {
    std::vector<std::string> arguments = {"ask",
                                          "--model",
                                          (made_->path() / "model").string(),
                                          "--max-pixels",
                                          "705600",
                                          "--max-new-tokens",
                                          "2",
                                          "--json",
                                          "Is it?"};
    arguments.insert(arguments.end(), images.begin(), images.end());
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return ParseJson(outcome.out, "answer")["seconds"];
  };
  const Json with = seconds({"--image", (options_.folder / "a.dcm").string()});
  EXPECT_GT(with["image"].get<double>(), 0.01);
  EXPECT_GT(with["prompt"].get<double>(), 0);
  EXPECT_EQ(seconds({})["image"], 0.0);
}

TEST_F(Console, CtrlCWhileAnImageIsEncodedLeavesNoProgressLine) {
  WriteFile(options_.folder / "a.dcm", LargeDicom(2016));
  const auto terminal = Start({"--max-pixels", "4064256", "--context", "20000", "--threads", "1"});
  terminal->Type("a.dcm Is it?\r");
  ASSERT_TRUE(terminal->WaitFor("Encoding the image")) << terminal->shown();
  terminal->Type("\x03");
  ASSERT_TRUE(terminal->WaitFor("interrupted")) << terminal->shown();
  EXPECT_THAT(terminal->shown(), HasSubstr("\r\x1b[Kinterrupted; the conversation is as before"));
}

TEST_F(Console, AByteOrderMarkIsNoPartOfTheFirstLine) {
  const std::string model = (made_->path() / "model").string();
  const std::vector<std::string> chat = {"chat", "--model", model, "--max-new-tokens",
                                         "4",    "--audit", "none"};
  const Outcome system = RunProgram(
      chat, "\xef\xbb\xbf/system You are terse.\r\n/system\r\nwhat is this?\r\n/stats\r\n");
  EXPECT_EQ(system.status, 0) << system.err;
  EXPECT_THAT(system.err, HasSubstr("\nYou are terse.\n"));
  EXPECT_THAT(system.err, HasSubstr("1 turn"));
  const Outcome image =
      RunProgram(chat, "\xef\xbb\xbf/image " + picture_.string() + "\nIs it?\n/images\n");
  EXPECT_EQ(image.status, 0) << image.err;
  EXPECT_THAT(image.err, HasSubstr("  1  "));
  const std::string utf16("\xff\xfe/\0s\0", 6);
  for (const std::string& input : {utf16, utf16.substr(2)}) {
    const Outcome refused = RunProgram(chat, input);
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("looks like UTF-16"));
    EXPECT_EQ(RunProgram({"ask", "--model", model}, input).status, 1);
  }
  const Outcome marked = RunProgram({"ask", "--model", model, "--max-new-tokens", "4", "--json"},
                                    "\xef\xbb\xbfIs it?\n");
  const Outcome plain =
      RunProgram({"ask", "--model", model, "--max-new-tokens", "4", "--json"}, "Is it?");
  EXPECT_EQ(ParseJson(marked.out, "answer")["prompt_tokens"],
            ParseJson(plain.out, "answer")["prompt_tokens"]);
}

TEST_F(Console, TextThatIsNotUtf8IsNotAsked) {
  const std::string model = (made_->path() / "model").string();
  const std::pair<std::string, const char*> inputs[] = {
      {"Is it normal?\n\xd5\xe2\xca\xc7\xca\xb2\xc3\xb4\n", "GBK"},  // 这是什么
      {std::string("Is it\0 normal?\n", 15), "zero byte"}};
  for (const auto& [input, message] : inputs) {
    for (const char* command : {"chat", "ask"}) {
      const Outcome outcome =
          RunProgram({command, "--model", model, "--max-new-tokens", "4"}, input);
      EXPECT_EQ(outcome.status, 1) << command;
      EXPECT_THAT(outcome.err, HasSubstr(message)) << command;
      EXPECT_THAT(outcome.err, Not(HasSubstr("UTF-16"))) << command;
    }
  }
}

TEST_F(Console, AQuestionOfSeveralLinesWithoutItsEndIsAnError) {
  const Outcome outcome = RunProgram({"chat", "--model", (made_->path() / "model").string()},
                                     "\"\"\"\n" + picture_.string() + " 这是什么？\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("ends within a question that \"\"\" began"));
  EXPECT_EQ(outcome.out, "");
}

TEST_F(Console, AnAnswerThatNoImageReachedIsMarked) {
  constexpr const char* kMark = "no image was given";
  const auto terminal = Start();
  terminal->Type("What is this?\r");
  EXPECT_TRUE(terminal->WaitFor(kMark)) << terminal->shown();
  terminal->Type("/save a.jsonl\r/save a.md\r");
  EXPECT_TRUE(terminal->WaitFor("written: a.md"));
  EXPECT_EQ(Saved("a.jsonl", 2)["image_reached"], false);
  EXPECT_THAT(ReadFile(options_.folder / "a.md", 1 << 20), HasSubstr(kMark));
  const auto resumed = Start({"--load", "a.jsonl"});
  EXPECT_THAT(resumed->shown(), HasSubstr("it holds no image"));
  resumed->Type("'肺部 X光片.png' And this?\r");
  EXPECT_TRUE(resumed->WaitFor("tokens read"));
  resumed->Type("And the heart?\r");
  EXPECT_TRUE(resumed->WaitFor("tokens read"));
  resumed->Type("/save b.jsonl\r");
  EXPECT_TRUE(resumed->WaitFor("written: b.jsonl"));
  EXPECT_THAT(resumed->shown(), Not(HasSubstr(kMark)));
  EXPECT_EQ(Saved("b.jsonl", 2)["image_reached"], false);
  EXPECT_EQ(Saved("b.jsonl", 4)["image_reached"], true);
  EXPECT_EQ(Saved("b.jsonl", 5)["image_reached"], true);
  EXPECT_THAT(Saved("b.jsonl", 3)["pixels_sha256"].get<std::string>(), testing::SizeIs(64));
}

TEST_F(Console, OfTwoImagesNoneIsAttachedWhenOneIsNot) {
  const auto terminal = Start();
  WriteFile(options_.folder / "IMG_1.heic",
            "\0\0\0\x18"
            "ftypheic");
  for (const char* line : {"'肺部 X光片.png' and none.jfif?\r", "'肺部 X光片.png' IMG_1.heic?\r",
                           "/image '肺部 X光片.png' IMG_1.heic\r"}) {
    terminal->Type(line);
    EXPECT_TRUE(terminal->WaitFor("roentgen: ")) << terminal->shown();
    EXPECT_TRUE(terminal->WaitFor("> "));
  }
  terminal->Type("/images\r");
  EXPECT_TRUE(terminal->WaitFor("no pictures")) << terminal->shown();
  terminal->Type("/stats\r");
  EXPECT_TRUE(terminal->WaitFor("0 turns")) << terminal->shown();
}

TEST_F(Console, TheAuditHasALineForEachAnswer) {
  const auto terminal = Start();
  terminal->Type("/image 肺部 X光片.png\rIs it?\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  terminal->Type("/regenerate\r");
  EXPECT_TRUE(terminal->WaitFor("tokens read"));
  const std::string audit = ReadFile(options_.home / ".local/state/roentgen/audit.jsonl", 1 << 20);
  EXPECT_EQ(std::count(audit.begin(), audit.end(), '\n'), 2);
  EXPECT_THAT(audit, Not(HasSubstr("光片")));
}

}  // namespace
}  // namespace roentgen
