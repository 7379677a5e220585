#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/imaging/patches.h"
#include "roentgen/inference/prefix_cache.h"
#include "roentgen/inference/sampler.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/qwen2vl/image_feature_cache.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/text/chat_template.h"
#include "roentgen/text/tokenizer.h"

namespace roentgen {

struct SessionOptions {
  std::string system_prompt{kDefaultSystemPrompt};
  size_t context_tokens = 8192;  // the most that the conversation may grow to
};

struct GenerationOptions {
  SamplingOptions sampling;
  uint64_t seed = 0;
  size_t max_new_tokens = 512;
};

/// What the user says: text and pictures in any order, and the pictures' patches in the same order.
struct UserTurn {
  std::vector<ChatPart> parts;
  std::vector<Patches> images;
};

/// Told about an answer while it is made; any of them may be empty.
struct AnswerCallbacks {
  Progress progress;                              // image encoding and prompt
  std::function<void(std::string_view)> on_text;  // whole characters, as they come
};

struct Answer {
  enum class Finish {
    kEnd,          // the model ended it
    kLength,       // max_new_tokens were reached
    kInterrupted,  // stopped on request; what there is stays in the conversation
  };

  std::string text;
  std::vector<int32_t> ids;  // with the end token, if there was one
  Finish finish = Finish::kEnd;
  size_t cached_tokens = 0;   // of earlier turns or conversations, not computed again
  size_t prompt_tokens = 0;   // new ones, image tokens included
  size_t image_tokens = 0;    // of these
  double image_seconds = 0;   // waiting until pictures were encoded; 0 when they were known
  double prompt_seconds = 0;  // to the first token's logits, pictures not counted
  double answer_seconds = 0;  // the tokens after the first
};

/// A conversation of many turns about any number of pictures. What was computed in a turn stays
/// cached for the next.
class Session {
 public:
  /// All of these must live as long as the session; sessions of one model may share the caches.
  Session(const Model& model, const Tokenizer& tokenizer, ImageFeatureCache& images,
          PrefixCache& prefixes, ThreadPool& pool, SessionOptions options = {});

  /// Answers the next turn. Throws Error when the turn and its answer would not fit the context,
  /// the text is not valid UTF-8 or spells a control token, or pictures and their places do not
  /// match; Cancelled when stopped before the first token. After these, and after whatever a
  /// callback throws, the conversation is as before.
  Answer Ask(const UserTurn& turn, const GenerationOptions& options,
             const AnswerCallbacks& callbacks = {}, std::stop_token stop = {});

  /// Takes a turn and its answer, by its tokens, into the conversation as if it had been asked: how
  /// a stored conversation goes on. Errors as Ask; the conversation is as before then.
  void Replay(const UserTurn& turn, std::span<const int32_t> answer_ids,
              const AnswerCallbacks& callbacks = {}, std::stop_token stop = {});

  /// Forgets the last turn. Throws Error when there is none.
  void Undo();

  /// Forgets everything but the system prompt.
  void Clear();

  size_t turns() const { return turns_.size(); }

  /// Tokens of the conversation so far.
  size_t context_used() const { return sequence_.size() + pending_.size(); }
  const SessionOptions& options() const { return options_; }
  /// Bytes of the key-value cache.
  size_t cache_bytes() const { return sequence_.cache().bytes(); }

 private:
  /// What a turn goes back to.
  struct Before {
    Sequence::Mark mark;
    std::vector<int32_t> pending;
  };

  /// Runs work on the turn's ids, and forgets the turn when that throws.
  template <class Work>
  void AddTurn(const UserTurn& turn, size_t answer_tokens, std::stop_token stop, const Work& work);
  void GoBackTo(const Before& before);
  std::vector<int32_t> TurnIds(const UserTurn& turn) const;
  void CheckText(const UserTurn& turn) const;
  void CheckFits(size_t new_tokens, size_t max_new_tokens) const;
  void Prefill(const UserTurn& turn, std::span<const int32_t> ids, const AnswerCallbacks& callbacks,
               Answer& answer);
  void Generate(const GenerationOptions& options, const AnswerCallbacks& callbacks, Answer& answer);
  size_t AppendPrefix(std::span<const int32_t> ids, std::span<const VisualFeatures> features,
                      std::span<const std::string> pictures, const AnswerCallbacks& callbacks);
  bool IsEnd(int32_t id) const;

  const Model& model_;
  const Tokenizer& tokenizer_;
  ImageFeatureCache& images_;
  PrefixCache& prefixes_;
  ThreadPool& pool_;
  SessionOptions options_;
  Sequence sequence_;
  // The last token of an answer is not fed to the model until somebody asks on.
  std::vector<int32_t> pending_;
  std::vector<Before> turns_;
};

}  // namespace roentgen
