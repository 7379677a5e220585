#include "roentgen/training/image_features.h"

#include <fmt/format.h>

#include <cstring>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTensor = "features";

std::string Sha256Of(const void* data, size_t size) {
  return Sha256Hex({static_cast<const uint8_t*>(data), size});
}

/// SHA-256 of all that makes tower and merger what they are: their tensors as the file has them,
/// then each linear's weight, which may be quantised, with its adapters.
std::string HashTower(ModelWeights& weights) {
  std::string hashes;
  const auto add = [&](const std::string& name, const void* data, size_t size) {
    hashes += name + ' ' + Sha256Of(data, size) + '\n';
  };
  const TensorSource& source = *weights.source;
  VisitLinears(weights, [&](const std::string& name, Linear& linear) {
    if (!name.starts_with("visual.")) return;
    const WeightMatrix& weight = linear.weight;
    if (weight.quantized == nullptr) {
      add(name, weight.data, weight.bytes());
    } else {
      for (const auto part : weight.quantized->Parts()) add(name, part.data(), part.size());
    }
    for (const LoraDelta& delta : linear.lora) {
      add(fmt::format("{} {}", name, delta.scale), delta.a->data(),
          delta.a->size() * sizeof(float));
      add(name, delta.b->data(), delta.b->size() * sizeof(float));
    }
  });
  for (const std::string& name : source.Names()) {
    const TensorView& tensor = *source.Find(name);
    const bool other = name.starts_with("visual.") && tensor.shape.size() != 2;
    if (other) add(name, tensor.data.data(), tensor.data.size());
  }
  return Sha256Of(hashes.data(), hashes.size());
}

}  // namespace

ImageFeatures::ImageFeatures(const ModelConfig& config, ModelWeights& weights,
                             const ImageSet& images, fs::path folder, ThreadPool& pool)
    : config_(config),
      weights_(weights),
      images_(images),
      folder_(std::move(folder)),
      pool_(pool),
      tower_(HashTower(weights)) {}

fs::path ImageFeatures::PathOf(size_t image) const {
  const std::string key = images_[image].sha256 + tower_;
  return folder_ / (Sha256Of(key.data(), key.size()) + ".safetensors");
}

void ImageFeatures::Compute(const Progress& progress) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw Error(fmt::format("{}: cannot make it: {}", folder_.string(), error.message()));
  for (size_t image = 0; image < images_.size(); ++image) {
    Report(progress, "Encoding images", image, images_.size());
    const fs::path path = PathOf(image);
    if (FileExists(path)) continue;
    const Patches patches = images_.Load(image);
    const size_t width = config_.vision.patch_values();
    const ConstMatrix rows{patches.values.data(), patches.values.size() / width, width, width};
    const OwnedMatrix features =
        EncodeVision(weights_.vision, config_.vision, rows, std::span(&patches.grid, 1), pool_);
    SaveSafetensors(path, {{kTensor,
                            {DType::kF32,
                             {features.rows(), features.cols()},
                             std::as_bytes(std::span(features.data(), features.size()))}}});
  }
  Report(progress, "Encoding images", 1, 1);
}

TrainingImage ImageFeatures::Get(size_t image) const {
  const Safetensors file(PathOf(image));
  const TensorView& tensor = file.At(kTensor);
  if (tensor.shape != std::vector<size_t>{images_[image].tokens, config_.hidden_size}) {
    throw Error(fmt::format("{}: features of another size", file.path().string()),
                "Remove the file; it will be made again.");
  }
  auto features = std::make_shared<OwnedMatrix>(tensor.shape[0], tensor.shape[1]);
  std::memcpy(features->data(), tensor.data.data(), tensor.data.size());
  return {images_[image].grid, std::move(features), nullptr};
}

void ImageFeatures::Remove() const {
  std::error_code ignored;
  for (size_t image = 0; image < images_.size(); ++image) fs::remove(PathOf(image), ignored);
  fs::remove(folder_, ignored);  // where nothing else is in it
}

}  // namespace roentgen
