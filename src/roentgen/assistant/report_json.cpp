#include <fmt/format.h>

#include <set>

#include "roentgen/assistant/report_files.h"
#include "roentgen/base/base64.h"
#include "roentgen/base/hash.h"
#include "roentgen/data/svg_chart.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string Dump(const OrderedJson& json) {
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

OrderedJson SentencesJson(const RadiologyReport& report, bool impression) {
  OrderedJson list = OrderedJson::array();
  for (const ReportSentence& sentence : Sentences(report, impression)) {
    list.push_back({{"text", sentence.text}, {"question", sentence.answer + 1}});
  }
  return list;
}

OrderedJson PicturesJson(const RadiologyReport& report) {
  OrderedJson list = OrderedJson::array();
  for (const ShownPicture& picture : report.study.images) {
    list.push_back({{"sha256", picture.sha256},
                    {"pixels_sha256", picture.pixels_sha256},
                    {"facts", picture.facts}});
  }
  return list;
}

std::string Joined(const RadiologyReport& report, bool impression) {
  std::string text;
  for (const ReportSentence& sentence : Sentences(report, impression)) {
    text += (text.empty() ? "" : "\n") + sentence.text;
  }
  return text;
}

OrderedJson Text(std::string_view text) {
  return {{"text", text}};
}

/// The program as the maker of the observations, with what identifies model and adapters.
OrderedJson Device(const RadiologyReport& report) {
  OrderedJson device;
  device["resourceType"] = "Device";
  device["id"] = "program";
  device["deviceName"] = {{{"name", report.facts.model}, {"type", "model-name"}}};
  device["version"] = {{{"type", Text("program")}, {"value", report.facts.program}},
                       {{"type", Text("model sha256")}, {"value", report.facts.model_sha256}},
                       {{"type", Text("weights")}, {"value", report.facts.weights}}};
  for (const RunFacts::Adapter& adapter : report.facts.adapters) {
    device["version"].push_back(
        {{"type", Text("adapter sha256: " + adapter.name)}, {"value", adapter.sha256}});
  }
  device["note"] = {{{"text", "settings " + ToJson(report.facts).at("sampling").dump()}}};
  return device;
}

OrderedJson Observation(const RadiologyReport& report, size_t number) {
  const ReportAnswer& answer = report.answers[number];
  OrderedJson observation;
  observation["resourceType"] = "Observation";
  observation["id"] = fmt::format("question-{}", number + 1);
  observation["status"] = "preliminary";
  observation["code"] = Text(answer.step.TopicIn(report.language));
  observation["effectiveDateTime"] = report.date;
  observation["device"] = {{"reference", "#program"}};
  observation["note"] = {{{"text", answer.step.QuestionIn(report.language)}}};
  if (answer.assessed) {
    observation["valueString"] = answer.answer;
  } else {
    observation["dataAbsentReason"] = {
        {"coding",
         {{{"system", "http://terminology.hl7.org/CodeSystem/data-absent-reason"},
           {"code", "unknown"}}}},
        {"text", answer.answer}};
  }
  return observation;
}

}  // namespace

std::string ReportJson(const RadiologyReport& report) {
  OrderedJson json;
  json["type"] = "roentgen report";
  json["notice"] = WordsOf(report.language).notice;
  json["date"] = report.date;
  json["language"] = CodeOf(report.language);
  json["findings"] = SentencesJson(report, false);
  json["impression"] = SentencesJson(report, true);
  json["not_assessed"] = NotAssessed(report);
  json["questions"] = OrderedJson::array();
  for (const ReportAnswer& answer : report.answers) {
    json["questions"].push_back({{"key", answer.step.key},
                                 {"topic", answer.step.TopicIn(report.language)},
                                 {"question", answer.step.QuestionIn(report.language)},
                                 {"answer", answer.answer},
                                 {"assessed", answer.assessed}});
  }
  json["pictures"] = PicturesJson(report);
  json["made_with"] = ToJson(report.facts);
  return Dump(json);
}

std::string ReportFhir(const RadiologyReport& report) {
  const ReportWords& words = WordsOf(report.language);
  OrderedJson json;
  json["resourceType"] = "DiagnosticReport";
  json["language"] = report.language == Language::kEnglish ? "en" : "zh-CN";
  const std::string findings = Joined(report, false);
  const std::string impression = Joined(report, true);
  json["text"] = {{"status", "generated"},
                  {"div", fmt::format("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p><b>{}</b></p>"
                                      "<p>{}</p><p>{}</p><p>{}</p><p>{}</p></div>",
                                      EscapeMarkup(words.notice), EscapeMarkup(words.findings),
                                      EscapeMarkup(findings), EscapeMarkup(words.impression),
                                      EscapeMarkup(impression))}};
  json["contained"] = OrderedJson::array();
  json["contained"].push_back(Device(report));
  json["status"] = "preliminary";
  json["category"] = {{{"coding",
                        {{{"system", "http://terminology.hl7.org/CodeSystem/v2-0074"},
                          {"code", "RAD"},
                          {"display", "Radiology"}}}}}};
  json["code"] = {{"coding",
                   {{{"system", "http://loinc.org"},
                     {"code", "18748-4"},
                     {"display", "Diagnostic imaging study"}}}}};
  json["effectiveDateTime"] = report.date;
  json["issued"] = report.date;
  json["result"] = OrderedJson::array();
  for (size_t i = 0; i < report.answers.size(); ++i) {
    json["contained"].push_back(Observation(report, i));
    json["result"].push_back({{"reference", fmt::format("#question-{}", i + 1)}});
  }
  json["conclusion"] = fmt::format("{}\n{}", words.notice, impression);
  json["presentedForm"] = {{{"contentType", "text/markdown; charset=utf-8"},
                            {"language", json["language"]},
                            {"data", Base64(ReportMarkdown(report))},
                            {"title", words.title}}};
  return Dump(json);
}

}  // namespace roentgen
