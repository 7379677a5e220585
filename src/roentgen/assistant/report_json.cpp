#include <string>
#include <string_view>
#include <utility>

#include "roentgen/assistant/examination.h"
#include "roentgen/assistant/report_dump.h"
#include "roentgen/assistant/report_files.h"

namespace roentgen {
namespace {

using OrderedJson = nlohmann::ordered_json;

// Of the fields in docs/report.schema.json. A field that is added leaves it; one that is renamed,
// taken away or means something else does not.
constexpr int kVersion = 1;

OrderedJson OrNull(std::string_view text) {
  return text.empty() ? OrderedJson() : OrderedJson(text);
}

OrderedJson StudyJson(const ImagingStudy& study) {
  OrderedJson images = OrderedJson::array();
  for (const ShownPicture& image : study.images) {
    images.push_back({{"sha256", image.sha256},
                      {"pixels_sha256", OrNull(image.pixels_sha256)},
                      {"facts", image.facts},
                      {"modality", OrNull(image.modality)},
                      {"body_part", OrNull(image.body_part)}});
  }
  OrderedJson json = {{"id", OrNull(study.Id())},
                      {"date", OrNull(study.Date())},
                      {"indication", OrNull(study.indication)}};
  if (study.different_patients) json["different_patients"] = *study.different_patients;
  json["images"] = std::move(images);
  return json;
}

std::string_view SourceOf(const Examination& examination) {
  switch (examination.source) {
    case Examination::Source::kGiven:
      return "given";
    case Examination::Source::kDicom:
      return "dicom";
    case Examination::Source::kAnswer:
      return "answer";
    default:
      return "unknown";
  }
}

OrderedJson SentencesJson(const RadiologyReport& report) {
  OrderedJson list = OrderedJson::array();
  for (const ReportSentence& sentence : report.sentences) {
    const bool impression = report.answers[sentence.answer].step.IsImpression();
    list.push_back({{"text", sentence.text},
                    {"question", sentence.answer + 1},
                    {"part", impression ? "impression" : "findings"},
                    {"abstains", sentence.marks.abstains},
                    {"cut", sentence.marks.cut},
                    {"repeated", sentence.marks.repeated},
                    {"contradicts", sentence.marks.contradicts}});
  }
  return list;
}

/// What gave an answer. Each has all of it: an answer can be taken out of the report by itself.
OrderedJson FactsJson(const AnswerFacts& facts) {
  OrderedJson json = ToJson(facts.run);
  json["images"] = OrderedJson::array();
  for (const ShownImage& image : facts.images) {
    json["images"].push_back(
        {{"sha256", image.sha256}, {"pixels_sha256", OrNull(image.pixels_sha256)}});
  }
  return json;
}

}  // namespace

std::string ReportJson(const RadiologyReport& report) {
  const Examination& examination = report.study.examination;
  OrderedJson json;
  json["type"] = "roentgen report";
  json["version"] = kVersion;
  json["notice"] = WordsOf(report.language).notice;
  json["date"] = report.date;
  json["language"] = CodeOf(report.language);
  json["study"] = StudyJson(report.study);
  json["examination"] = {{"name", NameOf(examination.subject, Language::kEnglish)},
                         {"source", SourceOf(examination)},
                         {"evidence", OrNull(examination.evidence)}};
  json["sentences"] = SentencesJson(report);
  json["not_assessed"] = OrderedJson::array();
  json["questions"] = OrderedJson::array();
  for (const ReportAnswer& answer : report.answers) {
    if (!answer.assessed) json["not_assessed"].push_back(answer.step.key);
    const bool cut = answer.finish == Answer::Finish::kLength;
    json["questions"].push_back({{"key", answer.step.key},
                                 {"topic", answer.step.TopicIn(report.language)},
                                 {"question", answer.step.QuestionIn(report.language)},
                                 {"answer", answer.answer},
                                 {"assessed", answer.assessed},
                                 {"finish", cut ? "length" : "stop"},
                                 {"made_with", FactsJson(answer.facts)}});
  }
  json["made_with"] = ToJson(report.facts);
  return DumpPrintable(std::move(json));
}

}  // namespace roentgen
