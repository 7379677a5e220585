#include "roentgen/qwen2vl/procedural.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/json.h"
#include "roentgen/base/random.h"
#include "roentgen/qwen2vl/weights.h"
#include "roentgen/tensor/buffer.h"

// The loop below is 64-bit integer arithmetic: compiled for AVX-512, which multiplies eight of them
// at once, it is five times as fast as for the oldest x86-64. The choice is made at run time.
#if defined(__x86_64__)
#define ROENTGEN_BEST_VECTORS __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define ROENTGEN_BEST_VECTORS
#endif

namespace roentgen {
namespace {

constexpr size_t kMaxSeedFile = size_t{1} << 16;
constexpr size_t kChunk = size_t{1} << 20;  // elements a task; a millisecond of work
constexpr size_t kChunksPerReport = 64;

struct Distribution {
  float offset;
  float scale;
};

Distribution DistributionOf(const TensorSpec& spec) {
  const auto contains = [&](const char* part) { return spec.name.find(part) != std::string::npos; };
  if (spec.shape.size() == 1) {
    const bool norm = spec.name.ends_with(".weight") && (contains("norm") || contains("ln_q"));
    return norm ? Distribution{1.0f, 0.25f} : Distribution{0.0f, 0.125f};
  }
  if (contains("embed_tokens")) return {0.0f, 0.0625f};
  double inputs = 1;
  for (size_t i = 1; i < spec.shape.size(); ++i) inputs *= static_cast<double>(spec.shape[i]);
  return {0.0f, static_cast<float>(std::sqrt(3.0 / inputs))};
}

/// values[i] = the element begin + i of the tensor with this key.
ROENTGEN_BEST_VECTORS void FillValues(uint64_t key, Distribution distribution, size_t begin,
                                      size_t count, uint16_t* values) {
  for (size_t i = 0; i < count; ++i) {
    const uint64_t x = SplitMix64(key + (begin + i + 1) * kSplitMixGamma);
    const float u = static_cast<float>(static_cast<int32_t>(x >> 40)) * 0x1p-23f - 1.0f;
    values[i] = ToBFloat16(distribution.offset + distribution.scale * u).bits;
  }
}

/// A part of one tensor.
struct Chunk {
  uint64_t key;
  Distribution distribution;
  size_t begin;
  size_t count;
  uint16_t* values;
};

class ProceduralTensors : public TensorSource {
 public:
  ProceduralTensors(const ModelConfig& config, const std::string& seed, ThreadPool& pool,
                    const Progress& progress)
      : seed_(seed) {
    const std::vector<TensorSpec> specs = ExpectedTensors(config);
    Layout(specs);
    std::vector<Chunk> chunks;
    for (const TensorSpec& spec : specs) AddChunks(spec, chunks);
    for (size_t done = 0; done < chunks.size();) {
      const size_t count = std::min(kChunksPerReport, chunks.size() - done);
      pool.ForEach(count, [&](size_t index, int) {
        const Chunk& chunk = chunks[done + index];
        FillValues(chunk.key, chunk.distribution, chunk.begin, chunk.count, chunk.values);
      });
      done += count;
      Report(progress, "Generating weights", done, chunks.size());
    }
  }

  const TensorView* Find(const std::string& name) const override {
    const auto at = tensors_.find(name);
    return at == tensors_.end() ? nullptr : &at->second;
  }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, view] : tensors_) names.push_back(name);
    return names;
  }

  std::string Describe() const override { return "procedural weights, seed " + seed_; }

 private:
  /// Gives every tensor its place in one block, each on a cache line of its own.
  void Layout(const std::vector<TensorSpec>& specs) {
    size_t size = 0;
    for (const TensorSpec& spec : specs) {
      TensorView& view = tensors_[spec.name];
      view = {DType::kBF16, spec.shape, {}};
      size += RoundedBytes(view);
    }
    block_ = AlignedBytes(size);
    std::byte* place = block_.data();
    for (auto& [name, view] : tensors_) {
      view.data = {place, view.elements() * sizeof(BFloat16)};
      place += RoundedBytes(view);
    }
  }

  static size_t RoundedBytes(const TensorView& view) {
    constexpr size_t kUnit = AlignedBytes::kAlignment;
    return (view.elements() * sizeof(BFloat16) + kUnit - 1) / kUnit * kUnit;
  }

  void AddChunks(const TensorSpec& spec, std::vector<Chunk>& chunks) const {
    const uint64_t key = Fnv1a64(spec.name, Fnv1a64("/", Fnv1a64(seed_)));
    const TensorView& view = tensors_.at(spec.name);
    const size_t place = static_cast<size_t>(view.data.data() - block_.data());
    auto* values = reinterpret_cast<uint16_t*>(block_.data() + place);
    for (size_t begin = 0; begin < view.elements(); begin += kChunk) {
      const size_t count = std::min(kChunk, view.elements() - begin);
      chunks.push_back({key, DistributionOf(spec), begin, count, values + begin});
    }
  }

  std::string seed_;
  AlignedBytes block_;
  std::map<std::string, TensorView> tensors_;
};

}  // namespace

std::shared_ptr<const TensorSource> GenerateWeights(const ModelConfig& config,
                                                    const std::string& seed, ThreadPool& pool,
                                                    const Progress& progress) {
  return std::make_shared<ProceduralTensors>(config, seed, pool, progress);
}

std::string ProceduralSeed(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "seed.json";
  if (!FileExists(path)) return "roentgen-2b";
  return JsonObject(ReadJsonFile(path, kMaxSeedFile), path.string()).Get<std::string>("seed");
}

}  // namespace roentgen
