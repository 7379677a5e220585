// report, pull, doctor, completion and manual, as a user meets them.

#include <gmock/gmock.h>

#include <memory>

#include "apps/small_model.h"
#include "hub/test_server.h"
#include "roentgen/base/json.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AssistantProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = std::make_unique<test::TemporaryFolder>();
    test::MakePhantomsAndModel(made_->path(), "2");
  }
  static void TearDownTestSuite() { made_.reset(); }

  std::string Model() const { return (made_->path() / "model").string(); }
  std::string Picture() const {
    return (made_->path() / "data/images/phantom-000001.png").string();
  }

  static std::unique_ptr<test::TemporaryFolder> made_;
  test::TemporaryFolder folder_;
};
std::unique_ptr<test::TemporaryFolder> AssistantProgram::made_;

TEST_F(AssistantProgram, AReportIsPrintedAndWrittenInEveryForm) {
  const std::string json = (folder_.path() / "a.json").string();
  const std::string pdf = (folder_.path() / "a.pdf").string();
  const Outcome outcome = RunProgram({"report", Picture(), "--model", Model(), "--language", "zh",
                                      "--max-new-tokens", "12", "--out", json, "--out", pdf});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("## 影像表现"));
  EXPECT_THAT(outcome.out, HasSubstr("## 诊断意见"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("phantom-000001")));
  const Json report = ReadJsonFile(json, 1 << 20);
  EXPECT_EQ(report["questions"].size(), 5u);
  EXPECT_THAT(report["pictures"][0]["sha256"].get<std::string>(), testing::SizeIs(64));
  EXPECT_THAT(test::ReadAll(pdf), StartsWith("%PDF-"));

  const Outcome wrong = RunProgram({"report", Picture(), "--model", Model(), "--out", "a.doc"});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("no form of a report"));
}

TEST_F(AssistantProgram, AskTakesAPictureInItsQuestion) {
  const Outcome outcome = RunProgram({"ask", "--model", Model(), "--max-new-tokens", "4", "--json",
                                      "'" + Picture() + "' Is it normal?"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(ParseJson(outcome.out, "answer")["images"].size(), 1u);
  const Outcome missing = RunProgram({"ask", "--model", Model(), "/none.png Is it normal?"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("leads to none"));
}

TEST_F(AssistantProgram, DoctorFindsWhatIsWrong) {
  const std::string data = (made_->path() / "data").string();
  const Outcome right = RunProgram({"doctor", "--model", Model(), "--data", data});
  EXPECT_EQ(right.status, 0) << right.out;
  EXPECT_THAT(right.out, HasSubstr("Nothing is wrong."));
  fs::rename(made_->path() / "data/images/phantom-000002.png", folder_.path() / "moved.png");
  const Outcome wrong = RunProgram({"doctor", "--model", "/none", "--data", data});
  fs::rename(folder_.path() / "moved.png", made_->path() / "data/images/phantom-000002.png");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.out, HasSubstr("pictures are missing"));
  EXPECT_THAT(wrong.out, HasSubstr("WRONG model"));
}

TEST_F(AssistantProgram, PullInstallsAModelThatAnswers) {
  test::TestServer server([&](const std::string& request) {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    if (path == "/api/models/Me/tiny/tree/main?recursive=true") {
      Json list = Json::array();
      for (const auto& entry : fs::directory_iterator(Model())) {
        list.push_back({{"type", "file"},
                        {"path", entry.path().filename().string()},
                        {"size", entry.file_size()}});
      }
      return test::Respond(200, list.dump());
    }
    const std::string prefix = "/Me/tiny/resolve/main/";
    if (!path.starts_with(prefix)) return test::Respond(404, "no");
    return test::Respond(200, test::ReadAll(Model() + "/" + path.substr(prefix.size())));
  });
  const std::string out = (folder_.path() / "tiny").string();
  const Outcome pulled = RunProgram({"pull", "Me/tiny", "--from", server.url(), "--out", out});
  ASSERT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_EQ(pulled.out, out + "\n");
  EXPECT_EQ(RunProgram({"ask", "--model", out, "--max-new-tokens", "2", "Hello?"}).status, 0);
  const Outcome absent = RunProgram({"pull", "Me/none", "--from", server.url(), "--out", out});
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err, HasSubstr("status 404"));
}

TEST(Reference, KnowsEveryCommandAndOption) {
  const Outcome manual = RunProgram({"manual"});
  EXPECT_EQ(manual.status, 0);
  for (const char* text :
       {".SS roentgen data import", ".B \\-\\-max\\-pixels TEXT", "EXIT STATUS"}) {
    EXPECT_THAT(manual.out, HasSubstr(text));
  }
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome completion = RunProgram({"completion", shell});
    EXPECT_EQ(completion.status, 0);
    EXPECT_THAT(completion.out, HasSubstr("quantize"));
  }
  const test::TemporaryFolder folder;
  WriteFileAtomically(folder.path() / "completion", RunProgram({"completion", "bash"}).out);
  const std::string script = "source " + (folder.path() / "completion").string() +
                             "; COMP_WORDS=(roentgen data phantom --stu); COMP_CWORD=3; _roentgen; "
                             "[ \"${COMPREPLY[*]}\" = --study ]";
  EXPECT_EQ(std::system(("bash -c '" + script + "'").c_str()), 0);
}

}  // namespace
}  // namespace roentgen
