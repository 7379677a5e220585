#include "roentgen/evaluation/predictor.h"

#include <algorithm>
#include <map>
#include <utility>

#include "roentgen/base/random.h"
#include "roentgen/qwen2vl/vision_tower.h"

namespace roentgen {
namespace {

/// Prompts that show the same pictures, by number.
using Group = std::vector<size_t>;

std::vector<Group> GroupByPictures(std::span<const Prompt> prompts) {
  std::map<std::vector<size_t>, Group> by_pictures;
  for (size_t i = 0; i < prompts.size(); ++i) by_pictures[prompts[i].pictures].push_back(i);
  std::vector<Group> groups;
  for (auto& [pictures, group] : by_pictures) groups.push_back(std::move(group));
  return groups;
}

/// How many tokens at the beginning all prompts of the group share. Each keeps one of its own,
/// behind which its answer begins. As the pictures are the same, no picture is cut.
size_t SharedTokens(std::span<const Prompt> prompts, const Group& group) {
  if (group.size() == 1) return 0;
  const std::vector<int32_t>& first = prompts[group[0]].ids;
  size_t shared = first.size() - 1;
  for (const size_t member : group) {
    const std::vector<int32_t>& ids = prompts[member].ids;
    const size_t most = std::min(shared, ids.size() - 1);
    const auto end = first.begin() + static_cast<ptrdiff_t>(most);
    shared =
        static_cast<size_t>(std::mismatch(first.begin(), end, ids.begin()).first - first.begin());
  }
  return shared;
}

/// The features of pictures that are still to be shown.
class FeatureShelf {
 public:
  FeatureShelf(const Model& model, ThreadPool& pool, const Predictor::LoadPicture& load)
      : model_(model), pool_(pool), load_(load) {}

  /// Somebody will Take the picture once more.
  void Announce(size_t picture) { ++shelf_[picture].awaited; }

  /// Encoded when it is taken for the first time, forgotten after the last.
  VisualFeatures Take(size_t picture) {
    const auto at = shelf_.find(picture);
    Entry& entry = at->second;
    if (entry.features.features == nullptr) entry.features = Encode(load_(picture));
    VisualFeatures features = entry.features;
    if (--entry.awaited == 0) shelf_.erase(at);
    return features;
  }

  size_t encodings() const { return encodings_; }

 private:
  struct Entry {
    size_t awaited = 0;
    VisualFeatures features;
  };

  VisualFeatures Encode(const Patches& patches) {
    const size_t width = model_.config.vision.patch_values();
    const ConstMatrix rows{patches.values.data(), patches.values.size() / width, width, width};
    ++encodings_;
    return {patches.grid,
            std::make_shared<const OwnedMatrix>(EncodeVision(
                model_.weights.vision, model_.config.vision, rows, {&patches.grid, 1}, pool_))};
  }

  const Model& model_;
  ThreadPool& pool_;
  const Predictor::LoadPicture& load_;
  std::map<size_t, Entry> shelf_;
  size_t encodings_ = 0;
};

/// How many of the pictures have their tokens among the first `count`.
size_t PicturesWithin(std::span<const int32_t> ids, size_t count, int32_t placeholder,
                      std::span<const VisualFeatures> pictures) {
  auto places = static_cast<size_t>(
      std::count(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(count), placeholder));
  size_t within = 0;
  for (; within < pictures.size() && pictures[within].features->rows() <= places; ++within) {
    places -= pictures[within].features->rows();
  }
  return within;
}

}  // namespace

Predictor::Predictor(const Model& model, const Tokenizer& tokenizer, ThreadPool& pool,
                     PredictorOptions options)
    : model_(model),
      tokenizer_(tokenizer),
      pool_(pool),
      options_(std::move(options)),
      yes_no_(tokenizer) {
  options_.generation.sampling.Check();
}

PredictionWork Predictor::AnswerAll(std::span<const Prompt> prompts,
                                    const std::vector<bool>& answered, const LoadPicture& picture,
                                    const TakeAnswer& take, const Progress& progress) {
  std::vector<Group> groups = GroupByPictures(prompts);
  std::erase_if(groups, [&](const Group& group) {
    return std::all_of(group.begin(), group.end(), [&](size_t i) { return answered[i]; });
  });
  FeatureShelf shelf(model_, pool_, picture);
  for (const Group& group : groups) {
    for (const size_t number : prompts[group[0]].pictures) shelf.Announce(number);
  }
  const auto total = static_cast<size_t>(std::count(answered.begin(), answered.end(), false));
  PredictionWork work;
  Sequence sequence(model_, pool_);
  for (const Group& group : groups) {
    const Prompt& first = prompts[group[0]];
    std::vector<VisualFeatures> pictures;
    for (const size_t number : first.pictures) pictures.push_back(shelf.Take(number));
    const size_t prefix = SharedTokens(prompts, group);
    const size_t shown = PicturesWithin(first.ids, prefix, model_.config.image_token_id, pictures);
    sequence.Rewind({});
    sequence.Append(std::span(first.ids).first(prefix), std::span(pictures).first(shown));
    work.prompt_tokens += prefix;
    const Sequence::Mark mark = sequence.mark();
    for (const size_t member : group) {
      if (answered[member]) continue;
      Report(progress, "Answering", work.questions, total);
      sequence.Rewind(mark);
      take(member, Ask(sequence, prompts[member], member, prefix,
                       std::span(pictures).subspan(shown), work));
    }
  }
  work.encodings = shelf.encodings();
  Report(progress, "Answering", total, total);
  return work;
}

ModelAnswer Predictor::Ask(Sequence& sequence, const Prompt& prompt, size_t number, size_t prefix,
                           std::span<const VisualFeatures> pictures, PredictionWork& work) const {
  sequence.Append(std::span(prompt.ids).subspan(prefix), pictures);
  ModelAnswer answer;
  const std::vector<float> first(sequence.logits().begin(), sequence.logits().end());
  const Sequence::Mark asked = sequence.mark();
  const GenerationOptions& options = options_.generation;
  Sampler sampler(options.sampling, SplitMix64(options.seed + number * kSplitMixGamma));
  std::vector<int32_t> ids;
  while (ids.size() < options.max_new_tokens) {
    if (!ids.empty()) sequence.Append({&ids.back(), 1}, {}, {}, 1);
    ids.push_back(sampler.Next(sequence.logits(), sequence.ids()));
    if (IsEnd(ids.back())) break;
  }
  ++work.questions;
  work.prompt_tokens += prompt.ids.size() - prefix;
  work.answer_tokens += ids.size();
  answer.tokens = ids.size();
  answer.text = tokenizer_.Decode(ids, /*skip_special=*/true);
  answer.yes_no = yes_no_.LogProbabilities(first, ids, [&](std::span<const int32_t> beginning) {
    sequence.Rewind(asked);
    sequence.Append(beginning, {}, {}, beginning.size());
    return sequence.logits();
  });
  return answer;
}

bool Predictor::IsEnd(int32_t id) const {
  return std::find(options_.end_ids.begin(), options_.end_ids.end(), id) != options_.end_ids.end();
}

}  // namespace roentgen
