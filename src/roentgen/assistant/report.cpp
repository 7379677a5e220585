#include "roentgen/assistant/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "roentgen/assistant/examination.h"
#include "roentgen/base/error.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/language/sentences.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

// A cut answer gets so many times the room, and the one that chooses the questions no less than
// this.
constexpr size_t kMoreRoom = 4;
constexpr size_t kRoomForExamination = 64;
// Of a question, with the marks around it, for what an answer must leave to those behind it.
constexpr size_t kQuestionTokens = 128;

constexpr ReportWords kEnglishWords{
    "Radiology report",    "Findings",      "Impression", "Could not be assessed",
    "Asked in this order", kResearchNotice, ": ",         ", ",
    "no answer was given", "Examination",   "Indication"};
constexpr ReportWords kChineseWords{"影像报告", "影像表现",        "诊断意见", "未能评估",
                                    "提问顺序", kResearchNoticeZh, "：",       "、",
                                    "未作回答", "检查项目",        "临床资料"};

/// A report's questions, asked one after the other.
class Asking {
 public:
  Asking(const ReportModel& model, RadiologyReport& report, const GenerationOptions& options,
         const AnswerCallbacks& callbacks, const ReportProgress& progress, std::stop_token stop)
      : model_(model),
        session_(model.model, model.tokenizer, model.images, model.prefixes, model.pool,
                 model.session),
        dialogue_(session_, model.tokenizer, model.preprocessor),
        report_(report),
        options_(options),
        callbacks_(callbacks),
        progress_(progress),
        stop_(std::move(stop)) {}

  void Run() {
    const bool known = report_.study.examination.source != Examination::Source::kUnknown;
    const size_t expected = ReportProtocol(report_.study.examination.subject).size();
    Ask(ReportProtocol(ReportSubject::kOther)[0], expected);
    if (!known) report_.study.examination = ReadExamination(WholeSentences(report_.answers[0]));
    const std::span<const ReportStep> steps = ReportProtocol(report_.study.examination.subject);
    for (const ReportStep& step : steps.subspan(1)) Ask(step, steps.size());
    report_.exchanges = dialogue_.exchanges();
  }

 private:
  void Ask(const ReportStep& step, size_t count) {
    const size_t number = report_.answers.size() + 1;
    const bool open =
        number == 1 && report_.study.examination.source == Examination::Source::kUnknown;
    if (progress_) progress_(number, open ? 0 : count, step.TopicIn(report_.language));
    std::vector<ChatPart> parts;
    std::vector<PreparedPicture> pictures;
    if (number == 1) {
      for (const ShownPicture& image : report_.study.images) {
        parts.push_back({ChatPart::Kind::kImage, ""});
        pictures.push_back(PrepareAgain(image, model_.preprocessor, model_.model.config.vision));
      }
    }
    parts.push_back({ChatPart::Kind::kText, QuestionOf(step)});
    Answer answer =
        dialogue_.Ask(std::move(parts), std::move(pictures), options_, callbacks_, stop_);
    if (answer.finish == Answer::Finish::kLength) answer = AskWithRoom(answer, count - number);
    if (answer.finish == Answer::Finish::kInterrupted) throw Cancelled();
    dialogue_.Attribute(model_.facts);
    ReportAnswer taken;
    taken.step = step;
    taken.answer = Strip(answer.text);
    taken.finish = answer.finish;
    taken.facts = dialogue_.exchanges().back().facts;
    report_.answers.push_back(std::move(taken));
  }

  /// The indication stands before the first question.
  std::string QuestionOf(const ReportStep& step) const {
    std::string question(step.QuestionIn(report_.language));
    if (!report_.answers.empty() || report_.study.indication.empty()) return question;
    const ReportWords& words = WordsOf(report_.language);
    return fmt::format("{}{}{}\n{}", words.indication, words.colon, report_.study.indication,
                       question);
  }

  /// Asks the last question again with as much more room as the context and the questions that are
  /// left allow.
  Answer AskWithRoom(const Answer& cut, size_t questions_left) {
    const size_t used = session_.context_used() - cut.ids.size();
    const size_t reserved = used + questions_left * (options_.max_new_tokens + kQuestionTokens);
    const size_t context = model_.session.context_tokens;
    GenerationOptions roomy = options_;
    roomy.max_new_tokens = std::max(kMoreRoom * options_.max_new_tokens,
                                    report_.answers.empty() ? kRoomForExamination : size_t{0});
    roomy.max_new_tokens = std::min(roomy.max_new_tokens, context - std::min(context, reserved));
    if (roomy.max_new_tokens <= options_.max_new_tokens) return cut;
    return dialogue_.Regenerate(roomy, callbacks_, stop_);
  }

  /// What can be built on: of a cut answer not the sentence that has no end.
  static std::string_view WholeSentences(const ReportAnswer& answer) {
    const std::string_view text = answer.answer;
    if (answer.finish != Answer::Finish::kLength) return text;
    const std::vector<std::string_view> sentences = SplitSentences(text);
    if (sentences.empty()) return {};
    return text.substr(0, static_cast<size_t>(sentences.back().data() - text.data()));
  }

  const ReportModel& model_;
  Session session_;
  Dialogue dialogue_;
  RadiologyReport& report_;
  const GenerationOptions& options_;
  const AnswerCallbacks& callbacks_;
  const ReportProgress& progress_;
  std::stop_token stop_;
};

}  // namespace

RadiologyReport MakeReport(const ReportModel& model, ImagingStudy study, Language language,
                           const GenerationOptions& options, const AnswerCallbacks& callbacks,
                           const ReportProgress& progress, std::stop_token stop) {
  if (study.images.empty()) {
    throw Error("a report needs a picture", "Name one, or attach it first.");
  }
  RadiologyReport report;
  report.language = language;
  report.date = UtcNow();
  report.study = std::move(study);
  if (report.study.examination.source != Examination::Source::kGiven) {
    report.study.examination = ExaminationOf(report.study.images);
  }
  report.facts = model.facts;
  report.facts.generation = options;
  Asking(model, report, options, callbacks, progress, std::move(stop)).Run();
  ReadAnswers(report);
  return report;
}

std::vector<ReportSentence> Sentences(const RadiologyReport& report, bool impression) {
  std::vector<ReportSentence> sentences;
  for (const ReportSentence& sentence : report.sentences) {
    if (report.answers[sentence.answer].step.IsImpression() == impression) {
      sentences.push_back(sentence);
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
