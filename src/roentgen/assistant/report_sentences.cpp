// What a report's sentences are, and what a reader has to know about each.

#include <fmt/format.h>

#include "roentgen/assistant/examination.h"
#include "roentgen/assistant/report.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/sentences.h"

namespace roentgen {

void ReadAnswers(RadiologyReport& report) {
  report.sentences.clear();
  for (size_t i = 0; i < report.answers.size(); ++i) {
    ReportAnswer& answer = report.answers[i];
    answer.assessed = false;
    for (const std::string_view text : SplitSentences(answer.answer)) {
      ReportSentence sentence;
      sentence.text = text;
      sentence.answer = i;
      sentence.marks.abstains = CannotTell(text);
      answer.assessed = answer.assessed || !sentence.marks.abstains;
      report.sentences.push_back(std::move(sentence));
    }
    if (answer.finish == Answer::Finish::kLength && !report.sentences.empty() &&
        report.sentences.back().answer == i) {
      report.sentences.back().marks.cut = true;
    }
  }
}

std::vector<std::string> DescribeMarks(const RadiologyReport& report,
                                       const ReportSentence& sentence) {
  const bool english = report.language == Language::kEnglish;
  std::vector<std::string> marks;
  if (sentence.marks.abstains) marks.emplace_back(english ? "cannot be told" : "不能判断");
  if (sentence.marks.cut) {
    marks.emplace_back(english ? "cut off by the limit of length" : "因长度限制被截断");
  }
  if (sentence.marks.repeated) {
    marks.emplace_back(english ? "also under another topic" : "其他项目下亦有");
  }
  for (const size_t other : sentence.marks.contradicts) {
    marks.push_back(fmt::format(fmt::runtime(english ? "contradicts [{}]" : "与[{}]矛盾"),
                                report.sentences[other].answer + 1));
  }
  return marks;
}

std::string DescribeExamination(const Examination& examination, Language language) {
  const bool english = language == Language::kEnglish;
  std::string text(NameOf(examination.subject, language));
  switch (examination.source) {
    case Examination::Source::kUnknown:
      return english ? "not recognised" : "未识别";
    case Examination::Source::kGiven:
      return text + (english ? " (as given)" : "（用户指定）");
    case Examination::Source::kDicom:
      return text + fmt::format(fmt::runtime(english ? " (from DICOM: {})" : "（据DICOM：{}）"),
                                examination.evidence);
    default:
      return text + fmt::format(fmt::runtime(english ? " (from the answer: {})" : "（据回答：{}）"),
                                examination.evidence);
  }
}

}  // namespace roentgen
