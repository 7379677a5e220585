#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "roentgen/assistant/examination.h"
#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/report_dump.h"
#include "roentgen/assistant/report_files.h"
#include "roentgen/assistant/report_narrative.h"
#include "roentgen/base/base64.h"
#include "roentgen/base/made_by.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kMostOfAString = size_t{1} << 20;  // characters that FHIR allows

/// Whether FHIR takes the text as a string, which is neither empty nor blank nor endless.
bool IsString(std::string_view text) {
  if (text.size() > kMostOfAString) return false;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (ClassOf(step.code_point) != CharClass::kSpace) return true;
    at += step.length;
  }
  return false;
}

/// Adds a string where it is one: FHIR has no empty values, an element without a value is left out.
void Put(OrderedJson& json, const char* key, std::string_view text) {
  std::string printable = Printable(text);
  if (IsString(printable)) json[key] = std::move(printable);
}

void PutList(OrderedJson& json, const char* key, OrderedJson list) {
  if (!list.empty()) json[key] = std::move(list);
}

OrderedJson Text(std::string_view text) {
  return {{"text", text}};
}

OrderedJson ListOf(OrderedJson only) {
  OrderedJson list = OrderedJson::array();
  list.push_back(std::move(only));
  return list;
}

OrderedJson Code(std::string_view system, std::string_view code) {
  return {{"coding", ListOf({{"system", system}, {"code", code}})}};
}

OrderedJson ReferenceTo(const OrderedJson& contained) {
  return {{"reference", fmt::format("#{}", contained.at("id").get<std::string>())}};
}

// The program.

/// A part that a version can be told of. name: of which of them, where there may be several.
void AddVersion(OrderedJson& device, std::string_view type, std::string_view value,
                std::string_view name = "") {
  OrderedJson version = {{"type", Text(type)}};
  OrderedJson component = OrderedJson::object();
  Put(component, "value", name);
  if (!component.empty()) version["component"] = std::move(component);
  Put(version, "value", value);
  if (version.contains("value")) device["version"].push_back(std::move(version));
}

void AddProperties(OrderedJson& device, const OrderedJson& settings) {
  for (const auto& [key, value] : settings.items()) {
    if (value.is_object()) {
      AddProperties(device, value);
      continue;
    }
    OrderedJson property = {{"type", Text(key)}};
    if (value.is_number()) {
      property["valueQuantity"] = ListOf({{"value", value}});
    } else {
      OrderedJson text = OrderedJson::object();
      Put(text, "text", value.is_string() ? value.get<std::string>() : value.dump());
      if (text.empty()) continue;
      property["valueCode"] = ListOf(std::move(text));
    }
    device["property"].push_back(std::move(property));
  }
}

/// The program as it was for an answer: model and adapters as its versions, settings as its
/// properties, by their names in ToJson(RunFacts).
OrderedJson DeviceOf(const RunFacts& facts, Language language, std::string id) {
  const bool english = language == Language::kEnglish;
  OrderedJson device = {{"resourceType", "Device"}, {"id", std::move(id)}};
  OrderedJson name = OrderedJson::object();
  Put(name, "name", OneLine(facts.model));
  if (!name.empty()) {
    name["type"] = "model-name";
    device["deviceName"] = ListOf(std::move(name));
  }
  AddVersion(device, english ? "program" : "程序", facts.program);
  AddVersion(device, english ? "model, SHA-256" : "模型 SHA-256", facts.model_sha256);
  AddVersion(device, english ? "model settings, SHA-256" : "模型设置 SHA-256",
             facts.settings_sha256);
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    AddVersion(device, english ? "adapter, SHA-256" : "适配器 SHA-256",
               adapter.sha256.empty() ? "-" : adapter.sha256, OneLine(adapter.name));
  }
  OrderedJson settings = ToJson(facts);
  for (const char* told : {"program", "model", "model_sha256", "settings_sha256", "adapters"}) {
    settings.erase(told);
  }
  AddProperties(device, settings);
  return device;
}

// The images.

void AddHash(OrderedJson& media, std::string_view type, std::string_view sha256) {
  OrderedJson identifier = {{"type", Text(type)}};
  Put(identifier, "value", sha256);
  if (identifier.contains("value")) media["identifier"].push_back(std::move(identifier));
}

/// An image by its hashes and what DICOM's defined terms say of it. Its pixels stay outside.
OrderedJson MediaOf(const RadiologyReport& report, const ReportDocument& document, size_t place) {
  const ShownPicture& image = report.study.images[place];
  const std::string& name = document.images[place].name;
  const bool english = report.language == Language::kEnglish;
  OrderedJson media = {{"resourceType", "Media"}, {"id", fmt::format("image-{}", place + 1)}};
  AddHash(media, english ? "SHA-256 of the file" : "文件 SHA-256", image.sha256);
  AddHash(media, english ? "SHA-256 of the pixels shown" : "所示像素 SHA-256", image.pixels_sha256);
  media["status"] = "completed";
  media["type"] = Code("http://terminology.hl7.org/CodeSystem/media-type", "image");
  if (!image.modality.empty()) {
    media["modality"] = Code("http://dicom.nema.org/resources/ontology/DCM", image.modality);
  }
  if (!image.body_part.empty()) media["bodySite"] = Text(image.body_part);
  Put(media, "createdDateTime", image.study_date);
  media["content"]["title"] = name;
  Put(media["content"], "title", name + document.colon + OneLine(document.images[place].value));
  return media;
}

// The answers.

/// A sentence beside what a reader has to know about it.
void AddMarks(OrderedJson& observation, const ReportDocument::Paragraph& paragraph) {
  for (const ReportDocument::Sentence& sentence : paragraph.sentences) {
    for (const std::string& mark : sentence.marks) {
      OrderedJson component = {{"code", Text(mark)}};
      Put(component, "valueString", sentence.text);
      if (component.contains("valueString")) {
        observation["component"].push_back(std::move(component));
      }
    }
  }
}

/// The answer, or why there is none: it said only that it cannot tell, or nothing; or it is longer
/// than a string may be and stands in the narrative alone.
void AddValue(OrderedJson& observation, const ReportAnswer& answer) {
  const bool fits = answer.answer.size() <= kMostOfAString;
  if (answer.assessed && fits) Put(observation, "valueString", answer.answer);
  if (observation.contains("valueString")) return;
  observation["dataAbsentReason"] = Code("http://terminology.hl7.org/CodeSystem/data-absent-reason",
                                         fits ? "unknown" : "as-text");
  Put(observation["dataAbsentReason"], "text", answer.answer);
}

OrderedJson ObservationOf(const RadiologyReport& report, size_t place) {
  const ReportAnswer& answer = report.answers[place];
  OrderedJson observation = {{"resourceType", "Observation"},
                             {"id", fmt::format("question-{}", place + 1)},
                             {"status", "preliminary"}};
  observation["category"] =
      ListOf(Code("http://terminology.hl7.org/CodeSystem/observation-category", "imaging"));
  // LOINC: Radiology Imaging study [Impression] (narrative). The topics of the findings have none.
  if (answer.step.IsImpression()) observation["code"] = Code("http://loinc.org", "19005-8");
  observation["code"]["text"] = answer.step.TopicIn(report.language);
  Put(observation, "effectiveDateTime", report.study.Date());
  AddValue(observation, answer);
  observation["note"] = ListOf(Text(answer.step.QuestionIn(report.language)));
  return observation;
}

/// What a report consists of, as resources: Devices, Observations, Media.
class Contents {
 public:
  Contents(const RadiologyReport& report, const ReportDocument& document) : report_(report) {
    for (size_t i = 0; i < report.study.images.size(); ++i) {
      images_.push_back(MediaOf(report, document, i));
    }
    for (const ReportDocument::Part& part : document.parts) {
      for (const ReportDocument::Paragraph& paragraph : part.paragraphs) AddAnswer(paragraph);
    }
  }

  OrderedJson Contained() const {
    OrderedJson all = OrderedJson::array();
    for (const std::vector<OrderedJson>* list : {&devices_, &answers_, &images_}) {
      for (const OrderedJson& each : *list) all.push_back(each);
    }
    return all;
  }
  OrderedJson Results() const {
    OrderedJson references = OrderedJson::array();
    for (const OrderedJson& answer : answers_) references.push_back(ReferenceTo(answer));
    return references;
  }
  OrderedJson Images() const {
    OrderedJson links = OrderedJson::array();
    for (const OrderedJson& image : images_) links.push_back({{"link", ReferenceTo(image)}});
    return links;
  }

 private:
  void AddAnswer(const ReportDocument::Paragraph& paragraph) {
    const size_t place = paragraph.question - 1;
    const AnswerFacts& facts = report_.answers[place].facts;
    OrderedJson observation = ObservationOf(report_, place);
    observation["device"] = ReferenceTo(DeviceFor(facts.run));
    AddShown(observation, facts.images);
    AddMarks(observation, paragraph);
    answers_.push_back(std::move(observation));
  }

  /// Answers that were given in the same way share a device.
  const OrderedJson& DeviceFor(const RunFacts& facts) {
    const std::string id =
        devices_.empty() ? "program" : fmt::format("program-{}", devices_.size() + 1);
    OrderedJson device = DeviceOf(facts, report_.language, id);
    for (const OrderedJson& known : devices_) {
      device["id"] = known["id"];
      if (device == known) return known;
    }
    device["id"] = id;
    return devices_.emplace_back(std::move(device));
  }

  /// The images that the model had been shown when it answered.
  void AddShown(OrderedJson& observation, const std::vector<ShownImage>& shown) const {
    const std::vector<ShownImage> images = HashesOf(report_.study.images);
    for (size_t i = 0; i < images.size(); ++i) {
      if (std::find(shown.begin(), shown.end(), images[i]) != shown.end()) {
        observation["derivedFrom"].push_back(ReferenceTo(images_[i]));
      }
    }
  }

  const RadiologyReport& report_;
  std::vector<OrderedJson> devices_, answers_, images_;
};

/// The impression with its marks, below the notice, whose images these are where that is not sure,
/// and what could not be assessed.
std::string Conclusion(const ReportDocument& document) {
  std::string rest = document.notice;
  for (const std::string& line : {document.patients, document.not_assessed}) {
    if (!line.empty()) rest += "\n" + line;
  }
  const std::string whole = fmt::format("{}\n{}", rest, PlainText(document, document.parts.back()));
  return IsString(whole) ? whole : rest;  // an endless one stands in the narrative
}

}  // namespace

std::string ReportFhir(const RadiologyReport& report) {
  const ReportDocument document = DocumentOf(report);
  OrderedJson json = {
      {"resourceType", "DiagnosticReport"},
      {"meta", {{"tag", ListOf(OrderedJson{{"display", MadeByMark(FileKind::kReport)}})}}},
      {"language", document.language}};
  json["text"] = {{"status", "generated"}, {"div", NarrativeDiv(document)}};
  const Contents contents(report, document);
  PutList(json, "contained", contents.Contained());
  json["status"] = "preliminary";
  json["category"] = ListOf(Code("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD"));
  json["code"] = Code("http://loinc.org", "18748-4");  // Diagnostic imaging study
  const Examination& examination = report.study.examination;
  if (examination.source != Examination::Source::kUnknown) {
    Put(json["code"], "text", DescribeExamination(examination, report.language));
  }
  Put(json, "effectiveDateTime", report.study.Date());
  Put(json, "issued", report.date);
  PutList(json, "result", contents.Results());
  PutList(json, "media", contents.Images());
  Put(json, "conclusion", Conclusion(document));
  json["presentedForm"] = ListOf({{"contentType", "text/markdown; charset=utf-8"},
                                  {"language", document.language},
                                  {"data", Base64(ReportMarkdown(report))},
                                  {"title", document.title}});
  return DumpPrintable(std::move(json));
}

}  // namespace roentgen
