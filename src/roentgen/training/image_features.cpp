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

/// SHA-256 of all that tower and merger compute from: every parameter as the model holds it, in its
/// type or quantised, and the adapters of every linear.
class TowerHash {
 public:
  explicit TowerHash(const ModelWeights& weights) {
    VisitParameters(
        weights,
        [this](const std::string& name, const WeightMatrix& matrix) { AddMatrix(name, matrix); },
        [this](const std::string& name, const std::vector<float>& vector) {
          AddFloats(name, vector.data(), vector.size());
        });
    VisitLinears(weights, [this](const std::string& name, const Linear& linear) {
      for (const LoraDelta& delta : linear.lora) AddAdapter(name, delta);
    });
  }

  std::string Hex() const { return Sha256Of(hashes_.data(), hashes_.size()); }

 private:
  void Add(const std::string& name, const void* data, size_t size) {
    if (name.starts_with("visual.")) hashes_ += name + ' ' + Sha256Of(data, size) + '\n';
  }

  void AddFloats(const std::string& name, const float* values, size_t count) {
    Add(name, values, count * sizeof(float));
  }

  void AddMatrix(const std::string& name, const WeightMatrix& matrix) {
    if (matrix.quantized == nullptr) return Add(name, matrix.data, matrix.bytes());
    for (const auto part : matrix.quantized->Parts()) Add(name, part.data(), part.size());
  }

  void AddAdapter(const std::string& name, const LoraDelta& delta) {
    AddFloats(fmt::format("{} {}", name, delta.scale), delta.a->data(), delta.a->size());
    AddFloats(name, delta.b->data(), delta.b->size());
    if (delta.magnitude == nullptr) return;
    AddFloats(name + " magnitude", delta.magnitude->data(), delta.magnitude->size());
  }

  std::string hashes_;
};

}  // namespace

ImageFeatures::ImageFeatures(const ModelConfig& config, const ModelWeights& weights,
                             const ImageSet& images, fs::path folder, ThreadPool& pool)
    : config_(config),
      weights_(weights),
      images_(images),
      folder_(std::move(folder)),
      pool_(pool),
      tower_(TowerHash(weights).Hex()) {}

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
