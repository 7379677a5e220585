#include "roentgen/assistant/dialogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>
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

std::string RandomId() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// The stored pixels are those that the model was shown: they are not resized once more.
Patches PatchesOf(const ShownPicture& picture, PreprocessorConfig config) {
  const std::span<const uint8_t> png(reinterpret_cast<const uint8_t*>(picture.png.data()),
                                     picture.png.size());
  const Image image = DecodeImage(png, "a stored picture");
  const int64_t pixels = int64_t{image.width} * image.height;
  config.min_pixels = std::min(config.min_pixels, pixels);
  config.max_pixels = std::max(config.max_pixels, pixels);
  return MakePatches(image, config);
}

/// before: about the same study.
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
  prepared.identity = opened.identity;
  prepared.tokens = MergedTokens(prepared.patches.grid, vision);
  prepared.shown.sha256 = opened.sha256;
  prepared.shown.modality = prepared.provenance.modality;
  prepared.shown.body_part = prepared.provenance.body_part;
  prepared.shown.study_date = prepared.provenance.study_date;
  prepared.shown.facts = Facts(prepared.provenance, prepared.patches, prepared.tokens);
  const Image resized = ResizeBicubic(opened.image, prepared.patches.resized);
  prepared.shown.pixels_sha256 = Sha256Hex(std::span<const uint8_t>(resized.rgb));
  prepared.shown.png = EncodePng(resized);
  return prepared;
}

PreparedPicture PrepareAgain(const ShownPicture& shown, const PreprocessorConfig& config,
                             const VisionConfig& vision) {
  PreparedPicture prepared;
  prepared.shown = shown;
  prepared.patches = PatchesOf(shown, config);
  prepared.tokens = MergedTokens(prepared.patches.grid, vision);
  return prepared;
}

Dialogue::Dialogue(Session& session, const Tokenizer& tokenizer,
                   const PreprocessorConfig& preprocessor)
    : session_(session), tokenizer_(tokenizer), preprocessor_(preprocessor), id_(RandomId()) {}

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
  exchange.image_reached = ImageReached(exchange, study());
  exchange.begins_study = study().empty() && !exchanges_.empty();
  exchange.retold = IsRetold(study().size());
  if (!study().empty()) exchange.facts.images = exchanges_.back().facts.images;
  std::vector<ShownImage> shown = HashesOf(exchange.pictures);
  std::move(shown.begin(), shown.end(), std::back_inserter(exchange.facts.images));
  TakeAnswer(answer, options, exchange);
  exchanges_.push_back(std::move(exchange));
  return answer;
}

void Dialogue::TakeAnswer(const Answer& answer, const GenerationOptions& options,
                          Exchange& exchange) const {
  exchange.answer = answer.text;
  exchange.tokens = answer.ids;
  exchange.finish = answer.finish;
  exchange.date = UtcNow();
  exchange.facts.run = {};
  exchange.facts.run.system_prompt = session_.options().system_prompt;
  exchange.facts.run.generation = options;
  exchange.facts.conversation = id_;
}

void Dialogue::Attribute(RunFacts run) {
  if (exchanges_.empty()) return;
  RunFacts& facts = exchanges_.back().facts.run;
  run.generation = facts.generation;
  facts = std::move(run);
}

void Dialogue::TellPatients(std::optional<bool> different) {
  if (!exchanges_.empty()) exchanges_.back().different_patients = different;
}

UserTurn Dialogue::TurnOf(const Exchange& exchange) const {
  UserTurn turn{exchange.parts, {}};
  for (const ShownPicture& picture : exchange.pictures) {
    turn.images.push_back(PatchesOf(picture, preprocessor_));
  }
  return turn;
}

Answer Dialogue::Regenerate(const GenerationOptions& options, const AnswerCallbacks& callbacks,
                            std::stop_token stop) {
  if (study().empty()) throw Error("there is no answer to give again");
  Exchange& last = exchanges_.back();
  const UserTurn turn = TurnOf(last);
  session_.Undo();
  try {
    Answer answer = session_.Ask(turn, options, callbacks, std::move(stop));
    const size_t before = study().size() - 1;
    retold_ = std::min(retold_, before);
    last.retold = IsRetold(before);
    last.edited = false;
    TakeAnswer(answer, options, last);
    return answer;
  } catch (...) {
    ShowStudy({}, {});
    throw;
  }
}

void Dialogue::BeginStudy() {
  study_begin_ = exchanges_.size();
  retold_ = 0;
  session_.Clear();
}

void Dialogue::ReopenStudy(const AnswerCallbacks& callbacks, const std::stop_token& stop) {
  if (!study().empty()) throw Error("the current study was asked about");
  while (study_begin_ > 0) {
    --study_begin_;
    if (exchanges_[study_begin_].begins_study) break;
  }
  try {
    ShowStudy(callbacks, stop);
  } catch (...) {
    BeginStudy();
    throw;
  }
}

Exchange Dialogue::Undo() {
  if (study().empty()) throw Error("there is no turn to take back");
  session_.Undo();
  Exchange undone = std::move(exchanges_.back());
  exchanges_.pop_back();
  retold_ = std::min(retold_, study().size());
  return undone;
}

void Dialogue::Clear() {
  session_.Clear();
  exchanges_.clear();
  study_begin_ = 0;
  retold_ = 0;
  id_ = RandomId();
}

void Dialogue::ShowStudy(const AnswerCallbacks& callbacks, const std::stop_token& stop) {
  session_.Clear();
  for (const Exchange& exchange : study()) {
    session_.Replay(TurnOf(exchange), AnswerTokens(exchange, tokenizer_), callbacks, stop);
  }
  retold_ = study().size();
}

void Dialogue::Continue(std::vector<Exchange> exchanges, const AnswerCallbacks& callbacks,
                        const std::stop_token& stop, const std::string& settings_sha256) {
  Clear();
  try {
    for (size_t i = 0; i < exchanges.size(); ++i) {
      Exchange& exchange = exchanges[i];
      if (exchange.begins_study) study_begin_ = i;
      exchange.image_reached =
          ImageReached(exchange, std::span(exchanges).subspan(study_begin_, i - study_begin_));
      if (IsOfOtherSettings(exchange, settings_sha256)) continue;  // its tokens are not read here
      // Where somebody edited the answer, its tokens are no longer its.
      if (tokenizer_.Decode(exchange.tokens, /*skip_special=*/true) != exchange.answer) {
        exchange.edited = true;
        exchange.tokens = tokenizer_.Encode(exchange.answer);
      }
    }
    exchanges_ = std::move(exchanges);
    ShowStudy(callbacks, stop);
  } catch (...) {
    Clear();
    throw;
  }
}

std::vector<int32_t> AnswerTokens(const Exchange& exchange, const Tokenizer& tokenizer) {
  const bool reads = tokenizer.Decode(exchange.tokens, /*skip_special=*/true) == exchange.answer;
  return reads ? exchange.tokens : tokenizer.Encode(exchange.answer);
}

bool IsOfOtherSettings(const Exchange& exchange, const std::string& settings_sha256) {
  const std::string& then = exchange.facts.run.settings_sha256;
  return !then.empty() && !settings_sha256.empty() && then != settings_sha256;
}

}  // namespace roentgen
