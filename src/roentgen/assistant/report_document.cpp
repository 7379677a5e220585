#include "roentgen/assistant/report_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "roentgen/assistant/report_facts_zh.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using Fact = ReportDocument::Fact;

/// Chinese, Japanese and Korean characters and their marks, which are written without blanks.
bool IsWide(char32_t c) {
  return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xff00 && c <= 0xffef) || (c >= 0x20000 && c <= 0x3ffff);
}

bool BeginsWide(std::string_view text) {
  return !text.empty() && IsWide(ReadUtf8(text, 0).code_point);
}

bool EndsWide(std::string_view text) {
  size_t last = text.size();
  while (last > 0 && (text[last - 1] & 0xc0) == 0x80) --last;
  return last > 0 && IsWide(ReadUtf8(text, last - 1).code_point);
}

/// What stands between two sentences that follow each other in an answer. `cursor` is where in the
/// answer the first one ends, and is moved behind the second.
std::string Between(std::string_view answer, size_t& cursor, std::string_view before,
                    std::string_view sentence) {
  const size_t begin = answer.find(sentence, cursor);
  if (begin == std::string_view::npos) return " ";
  const std::string_view gap = answer.substr(cursor, begin - cursor);
  cursor = begin + sentence.size();
  if (before.empty()) return "";
  if (gap.find('\n') != std::string_view::npos) return "\n";
  return EndsWide(before) && BeginsWide(sentence) ? "" : " ";
}

ReportDocument::Paragraph ParagraphOf(const RadiologyReport& report, size_t answer) {
  const ReportStep& step = report.answers[answer].step;
  ReportDocument::Paragraph paragraph;
  paragraph.question = answer + 1;
  if (!step.IsImpression()) paragraph.topic = step.TopicIn(report.language);
  size_t cursor = 0;
  std::string_view before;
  for (const ReportSentence& sentence : report.sentences) {
    if (sentence.answer != answer) continue;
    paragraph.sentences.push_back(
        {Between(report.answers[answer].answer, cursor, before, sentence.text),
         Printable(sentence.text), DescribeMarks(report, sentence)});
    before = sentence.text;
  }
  return paragraph;
}

ReportDocument::Part PartOf(const RadiologyReport& report, bool impression) {
  const ReportWords& words = WordsOf(report.language);
  ReportDocument::Part part;
  part.heading = impression ? words.impression : words.findings;
  for (size_t i = 0; i < report.answers.size(); ++i) {
    if (report.answers[i].step.IsImpression() == impression) {
      part.paragraphs.push_back(ParagraphOf(report, i));
    }
  }
  return part;
}

std::string Settings(const GenerationOptions& generation) {
  const SamplingOptions& sampling = generation.sampling;
  return fmt::format(
      "temperature {}, top_k {}, top_p {}, min_p {}, repetition_penalty {}, seed {}, "
      "max_new_tokens {}",
      sampling.temperature, sampling.top_k, sampling.top_p, sampling.min_p,
      sampling.repetition_penalty, generation.seed, generation.max_new_tokens);
}

/// The facts of an answer that are not those of the report: one that was cut got more room.
std::string OwnSettings(const RadiologyReport& report, const ReportAnswer& answer) {
  std::vector<Fact> common = DescribeFacts(report.facts, report.language);
  std::string text;
  for (const Fact& fact : DescribeFacts(answer.facts.run, report.language)) {
    bool same = false;
    for (const Fact& other : common) {
      same = same || (fact.name == other.name && fact.value == other.value);
    }
    if (!same) text += (text.empty() ? "" : "; ") + fact.name + " " + fact.value;
  }
  return text;
}

std::string Patients(const RadiologyReport& report) {
  const bool english = report.language == Language::kEnglish;
  const std::optional<bool>& different = report.study.different_patients;
  if (different == false) return "";
  if (!different) {
    return english ? "Whether the files name one patient is not known"
                   : "各文件是否属于同一患者不详";
  }
  return english ? "The files name different patients" : "各文件所记患者不同";
}

std::vector<Fact> About(const RadiologyReport& report) {
  const ReportWords& words = WordsOf(report.language);
  const bool english = report.language == Language::kEnglish;
  std::vector<Fact> about = {
      {std::string(words.examination),
       Printable(DescribeExamination(report.study.examination, report.language))}};
  const std::string day = report.study.Date();
  if (!day.empty()) about.push_back({english ? "Date of the study" : "检查日期", day});
  if (!report.study.indication.empty()) {
    about.push_back({std::string(words.indication), Printable(report.study.indication)});
  }
  const std::string patients = Patients(report);
  if (!patients.empty()) about.push_back({english ? "Patients" : "患者", patients});
  return about;
}

std::vector<Fact> Images(const RadiologyReport& report) {
  const bool english = report.language == Language::kEnglish;
  std::vector<Fact> images;
  for (const ShownPicture& image : report.study.images) {
    images.push_back({fmt::format("{} {}", english ? "image" : "图像", images.size() + 1),
                      Printable(english ? image.facts : FactsInChinese(image.facts)),
                      image.sha256});
  }
  return images;
}

}  // namespace

std::vector<Fact> DescribeFacts(const RunFacts& facts, Language language) {
  const auto name = [&](const char* english, const char* chinese) {
    return std::string(language == Language::kEnglish ? english : chinese);
  };
  const auto amount = [&](int64_t number, const char* english, const char* chinese) {
    return number == 0 ? name("not recorded", "未记录")
                       : fmt::format("{} {}", number, name(english, chinese));
  };
  std::vector<Fact> rows = {
      {name("program", "程序"), OneLine(facts.program)},
      {name("model", "模型"), OneLine(facts.model), facts.model_sha256},
  };
  if (!facts.settings_sha256.empty()) {
    rows.push_back({name("model settings", "模型设置"), facts.settings_sha256});
  }
  for (const RunFacts::Adapter& adapter : facts.adapters) {
    rows.push_back({name("adapter", "适配器"), OneLine(adapter.name), adapter.sha256});
  }
  if (!facts.adapters.empty()) {
    rows.push_back({name("adapters", "适配器方式"),
                    facts.adapters_merged ? name("merged into the weights", "并入权重")
                                          : name("beside the weights", "与权重分开")});
  }
  const bool english = language == Language::kEnglish;
  rows.push_back(
      {name("weights", "权重"), OneLine(english ? facts.weights : FactsInChinese(facts.weights))});
  rows.push_back({name("key-value cache", "键值缓存"), OneLine(facts.key_values)});
  rows.push_back({name("instruction set", "指令集"), OneLine(facts.instruction_set)});
  rows.push_back({name("system prompt", "系统提示词"), Printable(facts.system_prompt)});
  rows.push_back({name("settings", "生成参数"), Settings(facts.generation)});
  rows.push_back({name("context", "上下文长度"),
                  amount(static_cast<int64_t>(facts.context_tokens), "tokens", "个 token")});
  rows.push_back({name("most pixels of an image", "图像像素上限"),
                  amount(facts.max_pixels, "pixels", "像素")});
  return rows;
}

ReportDocument DocumentOf(const RadiologyReport& report) {
  const ReportWords& words = WordsOf(report.language);
  ReportDocument document;
  document.language = report.language == Language::kEnglish ? "en" : "zh-CN";
  document.title = words.title;
  document.date = report.date;
  document.notice = words.notice;
  document.about = About(report);
  document.patients = Patients(report);
  document.parts = {PartOf(report, false), PartOf(report, true)};
  document.no_answer = words.no_answer;
  document.colon = words.colon;
  const std::string missing = NotAssessed(report);
  if (!missing.empty()) {
    document.not_assessed = fmt::format("{}{}{}", words.not_assessed, words.colon, missing);
  }
  document.questions_heading = words.questions;
  for (const ReportAnswer& answer : report.answers) {
    document.questions.push_back(
        {std::string(answer.step.QuestionIn(report.language)), OwnSettings(report, answer)});
  }
  document.images = Images(report);
  document.facts = DescribeFacts(report.facts, report.language);
  return document;
}

std::string MarksBehind(const ReportDocument& document, const ReportDocument::Sentence& sentence,
                        std::string_view emphasis) {
  if (sentence.marks.empty()) return "";
  const bool english = document.language == "en";
  return fmt::format(fmt::runtime(english ? " ({0}{1}{0})" : "（{0}{1}{0}）"), emphasis,
                     fmt::join(sentence.marks, english ? "; " : "；"));
}

}  // namespace roentgen
