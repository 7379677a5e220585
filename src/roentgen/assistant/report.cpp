#include "roentgen/assistant/report.h"

#include <algorithm>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/answer.h"
#include "roentgen/language/sentences.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

struct SubjectWord {
  std::string_view word;
  ReportSubject subject;
};

// In FoldText's form. The head and the abdomen first: a "chest and abdomen" is asked about as what
// is rarer.
constexpr SubjectWord kSubjectWords[] = {
    {"head", ReportSubject::kHead},     {"brain", ReportSubject::kHead},
    {"skull", ReportSubject::kHead},    {"头", ReportSubject::kHead},
    {"颅", ReportSubject::kHead},       {"脑", ReportSubject::kHead},
    {"abdom", ReportSubject::kAbdomen}, {"liver", ReportSubject::kAbdomen},
    {"腹", ReportSubject::kAbdomen},    {"肝", ReportSubject::kAbdomen},
    {"chest", ReportSubject::kChest},   {"thora", ReportSubject::kChest},
    {"lung", ReportSubject::kChest},    {"胸", ReportSubject::kChest},
    {"肺", ReportSubject::kChest},
};

bool HasPicture(const Dialogue& dialogue) {
  return std::any_of(dialogue.exchanges().begin(), dialogue.exchanges().end(),
                     [](const Exchange& exchange) { return !exchange.pictures.empty(); });
}

constexpr ReportWords kEnglishWords{
    "Radiology report",    "Findings",      "Impression", "Could not be assessed",
    "Asked in this order", kResearchNotice, ": ",         ", "};
constexpr ReportWords kChineseWords{"影像报告", "影像表现",        "诊断意见", "未能评估",
                                    "提问顺序", kResearchNoticeZh, "：",       "、"};

}  // namespace

ReportSubject SubjectOf(std::string_view examination) {
  const std::string folded = FoldText(examination);
  for (const SubjectWord& each : kSubjectWords) {
    if (folded.find(each.word) != std::string::npos) return each.subject;
  }
  return ReportSubject::kOther;
}

RadiologyReport MakeReport(Dialogue& dialogue, std::vector<PreparedPicture> pictures,
                           Language language, const GenerationOptions& options,
                           const RunFacts& facts, const AnswerCallbacks& callbacks,
                           const ReportProgress& progress, std::stop_token stop) {
  if (pictures.empty() && !HasPicture(dialogue)) {
    throw Error("a report needs a picture", "Name one, or attach it first.");
  }
  RadiologyReport report;
  report.language = language;
  report.facts = facts;
  report.date = UtcNow();
  const size_t before = dialogue.exchanges().size();
  const auto ask = [&](const ReportStep& step, size_t count) {
    if (progress) progress(report.answers.size() + 1, count, step.TopicIn(language));
    std::vector<ChatPart> parts(pictures.size(), {ChatPart::Kind::kImage, ""});
    parts.push_back({ChatPart::Kind::kText, std::string(step.QuestionIn(language))});
    const Answer answer =
        dialogue.Ask(std::move(parts), std::exchange(pictures, {}), options, callbacks, stop);
    if (answer.finish == Answer::Finish::kInterrupted) throw Cancelled();
    const std::string text(Strip(answer.text));
    report.answers.push_back({step, text, !text.empty() && !CannotTell(text)});
  };
  try {
    const std::span<const ReportStep> first = ReportProtocol(ReportSubject::kOther);
    ask(first[0], first.size());
    report.subject = SubjectOf(report.answers[0].answer);
    const std::span<const ReportStep> steps = ReportProtocol(report.subject);
    for (const ReportStep& step : steps.subspan(1)) ask(step, steps.size());
  } catch (...) {
    while (dialogue.exchanges().size() > before) dialogue.Undo();
    throw;
  }
  for (const Exchange& exchange : dialogue.exchanges()) {
    report.pictures.insert(report.pictures.end(), exchange.pictures.begin(),
                           exchange.pictures.end());
  }
  return report;
}

std::vector<ReportSentence> Sentences(const RadiologyReport& report, bool impression) {
  std::vector<ReportSentence> sentences;
  for (size_t i = 0; i < report.answers.size(); ++i) {
    const ReportAnswer& answer = report.answers[i];
    if (answer.step.IsImpression() != impression || !answer.assessed) continue;
    for (const std::string_view text : SplitSentences(answer.answer)) {
      sentences.push_back({std::string(text), i});
    }
  }
  return sentences;
}

std::string NotAssessed(const RadiologyReport& report) {
  std::string topics;
  for (const ReportAnswer& answer : report.answers) {
    if (answer.assessed) continue;
    if (!topics.empty()) topics += WordsOf(report.language).separator;
    topics += answer.step.TopicIn(report.language);
  }
  return topics;
}

const ReportWords& WordsOf(Language language) {
  return language == Language::kEnglish ? kEnglishWords : kChineseWords;
}

}  // namespace roentgen
