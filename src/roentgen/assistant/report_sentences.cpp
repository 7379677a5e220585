// What a report's sentences are, and what a reader has to know about each.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "roentgen/assistant/examination.h"
#include "roentgen/assistant/report.h"
#include "roentgen/assistant/report_contradictions.h"
#include "roentgen/assistant/stated.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/refusal.h"
#include "roentgen/language/sentences.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {

namespace {

/// A sentence as it is compared with others: without case, width, marks and the number of an item.
std::string FormOf(std::string_view sentence) {
  const std::string folded = FoldText(sentence);
  std::string form;
  for (size_t at = 0; at < folded.size();) {
    const Utf8Step step = ReadUtf8(folded, at);
    at += step.length;
    const char32_t c = step.code_point;
    const bool number = c >= '0' && c <= '9';
    const bool mark = (c < 0x80 && !number && !(c >= 'a' && c <= 'z')) ||
                      std::u32string_view(U"。，、；：！？").find(c) != std::u32string_view::npos;
    if (!mark && !(number && form.empty())) AppendUtf8(c, form);
  }
  return form;
}

/// Marks what is said in the same words more than once, under one topic or several.
void MarkRepeated(std::vector<ReportSentence>& sentences) {
  std::map<std::string, size_t> times;
  for (const ReportSentence& sentence : sentences) ++times[FormOf(sentence.text)];
  for (ReportSentence& sentence : sentences) {
    const std::string form = FormOf(sentence.text);
    sentence.marks.repeated = !form.empty() && times[form] > 1;
  }
}

/// Whether a sentence has a letter or a number.
bool HasWord(std::string_view sentence) {
  for (size_t at = 0; at < sentence.size();) {
    const Utf8Step step = ReadUtf8(sentence, at);
    const CharClass kind = ClassOf(step.code_point);
    if (kind == CharClass::kLetter || kind == CharClass::kNumber) return true;
    at += step.length;
  }
  return false;
}

/// Whether a sentence says more than that it cannot tell, or will not: 可见气胸，性质不确定 does.
bool SaysSomething(std::string_view sentence, bool abstains) {
  return HasWord(sentence) && (!abstains || !StatedBeside(sentence).empty() ||
                               (CannotTell(sentence) && !Refuses(sentence)));
}

}  // namespace

void ReadAnswers(RadiologyReport& report) {
  report.sentences.clear();
  for (size_t i = 0; i < report.answers.size(); ++i) {
    ReportAnswer& answer = report.answers[i];
    answer.answer = Printable(answer.answer);
    answer.assessed = false;
    for (const std::string_view text : SplitSentences(answer.answer)) {
      ReportSentence sentence;
      sentence.text = text;
      sentence.answer = i;
      sentence.marks.abstains = Abstains(text);
      answer.assessed = answer.assessed || SaysSomething(text, sentence.marks.abstains);
      report.sentences.push_back(std::move(sentence));
    }
    if (answer.finish == Answer::Finish::kLength && !report.sentences.empty() &&
        report.sentences.back().answer == i) {
      report.sentences.back().marks.cut = true;
    }
  }
  MarkRepeated(report.sentences);
  MarkContradictions(report);
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
    marks.emplace_back(english ? "said more than once" : "重复");
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
