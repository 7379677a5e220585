#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/assistant/answer_facts.h"
#include "roentgen/assistant/study.h"
#include "roentgen/imaging/open_picture.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/inference/session.h"

namespace roentgen {

/// A question and its answer.
struct Exchange {
  std::vector<ChatPart> parts;  ///< text, and a place for each picture
  std::vector<ShownPicture> pictures;
  /// The question or one before it had an image. Otherwise the answer rests on words alone.
  bool image_reached = false;
  std::string answer;
  std::vector<int32_t> tokens;  ///< of the answer
  Answer::Finish finish = Answer::Finish::kEnd;
  std::string date;  ///< UtcNow
  /// It is the first about another study: the model was shown nothing of what stands before it.
  bool begins_study = false;
  /// What stands before it about the same study was shown to the model at once, from its tokens,
  /// and not answered one by one: the roundings are others, and so may be a token.
  bool retold = false;
  /// Somebody changed it in a file after it was given, or took away, added or moved what stood
  /// before: it is not what the model said there.
  bool edited = false;
  /// Whether the images that the model had been shown, this question's with them, name different
  /// patients; nothing where that is not known.
  std::optional<bool> different_patients = {};
  AnswerFacts facts;

  /// The text of the parts, without the pictures.
  std::string Question() const;
};

/// A picture that is ready for a question.
struct PreparedPicture {
  ShownPicture shown;
  Provenance provenance;
  DicomIdentity identity;  ///< to tell patients apart; it goes nowhere
  Patches patches;
  size_t tokens = 0;
};

/// Resizes and cuts a picture, and describes it.
PreparedPicture PreparePicture(const OpenedPicture& opened, const PreprocessorConfig& config,
                               const VisionConfig& vision);

/// A conversation that can be taken back, asked again, kept and continued. It may go from one study
/// to the next: what the model is shown is the current one alone.
class Dialogue {
 public:
  /// All must live as long as the dialogue, and nobody else may use the session.
  Dialogue(Session& session, const Tokenizer& tokenizer, const PreprocessorConfig& preprocessor);

  /// Asks; a place in the parts for each picture. Errors as Session::Ask; the dialogue is as before
  /// then.
  Answer Ask(std::vector<ChatPart> parts, std::vector<PreparedPicture> pictures,
             const GenerationOptions& options, const AnswerCallbacks& callbacks = {},
             std::stop_token stop = {});

  /// Asks the last question about this study once more, with the options' seed. When it fails or is
  /// stopped before its first token, the earlier answer stays.
  Answer Regenerate(const GenerationOptions& options, const AnswerCallbacks& callbacks = {},
                    std::stop_token stop = {});

  /// Adds to the facts of the last answer what gave it; its generation stays its own.
  void Attribute(RunFacts run);
  /// Adds Exchange::different_patients to the last one.
  void TellPatients(std::optional<bool> different);

  /// From now on it is about another study: the exchanges stay, and the model sees none of them.
  void BeginStudy();
  /// Takes BeginStudy back, before anything was asked. When it is stopped, nothing has changed.
  void ReopenStudy(const AnswerCallbacks& callbacks = {}, const std::stop_token& stop = {});
  /// The exchanges about the current study, which are the last ones.
  std::span<const Exchange> study() const { return std::span(exchanges_).subspan(study_begin_); }

  /// Takes the last question about this study back, with its answer, and returns both. Throws Error
  /// where there is none.
  Exchange Undo();
  void Clear();

  /// Goes on behind these exchanges: what there was is forgotten. Throws Error when one of them
  /// cannot be taken in, as from a transcript that somebody edited; the dialogue is empty then.
  ///
  /// settings_sha256  of the model that goes on: tells an edited answer from one of another
  ///                  tokenizer; empty: not known
  void Continue(std::vector<Exchange> exchanges, const AnswerCallbacks& callbacks = {},
                const std::stop_token& stop = {}, const std::string& settings_sha256 = "");

  const std::vector<Exchange>& exchanges() const { return exchanges_; }

 private:
  UserTurn TurnOf(const Exchange& exchange) const;
  void TakeAnswer(const Answer& answer, const GenerationOptions& options, Exchange& exchange) const;
  /// Exchange::retold of a question with so many before it about its study.
  bool IsRetold(size_t before) const { return before > 0 && retold_ == before; }
  /// Shows the model the exchanges from study_begin_ on, and nothing else.
  void ShowStudy(const AnswerCallbacks& callbacks, const std::stop_token& stop);

  Session& session_;
  const Tokenizer& tokenizer_;
  PreprocessorConfig preprocessor_;
  std::string id_;  // AnswerFacts::conversation
  std::vector<Exchange> exchanges_;
  size_t study_begin_ = 0;
  size_t retold_ = 0;  // exchanges, of those of the study, that ShowStudy showed
};

/// The tokens that stand for an exchange's answer with this tokenizer: its own, or, where these do
/// not read as the answer, as another tokenizer's, those of its text.
std::vector<int32_t> AnswerTokens(const Exchange& exchange, const Tokenizer& tokenizer);

/// Whether an answer may be of another tokenizer: it is of other model settings, as far as both are
/// known.
bool IsOfOtherSettings(const Exchange& exchange, const std::string& settings_sha256);

/// A picture that was shown, ready to be shown again: the same pixels, whatever the limits of the
/// configuration are now.
PreparedPicture PrepareAgain(const ShownPicture& shown, const PreprocessorConfig& config,
                             const VisionConfig& vision);

}  // namespace roentgen
