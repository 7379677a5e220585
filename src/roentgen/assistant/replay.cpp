#include "roentgen/assistant/replay.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/text/printable.h"

namespace roentgen {
namespace {

/// What answers now, with the answer's own settings.
RunFacts FactsFor(const RunFacts& opened, const RunFacts& then) {
  RunFacts facts = opened;
  facts.system_prompt = then.system_prompt;
  facts.generation = then.generation;
  facts.context_tokens = then.context_tokens;
  facts.max_pixels = then.max_pixels;  // the stored pixels are shown as they are
  return facts;
}

/// Of what an answer was made with, all that is other now, or only what is of the model.
std::vector<std::string> Notes(const Exchange& exchange, const RunFacts& opened, bool model_only) {
  std::vector<std::string> notes;
  const RunFacts& then = exchange.facts.run;
  for (const FactDifference& difference : DifferencesOf(then, FactsFor(opened, then))) {
    if (difference.model || !model_only) notes.push_back(Describe(difference));
  }
  if (exchange.facts.assumed && !model_only) notes.emplace_back(kAssumedNotice);
  return notes;
}

std::vector<std::string> Lines(std::span<const Exchange> exchanges, const RunFacts& opened,
                               bool model_only) {
  std::vector<std::vector<std::string>> notes;
  for (const Exchange& exchange : exchanges) notes.push_back(Notes(exchange, opened, model_only));
  return GroupByAnswers(notes);
}

void CheckModel(std::span<const Exchange> exchanges, const RunFacts& opened) {
  const std::vector<std::string> lines = Lines(exchanges, opened, /*model_only=*/true);
  if (lines.empty()) return;
  throw Error(
      fmt::format("what is opened did not give these answers\n    {}", fmt::join(lines, "\n    ")),
      "Open what is recorded, or ask for a comparison with another model.");
}

/// Asks the exchanges one after the other.
class Asking {
 public:
  Asking(const ReportModel& model, std::span<const Exchange> exchanges,
         const AnswerCallbacks& callbacks, std::stop_token stop)
      : model_(model), exchanges_(exchanges), callbacks_(callbacks), stop_(std::move(stop)) {}

  ReplayedAnswer Ask(size_t i) {
    const Exchange& exchange = exchanges_[i];
    Prepare(i);
    const UserTurn turn = TurnOf(exchange);
    GenerationOptions options = exchange.facts.run.generation;
    const bool interrupted = exchange.finish == Answer::Finish::kInterrupted;
    const std::vector<int32_t> then = TokensOf(exchange);
    if (interrupted) options.max_new_tokens = std::max(then.size(), size_t{1});
    const Answer answer = session_->Ask(turn, options, callbacks_, stop_);
    if (answer.finish == Answer::Finish::kInterrupted) throw Cancelled();
    ReplayedAnswer replayed = Compare(exchange, then, answer);
    replayed.number = i + 1;
    if (answer.ids != then) {
      session_->Undo();
      session_->Replay(turn, then, callbacks_, stop_);
    }
    return replayed;
  }

 private:
  /// The model knows of the study what it knew then, and in the same way.
  void Prepare(size_t i) {
    const Exchange& exchange = exchanges_[i];
    if (exchange.begins_study) study_begin_ = i;
    SessionOptions options = model_.session;
    options.system_prompt = exchange.facts.run.system_prompt;
    if (exchange.facts.run.context_tokens > 0) {
      options.context_tokens = exchange.facts.run.context_tokens;
    }
    const bool other = !session_ || session_->options().system_prompt != options.system_prompt ||
                       session_->options().context_tokens != options.context_tokens;
    if (other) {
      session_ = std::make_unique<Session>(model_.model, model_.tokenizer, model_.images,
                                           model_.prefixes, model_.pool, std::move(options));
    }
    if (!other && !exchange.begins_study && !exchange.retold) return;
    session_->Clear();
    for (size_t j = study_begin_; j < i; ++j) {
      session_->Replay(TurnOf(exchanges_[j]), TokensOf(exchanges_[j]), callbacks_, stop_);
    }
  }

  /// What it said, in tokens of the model that is opened.
  std::vector<int32_t> TokensOf(const Exchange& exchange) const {
    const bool other = IsOfOtherSettings(exchange, model_.facts.settings_sha256);
    return other ? AnswerTokens(exchange, model_.tokenizer) : exchange.tokens;
  }

  UserTurn TurnOf(const Exchange& exchange) const {
    UserTurn turn{exchange.parts, {}};
    for (const ShownPicture& picture : exchange.pictures) {
      turn.images.push_back(
          PrepareAgain(picture, model_.preprocessor, model_.model.config.vision).patches);
    }
    return turn;
  }

  ReplayedAnswer Compare(const Exchange& exchange, const std::vector<int32_t>& then,
                         const Answer& answer) const {
    ReplayedAnswer replayed;
    const auto apart =
        std::mismatch(then.begin(), then.end(), answer.ids.begin(), answer.ids.end());
    replayed.tokens = then.size();
    replayed.equal_tokens = static_cast<size_t>(apart.first - then.begin());
    replayed.interrupted = exchange.finish == Answer::Finish::kInterrupted;
    replayed.then = exchange.answer;
    replayed.now = answer.text;
    replayed.study = StudyId(exchange.facts.images);
    replayed.assumed = exchange.facts.assumed;
    const RunFacts& facts = exchange.facts.run;
    replayed.differences = DifferencesOf(facts, FactsFor(model_.facts, facts));
    const bool readable = !IsOfOtherSettings(exchange, model_.facts.settings_sha256);
    const bool edited =
        exchange.edited ||
        (readable && model_.tokenizer.Decode(then, /*skip_special=*/true) != exchange.answer);
    if (edited) {
      replayed.outcome = ReplayedAnswer::Outcome::kEdited;
    } else if (answer.ids != then) {
      replayed.outcome = ReplayedAnswer::Outcome::kDiffers;
    }
    return replayed;
  }

  const ReportModel& model_;
  std::span<const Exchange> exchanges_;
  const AnswerCallbacks& callbacks_;
  std::stop_token stop_;
  std::unique_ptr<Session> session_;
  size_t study_begin_ = 0;
};

const char* NameOf(ReplayedAnswer::Outcome outcome) {
  switch (outcome) {
    case ReplayedAnswer::Outcome::kEqual:
      return "equal";
    case ReplayedAnswer::Outcome::kDiffers:
      return "differs";
    default:
      return "edited";
  }
}

std::string Detail(const ReplayedAnswer& answer) {
  switch (answer.outcome) {
    case ReplayedAnswer::Outcome::kEqual:
      return fmt::format("{} tokens{}", answer.tokens,
                         answer.interrupted ? ", then it was interrupted" : "");
    case ReplayedAnswer::Outcome::kDiffers:
      return fmt::format("from token {} on, of {}", answer.equal_tokens + 1, answer.tokens);
    default:
      return kEditedNotice;
  }
}

}  // namespace

std::vector<ReplayedAnswer> Replay(const ReportModel& model, std::span<const Exchange> exchanges,
                                   ReplayModels models, const AnswerCallbacks& callbacks,
                                   const OnReplayed& on_answer, std::stop_token stop) {
  if (models == ReplayModels::kRecorded) CheckModel(exchanges, model.facts);
  Asking asking(model, exchanges, callbacks, std::move(stop));
  std::vector<ReplayedAnswer> answers;
  for (size_t i = 0; i < exchanges.size(); ++i) {
    answers.push_back(asking.Ask(i));
    if (on_answer) on_answer(answers.back());
  }
  return answers;
}

std::vector<std::string> DescribeReplay(std::span<const Exchange> exchanges,
                                        const RunFacts& opened) {
  return Lines(exchanges, opened, /*model_only=*/false);
}

std::string Describe(const ReplayedAnswer& answer) {
  std::string text =
      fmt::format("{:>3}  {:<7}  {}\n", answer.number, NameOf(answer.outcome), Detail(answer));
  if (answer.outcome != ReplayedAnswer::Outcome::kEqual) {
    text +=
        fmt::format("     then: {}\n     now:  {}\n", OneLine(answer.then), OneLine(answer.now));
  }
  return text;
}

nlohmann::ordered_json ToJson(std::span<const ReplayedAnswer> answers) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ReplayedAnswer& answer : answers) {
    nlohmann::ordered_json json = {{"number", answer.number},
                                   {"outcome", NameOf(answer.outcome)},
                                   {"tokens", answer.tokens},
                                   {"equal_tokens", answer.equal_tokens},
                                   {"interrupted", answer.interrupted},
                                   {"study", answer.study},
                                   {"then", answer.then},
                                   {"now", answer.now},
                                   {"settings_assumed", answer.assumed},
                                   {"differences", nlohmann::ordered_json::array()}};
    for (const FactDifference& difference : answer.differences) {
      json["differences"].push_back({{"name", difference.name},
                                     {"then", difference.then},
                                     {"now", difference.now},
                                     {"model", difference.model}});
    }
    list.push_back(std::move(json));
  }
  return list;
}

std::string Summarise(std::span<const ReplayedAnswer> answers) {
  const auto count = [&](ReplayedAnswer::Outcome outcome) {
    return std::count_if(answers.begin(), answers.end(),
                         [&](const ReplayedAnswer& answer) { return answer.outcome == outcome; });
  };
  std::string text = fmt::format("{} of {} answers equal, token by token",
                                 count(ReplayedAnswer::Outcome::kEqual), answers.size());
  if (const auto number = count(ReplayedAnswer::Outcome::kDiffers)) {
    text += fmt::format("; {} different", number);
  }
  if (const auto number = count(ReplayedAnswer::Outcome::kEdited)) {
    text += fmt::format("; {} changed in the file", number);
  }
  return text;
}

bool AreEqual(std::span<const ReplayedAnswer> answers) {
  return std::all_of(answers.begin(), answers.end(), [](const ReplayedAnswer& answer) {
    return answer.outcome == ReplayedAnswer::Outcome::kEqual;
  });
}

}  // namespace roentgen
