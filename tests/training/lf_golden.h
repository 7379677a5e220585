#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/text/tokenizer.h"
#include "roentgen/training/image_set.h"
#include "roentgen/training/training_set.h"
#include "support/paths.h"

namespace roentgen::test {

/// What LLaMA-Factory itself did: golden/train/lf/README.md.
inline std::filesystem::path LlamaFactoryGolden() {
  return GoldenRoot() / "train" / "lf";
}
inline std::filesystem::path QwenFolder() {
  return SharedRoot() / "models" / "qwen2-vl-2b-instruct";
}

inline const Tokenizer& QwenTokenizer() {
  static const Tokenizer tokenizer = Tokenizer::Load(QwenFolder());
  return tokenizer;
}

/// LLaMA-Factory's model, tiny-lf with the real tokenizer beside it, as a folder under `parent`; a
/// run's model_name_or_path.
inline std::string TinyLfModel(const std::filesystem::path& parent) {
  namespace fs = std::filesystem;
  const fs::path folder = parent / "tiny-lf";
  fs::create_directories(folder);
  for (const char* name : {"config.json", "seed.json"}) {
    fs::copy_file(LlamaFactoryGolden() / "tiny-lf" / name, folder / name,
                  fs::copy_options::overwrite_existing);
  }
  for (const char* name : {"tokenizer.json", "preprocessor_config.json"}) {
    if (!fs::exists(folder / name)) fs::create_symlink(QwenFolder() / name, folder / name);
  }
  return "procedural:" + folder.string();
}

/// A dataset of golden/train/lf/data with its pictures, as a run with these limits sees it.
struct GoldenSet {
  GoldenSet(const std::string& dataset, int64_t image_max_pixels)
      : pool(2),
        samples(
            ReadTrainingSamples(LlamaFactoryGolden() / "data", {{}, true}, {dataset}, 0).samples),
        images(samples, {{image_max_pixels}, false, PreprocessorConfig::Load(QwenFolder())}, pool) {
  }

  /// As it comes, whether it can be trained on or not.
  std::vector<EncodedSample> Encode(const EncodingOptions& options) const {
    const SampleEncoder encoder(QwenTokenizer(), options);
    std::vector<EncodedSample> encoded;
    for (const Sample& sample : samples) {
      std::vector<size_t> numbers;
      std::vector<size_t> tokens;
      for (const std::string& path : sample.images) {
        numbers.push_back(images.Find(path));
        tokens.push_back(images[numbers.back()].tokens);
      }
      encoded.push_back(encoder.Encode(sample, numbers, tokens));
    }
    return encoded;
  }

  ThreadPool pool;
  std::vector<Sample> samples;
  ImageSet images;
};

}  // namespace roentgen::test

/// Skips a test where LLaMA-Factory's outputs, the tokenizer or the pictures are not there.
#define ROENTGEN_NEED_LLAMAFACTORY()                                          \
  ROENTGEN_NEED(roentgen::test::LlamaFactoryGolden() / "data" / "edge.json"); \
  ROENTGEN_NEED(roentgen::test::QwenFolder());                                \
  ROENTGEN_NEED(roentgen::test::SharedRoot() / "data" / "vqa-rad")
