// What programs read of a report: all of it, typed, as docs/report.schema.json says.

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <regex>

#include "assistant/made_reports.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/json.h"
#include "roentgen/text/printable.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::Finished;
using test::MadeReport;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Json Parsed(const RadiologyReport& report) {
  return ParseJson(ReportJson(report), "report");
}

/// As much of JSON Schema as docs/report.schema.json uses.
class Schema {
 public:
  Schema() : root_(ReadJsonFile(test::SourceDir() / "docs/report.schema.json", 1 << 20)) {}

  /// What is wrong with a document; empty: nothing.
  std::vector<std::string> Check(const Json& document) {
    wrong_.clear();
    Check(document, root_, "");
    return wrong_;
  }

 private:
  static std::string KindOf(const Json& value) {
    if (value.is_number_integer()) return "integer";
    return value.type_name();
  }
  void CheckType(const Json& value, const Json& types, const std::string& where) {
    const Json list = types.is_array() ? types : Json::array({types});
    const std::string kind = KindOf(value);
    for (const Json& type : list) {
      if (type == kind || (type == "number" && kind == "integer")) return;
    }
    wrong_.push_back(where + " is " + kind);
  }
  void CheckObject(const Json& value, const Json& schema, const std::string& where) {
    for (const Json& key : schema.value("required", Json::array())) {
      if (!value.contains(key)) wrong_.push_back(where + " has no " + key.get<std::string>());
    }
    const Json& properties = schema.at("properties");
    for (const auto& [key, child] : value.items()) {
      if (properties.contains(key)) {
        Check(child, properties[key], where + "/" + key);
      } else if (schema.contains("additionalProperties")) {
        wrong_.push_back(where + " has " + key);
      }
    }
  }
  void Check(const Json& value, const Json& schema, const std::string& where) {
    if (schema.contains("$ref")) {
      const auto reference = schema["$ref"].get<std::string>().substr(1);
      return Check(value, root_.at(Json::json_pointer(reference)), where);
    }
    if (schema.contains("type")) CheckType(value, schema["type"], where);
    if (schema.contains("enum")) {
      const Json& values = schema["enum"];
      if (std::find(values.begin(), values.end(), value) == values.end()) {
        wrong_.push_back(where + " is " + value.dump());
      }
    }
    if (value.is_string() && schema.contains("pattern") &&
        !std::regex_search(value.get<std::string>(),
                           std::regex(schema["pattern"].get<std::string>()))) {
      wrong_.push_back(where + " is " + value.dump());
    }
    if (value.is_object()) CheckObject(value, schema, where);
    if (value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        Check(value[i], schema.at("items"), fmt::format("{}/{}", where, i));
      }
    }
  }

  Json root_;
  std::vector<std::string> wrong_;
};

void ForEachString(const Json& json, const std::function<void(const std::string&)>& look) {
  if (json.is_string()) look(json.get<std::string>());
  if (!json.is_structured()) return;
  for (const Json& value : json) ForEachString(value, look);
}

TEST(ReportJson, IsAsItsSchemaSays) {
  Schema schema;
  std::vector<test::NamedReport> reports = test::MadeReports();
  for (uint64_t seed = 100; seed < 600; ++seed) {
    reports.push_back({fmt::format("hostile {}", seed),
                       test::HostileReport(seed, static_cast<Language>(seed % 2))});
  }
  for (const auto& [name, report] : reports) {
    const Json json = Parsed(report);
    ASSERT_THAT(schema.Check(json), IsEmpty()) << name;
    ForEachString(json, [&](const std::string& text) { ASSERT_EQ(text, Printable(text)) << name; });
    // Whatever was said stands in the sentences, and these know where they are from.
    ASSERT_EQ(json["sentences"].size(), report.sentences.size()) << name;
    for (size_t i = 0; i < report.sentences.size(); ++i) {
      const Json& sentence = json["sentences"][i];
      ASSERT_EQ(sentence["text"], report.sentences[i].text) << name;
      ASSERT_EQ(sentence["question"], report.sentences[i].answer + 1) << name;
      for (const Json& other : sentence["contradicts"]) {
        ASSERT_LT(other.get<size_t>(), json["sentences"].size()) << name;
      }
    }
    for (size_t i = 0; i < report.answers.size(); ++i) {
      ASSERT_EQ(json["questions"][i]["answer"], report.answers[i].answer) << name;
    }
  }
}

TEST(ReportJson, AWrongDocumentIsToldByTheSchema) {
  Schema schema;
  Json json = Parsed(Finished(MadeReport(Language::kEnglish, {"Chest."})));
  json["version"] = "1";
  json["study"]["images"][0]["sha256"] = "a";
  json["questions"][0]["made_with"]["sampling"]["seed"] = 0.5;
  json["sentences"][0].erase("cut");
  json["findings"] = Json::array();
  EXPECT_THAT(schema.Check(json), SizeIs(5));
}

TEST(ReportJson, MarksAreTyped) {
  RadiologyReport report =
      MadeReport(Language::kEnglish,
                 {"PA radiograph of the chest.", "The lungs are clear.", "It cannot be assessed.",
                  "Sharp.", "Sharp.", "Consolidation in the right lung. Also"});
  report.answers[5].finish = Answer::Finish::kLength;
  const Json json = Parsed(Finished(report));
  const Json& sentences = json["sentences"];
  ASSERT_THAT(sentences, SizeIs(7));
  EXPECT_EQ(sentences[0]["part"], "findings");
  EXPECT_EQ(sentences[1]["contradicts"], Json::array({5}));
  EXPECT_EQ(sentences[2]["abstains"], true);
  EXPECT_EQ(sentences[3]["repeated"], true);
  EXPECT_EQ(sentences[5]["contradicts"], Json::array({1}));
  EXPECT_EQ(sentences[5]["cut"], false);
  EXPECT_EQ(sentences[6]["cut"], true);
  EXPECT_EQ(sentences[6]["part"], "impression");
  EXPECT_EQ(sentences[6]["question"], 6);
  EXPECT_EQ(json["not_assessed"], Json::array({"heart"}));
  EXPECT_EQ(json["questions"][2]["assessed"], false);
  EXPECT_EQ(json["questions"][2]["finish"], "stop");
  EXPECT_EQ(json["questions"][5]["finish"], "length");
}

TEST(ReportJson, TheStudyIsWhatItsImagesSay) {
  RadiologyReport report = MadeReport(Language::kChinese, {"胸片。"});
  report.study.images.push_back(test::MadeImage(1));
  report.study.images[1].modality = report.study.images[1].body_part = "";
  report.study.images[0].study_date = "2019-04-07";
  report.study.indication = "发热";
  report.study.examination = {ReportSubject::kChest, Examination::Source::kDicom, "CT CHEST"};
  const Json json = Parsed(Finished(report));
  EXPECT_EQ(json["study"]["id"], report.study.Id());
  EXPECT_EQ(json["study"]["date"], "2019-04-07");
  EXPECT_EQ(json["study"]["indication"], "发热");
  EXPECT_EQ(json["study"]["images"][0]["modality"], "CT");
  EXPECT_EQ(json["study"]["images"][1]["body_part"], nullptr);
  EXPECT_EQ(json["examination"],
            Json({{"name", "chest"}, {"source", "dicom"}, {"evidence", "CT CHEST"}}));
  EXPECT_EQ(json["language"], "zh");
}

TEST(ReportJson, EveryAnswerHasWhatItWasGivenWith) {
  RadiologyReport report = Finished(MadeReport(Language::kEnglish, {"Chest.", "Clear."}));
  report.answers[1].facts.run.generation.max_new_tokens = 2048;
  report.answers[1].facts.run.generation.seed = 18446744073709551615u;
  report.answers[1].facts.conversation = "drawn at random";
  const Json json = Parsed(report);
  const Json& made = json["questions"][1]["made_with"];
  EXPECT_EQ(made["sampling"]["max_new_tokens"], 2048);
  EXPECT_EQ(made["sampling"]["seed"], 18446744073709551615u);
  EXPECT_EQ(json["questions"][0]["made_with"]["sampling"]["max_new_tokens"], 512);
  EXPECT_EQ(made["images"][0]["pixels_sha256"], report.study.images[0].pixels_sha256);
  EXPECT_EQ(made["key_values"], "f32");
  EXPECT_THAT(ReportJson(report), Not(HasSubstr("drawn at random")));
}

TEST(ReportJson, ReportsThatAreEqualButForTimeAreEqualButForTheDate) {
  RadiologyReport report = test::HostileReport(7, Language::kEnglish);
  const std::string first = ReportJson(report);
  report.date = "2027-01-01T00:00:00Z";
  for (ReportAnswer& answer : report.answers) answer.facts.conversation += "other";
  std::string second = ReportJson(report);
  const size_t at = second.find(report.date);
  ASSERT_NE(at, second.npos);
  EXPECT_EQ(second.replace(at, report.date.size(), "2026-11-27T08:00:00Z"), first);
}

}  // namespace
}  // namespace roentgen
