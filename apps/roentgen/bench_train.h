#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"

namespace roentgen::app {

/// What `roentgen bench train` is asked for.
struct TrainBenchOptions {
  std::optional<std::string> model;
  int threads = PhysicalCores();
  std::string instruction_set;
  int runs = 3;
  std::filesystem::path data;  ///< a question set in VQA-RAD's form; empty: no epoch
  size_t images = 40;
  size_t max_steps = 0;  ///< of the epoch; 0: all
  bool json = false;
};

/// A step of LoRA, rank 8, on all linears of the language model, with one sample: an image of
/// 448×448 pixels whose features are at hand, 66 tokens of text, the last 12 of them the answer.
/// The optimiser's step is in it.
struct StepFigures {
  size_t tokens = 0;
  size_t trained_values = 0;
  size_t kept_layers = 0;        ///< that are not computed again
  double seconds = 0;            ///< median
  double processor_seconds = 0;  ///< of a thread: what a machine without other work would take
  double operations = 0;         ///< see TrainingOperations
  double fma_peak = 0;           ///< operations a second, the best measured among the steps
  size_t peak_memory_bytes = 0;

  double Share() const { return operations / seconds / fma_peak; }
  double ProcessorShare() const { return operations / processor_seconds / fma_peak; }
};

/// Throws Cancelled in a CancelScope.
StepFigures MeasureTrainingStep(const TrainBenchOptions& options, ThreadPool& pool,
                                const Progress& progress);

/// Samples of a question set, as they train: at most 448×448 pixels, the same adapters, 16 samples
/// a step, questions on one image together.
struct EpochPart {
  size_t images = 0;  ///< whose features are computed before the first step
  size_t samples = 0;
  size_t computed_tokens = 0;  ///< that go through the model: shared ones once
  size_t steps = 0;
  double feature_seconds = 0;
  double step_seconds = 0;  ///< of all steps
};

/// What was measured, and what follows for one epoch of the official training part: as long for an
/// image, and as long for a token that is computed.
struct EpochFigures {
  EpochPart measured;
  EpochPart whole;
  double processor_seconds = 0;  ///< of a thread, for the measured features and steps
  size_t peak_memory_bytes = 0;  ///< of the process until then

  /// In the whole epoch, the features of its images included.
  double SamplesPerSecond() const {
    return static_cast<double>(whole.samples) / (whole.feature_seconds + whole.step_seconds);
  }
};

/// Trains on images spread evenly over the set, with the trainer itself, in a temporary folder.
/// Throws Error for what is wrong with model or data, Cancelled when stop is triggered.
EpochFigures MeasureEpoch(const TrainBenchOptions& options, ThreadPool& pool,
                          const Progress& progress, const std::stop_token& stop);

}  // namespace roentgen::app
