// What came from outside, on a terminal: it shows, and does nothing.

#include <gmock/gmock.h>

#include <memory>

#include "apps/small_model.h"
#include "apps/terminal.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;

/// Escape codes, a command to the window, an override of direction, CSI as one character.
const std::string kHostile = "\x1b[31mred\x1b]0;title\x07 \u202egnp.exe \u009b2J 肺";

/// Where a text has a character that a terminal obeys, or that turns what is shown around.
std::string HarmIn(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    const bool c1 =
        byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
    const bool turned = text.substr(at).starts_with("\u202e");
    if (control || c1 || turned) return fmt::format("byte {}: {:02x}", at, byte);
  }
  return "";
}

void ExpectHarmless(const Outcome& outcome) {
  EXPECT_EQ(HarmIn(outcome.out), "") << outcome.out;
  EXPECT_EQ(HarmIn(outcome.err), "") << outcome.err;
}

class PrintingProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<test::TemporaryFolder>();
    test::MakePhantomsAndModel(made_->path(), "2");
  }
  static void TearDownTestSuite() { made_.reset(); }

  static std::string Tiny() { return (made_->path() / "model").string(); }
  static fs::path Picture() { return made_->path() / "data/images/phantom-000001.png"; }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  /// A copy of the model in which one file is another.
  std::string ModelWith(const std::string& file, const std::string& content) const {
    const fs::path model = Path("model with " + file);
    fs::copy(Tiny(), model);
    WriteFile(model / file, content);
    return model.string();
  }

  static std::unique_ptr<test::TemporaryFolder> made_;
  test::TemporaryFolder folder_;
};
std::unique_ptr<test::TemporaryFolder> PrintingProgram::made_;

TEST_F(PrintingProgram, AnAnswerIsShownAndDoesNothing) {
  // Drawn at random, a model that knows nothing says all bytes.
  bool holds_harm = false;
  for (const char* seed : {"1", "2", "3"}) {
    std::vector<std::string> ask = {
        "ask", "--model", Tiny(), "--temperature", "9", "--max-new-tokens",
        "300", "--seed",  seed,   "What?"};
    const Outcome plain = RunProgram(ask);
    ASSERT_EQ(plain.status, 0) << plain.err;
    ExpectHarmless(plain);
    ask.emplace_back("--json");
    const Outcome json = RunProgram(ask);
    ASSERT_EQ(json.status, 0) << json.err;
    ExpectHarmless(json);
    const auto answer = ParseJson(json.out, "the answer")["answer"].get<std::string>();
    holds_harm = holds_harm || !HarmIn(answer).empty();
  }
  EXPECT_TRUE(holds_harm);  // there was something to hold back, and JSON has it
}

TEST_F(PrintingProgram, NamesOfFilesAreShownAndDoNothing) {
  const std::string name = Path(kHostile + ".png");
  fs::copy_file(Picture(), name);
  for (const char* form : {"", "--json"}) {
    std::vector<std::string> ask = {"ask", "--model", Tiny(), "--max-new-tokens",
                                    "2",   "--image", name,   "What?"};
    if (*form != 0) ask.emplace_back(form);
    const Outcome outcome = RunProgram(ask);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    ExpectHarmless(outcome);
    EXPECT_THAT(outcome.err, HasSubstr("肺.png"));
  }
  const Outcome chat = RunProgram(
      {"chat", "--model", Tiny(), "--max-new-tokens", "2", "--audit", "none", "--image", name},
      "/indication " + kHostile + "\n/indication\n/images\n/report en " + Path(kHostile + ".md") +
          "\n/save " + Path(kHostile + ".jsonl") + "\n/show\n");
  EXPECT_EQ(chat.status, 0) << chat.err;
  ExpectHarmless(chat);
  EXPECT_TRUE(fs::exists(Path(kHostile + ".md")));
}

TEST_F(PrintingProgram, MessagesAreShownAndDoNothing) {
  const std::string escaped = Json(kHostile).dump();
  const std::string adapter = Path("adapter");
  fs::create_directory(adapter);
  WriteFile(fs::path(adapter) / "adapter_config.json",
            R"({"peft_type": "LORA", "r": 8, "bias": )" + escaped + "}");
  WriteFile(fs::path(adapter) / "adapter_model.safetensors", "");
  const std::string header = "{" + escaped + R"(: {"dtype": "F32", "shape": [1]}})";
  std::string tensors(8, '\0');
  tensors[0] = static_cast<char>(header.size());
  tensors += header;
  WriteFile(Path("rows.json"), "[{" + escaped + ": 1}]");
  const std::vector<std::vector<std::string>> commands = {
      {"ask", "--model", ModelWith("config.json", R"({"model_type": )" + escaped + "}"), "What?"},
      {"ask", "--model", Tiny(), "--adapter", adapter, "What?"},
      {"inspect", "--model", ModelWith("model.safetensors", tensors)},
      {"ask", "--model", Path(kHostile), "What?"},
      {"ask", "--model", Tiny(), "--image", Path(kHostile), "What?"},
      {"ask", "--model", Tiny(), "What is " + Path(kHostile + ".png") + "?"},
      {"data", "check", Path("rows.json")},
      {"data", "stats", Path(kHostile)},
      {"eval", "--predictions", Path(kHostile)},
      {"doctor", "--model", Path(kHostile), "--data", Path(kHostile)},
      {"train", Path(kHostile + ".yaml")},
      {"merge", "--model", Path(kHostile), "--out", Path("merged")},
      {kHostile},
      {"ask", "--" + kHostile},
      {"report", Picture().string(), "--model", Tiny(), "--out", Path(kHostile + ".doc")},
  };
  for (const std::vector<std::string>& command : commands) {
    const Outcome outcome = RunProgram(command);
    ExpectHarmless(outcome);
  }
}

TEST_F(PrintingProgram, AMessageWithinAMessageIsNoMessage) {
  const Outcome outcome = RunProgram({"ask", "--model", "x\nroentgen: all is well", "What?"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, testing::Not(HasSubstr("\nroentgen:")));
}

TEST_F(PrintingProgram, AReportAtATerminalFitsIt) {
  for (const std::string language : {"en", "zh"}) {
    test::Terminal terminal({"report", Picture().string(), "--model", Tiny(), "--max-new-tokens",
                             "4", "--language", language, "--audit", "none"},
                            {.home = folder_.path(), .folder = folder_.path(), .colour = true});
    terminal.Resize(40);
    EXPECT_EQ(terminal.Wait(), 0) << terminal.shown();
    const std::string bold = language == "en" ? "\x1b[1mFindings\x1b[0m" : "\x1b[1m影像表现\x1b[0m";
    EXPECT_THAT(terminal.shown(), HasSubstr(bold));
    EXPECT_THAT(terminal.shown(), HasSubstr("SHA-256"));
  }
}

TEST_F(PrintingProgram, AReportAsJsonIsItsJsonFile) {
  const Outcome outcome =
      RunProgram({"report", Picture().string(), "--model", Tiny(), "--max-new-tokens", "4",
                  "--json", "--audit", "none", "--out", Path("a.json")});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(ParseJson(outcome.out, "standard output"), ReadJsonFile(Path("a.json"), 1 << 24));
}

TEST_F(PrintingProgram, ReportsThatCannotBeWrittenAreNamedBeforeTheModelIsLoaded) {
  fs::create_directory(Path("folder.html"));
  fs::create_directory(Path("broken"));
  WriteFile(Path("broken/config.json"), "{");
  const fs::path image = Path("scan.json");
  fs::copy_file(Picture(), image);
  const Outcome outcome =
      RunProgram({"report", image.string(), "--model", Path("broken"), "--out", Path("a.md"),
                  "--out", Path("missing/b.pdf"), "--out", Path("folder.html"), "--out",
                  image.string(), "--force", "--out", Path("a.md")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err,
              testing::AllOf(HasSubstr("4 of 5 files cannot be written"), HasSubstr("b.pdf"),
                             HasSubstr("folder.html: a folder"), HasSubstr("is read from"),
                             HasSubstr("the same file as")));
  const Outcome chat = RunProgram({"chat", "--model", Tiny(), "--audit", "none", "--save",
                                   Path("chat.md"), "--image", image.string()},
                                  "What?\n/report en --force " + Path("chat.md") + "\n");
  EXPECT_EQ(chat.status, 1);
  EXPECT_THAT(chat.err, HasSubstr("is read from"));
}

}  // namespace
}  // namespace roentgen
