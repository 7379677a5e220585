#include "roentgen/evaluation/report_quality.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "roentgen/evaluation/report_labels.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

// Beginnings of words, in FoldText's form.
constexpr std::string_view kLungs[] = {"lung", "pulmonary", "肺"};
constexpr std::string_view kChest[] = {"chest", "thorax", "lung", "胸", "肺"};
constexpr std::string_view kHeart[] = {"heart", "cardiac", "cardiomedia", "cardiomegaly",
                                       "心影",  "心脏",    "心胸比",      "心界",
                                       "心缘",  "心肺",    "心膈"};
constexpr std::string_view kDiaphragm[] = {"diaphragm", "hemidiaphragm", "costophrenic", "膈",
                                           "横隔",      "隔肌",          "隔面",         "肋隔角"};

constexpr size_t kRun = 4;

bool IsLetter(char c) {
  return c >= 'a' && c <= 'z';
}

bool BeginsWord(std::string_view text, size_t at) {
  return at == 0 || !IsLetter(text[at - 1]) || !IsLetter(text[at]);
}

/// As words are looked for: 纵膈, a usual spelling of 纵隔, is no diaphragm.
std::string MentionForm(std::string_view text) {
  return Replace(FoldText(text), "纵膈", "纵隔");
}

bool Mentions(std::string_view text, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view word) {
    size_t at = text.find(word);
    while (at != std::string_view::npos && !BeginsWord(text, at)) at = text.find(word, at + 1);
    return at != std::string_view::npos;
  });
}

double RepeatedShare(std::span<const std::string> words) {
  if (words.size() < kRun) return 0;
  std::unordered_set<std::string> distinct;
  const size_t runs = words.size() - kRun + 1;
  for (size_t i = 0; i < runs; ++i) {
    std::string run;
    for (const std::string& word : words.subspan(i, kRun)) run += word + " ";
    distinct.insert(std::move(run));
  }
  return 1 - static_cast<double>(distinct.size()) / static_cast<double>(runs);
}

bool HasWord(std::string_view text) {
  return !ReportWords(text).empty();
}

/// Whether there is a word besides the headings.
bool SaysSomething(std::string_view report) {
  const std::vector<ReportSection> sections = SplitReport(report);
  return std::any_of(sections.begin(), sections.end(),
                     [](const ReportSection& section) { return HasWord(section.text); });
}

/// An observation that nothing but a chest has.
bool StatesChestLabel(std::string_view report) {
  const ReportLabels labels = ReadReport(report).labels;
  for (size_t i = 0; i < kReportLabels; ++i) {
    const auto label = static_cast<ReportLabel>(i);
    const bool anywhere = label == ReportLabel::kNoFinding || label == ReportLabel::kFracture ||
                          label == ReportLabel::kSupportDevices;
    if (!anywhere && labels[i] != Finding::kNotMentioned) return true;
  }
  return false;
}

void CountLabels(const Example& example, ReportSummary& summary) {
  const ReportReading said = ReadReport(example.prediction);
  const ReportReading truth = ReadReport(example.reference);
  summary.partly_read += said.unread.empty() ? 0 : 1;
  summary.references_partly_read += truth.unread.empty() ? 0 : 1;
  const ReportLabels& report = said.labels;
  const ReportLabels& reference = truth.labels;
  const auto count = [&](Finding finding, LabelTable& table) {
    for (size_t i = 0; i < kReportLabels; ++i) {
      const bool in_report = report[i] == finding;
      const bool in_reference = reference[i] == finding;
      table[i].both += in_report && in_reference ? 1 : 0;
      table[i].only_report += in_report && !in_reference ? 1 : 0;
      table[i].only_reference += !in_report && in_reference ? 1 : 0;
    }
  };
  count(Finding::kPresent, summary.present);
  count(Finding::kAbsent, summary.absent);
  count(Finding::kUncertain, summary.uncertain);
}

void CountChest(const Example& example, const ReportForm& form, ReportSummary& summary) {
  ++summary.chest;
  summary.lungs += form.lungs ? 1 : 0;
  summary.heart += form.heart ? 1 : 0;
  summary.diaphragm += form.diaphragm ? 1 : 0;
  CountLabels(example, summary);
}

double Share(size_t part, size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

bool IsReport(const Example& example) {
  const auto types = example.fields.find("question_type");
  const bool asked =
      types != example.fields.end() &&
      std::any_of(types->second.begin(), types->second.end(),
                  [](const std::string& type) { return Lowercase(type) == "report"; });
  return asked || HasReportHeadings(example.reference);
}

bool HasBothParts(std::string_view report) {
  bool findings = false;
  bool impression = false;
  ReportPart part = ReportPart::kUntitled;  // that what has no heading of its own goes on with
  for (const ReportSection& section : SplitReport(report)) {
    if (section.part == ReportPart::kOther) continue;
    if (section.part != ReportPart::kUntitled) part = section.part;
    const bool says = HasWord(section.text);
    findings = findings || (says && part == ReportPart::kFindings);
    impression = impression || (says && part == ReportPart::kImpression);
  }
  return findings && impression;
}

ReportForm MeasureForm(std::string_view report, const Vocabulary& vocabulary) {
  if (!SaysSomething(report)) return {};
  const std::string folded = MentionForm(report);
  const std::vector<std::string> words = ReportWords(report);
  ReportForm form;
  form.headings = HasBothParts(report);
  form.lungs = Mentions(folded, kLungs);
  form.heart = Mentions(folded, kHeart);
  form.diaphragm = Mentions(folded, kDiaphragm);
  form.words = words.size();
  if (!words.empty()) {
    form.term_density =
        static_cast<double>(vocabulary.Covered(words)) / static_cast<double>(words.size());
  }
  form.repeated = RepeatedShare(words);
  return form;
}

bool IsOfChest(const Example& example) {
  const auto organ = example.fields.find("organ");
  if (organ == example.fields.end() || organ->second.empty()) {
    return Mentions(MentionForm(example.reference), kLungs) || StatesChestLabel(example.reference);
  }
  return Mentions(MentionForm(organ->second[0]), kChest);
}

double LabelCounts::precision() const {
  return Share(both, report());
}

double LabelCounts::recall() const {
  return Share(both, reference());
}

double LabelCounts::f1() const {
  return Share(2 * both, report() + reference());
}

LabelCounts& LabelCounts::operator+=(const LabelCounts& other) {
  both += other.both;
  only_report += other.only_report;
  only_reference += other.only_reference;
  return *this;
}

double MicroF1(const LabelTable& table) {
  LabelCounts all;
  for (const LabelCounts& counts : table) all += counts;
  return all.f1();
}

double MacroF1(const LabelTable& table) {
  double sum = 0;
  size_t occurring = 0;
  for (const LabelCounts& counts : table) {
    sum += counts.f1();
    occurring += counts.occurs() ? 1 : 0;
  }
  return occurring == 0 ? 0 : sum / static_cast<double>(occurring);
}

ReportSummary SummariseReports(std::span<const Example> examples, const Vocabulary& vocabulary) {
  ReportSummary summary;
  size_t with_runs = 0;
  for (const Example& example : examples) {
    if (!IsReport(example)) continue;
    const ReportForm form = MeasureForm(example.prediction, vocabulary);
    ++summary.reports;
    summary.empty += form.words == 0 ? 1 : 0;
    with_runs += form.words >= kRun ? 1 : 0;
    summary.headings += form.headings ? 1 : 0;
    summary.words += static_cast<double>(form.words);
    summary.reference_words += static_cast<double>(ReportWords(example.reference).size());
    summary.term_density += form.term_density;
    summary.repeated += form.repeated;
    if (IsOfChest(example)) CountChest(example, form, summary);
  }
  if (summary.reports == 0) return summary;
  for (double* mean : {&summary.words, &summary.reference_words, &summary.term_density}) {
    *mean /= static_cast<double>(summary.reports);
  }
  if (with_runs > 0) summary.repeated /= static_cast<double>(with_runs);
  return summary;
}

}  // namespace roentgen
