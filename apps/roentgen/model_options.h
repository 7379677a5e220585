#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/open_picture.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/inference/session.h"
#include "roentgen/qwen2vl/model.h"
#include "terminal.h"

namespace roentgen::app {

/// Which model, with which adapters, in how many bits, on how many threads.
struct ModelOptions {
  void AddTo(CLI::App& command);
  Model Load(ThreadPool& pool, const Progress& progress) const;
  ModelLocation Locate() const { return ResolveModel(model); }
  /// The folders that Load reads: the model's, then the adapters'.
  std::vector<std::filesystem::path> Folders() const;

  std::optional<std::string> model;
  std::vector<std::filesystem::path> adapters;
  bool merge = false;
  std::string quant;  // empty: as the model is, or as like_weights tells
  // RunFacts::weights of answers that are to be given again: a model that is not quantised is made
  // so as quant would make it, where that gives these.
  std::string like_weights;
  std::string key_values;  // empty: BF16 when the weights are quantised, else F32
  int threads = PhysicalCores();
};

/// How many pixels a picture may keep. People's default is LLaMA-Factory's 768×768: the
/// checkpoint's own limit would turn a full-size radiograph into minutes of arithmetic.
struct PixelOptions {
  static constexpr int64_t kDefaultMaxPixels = 768 * 768;

  void AddTo(CLI::App& command);
  /// The checkpoint's preparation with the limit that applies: the flag's, else the one an adapter
  /// was trained with, else the default or the checkpoint's where that is lower.
  PreprocessorConfig Apply(PreprocessorConfig config,
                           const std::vector<AdapterInfo>& adapters) const;

  std::string max_pixels;  // empty, "checkpoint" or a number
};

/// What of a DICOM file or series is looked at.
struct ChoiceOptions {
  void AddTo(CLI::App& command);
  PictureChoice Resolve() const;

  size_t frame = 1;
  std::string window;
  size_t slice = 0;
  size_t sheet = 0;
};

/// How an answer is drawn. What is not given comes from the checkpoint's generation_config.json.
struct SamplingFlags {
  void AddTo(CLI::App& command);
  GenerationOptions Resolve(const GenerationDefaults& defaults) const;

  std::optional<double> temperature;
  std::optional<int64_t> top_k;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<double> repetition_penalty;
  uint64_t seed = 0;
  size_t max_new_tokens = 512;
};

}  // namespace roentgen::app
