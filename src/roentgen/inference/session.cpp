#include "roentgen/inference/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/text/stream_decoder.h"

namespace roentgen {
namespace {

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Session::Session(const Model& model, const Tokenizer& tokenizer, ImageFeatureCache& images,
                 PrefixCache& prefixes, ThreadPool& pool, SessionOptions options)
    : model_(model),
      tokenizer_(tokenizer),
      images_(images),
      prefixes_(prefixes),
      pool_(pool),
      options_(std::move(options)),
      sequence_(model, pool) {}

void Session::Clear() {
  sequence_.Rewind({});
  pending_.clear();
  turns_.clear();
}

void Session::Undo() {
  if (turns_.empty()) throw Error("there is no turn to take back");
  GoBackTo(turns_.back());
  turns_.pop_back();
}

void Session::GoBackTo(const Before& before) {
  sequence_.Rewind(before.mark);
  pending_ = before.pending;
}

template <class Work>
void Session::AddTurn(const UserTurn& turn, size_t answer_tokens, std::stop_token stop,
                      const Work& work) {
  CheckText(turn);
  const std::vector<int32_t> ids = TurnIds(turn);
  CheckFits(ids.size(), answer_tokens);
  const ThreadPool::CancelScope scope(pool_, std::move(stop));
  const Before before{sequence_.mark(), pending_};
  try {
    work(ids);
  } catch (...) {
    GoBackTo(before);
    throw;
  }
  turns_.push_back(before);
}

Answer Session::Ask(const UserTurn& turn, const GenerationOptions& options,
                    const AnswerCallbacks& callbacks, std::stop_token stop) {
  options.sampling.Check();
  if (options.max_new_tokens == 0) throw Error("max_new_tokens 0: an answer has at least 1");
  Answer answer;
  AddTurn(turn, options.max_new_tokens, std::move(stop), [&](std::span<const int32_t> ids) {
    Prefill(turn, ids, callbacks, answer);
    pending_.clear();
    Generate(options, callbacks, answer);
  });
  return answer;
}

void Session::Replay(const UserTurn& turn, std::span<const int32_t> answer_ids,
                     const AnswerCallbacks& callbacks, std::stop_token stop) {
  // The end is not the answer's: the next turn writes it itself.
  while (!answer_ids.empty() && IsEnd(answer_ids.back())) {
    answer_ids = answer_ids.first(answer_ids.size() - 1);
  }
  AddTurn(turn, answer_ids.size(), std::move(stop), [&](std::span<const int32_t> ids) {
    Answer unused;
    Prefill(turn, ids, callbacks, unused);
    pending_.assign(answer_ids.begin(), answer_ids.end());
  });
}

void Session::CheckText(const UserTurn& turn) const {
  std::string text;
  for (const ChatPart& part : turn.parts) {
    // Neighbouring texts are one to the model; anything else keeps them apart.
    text += part.kind == ChatPart::Kind::kText ? part.text : "\n";
  }
  if (sequence_.size() == 0) text = options_.system_prompt + "\n" + text;
  for (const int32_t id : tokenizer_.Encode(text)) {
    if (tokenizer_.IsSpecial(id)) {
      throw Error(fmt::format("the text contains {}, a control token of the model",
                              tokenizer_.DecodeBytes({&id, 1}, /*skip_special=*/false)),
                  "Write it with a blank inside, or leave it out.");
    }
  }
}

/// The tokens that the turn adds: the end of the answer before it, if there was one, the turn, and
/// the beginning of the answer.
std::vector<int32_t> Session::TurnIds(const UserTurn& turn) const {
  VisionCounters counters;
  std::string text;
  if (sequence_.size() == 0) {
    text = RenderMessage({"system", {{ChatPart::Kind::kText, options_.system_prompt}}}, false,
                         counters);
  } else {
    text = "<|im_end|>\n";
  }
  text += RenderMessage({"user", turn.parts}, false, counters);
  text += kGenerationPrompt;

  std::vector<size_t> image_tokens;
  for (const Patches& image : turn.images) {
    image_tokens.push_back(MergedTokens(image.grid, model_.config.vision));
  }
  std::vector<int32_t> ids = pending_;
  const std::vector<int32_t> rendered =
      ExpandVisionPads(tokenizer_.Encode(text), {model_.config.image_token_id, image_tokens},
                       {model_.config.video_token_id, {}});
  ids.insert(ids.end(), rendered.begin(), rendered.end());
  return ids;
}

void Session::CheckFits(size_t new_tokens, size_t max_new_tokens) const {
  const size_t needed = sequence_.size() + new_tokens + max_new_tokens;
  if (needed <= options_.context_tokens) return;
  throw Error(fmt::format("{} tokens of conversation, {} of this turn and up to {} of the answer "
                          "exceed the context of {}",
                          sequence_.size(), new_tokens, max_new_tokens, options_.context_tokens),
              sequence_.size() > 0
                  ? "Start over (clear), raise --context, or lower --max-new-tokens."
                  : "Raise --context, lower --max-new-tokens, or lower --max-pixels.");
}

void Session::Prefill(const UserTurn& turn, std::span<const int32_t> ids,
                      const AnswerCallbacks& callbacks, Answer& answer) {
  const Stopwatch image_watch;
  std::vector<VisualFeatures> features;
  std::vector<std::string> pictures;
  bool computed = false;
  for (const Patches& image : turn.images) {
    ImageFeatureCache::Result result = images_.Get(image, pool_, callbacks.progress);
    computed = computed || result.computed;
    answer.image_tokens += result.features->rows();
    pictures.push_back(std::move(result.key));
    features.push_back({image.grid, std::move(result.features)});
  }
  answer.image_seconds = computed ? image_watch.Seconds() : 0;
  const Stopwatch prompt_watch;
  if (sequence_.size() == 0 && !features.empty()) {
    answer.cached_tokens = AppendPrefix(ids, features, pictures, callbacks);
    ids = ids.subspan(sequence_.size());
    answer.prompt_tokens = sequence_.size() - answer.cached_tokens + ids.size();
    features.clear();
  } else {
    answer.cached_tokens = sequence_.size();
    answer.prompt_tokens = ids.size();
  }
  sequence_.Append(ids, features, callbacks.progress, pending_.size());
  answer.prompt_seconds = prompt_watch.Seconds();
}

/// The beginning of a conversation up to the end of its last picture, which another question about
/// the pictures will begin with too. Returns how many of its tokens were known.
size_t Session::AppendPrefix(std::span<const int32_t> ids, std::span<const VisualFeatures> features,
                             std::span<const std::string> pictures,
                             const AnswerCallbacks& callbacks) {
  const auto last = std::find(ids.rbegin(), ids.rend(), model_.config.image_token_id);
  const std::span<const int32_t> prefix = ids.first(static_cast<size_t>(ids.rend() - last) + 1);
  const std::string key = PrefixCache::KeyOf(prefix, pictures);
  const auto known = prefixes_.Find(key, prefix);
  if (known != nullptr &&
      known->key_values.size() == prefix.size() * sequence_.cache().bytes_per_token()) {
    sequence_.Restore(*known);
    return prefix.size();
  }
  sequence_.Append(prefix, features, callbacks.progress);
  prefixes_.Put(key, sequence_.Save());
  return 0;
}

void Session::Generate(const GenerationOptions& options, const AnswerCallbacks& callbacks,
                       Answer& answer) {
  Sampler sampler(options.sampling, options.seed);
  StreamDecoder decoder(tokenizer_);
  const auto emit = [&](const std::string& text) {
    answer.text += text;
    if (callbacks.on_text && !text.empty()) callbacks.on_text(text);
  };
  const Stopwatch watch;
  try {
    while (true) {
      if (!pending_.empty()) sequence_.Append(std::exchange(pending_, {}), {}, {}, 1);
      const int32_t id = sampler.Next(sequence_.logits(), sequence_.ids());
      answer.ids.push_back(id);
      if (IsEnd(id)) break;  // the next turn writes the end of this message itself
      pending_ = {id};
      emit(decoder.Push(id));
      if (answer.ids.size() >= options.max_new_tokens) {
        answer.finish = Answer::Finish::kLength;
        break;
      }
    }
  } catch (const Cancelled&) {
    answer.finish = Answer::Finish::kInterrupted;
    pending_ = {answer.ids.back()};
  }
  emit(decoder.Finish());
  answer.answer_seconds = watch.Seconds();
}

bool Session::IsEnd(int32_t id) const {
  const std::vector<int32_t>& ends = model_.generation.eos_token_ids;
  return std::find(ends.begin(), ends.end(), id) != ends.end();
}

}  // namespace roentgen
