// The DiagnosticReport is valid FHIR R4 whatever a report holds. What is checked here are the rules
// that texts can break; scripts/check-exports holds samples against FHIR's own definitions.

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <set>

#include "assistant/made_reports.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/base/base64.h"
#include "roentgen/base/json.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"
#include "support/unescape.h"

namespace roentgen {
namespace {

using test::Finished;
using test::MadeReport;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Json Parsed(const RadiologyReport& report) {
  return ParseJson(ReportFhir(report), "report");
}

std::vector<Json> Contained(const Json& report, const std::string& type) {
  std::vector<Json> found;
  for (const Json& each : report.value("contained", Json::array())) {
    if (each["resourceType"] == type) found.push_back(each);
  }
  return found;
}

/// By Unicode's blanks too.
bool IsBlank(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (ClassOf(step.code_point) != CharClass::kSpace) return false;
    at += step.length;
  }
  return true;
}

/// With the newlines as they stand in the narrative.
std::string WithBreaks(std::string text) {
  for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at)) {
    text.replace(at, 1, "<br/>");
  }
  return text;
}

/// Whether XML knows the character (XML 1.0, Char).
bool IsXmlCharacter(char32_t c) {
  return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xd7ff) ||
         (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
}

/// What makes a text no well-formed XHTML of the elements that a narrative may have; empty:
/// nothing.
std::string WrongXhtml(const std::string& text) {
  static const std::set<std::string> kElements = {"div",   "h2", "h3", "p",  "b",  "i",
                                                  "table", "tr", "th", "td", "ol", "li"};
  static const std::regex kTag(R"re(<(/?)([a-z0-9]+)((?: [a-z:]+="[^"<&]*")*)(/?)>)re");
  static const std::regex kEntity("&(amp|lt|gt|quot|#[0-9]+);");
  std::vector<std::string> open;
  for (size_t at = 0; at < text.size();) {
    const auto match = [&](const std::regex& form, std::smatch& found) {
      return std::regex_search(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), found,
                               form, std::regex_constants::match_continuous);
    };
    std::smatch found;
    if (text[at] == '<') {
      if (!match(kTag, found)) return "no tag: " + text.substr(at, 40);
      const std::string name = found[2];
      if (name == "br" && found[4] == "/") {
      } else if (!kElements.contains(name)) {
        return "unknown: " + name;
      } else if (found[1] == "/") {
        if (open.empty() || open.back() != name) return "not open: " + name;
        open.pop_back();
      } else {
        open.push_back(name);
      }
      if (open.empty() && at + static_cast<size_t>(found.length()) < text.size()) return "goes on";
      at += static_cast<size_t>(found.length());
    } else if (text[at] == '&') {
      if (!match(kEntity, found)) return "no entity: " + text.substr(at, 40);
      at += static_cast<size_t>(found.length());
    } else {
      const Utf8Step step = ReadUtf8(text, at);
      if (!step.valid || !IsXmlCharacter(step.code_point)) return "no character of XML";
      at += step.length;
    }
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

/// FHIR's types by the names of the elements that are used here. All others hold strings.
std::string TypeOf(const std::string& key) {
  static const std::map<std::string, std::string> kTypes = {
      {"id", "id"},
      {"system", "uri"},
      {"reference", "reference"},
      {"status", "code"},
      {"language", "code"},
      {"contentType", "code"},
      {"code", "code"},
      {"type", "code"},
      {"resourceType", "code"},
      {"issued", "instant"},
      {"data", "base64"},
      {"effectiveDateTime", "date"},
      {"div", "xhtml"},
      {"createdDateTime", "date"},
  };
  const auto found = kTypes.find(key);
  return found == kTypes.end() ? "string" : found->second;
}

bool IsOfType(const std::string& type, const std::string& text) {
  static const std::map<std::string, std::regex> kForms = {
      {"id", std::regex("[A-Za-z0-9.-]{1,64}")},
      {"uri", std::regex("[^\\s]+")},
      {"reference", std::regex("#[A-Za-z0-9.-]{1,64}")},
      {"code", std::regex("[^\\s]+( [^\\s]+)*")},
      {"instant", std::regex("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T"
                             "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")},
      {"date", std::regex("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")},
  };
  if (type == "base64") return FromBase64(text).has_value();
  if (type == "xhtml") return WrongXhtml(text).empty();
  const auto form = kForms.find(type);
  if (form != kForms.end()) return std::regex_match(text, form->second);
  // A string: not blank, no control characters, at most 1 MB.
  return !IsBlank(text) && text.size() <= (size_t{1} << 20) && text == Printable(text);
}

/// Walks over a whole resource.
class Validity {
 public:
  std::vector<std::string> Check(const Json& report) {
    Walk(report, "DiagnosticReport");
    std::multiset<std::string> ids;
    for (const Json& each : report.value("contained", Json::array())) {
      ids.insert("#" + each["id"].get<std::string>());
      if (each.contains("contained")) wrong_.push_back("contained in contained");
    }
    if (std::set(ids.begin(), ids.end()).size() != ids.size()) wrong_.push_back("an id twice");
    for (const std::string& id : ids) {
      if (!references_.contains(id)) wrong_.push_back("nobody refers to " + id);
    }
    for (const std::string& reference : references_) {
      if (!ids.contains(reference)) wrong_.push_back("nothing is " + reference);
    }
    return wrong_;
  }

 private:
  void Walk(const Json& value, const std::string& where, const std::string& key = "") {
    if (value.is_null() || (value.is_structured() && value.empty())) {
      wrong_.push_back(where + " is empty");
    }
    if (value.is_string()) {
      const std::string text = value;
      if (!IsOfType(TypeOf(key), text)) {
        wrong_.push_back(where + " is " + text.substr(0, 80) +
                         (key == "div" ? ": " + WrongXhtml(text) : ""));
      }
      if (key == "reference") references_.insert(text);
    }
    if (value.is_object()) {
      if (value.contains("resourceType")) CheckElements(value, where);
      for (const auto& [name, child] : value.items()) Walk(child, where + "." + name, name);
    }
    if (value.is_array()) {
      for (const Json& child : value) Walk(child, where, key);
    }
  }

  void CheckElements(const Json& resource, const std::string& where) {
    static const std::map<std::string, std::set<std::string>> kElements = {
        {"DiagnosticReport",
         {"meta", "language", "text", "contained", "status", "category", "code",
          "effectiveDateTime", "issued", "result", "media", "conclusion", "presentedForm"}},
        {"Device", {"id", "deviceName", "version", "property"}},
        {"Media",
         {"id", "identifier", "status", "type", "modality", "bodySite", "createdDateTime",
          "content"}},
        {"Observation",
         {"id", "status", "category", "code", "effectiveDateTime", "valueString",
          "dataAbsentReason", "note", "device", "derivedFrom", "component"}},
    };
    for (const auto& [key, value] : resource.items()) {
      if (key != "resourceType" && !kElements.at(resource["resourceType"]).contains(key)) {
        wrong_.push_back(where + " has " + key);
      }
    }
    for (const char* needed : {"status", "code"}) {
      const bool has = resource["resourceType"] == "Observation" ||
                       resource["resourceType"] == "DiagnosticReport";
      if (has && !resource.contains(needed)) wrong_.push_back(where + " has no " + needed);
    }
    if (resource.contains("valueString") && resource.contains("dataAbsentReason")) {
      wrong_.push_back(where + " is and is absent");  // obs-6
    }
  }

  std::vector<std::string> wrong_;
  std::set<std::string> references_;
};

TEST(ReportFhir, IsValidWhateverAReportHolds) {
  std::vector<test::NamedReport> reports = test::MadeReports();
  for (uint64_t seed = 1000; seed < 1500; ++seed) {
    reports.push_back({fmt::format("hostile {}", seed),
                       test::HostileReport(seed, static_cast<Language>(seed % 2))});
  }
  for (const auto& [name, report] : reports) {
    const Json json = Parsed(report);
    ASSERT_THAT(Validity().Check(json), IsEmpty()) << name;
    // Every sentence stands in the narrative, and every answer in its observation.
    const std::string div = test::UnescapeMarkup(json["text"]["div"].get<std::string>());
    for (const ReportSentence& sentence : report.sentences) {
      ASSERT_THAT(div, HasSubstr(WithBreaks(sentence.text))) << name;
    }
    const auto observations = Contained(json, "Observation");
    ASSERT_EQ(observations.size(), report.answers.size()) << name;
    for (size_t i = 0; i < observations.size(); ++i) {
      const std::string& answer = report.answers[i].answer;
      const Json& observation = observations[i];
      if (answer.size() > (size_t{1} << 20)) {
        EXPECT_EQ(observation["dataAbsentReason"]["coding"][0]["code"], "as-text") << name;
      } else if (report.answers[i].assessed) {
        EXPECT_EQ(observation["valueString"], answer) << name;
      } else if (!IsBlank(answer)) {
        EXPECT_EQ(observation["dataAbsentReason"]["text"], answer) << name;
      } else {
        EXPECT_FALSE(observation["dataAbsentReason"].contains("text")) << name;
      }
    }
  }
}

TEST(ReportFhir, OfNoAnswersIsValid) {
  RadiologyReport report = MadeReport(Language::kEnglish, {});
  report.answers.clear();
  report.study.images.clear();
  EXPECT_THAT(Validity().Check(Parsed(report)), IsEmpty());
}

TEST(ReportFhir, ABrokenResourceIsTold) {
  Json json = Parsed(Finished(MadeReport(Language::kEnglish, {"Chest."})));
  json["contained"][1]["device"]["reference"] = "#nobody";
  json["conclusion"] = " ";
  json["text"]["div"] = "<div><p></div>";
  json["effectiveDateTime"] = "2019";
  EXPECT_THAT(Validity().Check(json), SizeIs(4));
}

TEST(ReportFhir, IsAPreliminaryReportOfNobody) {
  const Json json = Parsed(Finished(MadeReport(Language::kEnglish, {"Chest."})));
  EXPECT_EQ(json["resourceType"], "DiagnosticReport");
  EXPECT_EQ(json["status"], "preliminary");
  EXPECT_FALSE(json.contains("subject"));
  EXPECT_EQ(json["code"]["coding"][0]["code"], "18748-4");
  EXPECT_FALSE(json["code"].contains("text"));  // the examination was not recognised
  EXPECT_EQ(json["issued"], "2026-11-27T08:00:00Z");
  EXPECT_THAT(json["conclusion"].get<std::string>(), HasSubstr("For research use only."));
}

TEST(ReportFhir, TheDateIsThatOfTheStudyOrThereIsNone) {
  RadiologyReport report = MadeReport(Language::kEnglish, {"Chest."});
  const Json undated = Parsed(Finished(report));
  EXPECT_FALSE(undated.contains("effectiveDateTime"));
  EXPECT_FALSE(Contained(undated, "Observation")[0].contains("effectiveDateTime"));
  report.study.images[0].study_date = "2019-04-07";
  const Json dated = Parsed(Finished(report));
  EXPECT_EQ(dated["effectiveDateTime"], "2019-04-07");
  EXPECT_EQ(Contained(dated, "Observation")[0]["effectiveDateTime"], "2019-04-07");
  EXPECT_EQ(Contained(dated, "Media")[0]["createdDateTime"], "2019-04-07");
  report.study.images.push_back(test::MadeImage(1));
  report.study.images[1].study_date = "2020-01-01";
  EXPECT_FALSE(Parsed(Finished(report)).contains("effectiveDateTime"));
}

TEST(ReportFhir, WhatCouldNotBeAssessedIsSaidEverywhere) {
  const Json json = Parsed(Finished(MadeReport(
      Language::kChinese, {"胸片。", "双肺清晰。", "无法评估。", "", "未见骨折。", ""})));
  const auto observations = Contained(json, "Observation");
  EXPECT_EQ(observations[2]["dataAbsentReason"]["coding"][0]["code"], "unknown");
  EXPECT_EQ(observations[2]["dataAbsentReason"]["text"], "无法评估。");
  EXPECT_FALSE(observations[3]["dataAbsentReason"].contains("text"));
  for (const std::string text : {json["conclusion"], json["text"]["div"]}) {
    EXPECT_THAT(text, HasSubstr("未能评估：心影和纵隔、膈肌和肋膈角、诊断意见"));
  }
  EXPECT_THAT(json["conclusion"].get<std::string>(), HasSubstr("未作回答 [6]"));
}

TEST(ReportFhir, MarksStandBesideTheirSentences) {
  RadiologyReport report = MadeReport(
      Language::kEnglish, {"Chest.", "The lungs are clear. The left base cannot be seen.", "", "",
                           "", "Consolidation in the right lung. And"});
  report.answers[5].finish = Answer::Finish::kLength;
  const Json json = Parsed(Finished(report));
  const auto observations = Contained(json, "Observation");
  EXPECT_EQ(observations[1]["valueString"], "The lungs are clear. The left base cannot be seen.");
  const Json& findings = observations[1]["component"];
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0]["code"]["text"], "contradicts [6]");
  EXPECT_EQ(findings[0]["valueString"], "The lungs are clear.");
  EXPECT_EQ(findings[1]["code"]["text"], "cannot be told");
  EXPECT_EQ(observations[5]["component"][1]["code"]["text"], "cut off by the limit of length");
  EXPECT_THAT(json["conclusion"].get<std::string>(),
              HasSubstr("Consolidation in the right lung. (contradicts [2]) And (cut off by the "
                        "limit of length) [6]"));
  EXPECT_THAT(json["text"]["div"].get<std::string>(),
              HasSubstr("The lungs are clear.<i> (contradicts [6])</i> The left base"));
  EXPECT_EQ(observations[5]["code"]["coding"][0]["code"], "19005-8");
}

TEST(ReportFhir, TheNarrativeHasALanguageAndTheWholeDocument) {
  RadiologyReport report = MadeReport(Language::kChinese, {"胸片。"});
  report.study.indication = "发热\n<三天>";
  const std::string div = Parsed(Finished(report))["text"]["div"];
  EXPECT_THAT(div, AllOf(HasSubstr(" xml:lang=\"zh-CN\" lang=\"zh-CN\""),
                         HasSubstr("发热<br/>&lt;三天&gt;"), HasSubstr("请描述双肺野。"),
                         HasSubstr(std::string(64, 'c')), HasSubstr("仅供研究使用"),
                         HasSubstr(report.study.images[0].sha256)));
}

TEST(ReportFhir, AnswersGivenInOtherWaysHaveOtherDevices) {
  RadiologyReport report = MadeReport(Language::kEnglish, {"Chest."});
  report.facts.adapters = {{"tuned", std::string(64, 'd')}, {"unhashed", ""}};
  report.facts.generation.sampling.temperature = 0.7;
  report = Finished(report);
  report.answers[1].facts.run.generation.max_new_tokens *= 4;
  report.answers[3].facts.run.generation.max_new_tokens *= 4;
  const Json json = Parsed(report);
  const auto devices = Contained(json, "Device");
  ASSERT_THAT(devices, SizeIs(2));
  std::vector<std::string> used;
  for (const Json& observation : Contained(json, "Observation")) {
    used.push_back(observation["device"]["reference"]);
  }
  EXPECT_THAT(used, ElementsAre("#program", "#program-2", "#program", "#program-2", "#program",
                                "#program"));
  EXPECT_EQ(devices[0]["deviceName"][0]["name"], "tiny");
  EXPECT_EQ(devices[0]["version"][2]["component"]["value"], "tuned");
  EXPECT_EQ(devices[0]["version"][2]["value"], std::string(64, 'd'));
  std::map<std::string, Json> properties;
  for (const Json& property : devices[1]["property"]) {
    properties[property["type"]["text"]] = property.contains("valueCode")
                                               ? property["valueCode"][0]["text"]
                                               : property["valueQuantity"][0]["value"];
  }
  EXPECT_EQ(properties["temperature"], 0.7);
  EXPECT_EQ(properties["max_new_tokens"], 2048);
  EXPECT_EQ(properties["seed"], 0);
  EXPECT_EQ(properties["key_values"], "f32");
  EXPECT_EQ(properties["system_prompt"], "You are a helpful assistant.");
}

TEST(ReportFhir, ImagesAreThoseThatWereShown) {
  RadiologyReport report = MadeReport(Language::kEnglish, {"Chest."});
  report.study.images.push_back(test::MadeImage(1));
  report = Finished(report);
  report.answers[1].facts.images.pop_back();
  const Json json = Parsed(report);
  const auto images = Contained(json, "Media");
  ASSERT_THAT(images, SizeIs(2));
  EXPECT_EQ(images[1]["identifier"][0]["value"], report.study.images[1].sha256);
  EXPECT_EQ(images[1]["identifier"][1]["value"], report.study.images[1].pixels_sha256);
  EXPECT_EQ(images[1]["modality"]["coding"][0]["code"], "CT");
  EXPECT_EQ(images[1]["bodySite"]["text"], "CHEST");
  EXPECT_THAT(images[1]["content"]["title"].get<std::string>(), HasSubstr("image 2: DICOM"));
  EXPECT_THAT(json["media"], SizeIs(2));
  const auto observations = Contained(json, "Observation");
  EXPECT_THAT(observations[0]["derivedFrom"], SizeIs(2));
  EXPECT_THAT(observations[1]["derivedFrom"], SizeIs(1));
}

TEST(ReportFhir, HoldsTheMarkdown) {
  const RadiologyReport report = Finished(MadeReport(Language::kEnglish, {"Chest."}));
  const Json form = Parsed(report)["presentedForm"][0];
  EXPECT_EQ(form["contentType"], "text/markdown; charset=utf-8");
  EXPECT_EQ(form["language"], "en");
  EXPECT_EQ(FromBase64(form["data"].get<std::string>()), ReportMarkdown(report));
}

}  // namespace
}  // namespace roentgen
