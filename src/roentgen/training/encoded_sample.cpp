#include "roentgen/training/encoded_sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr std::string_view kImagePad = "<|image_pad|>";

size_t CountImagePlaces(const Sample& sample) {
  size_t places = 0;
  for (const Turn& turn : sample.turns) {
    for (size_t at = turn.text.find(kImagePlaceholder); at != std::string::npos;
         at = turn.text.find(kImagePlaceholder, at + kImagePlaceholder.size())) {
      ++places;
    }
  }
  return places;
}

/// The text with each "<image>" replaced by the tokens of the next image.
std::string WithImages(const std::string& text, std::span<const size_t>& image_tokens) {
  std::string result;
  size_t from = 0;
  for (size_t at = text.find(kImagePlaceholder); at != std::string::npos;
       at = text.find(kImagePlaceholder, from)) {
    result.append(text, from, at - from);
    result += "<|vision_start|>";
    for (size_t i = 0; i < image_tokens.front(); ++i) result += kImagePad;
    result += "<|vision_end|>";
    image_tokens = image_tokens.subspan(1);
    from = at + kImagePlaceholder.size();
  }
  return result.append(text, from);
}

/// How many tokens of a question and of its answer fit into what is left: infer_seqlen in
/// LLaMA-Factory. The shorter one is kept whole where it is less than half of the room.
std::pair<size_t, size_t> FitLengths(size_t source, size_t target, size_t room) {
  size_t most = room;
  if (target * 2 >= room) {
    most = source * 2 < room ? room - source
                             : static_cast<size_t>(static_cast<double>(room) *
                                                   (static_cast<double>(target) /
                                                    static_cast<double>(source + target)));
  }
  const size_t target_kept = std::min(most, target);
  return {std::min(room - target_kept, source), target_kept};
}

struct LabelledTokens {
  std::vector<int32_t> ids;
  std::vector<int32_t> labels;

  /// The first `count` of the tokens, to be learned or not.
  void Append(const std::vector<int32_t>& tokens, size_t count, bool learn) {
    const auto end = tokens.begin() + static_cast<ptrdiff_t>(count);
    ids.insert(ids.end(), tokens.begin(), end);
    if (learn) labels.insert(labels.end(), tokens.begin(), end);
    labels.resize(ids.size(), kIgnoredLabel);
  }
};

size_t Count(const std::vector<int32_t>& ids, int32_t id) {
  return static_cast<size_t>(std::count(ids.begin(), ids.end(), id));
}

}  // namespace

size_t EncodedSample::LabelTokens() const {
  if (labels.empty()) return 0;
  return static_cast<size_t>(std::count_if(labels.begin() + 1, labels.end(),
                                           [](int32_t l) { return l != kIgnoredLabel; }));
}

std::string NameOf(const Sample& sample) {
  return fmt::format("{}: row {}", sample.source.file, sample.source.row);
}

SampleEncoder::SampleEncoder(const Tokenizer& tokenizer, EncodingOptions options)
    : tokenizer_(tokenizer),
      options_(std::move(options)),
      image_pad_(tokenizer.Special(kImagePad)),
      video_pad_(tokenizer.Special("<|video_pad|>")) {}

std::vector<SampleEncoder::Exchange> SampleEncoder::Exchanges(
    const Sample& sample, std::span<const size_t> image_tokens) const {
  std::vector<Exchange> exchanges;
  const std::string& system = sample.system.empty() ? options_.default_system : sample.system;
  for (size_t i = 0; i + 1 < sample.turns.size(); i += 2) {
    Exchange exchange;
    if (i == 0 && !system.empty()) {
      exchange.source = tokenizer_.Encode("<|im_start|>system\n" + system + "<|im_end|>\n");
    }
    const std::vector<int32_t> question =
        tokenizer_.Encode("<|im_start|>user\n" + WithImages(sample.turns[i].text, image_tokens) +
                          "<|im_end|>\n" + std::string(kGenerationPrompt));
    exchange.source.insert(exchange.source.end(), question.begin(), question.end());
    exchange.target =
        tokenizer_.Encode(WithImages(sample.turns[i + 1].text, image_tokens) + "<|im_end|>\n");
    exchanges.push_back(std::move(exchange));
  }
  return exchanges;
}

void SampleEncoder::CheckPlaceholders(const std::string& name,
                                      const std::vector<Exchange>& exchanges,
                                      size_t expected) const {
  size_t images = 0;
  size_t videos = 0;
  for (const auto& [source, target] : exchanges) {
    images += Count(source, image_pad_) + Count(target, image_pad_);
    videos += Count(source, video_pad_) + Count(target, video_pad_);
  }
  if (images == expected && videos == 0) return;
  throw Error(fmt::format("{}: the text itself spells {}, the model's sign for a part of {}", name,
                          videos != 0 ? "<|video_pad|>" : kImagePad,
                          videos != 0 ? "a video" : "an image"));
}

EncodedSample SampleEncoder::Encode(const Sample& sample, std::span<const size_t> images,
                                    std::span<const size_t> image_tokens) const {
  EncodedSample encoded;
  encoded.name = NameOf(sample);
  encoded.images.assign(images.begin(), images.end());
  const size_t places = CountImagePlaces(sample);
  if (places != images.size()) {
    throw Error(fmt::format("{}: the text has {} <image>, but {} image{} given", encoded.name,
                            places, images.size(), images.size() == 1 ? " is" : "s are"));
  }
  std::vector<Exchange> exchanges = Exchanges(sample, image_tokens);
  const size_t pads = std::accumulate(image_tokens.begin(), image_tokens.end(), size_t{0});
  CheckPlaceholders(encoded.name, exchanges, pads);
  // With mask_history the last exchange has the first claim on the room, and alone has labels.
  if (options_.mask_history) std::reverse(exchanges.begin(), exchanges.end());
  size_t room = options_.cutoff_len;
  std::vector<LabelledTokens> pieces;
  for (const auto& [source, target] : exchanges) {
    if (room == 0) break;
    const auto [source_kept, target_kept] = FitLengths(source.size(), target.size(), room);
    room -= source_kept + target_kept;
    const bool target_counts = !options_.mask_history || pieces.empty();
    LabelledTokens& piece = pieces.emplace_back();
    piece.Append(source, source_kept, options_.train_on_prompt);
    piece.Append(target, target_kept, target_counts);
  }
  if (options_.mask_history) std::reverse(pieces.begin(), pieces.end());
  for (const auto& [ids, labels] : pieces) {
    encoded.ids.insert(encoded.ids.end(), ids.begin(), ids.end());
    encoded.labels.insert(encoded.labels.end(), labels.begin(), labels.end());
  }
  encoded.cut_image_tokens = pads - Count(encoded.ids, image_pad_);
  return encoded;
}

void RequireTrainable(const EncodedSample& sample) {
  if (sample.cut_image_tokens > 0) {
    throw Error(fmt::format("{}: cutoff_len cuts off {} of its image tokens, so the image would "
                            "not reach the model",
                            sample.name, sample.cut_image_tokens),
                "Raise cutoff_len, lower image_max_pixels, or take the sample out.");
  }
  if (sample.LabelTokens() == 0) {
    throw Error(
        fmt::format("{}: cutoff_len leaves no token of its answer to learn from", sample.name),
        "Raise cutoff_len or take the sample out.");
  }
}

}  // namespace roentgen
