#include "roentgen/assistant/dialogue.h"

#include <fmt/format.h>

#include <utility>

#include "roentgen/assistant/run_facts.h"
#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/encode_png.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace {

std::string Facts(const Provenance& provenance, const Patches& patches, size_t tokens) {
  std::string text =
      fmt::format("{} {}×{} → {}×{}, {} tokens", provenance.format, provenance.stored.width,
                  provenance.stored.height, patches.resized.width, patches.resized.height, tokens);
  if (!provenance.modality.empty()) text += ", " + provenance.modality;
  if (provenance.frames > 1) {
    text += fmt::format(", frame {} of {}", provenance.frame, provenance.frames);
  }
  if (!provenance.window.empty()) text += ", window " + provenance.window;
  if (provenance.orientation != 1) text += ", turned upright";
  for (const std::string& note : provenance.notes) text += ", " + note;
  return text;
}

void TakeAnswer(const Answer& answer, uint64_t seed, Exchange& exchange) {
  exchange.answer = answer.text;
  exchange.tokens = answer.ids;
  exchange.finish = answer.finish;
  exchange.seed = seed;
  exchange.date = UtcNow();
}

bool ImageReached(const Exchange& exchange, std::span<const Exchange> before) {
  return !exchange.pictures.empty() || (!before.empty() && before.back().image_reached);
}

}  // namespace

std::string Exchange::Question() const {
  std::string text;
  for (const ChatPart& part : parts) {
    if (part.kind == ChatPart::Kind::kText) text += part.text;
  }
  return text;
}

PreparedPicture PreparePicture(const OpenedPicture& opened, const PreprocessorConfig& config,
                               const VisionConfig& vision) {
  PreparedPicture prepared;
  prepared.patches = MakePatches(opened.image, config);
  prepared.provenance = opened.image.provenance;
  prepared.tokens = MergedTokens(prepared.patches.grid, vision);
  prepared.shown.sha256 = opened.sha256;
  prepared.shown.facts = Facts(prepared.provenance, prepared.patches, prepared.tokens);
  const Image resized = ResizeBicubic(opened.image, prepared.patches.resized);
  prepared.shown.pixels_sha256 = Sha256Hex(std::span<const uint8_t>(resized.rgb));
  prepared.shown.png = EncodePng(resized);
  return prepared;
}

Answer Dialogue::Ask(std::vector<ChatPart> parts, std::vector<PreparedPicture> pictures,
                     const GenerationOptions& options, const AnswerCallbacks& callbacks,
                     std::stop_token stop) {
  Exchange exchange;
  UserTurn turn{parts, {}};
  exchange.parts = std::move(parts);
  for (PreparedPicture& picture : pictures) {
    turn.images.push_back(std::move(picture.patches));
    exchange.pictures.push_back(std::move(picture.shown));
  }
  Answer answer = session_.Ask(turn, options, callbacks, std::move(stop));
  TakeAnswer(answer, options.seed, exchange);
  exchange.image_reached = ImageReached(exchange, exchanges_);
  exchanges_.push_back(std::move(exchange));
  return answer;
}

UserTurn Dialogue::TurnOf(const Exchange& exchange) const {
  UserTurn turn{exchange.parts, {}};
  for (const ShownPicture& picture : exchange.pictures) {
    const std::span<const uint8_t> png(reinterpret_cast<const uint8_t*>(picture.png.data()),
                                       picture.png.size());
    turn.images.push_back(MakePatches(DecodeImage(png, "a stored picture"), preprocessor_));
  }
  return turn;
}

Answer Dialogue::Regenerate(const GenerationOptions& options, const AnswerCallbacks& callbacks,
                            std::stop_token stop) {
  if (exchanges_.empty()) throw Error("there is no answer to give again");
  Exchange& last = exchanges_.back();
  const UserTurn turn = TurnOf(last);
  session_.Undo();
  try {
    Answer answer = session_.Ask(turn, options, callbacks, std::move(stop));
    TakeAnswer(answer, options.seed, last);
    return answer;
  } catch (...) {
    session_.Replay(turn, last.tokens);
    throw;
  }
}

void Dialogue::Undo() {
  session_.Undo();
  exchanges_.pop_back();
}

void Dialogue::Clear() {
  session_.Clear();
  exchanges_.clear();
}

void Dialogue::Continue(std::vector<Exchange> exchanges, const AnswerCallbacks& callbacks,
                        const std::stop_token& stop) {
  Clear();
  try {
    for (size_t i = 0; i < exchanges.size(); ++i) {
      Exchange& exchange = exchanges[i];
      exchange.image_reached = ImageReached(exchange, std::span(exchanges).first(i));
      // Where somebody edited the answer, its tokens are no longer its.
      if (tokenizer_.Decode(exchange.tokens, /*skip_special=*/true) != exchange.answer) {
        exchange.tokens = tokenizer_.Encode(exchange.answer);
      }
      session_.Replay(TurnOf(exchange), exchange.tokens, callbacks, stop);
    }
  } catch (...) {
    Clear();
    throw;
  }
  exchanges_ = std::move(exchanges);
}

}  // namespace roentgen
