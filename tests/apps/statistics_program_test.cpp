// What `roentgen eval` and `roentgen compare` say of how much their numbers can be trusted.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "apps/program.h"

namespace roentgen {
namespace {

using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

struct Asked {
  std::string question;
  std::string reference;
  std::string answer;
  Json more = Json::object();
};

class StatisticsProgram : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::vector<Asked>& rows) const {
    std::string text;
    for (size_t i = 0; i < rows.size(); ++i) {
      Json row = rows[i].more;
      row["id"] = std::to_string(i);
      row["question"] = rows[i].question;
      row["label"] = rows[i].reference;
      row["predict"] = rows[i].answer;
      text += row.dump() + "\n";
    }
    const auto file = folder_.path() / name;
    WriteFile(file, text);
    return file.string();
  }
  static std::string Text(const std::vector<std::string>& arguments) {
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }
  static Json Measure(const Json& comparison, const std::string& name) {
    for (const Json& measure : comparison.at("measures")) {
      if (measure.at("measure") == name) return measure;
    }
    return nullptr;
  }

  test::TemporaryFolder folder_;
};

Json Image(size_t number) {
  return {{"images", Json::array({"image" + std::to_string(number) + ".png"})}};
}

TEST_F(StatisticsProgram, QuestionsAboutOneImageAreOneUnit) {
  std::vector<Asked> rows;
  for (size_t i = 0; i < 24; ++i) {
    rows.push_back({"有骨折吗？", "有", i / 4 % 2 == 0 ? "有" : "没有", Image(i / 4)});
  }
  const std::string file = Write("answers.jsonl", rows);
  EXPECT_THAT(Text({"eval", "--predictions", file}), HasSubstr("24 questions, 6 images"));
  const Json json = Json::parse(Text({"eval", "--predictions", file, "--json"}));
  EXPECT_EQ(json["units"], 6);
  EXPECT_EQ(json["unit"], "images");
  const Json score = json["groups"][0]["scores"][0];
  EXPECT_EQ(score["count"], 24);
  EXPECT_EQ(score["units"], 6);
  // n_eff = 5, t = 2.5706: half of the answers are right, 12.3 to 87.7 %; of 24 independent ones
  // it would be 31 to 69 %.
  EXPECT_NEAR(score["interval95"][0].get<double>(), 0.1228, 0.001);
}

TEST_F(StatisticsProgram, OneQuestionHasNoIntervalAndThreeRightAreNotCertain) {
  const std::string one = Write("one.jsonl", {{"Is it?", "yes", "yes"}});
  const std::string text = Text({"eval", "--predictions", one, "--scorer", "strict"});
  EXPECT_THAT(text, HasSubstr("1 question, 1 unit"));
  EXPECT_THAT(text, Not(testing::ContainsRegex("[0-9] – +[0-9]")));
  EXPECT_THAT(text, HasSubstr("100.0              –     0.0"));  // no question whose truth is no
  EXPECT_THAT(Text({"eval", "--predictions", one, "--json"}), Not(HasSubstr("interval")));
  const std::string three =
      Write("three.jsonl", {{"Is it?", "yes", "yes"}, {"?", "no", "no"}, {"哪侧？", "左", "左"}});
  EXPECT_THAT(Text({"eval", "--predictions", three, "--scorer", "strict"}),
              HasSubstr("100.0   13.9 – 100.0"));
}

TEST_F(StatisticsProgram, ABreakdownSaysHowManyAreScored) {
  std::vector<Asked> rows;
  for (size_t i = 0; i < 8; ++i) {
    const bool closed = i < 5;
    rows.push_back({closed ? "有骨折吗？" : "哪侧？",
                    closed ? "有" : "左",
                    closed ? "有" : "左",
                    {{"organ", Json::array({"肺", "heart"})}}});
  }
  const std::string text =
      Text({"eval", "--predictions", Write("answers.jsonl", rows), "--by", "organ"});
  EXPECT_THAT(text, HasSubstr("  肺 "));
  EXPECT_THAT(text, HasSubstr("  heart "));
  EXPECT_THAT(text, HasSubstr("100.0), n 5\n"));
}

TEST_F(StatisticsProgram, RunsAreMatchedByIdAndNamedByWhatDiffers) {
  std::vector<Asked> rows;
  for (size_t i = 0; i < 8; ++i) rows.push_back({"第" + std::to_string(i), "有", "有", Image(i)});
  const std::string one = Write("runs.jsonl", rows);
  std::string text = ReadFile(one, 1 << 20);
  std::string turned;
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    turned = text.substr(0, end + 1) + turned;
    text.erase(0, end + 1);
  }
  std::filesystem::create_directories(folder_.path() / "后");
  const std::string other = (folder_.path() / "后" / "runs.jsonl").string();
  WriteFile(other, turned);
  const std::string name = folder_.path().filename().string();
  const std::string table = Text({"compare", one, other});
  EXPECT_THAT(table, HasSubstr("# " + name + "/runs.jsonl → 后/runs.jsonl\n"));
  EXPECT_THAT(table, HasSubstr(" | " + name + "/runs.jsonl | 后/runs.jsonl | "));
}

TEST_F(StatisticsProgram, AskingInOtherWordsIsNoEvidence) {
  std::vector<Asked> before;
  std::vector<Asked> after;
  const auto ask = [&](size_t i, const std::string& question) {
    const Json more = {{"paraphrase", "p" + std::to_string(i)}};
    before.push_back({question, "yes", i < 8 ? "no" : "yes", more});
    after.push_back({question, "yes", i < 8 ? "yes" : "no", more});
  };
  for (size_t i = 0; i < 10; ++i) ask(i, "Is there " + std::to_string(i) + "?");
  const auto compare = [&] {
    return Json::parse(
        Text({"compare", Write("a.jsonl", before), Write("b.jsonl", after), "--json"}));
  };
  const Json once = Measure(compare(), "answers right");
  for (size_t i = 0; i < 10; ++i) ask(i, "Can you see " + std::to_string(i) + "?");
  const Json twice = Measure(compare(), "answers right");
  EXPECT_EQ(once["n"], 10);
  EXPECT_EQ(twice["n"], 20);
  EXPECT_EQ(twice["units"], 10);
  EXPECT_DOUBLE_EQ(once["p"].get<double>(), 112.0 / 1024);  // McNemar: 8 against 2
  EXPECT_DOUBLE_EQ(twice["p"].get<double>(), once["p"].get<double>());
}

TEST_F(StatisticsProgram, AComparisonOfFewImagesGivesNoVerdict) {
  std::vector<Asked> before;
  std::vector<Asked> after;
  for (size_t i = 0; i < 50; ++i) {
    before.push_back({"有骨折吗？", "有", "没有", Image(i / 10)});
    after.push_back({"有骨折吗？", "有", "有", Image(i / 10)});
  }
  const std::vector<std::string> arguments = {"compare", Write("a.jsonl", before),
                                              Write("b.jsonl", after)};
  const std::string text = Text(arguments);
  EXPECT_THAT(text, HasSubstr("Primary measure: answers right."));
  EXPECT_THAT(text, HasSubstr("too few images (5) to tell"));
  EXPECT_THAT(text, Not(HasSubstr("| better")));
  EXPECT_THAT(text, Not(HasSubstr("< 0.001")));
}

TEST_F(StatisticsProgram, ThePrimaryMeasureIsOneOfThem) {
  const std::string file = Write("a.jsonl", {{"Is it?", "yes", "yes"}});
  EXPECT_THAT(Text({"compare", file, file, "--primary", "yes/no right"}),
              HasSubstr("Primary measure: yes/no right."));
  const Outcome refused = RunProgram({"compare", file, file, "--primary", "beauty"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("answers right, yes/no right"));
}

TEST_F(StatisticsProgram, NothingIsNegativeZero) {
  std::vector<Asked> rows;
  for (size_t i = 0; i < 30; ++i) rows.push_back({"Is it?", "yes", i % 2 == 0 ? "yes" : "no"});
  const std::string file = Write("a.jsonl", rows);
  EXPECT_THAT(Text({"compare", file, file}), Not(HasSubstr("-0.0 ")));
  EXPECT_THAT(Text({"compare", file, file}), HasSubstr("0.0 (-12.2 to +12.2)"));
}

}  // namespace
}  // namespace roentgen
