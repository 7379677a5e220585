#include "roentgen/assistant/report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/hallucination.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

struct SubjectWord {
  std::string_view word;
  ReportSubject subject;
};

// The head and the abdomen first: a "chest and abdomen" is asked about as what is rarer.
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

bool IsSpace(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// Whether a sentence ends behind the character at `at`. "1. Nodule" and "3.5 cm" go on.
bool EndsSentence(std::string_view text, size_t at, char32_t c) {
  if (c == U'\n' || c == U'。' || c == U'！' || c == U'？') return true;
  if (c != U'.' && c != U'!' && c != U'?') return false;
  const bool last = at + 1 == text.size();
  const bool number = at > 0 && std::isdigit(static_cast<unsigned char>(text[at - 1])) != 0;
  return last || (IsSpace(text[at + 1]) && !number);
}

std::vector<std::string> SplitSentences(std::string_view text) {
  std::vector<std::string> sentences;
  size_t begin = 0;
  const auto take = [&](size_t end) {
    const std::string_view sentence = Strip(text.substr(begin, end - begin));
    if (!sentence.empty()) sentences.emplace_back(sentence);
    begin = end;
  };
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (EndsSentence(text, at, step.code_point)) take(at + step.length);
    at += step.length;
  }
  take(text.size());
  return sentences;
}

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
  std::string lower(examination);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const SubjectWord& each : kSubjectWords) {
    if (lower.find(each.word) != std::string::npos) return each.subject;
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
    for (std::string& text : SplitSentences(answer.answer)) {
      sentences.push_back({std::move(text), i});
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
