// The files that `chat` keeps a conversation in: none is lost to another conversation.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "apps/small_model.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::ReadAll;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ChatFilesProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<test::TemporaryFolder>();
    test::MakePhantomsAndModel(made_->path(), "2");
  }
  static void TearDownTestSuite() { made_.reset(); }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  static std::vector<std::string> Arguments(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"chat", "--model", (made_->path() / "model").string(),
                                          "--max-new-tokens", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  static Outcome Chat(const std::string& lines, const std::vector<std::string>& more = {}) {
    return test::RunProgram(Arguments(more), lines);
  }

  static std::unique_ptr<test::TemporaryFolder> made_;
  test::TemporaryFolder folder_;
};
std::unique_ptr<test::TemporaryFolder> ChatFilesProgram::made_;

TEST_F(ChatFilesProgram, AConversationThatIsLeftStaysInItsFile) {
  const std::string kept = Path("t.jsonl");
  const std::string other = Path("other.jsonl");
  ASSERT_EQ(Chat("another?\n", {"--save", other}).status, 0);
  for (const std::string& leave :
       {std::string("/clear"), std::string("/system 请简短回答。"), "/load " + other}) {
    SCOPED_TRACE(leave);
    fs::remove(kept);
    fs::remove(Path("t-2.jsonl"));
    ASSERT_EQ(Chat("first?\n第二个问题？\n", {"--save", kept}).status, 0);
    const std::string before = ReadAll(kept);
    const Outcome chat = Chat(leave + "\nthird?\nfourth?\n", {"--save", kept, "--load", kept});
    ASSERT_EQ(chat.status, 0) << chat.err;
    EXPECT_EQ(ReadAll(kept), before);
    EXPECT_THAT(ReadAll(Path("t-2.jsonl")),
                AllOf(HasSubstr("third?"), HasSubstr("fourth?"), Not(HasSubstr("first?"))));
    EXPECT_THAT(chat.err,
                HasSubstr("stays as it is: this conversation is kept in " + Path("t-2.jsonl")));
    EXPECT_FALSE(fs::exists(Path("t-3.jsonl")));
  }
}

TEST_F(ChatFilesProgram, SaveNeedsForceOverAConversationThatWasLeft) {
  const std::string kept = Path("f.jsonl");
  const Outcome chat =
      Chat("first?\n/save " + kept + "\n/save " + kept + "\n/clear\nsecond?\n/save " + kept + "\n");
  EXPECT_EQ(chat.status, 1);
  EXPECT_THAT(chat.err, HasSubstr("holds the conversation before"));
  EXPECT_THAT(ReadAll(kept), HasSubstr("first?"));
  ASSERT_EQ(Chat("/clear\nsecond?\n/save --force " + kept + "\n", {"--load", kept}).status, 0);
  EXPECT_THAT(ReadAll(kept), AllOf(HasSubstr("second?"), Not(HasSubstr("first?"))));
}

TEST_F(ChatFilesProgram, AConversationThatIsLoadedAgainGoesOnInItsFile) {
  const std::string kept = Path("t.jsonl");
  const Outcome chat =
      Chat("first?\n/clear\nsecond?\n/load " + kept + "\nthird?\n/clear\n", {"--save", kept});
  ASSERT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(ReadAll(kept), AllOf(HasSubstr("first?"), HasSubstr("third?")));
  EXPECT_THAT(ReadAll(Path("t-2.jsonl")), HasSubstr("second?"));
}

TEST_F(ChatFilesProgram, ClearingBeforeAnythingWasKeptTakesTheName) {
  ASSERT_EQ(Chat("/clear\nfirst?\n", {"--save", Path("t.jsonl")}).status, 0);
  EXPECT_TRUE(fs::exists(Path("t.jsonl")));
  EXPECT_FALSE(fs::exists(Path("t-2.jsonl")));
}

/// A chat whose lines come when they are sent.
class OpenChat {
 public:
  OpenChat(const std::vector<std::string>& arguments, const fs::path& pipe) {
    name_ = pipe.string();
    EXPECT_EQ(::mkfifo(name_.c_str(), 0600), 0);
    pipe_ = ::open(name_.c_str(), O_RDWR | O_CLOEXEC);
    program_ = std::make_unique<test::Program>(arguments, "", [] {
      if (std::freopen(name_.c_str(), "r", stdin) == nullptr) ::_exit(127);
    });
  }

  void Send(const std::string& line) const {
    EXPECT_EQ(::write(pipe_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  }
  Outcome End() {
    ::close(pipe_);
    return program_->Wait();
  }

 private:
  static std::string name_;
  int pipe_ = -1;
  std::unique_ptr<test::Program> program_;
};
std::string OpenChat::name_;

bool Comes(const std::string& text, const fs::path& file) {
  for (int i = 0; i < 600; ++i) {
    if (ReadAll(file).find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

TEST_F(ChatFilesProgram, AFileThatSomebodyElseWroteToIsNotWrittenOver) {
  const std::string kept = Path("t.jsonl");
  ASSERT_EQ(Chat("first?\n", {"--save", kept}).status, 0);
  OpenChat open(Arguments({"--save", kept, "--load", kept}), folder_.path() / "pipe");
  open.Send("mine?\n");
  EXPECT_TRUE(Comes("mine?", kept));
  EXPECT_EQ(Chat("别人的问题？\n", {"--save", kept, "--load", kept}).status, 0);
  open.Send("mine too?\n");
  open.Send("/save " + kept + "\n");
  const Outcome chat = open.End();
  EXPECT_EQ(chat.status, 1);
  EXPECT_THAT(chat.err, HasSubstr("t.jsonl was changed by somebody else and stays as it is"));
  EXPECT_THAT(chat.err, HasSubstr("was changed by somebody else since"));
  EXPECT_THAT(ReadAll(kept), AllOf(HasSubstr("别人的问题？"), Not(HasSubstr("mine too?"))));
  EXPECT_THAT(ReadAll(Path("t-2.jsonl")), AllOf(HasSubstr("mine?"), HasSubstr("mine too?")));
}

TEST_F(ChatFilesProgram, TheAuditLogIsNoConversation) {
  const std::string kept = Path("t.jsonl");
  for (const char* option : {"--save", "--load"}) {
    ASSERT_EQ(Chat("first?\n", {"--save", kept, "--force"}).status, 0);
    const std::string before = ReadAll(kept);
    std::vector<std::string> options = {option, kept, "--audit", Path("./t.jsonl")};
    if (option == std::string("--save")) options.emplace_back("--force");
    const Outcome refused = Chat("second?\n", options);
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("is the audit log"));
    EXPECT_EQ(ReadAll(kept), before);
  }
  const Outcome other = Chat("second?\n", {"--audit", kept});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("is no audit log"));
  EXPECT_THAT(ReadAll(kept), Not(HasSubstr("question_sha256")));
  const std::string audit = Path("audit.jsonl");
  const Outcome saved = Chat("q?\n/save --force " + audit + "\n", {"--audit", audit});
  EXPECT_EQ(saved.status, 1);
  EXPECT_THAT(ReadAll(audit), HasSubstr("question_sha256"));
}

TEST_F(ChatFilesProgram, MarkdownIsNotLoaded) {
  ASSERT_EQ(Chat("first?\n/save " + Path("t.md") + "\n").status, 0);
  for (const Outcome& outcome :
       {Chat("", {"--load", Path("t.md")}), test::RunProgram({"replay", Path("t.md")})}) {
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("Name the .jsonl that it was kept in."));
  }
}

TEST_F(ChatFilesProgram, OneTurnIsOne) {
  const Outcome chat = Chat("one?\ntwo?\n/undo\n/undo\n");
  EXPECT_THAT(chat.err, AllOf(HasSubstr("1 turn is left"), HasSubstr("0 turns are left")));
}

}  // namespace
}  // namespace roentgen
