#include "roentgen/training/batches.h"

#include <algorithm>
#include <map>
#include <utility>

namespace roentgen {
namespace {

size_t LabelTokens(const MicroBatch& batch) {
  size_t tokens = 0;
  for (const EncodedSample* sample : batch.samples) tokens += sample->LabelTokens();
  return tokens;
}

void AddRow(MicroBatch& batch, const TrainingRow& row) {
  for (const EncodedSample& sample : row) batch.samples.push_back(&sample);
}

/// How many tokens reach to the end of the sample's last image, its closing token included; 0 when
/// there is none or nothing follows.
size_t ImagePrefix(const EncodedSample& sample, int32_t image_token_id) {
  const auto last = std::find(sample.ids.rbegin(), sample.ids.rend(), image_token_id).base();
  const auto prefix = static_cast<size_t>(last - sample.ids.begin());
  return prefix == 0 || prefix + 1 >= sample.ids.size() ? 0 : prefix + 1;
}

/// All but a last token that is only predicted.
size_t TokensThatPredict(const EncodedSample& sample) {
  return sample.ids.size() - (sample.labels.back() != kIgnoredLabel ? 1 : 0);
}

/// What samples of one family have in common.
using FamilyKey = std::pair<std::vector<size_t>, std::vector<int32_t>>;

std::vector<Pass::Family> Families(std::span<const MicroBatch> micro_batches,
                                   int32_t image_token_id, bool share) {
  std::vector<Pass::Family> families;
  std::map<FamilyKey, size_t> known;
  for (const MicroBatch& batch : micro_batches) {
    const double weight = batch.weight / static_cast<double>(LabelTokens(batch));
    for (const EncodedSample* sample : batch.samples) {
      const size_t prefix = share ? ImagePrefix(*sample, image_token_id) : 0;
      size_t family = families.size();
      if (prefix > 0) {
        const auto end = sample->ids.begin() + static_cast<ptrdiff_t>(prefix);
        family =
            known.try_emplace({sample->images, {sample->ids.begin(), end}}, family).first->second;
      }
      if (family == families.size()) families.push_back({prefix, {}});
      const size_t tokens = share ? TokensThatPredict(*sample) : sample->ids.size();
      families[family].samples.push_back({sample, tokens, weight});
    }
  }
  return families;
}

/// Writes samples into a batch.
class BatchWriter {
 public:
  BatchWriter(const ModelConfig& config, const std::function<TrainingImage(size_t)>& image)
      : config_(config), image_(image) {}

  void Add(const Pass::Family& family) {
    const EncodedSample& first = *family.samples.front().sample;
    const size_t prefix = family.samples.size() == 1 ? 0 : family.prefix;
    Place shared;
    if (prefix > 0) shared = AddTokens(first, 0, prefix, {});
    for (const auto& [sample, tokens, weight] : family.samples) {
      const Place own = AddTokens(*sample, prefix, tokens, shared);
      for (size_t i = 1; i < sample->ids.size(); ++i) {
        if (sample->labels[i] == kIgnoredLabel) continue;
        const size_t token = i - 1 < prefix ? shared.begin + i - 1 : own.begin + i - 1 - prefix;
        batch_.targets.push_back({token, sample->labels[i], static_cast<float>(weight)});
      }
    }
  }

  TrainingBatch Take() { return std::move(batch_); }

 private:
  /// A segment, where its tokens begin and which position follows them.
  struct Place {
    int segment = Segment::kNoParent;
    size_t begin = 0;
    int64_t next_position = 0;
  };

  /// Tokens [from, to) of the sample as a segment behind the parent. The images stand in the first
  /// segment of a sample.
  Place AddTokens(const EncodedSample& sample, size_t from, size_t to, const Place& parent) {
    std::vector<GridThw> grids;
    if (from == 0) {
      for (const size_t number : sample.images) {
        batch_.images.push_back(image_(number));
        grids.push_back(batch_.images.back().grid);
      }
    }
    const std::span ids = std::span(sample.ids).subspan(from, to - from);
    const TokenPositions positions =
        ComputePositions(ids, grids, {}, config_, parent.next_position);
    const Place place{static_cast<int>(batch_.segments.size()), batch_.ids.size(), positions.next};
    batch_.segments.push_back({place.begin, place.begin + ids.size(), parent.segment, true});
    batch_.ids.insert(batch_.ids.end(), ids.begin(), ids.end());
    batch_.positions.insert(batch_.positions.end(), positions.tokens.begin(),
                            positions.tokens.end());
    return place;
  }

  const ModelConfig& config_;
  const std::function<TrainingImage(size_t)>& image_;
  TrainingBatch batch_;
};

}  // namespace

std::vector<MicroBatch> MicroBatchesOf(const StepPlan::Step& step,
                                       std::span<const TrainingRow> rows,
                                       LossNormalisation normalisation) {
  std::vector<MicroBatch> batches;
  size_t labels = 0;
  for (const std::vector<size_t>& numbers : step.micro_batches) {
    MicroBatch& batch = batches.emplace_back();
    for (const size_t number : numbers) AddRow(batch, rows[number]);
    labels += LabelTokens(batch);
  }
  for (MicroBatch& batch : batches) {
    batch.weight = normalisation == LossNormalisation::kMicroBatchMean
                       ? 1.0 / static_cast<double>(batches.size())
                       : static_cast<double>(LabelTokens(batch)) / static_cast<double>(labels);
  }
  return batches;
}

std::vector<MicroBatch> EvaluationBatches(std::span<const TrainingRow> rows, size_t batch_size) {
  std::vector<MicroBatch> batches;
  for (size_t begin = 0; begin < rows.size(); begin += batch_size) {
    const size_t count = std::min(batch_size, rows.size() - begin);
    MicroBatch& batch = batches.emplace_back();
    for (const TrainingRow& row : rows.subspan(begin, count)) AddRow(batch, row);
    batch.weight = static_cast<double>(count) / static_cast<double>(rows.size());
  }
  return batches;
}

size_t Pass::Family::Tokens() const {
  size_t tokens = prefix;
  for (const Target& target : samples) tokens += target.tokens - prefix;
  return tokens;
}

size_t Pass::Tokens() const {
  size_t tokens = 0;
  for (const Family& family : families) tokens += family.Tokens();
  return tokens;
}

std::vector<Pass> PlanPasses(std::span<const MicroBatch> micro_batches, int32_t image_token_id,
                             const PassOptions& options) {
  std::vector<Pass> passes;
  size_t room = 0;
  for (const Pass::Family& family :
       Families(micro_batches, image_token_id, options.share_prefixes)) {
    bool begun = false;  // whether this pass has the family's prefix already
    for (const Pass::Target& target : family.samples) {
      const size_t own = target.tokens - family.prefix;
      if (passes.empty() || own + (begun ? 0 : family.prefix) > room) {
        passes.emplace_back();
        room = options.max_tokens;
        begun = false;
      }
      std::vector<Pass::Family>& families = passes.back().families;
      if (!begun) families.push_back({family.prefix, {}});
      const size_t taken = own + (begun ? 0 : family.prefix);
      room -= std::min(room, taken);
      families.back().samples.push_back(target);
      begun = true;
    }
  }
  return passes;
}

TrainingBatch MakeBatch(const Pass& pass, const ModelConfig& config,
                        const std::function<TrainingImage(size_t)>& image) {
  BatchWriter writer(config, image);
  for (const Pass::Family& family : pass.families) writer.Add(family);
  return writer.Take();
}

}  // namespace roentgen
