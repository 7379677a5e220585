// report, pull, doctor, completion and manual, as a user meets them.

#include <gmock/gmock.h>

#include <memory>

#include "apps/small_model.h"
#include "hub/test_server.h"
#include "roentgen/base/base64.h"
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
  EXPECT_THAT(report["study"]["images"][0]["sha256"].get<std::string>(), testing::SizeIs(64));
  EXPECT_THAT(test::ReadAll(pdf), StartsWith("%PDF-"));

  const Outcome wrong = RunProgram({"report", Picture(), "--model", Model(), "--out", "a.doc"});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("no form of a report"));
}

TEST_F(AssistantProgram, AReportIsNotWrittenOverTheAudit) {
  const std::string file = (folder_.path() / "x.json").string();
  for (const bool there : {false, true}) {
    if (there) WriteFile(file, "");
    const Outcome outcome = RunProgram(
        {"report", Picture(), "--model", Model(), "--out", file, "--audit", file, "--force"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("x.json"));
    EXPECT_EQ(fs::exists(file) ? test::ReadAll(file) : "", "") << outcome.err;
  }
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

TEST_F(AssistantProgram, AQuestionMayNameTheImageThatIsAttached) {
  const std::string image = (folder_.path() / "a.jpg").string();
  fs::copy_file(Picture(), image);
  const auto ask = [&](const char* question) {
    return RunProgram(
        {"ask", "--model", Model(), "--max-new-tokens", "2", "--json", "--image", image, question});
  };
  for (const char* question :
       {"看图a.jpg，有骨折吗？", "看圖a.jpg，有骨折嗎？", "看图A.JPG，有骨折吗？",
        "看图ａ．ｊｐｇ，有骨折吗？", "a.jpg是X光/CT/MRI中的哪一种？", "肺/心/膈有无异常？",
        "Is a.jpg a PA/AP view?"}) {
    const Outcome outcome = ask(question);
    ASSERT_EQ(outcome.status, 0) << question << outcome.err;
    EXPECT_EQ(ParseJson(outcome.out, "answer")["images"].size(), 1u) << question;
  }
  for (const char* question :
       {"看图b.jpg，有骨折吗？", "看图b．jpg，有骨折吗？", "Is b.jpg normal?"}) {
    const Outcome outcome = ask(question);
    EXPECT_EQ(outcome.status, 1) << question;
    EXPECT_THAT(outcome.err, HasSubstr("leads to none")) << question;
  }
}

TEST_F(AssistantProgram, AQuestionMayNameOneOfSeveralImages) {
  const std::string first = (folder_.path() / "a.png").string();
  const std::string second = (folder_.path() / "b.jpg").string();
  for (const std::string& image : {first, second}) fs::copy_file(Picture(), image);
  const auto tokens_read = [&](const char* question) {
    const Outcome outcome = RunProgram({"ask", "--model", Model(), "--max-new-tokens", "2",
                                        "--json", "--image", first, "--image", second, question});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const Json answer = ParseJson(outcome.out, "answer");
    return std::pair(answer["prompt_tokens"], answer["tokens"]);
  };
  EXPECT_EQ(tokens_read("b.jpg有骨折吗？"), tokens_read("第2张图像有骨折吗？"));
  EXPECT_EQ(tokens_read("a.png和Ｂ.ＪＰＧ哪个有骨折？"),
            tokens_read("第1张图像和第2张图像哪个有骨折？"));
  EXPECT_EQ(tokens_read("Is there a fracture in b.jpg?"),
            tokens_read("Is there a fracture in image 2?"));
}

TEST_F(AssistantProgram, AMarkAloneIsNoQuestion) {
  for (const char* mark : {"。", " ， ", ";"}) {
    const Outcome outcome = RunProgram({"ask", "--model", Model(), mark});
    EXPECT_NE(outcome.status, 0) << mark;
    EXPECT_THAT(outcome.err, HasSubstr("there is no question, only marks or blanks")) << mark;
    const Outcome picture = RunProgram({"ask", "--model", Model(), "--image", Picture(), mark});
    EXPECT_THAT(picture.err, HasSubstr("there is a picture, but no question about it")) << mark;
  }
}

/// A question that is asked in a folder with files of many kinds.
class NamesInQuestions : public AssistantProgram {
 protected:
  void SetUp() override {
    here_ = folder_.path().string();
    for (const char* name : {"chest.jfif", "chest.jpg", "plain", "Shot at 9.41\u202fAM.png",
                             "chest.jpg副本", "影像001", "report"}) {
      fs::copy_file(Picture(), folder_.path() / name);
    }
    WriteFile(folder_.path() / "IMG_1.heic", std::string("\0\0\0\x18"
                                                         "ftypheic",
                                                         12));
    WriteFile(folder_.path() / "report.pdf", "%PDF-1.4\n");
    fs::create_directories(folder_.path() / "EXPORT/PAT0001/SER0001");
    WriteFile(folder_.path() / "EXPORT/PAT0001/SER0001/IM000001", std::string(128, '\0') + "DICM");
  }

  Outcome Ask(const std::string& question) const {
    test::Program program({"ask", "--model", Model(), "--max-new-tokens", "2", "--json", question},
                          "", [] { std::filesystem::current_path(here_); });
    return program.Wait();
  }

  static std::string here_;
};
std::string NamesInQuestions::here_;

TEST_F(NamesInQuestions, AreAttachedWhateverTheyAreCalled) {
  const std::pair<const char*, size_t> questions[] = {
      {"chest.jfif what is this?", 1},
      {"chest.jfif这是什么", 1},
      {"Compare chest.jpg and chest.jfif", 2},
      {"plain what is this?", 1},
      {"Shot at 9.41 AM.png what is this?", 1},
      {"chest.jpg副本 what is this?", 1},
      {"影像001有什么异常？", 1},
      {"write a report", 0},
      {"Is it on T1/T2, e.g. 5.5cm, at 3.0T in the U.S.?", 0},
  };
  for (const auto& [question, images] : questions) {
    const Outcome outcome = Ask(question);
    ASSERT_EQ(outcome.status, 0) << question << outcome.err;
    const Json answer = ParseJson(outcome.out, question);
    EXPECT_EQ(answer["images"].size(), images) << question;
    EXPECT_EQ(answer["image_reached"], images > 0) << question;
    EXPECT_EQ(outcome.err.find("no image was given") != std::string::npos, images == 0);
  }
}

TEST_F(NamesInQuestions, OrAreErrorsThatSayWhy) {
  const std::pair<const char*, const char*> questions[] = {
      {"IMG_1.heic what is this?", "IMG_1.heic: "},
      {"IMG_1.heic", "IMG_1.heic: "},
      {"./IMG_1.heic what is this?", "IMG_1.heic: "},
      {"report.pdf what is this?", "report.pdf: "},
      {"none.heic what is this?", "leads to none"},
      {"chest.jpg(2) what is this?", "\"chest.jpg(2)\" reads as"},
      {"影像001和影像002有什么区别？", "\"影像002\" reads as"},
      {"IM000002 what is this?", "leads to none"},
      {"chest.jpg.1 what is this?", "\"chest.jpg.1\" reads as"},
      {"CHEST.jfif what is this?", "There is \"chest.jfif\""},
      {"EXPORT what is this?", "EXPORT"},
      {"./EXPORT", "EXPORT"},
      {"EXPORT", "EXPORT"},
      {"EXPORT/PAT0001 what is this?", "EXPORT"},
      {"https://example.org/img/123 what is this?",
       "\"https://example.org/img/123\" is an address"},
      {"<img src=\"https://example.org/img/123\"> what?", "is an address"},
      {"www.example.org/img/123 what is this?", "is an address"},
      {"data:image/png;base64,AAAA what is this?", "the image in the data address"},
      {"data:image/png;base64,A what is this?", "holds no image in base 64"},
  };
  for (const auto& [question, message] : questions) {
    const Outcome outcome = Ask(question);
    EXPECT_NE(outcome.status, 0) << question;
    EXPECT_THAT(outcome.err, HasSubstr(message)) << question;
    EXPECT_EQ(outcome.out, "") << question;
  }
}

TEST_F(NamesInQuestions, AnImageInADataAddressIsSeen) {
  const std::string png = test::ReadAll(Picture());
  const Outcome outcome = Ask("data:image/png;base64," + Base64(png) + " what is this?");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Outcome named = Ask("chest.jpg what is this?");
  Json answer = ParseJson(outcome.out, "answer");
  Json same = ParseJson(named.out, "answer");
  EXPECT_EQ(answer["images"], same["images"]);
  EXPECT_EQ(answer["prompt_tokens"], same["prompt_tokens"]);
  EXPECT_THAT(outcome.err, Not(HasSubstr(Base64(png).substr(0, 40))));
}

TEST_F(AssistantProgram, DoctorNamesTheModelThatComesWithTheProgram) {
  const Outcome outcome =
      test::Program({"doctor"}, "", [] {
        ::setenv("HOME", "/nonexistent", 1);
        for (const char* variable :
             {"ROENTGEN_MODEL", "XDG_DATA_HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE"}) {
          ::unsetenv(variable);
        }
        std::filesystem::current_path(test::SourceDir());
      }).Wait();
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("weak  model"));
  EXPECT_THAT(outcome.out,
              HasSubstr("chat --model models/phantom --adapter models/phantom-radiology"));
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
  WriteFile(folder.path() / "completion", RunProgram({"completion", "bash"}).out);
  const std::string script = "source " + (folder.path() / "completion").string() +
                             "; COMP_WORDS=(roentgen data phantom --stu); COMP_CWORD=3; _roentgen; "
                             "[ \"${COMPREPLY[*]}\" = --study ]";
  EXPECT_EQ(std::system(("bash -c '" + script + "'").c_str()), 0);
}

}  // namespace
}  // namespace roentgen
