#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "roentgen/imaging/open_picture.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/inference/session.h"

namespace roentgen {

/// A picture as the model was shown it. It carries no file name: those can name patients.
struct ShownPicture {
  std::string sha256;  ///< OpenedPicture's
  /// Of the resized pixels that the model was shown: 3 bytes each (RGB), rows from the top. Frames
  /// of one file, and windows on it, have their own. Empty in a transcript that does not tell.
  std::string pixels_sha256;
  std::string facts;  ///< "DICOM 512×512 → 504×504, 324 tokens, CT, window 350/40"
  std::string png;    ///< its resized pixels, from which the conversation can go on
};

/// A question and its answer.
struct Exchange {
  std::vector<ChatPart> parts;  ///< text, and a place for each picture
  std::vector<ShownPicture> pictures;
  /// The question or one before it had an image. Otherwise the answer rests on words alone.
  bool image_reached = false;
  std::string answer;
  std::vector<int32_t> tokens;  ///< of the answer
  Answer::Finish finish = Answer::Finish::kEnd;
  uint64_t seed = 0;
  std::string date;  ///< UtcNow

  /// The text of the parts, without the pictures.
  std::string Question() const;
};

/// A picture that is ready for a question.
struct PreparedPicture {
  ShownPicture shown;
  Provenance provenance;
  Patches patches;
  size_t tokens = 0;
};

/// Resizes and cuts a picture, and describes it.
PreparedPicture PreparePicture(const OpenedPicture& opened, const PreprocessorConfig& config,
                               const VisionConfig& vision);

/// A conversation that can be taken back, asked again, kept and continued.
class Dialogue {
 public:
  /// Both must live as long as the dialogue, and nobody else may use the session.
  Dialogue(Session& session, const Tokenizer& tokenizer, const PreprocessorConfig& preprocessor)
      : session_(session), tokenizer_(tokenizer), preprocessor_(preprocessor) {}

  /// Asks; a place in the parts for each picture. Errors as Session::Ask; the dialogue is as before
  /// then.
  Answer Ask(std::vector<ChatPart> parts, std::vector<PreparedPicture> pictures,
             const GenerationOptions& options, const AnswerCallbacks& callbacks = {},
             std::stop_token stop = {});

  /// Asks the last question once more, with the options' seed. When it fails or is stopped before
  /// its first token, the earlier answer stays.
  Answer Regenerate(const GenerationOptions& options, const AnswerCallbacks& callbacks = {},
                    std::stop_token stop = {});

  void Undo();
  void Clear();

  /// Goes on behind these exchanges: what there was is forgotten. Throws Error when one of them
  /// cannot be taken in, as from a transcript that somebody edited; the dialogue is empty then.
  void Continue(std::vector<Exchange> exchanges, const AnswerCallbacks& callbacks = {},
                const std::stop_token& stop = {});

  const std::vector<Exchange>& exchanges() const { return exchanges_; }

 private:
  UserTurn TurnOf(const Exchange& exchange) const;

  Session& session_;
  const Tokenizer& tokenizer_;
  PreprocessorConfig preprocessor_;
  std::vector<Exchange> exchanges_;
};

}  // namespace roentgen
