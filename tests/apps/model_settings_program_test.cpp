// Models of the same weights that are set otherwise: their answers are not each other's.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <sstream>

#include "apps/program.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::RunProgram;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ModelSettingsProgram : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome drawn = RunProgram({"data", "phantom", "--out", Path("data"), "--count", "4",
                                      "--size", "64", "--language", "en"});
    ASSERT_EQ(drawn.status, 0) << drawn.err;
    fs::create_directories(Path("one"));
    fs::create_directories(Path("other"));
    fs::copy(test::SourceDir() / "models/phantom", One());
    fs::copy(One(), Other());
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string One() const { return Path("one/mod"); }
  std::string Other() const { return Path("other/mod"); }
  std::string Picture() const { return Path("data/images/phantom-000001.png"); }

  /// Of the other model.
  void Change(const std::string& file, const std::function<void(Json&)>& change) const {
    const std::string path = Other() + "/" + file;
    Json json = ParseJson(test::ReadAll(path), path);
    change(json);
    WriteFile(path, json.dump());
  }
  void Restore() const {
    fs::remove_all(Other());
    fs::copy(One(), Other());
  }

  Outcome Chat(const std::string& model, const std::string& lines,
               std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {
        "chat", "--audit", Path("audit.jsonl"), "--model", model, "--max-new-tokens", "12"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Outcome outcome = RunProgram(arguments, lines);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome;
  }
  std::vector<Json> Lines(const std::string& name) const {
    std::vector<Json> lines;
    std::istringstream text(test::ReadAll(Path(name)));
    for (std::string line; std::getline(text, line);) lines.push_back(ParseJson(line, name));
    return lines;
  }
  size_t Kept() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(Path("cache")), {}));
  }

  test::TemporaryFolder folder_;
};

/// Exchanges what two ids stand for.
void SwapTokens(Json& vocabulary, int one, int other) {
  for (auto& [token, id] : vocabulary.items()) {
    if (id == one) {
      id = other;
    } else if (id == other) {
      id = one;
    }
  }
}

TEST_F(ModelSettingsProgram, AnswersOfModelsThatAreSetOtherwiseAreKeptApart) {
  Chat(One(),
       fmt::format("{} Is there a fracture?\n有骨折吗？\n/save {}\n", Picture(), Path("a.jsonl")));
  const Json made_with = Lines("a.jsonl")[1];
  const int token = Lines("a.jsonl")[3]["tokens"][0];
  const auto ask = [&](const std::string& model) {
    return RunProgram({"ask", "--model", model, "--cache", Path("cache"), "--image", Picture(),
                       "--max-new-tokens", "8", "Is there a fracture?"});
  };
  ASSERT_EQ(ask(One()).status, 0);
  ASSERT_EQ(ask(Other()).status, 0);  // nothing is changed yet
  size_t kept = Kept();
  const std::pair<const char*, std::function<void(Json&)>> changes[] = {
      {"config.json", [](Json& json) { json["rms_norm_eps"] = 1e-3; }},
      {"preprocessor_config.json",
       [](Json& json) {
         json["image_std"] = {0.5, 0.5, 0.5};
       }},
      {"vocab.json", [&](Json& json) { SwapTokens(json, token, token == 300 ? 301 : 300); }}};
  for (const auto& [file, change] : changes) {
    SCOPED_TRACE(file);
    Restore();
    Change(file, change);
    EXPECT_EQ(ask(Other()).status, 0);
    EXPECT_GT(Kept(), kept);
    kept = Kept();
    const Outcome loaded = Chat(Other(), fmt::format("And?\n还有吗？\n/save {}\n", Path("b.jsonl")),
                                {"--load", Path("a.jsonl")});
    EXPECT_THAT(loaded.err, AllOf(HasSubstr("model settings: "), HasSubstr(" then, "),
                                  Not(HasSubstr(kEditedNotice))));
    const std::vector<Json> lines = Lines("b.jsonl");
    EXPECT_EQ(lines[1], made_with);
    EXPECT_EQ(lines[3], Lines("a.jsonl")[3]);  // as it was, with its own tokens
    const Json now = lines[lines.size() - 3];
    EXPECT_EQ(now["type"], "made_with");
    EXPECT_EQ(now["model_sha256"], made_with["model_sha256"]);
    EXPECT_NE(now["settings_sha256"], made_with["settings_sha256"]);
    EXPECT_EQ(Lines("audit.jsonl").back()["settings_sha256"], now["settings_sha256"]);
    const Outcome refused = RunProgram({"replay", Path("a.jsonl"), "--model", Other()});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("model settings: "));
    const Outcome asked =
        RunProgram({"replay", Path("a.jsonl"), "--model", Other(), "--other-model", "--json"});
    const Json read = ParseJson(asked.out, "out");
    EXPECT_EQ(read["answers"].size(), 2u);
    for (const Json& answer : read["answers"]) {
      EXPECT_NE(answer["outcome"], "edited");
      EXPECT_EQ(answer["differences"][0]["name"], "model settings");
    }
    fs::remove(Path("b.jsonl"));
  }
}

TEST_F(ModelSettingsProgram, HowItsFilesAreWrittenMakesNoOtherModel) {
  Chat(One(), fmt::format("{} 有骨折吗？\n/save {}\n", Picture(), Path("a.jsonl")));
  for (const char* file : {"config.json", "preprocessor_config.json", "vocab.json"}) {
    const std::string path = Other() + "/" + file;
    WriteFile(path, ParseJson(test::ReadAll(path), path).dump(4));
  }
  const Outcome equal = RunProgram({"replay", Path("a.jsonl"), "--model", Other()});
  EXPECT_EQ(equal.status, 0) << equal.err << equal.out;
  EXPECT_THAT(equal.out, Not(HasSubstr("model settings")));
}

TEST_F(ModelSettingsProgram, AnEvaluationDoesNotGoOnWithAModelThatIsSetOtherwise) {
  const auto eval = [&](const std::string& model) {
    return RunProgram({"eval", "--model", model, "--data", Path("data"), "--out", Path("ev"),
                       "--images", "true", "--max-samples", "2", "--max-new-tokens", "4"});
  };
  ASSERT_EQ(eval(One()).status, 0);
  EXPECT_EQ(eval(Other()).status, 0);
  Change("preprocessor_config.json", [](Json& json) { json["image_mean"] = {0.5, 0.5, 0.5}; });
  const Outcome refused = eval(Other());
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("another run is in this folder: model.settings_sha256 is \""));
}

TEST_F(ModelSettingsProgram, AReportTellsThem) {
  const Outcome made = RunProgram({"report", Picture(), "--model", One(), "--audit", "none",
                                   "--max-new-tokens", "4", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("\"settings_sha256\""));
}

}  // namespace
}  // namespace roentgen
