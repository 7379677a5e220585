#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/qwen2vl/trained_parameters.h"
#include "roentgen/text/tokenizer.h"
#include "roentgen/training/adapter_files.h"
#include "roentgen/training/arguments.h"
#include "roentgen/training/image_set.h"
#include "roentgen/training/run_plan.h"
#include "roentgen/training/step_plan.h"
#include "roentgen/training/trained_modules.h"
#include "roentgen/training/training_set.h"

namespace roentgen {

/// All that a run needs before its first step: the model with what is trained of it, and the rows
/// that train and evaluate. Without do_train it is for an evaluation: the model with all adapters
/// and the rows that evaluate, no parameters, steps and fingerprint.
class PreparedRun {
 public:
  /// Reads model and data. Throws Error for everything that is wrong with them, naming file, key or
  /// sample; Cancelled in a CancelScope.
  PreparedRun(const TrainingArguments& arguments, ThreadPool& pool, const Progress& progress);
  PreparedRun(const PreparedRun&) = delete;
  PreparedRun& operator=(const PreparedRun&) = delete;

  const TrainingArguments& arguments() const { return arguments_; }
  Model& model() { return model_; }
  const Model& model() const { return model_; }
  TrainedParameters& parameters() { return *parameters_; }
  const TrainedParameters& parameters() const { return *parameters_; }
  /// Whether anything of vision tower or merger is trained; else an image's features stay the same.
  bool TrainsVision() const;
  /// Where an adapter is trained.
  const std::optional<AdapterDescription>& adapter() const { return adapter_; }
  const ImageSet& images() const { return *images_; }
  const std::vector<TrainingRow>& rows() const { return rows_; }
  const std::vector<TrainingRow>& evaluation_rows() const { return evaluation_rows_; }
  const StepPlan& steps() const { return *steps_; }
  /// Of the rows that train; see DataFingerprint.
  const std::string& fingerprint() const { return fingerprint_; }
  /// What the user should know: rows that were left out, what is shared and what is not.
  const std::vector<std::string>& notes() const { return notes_; }
  /// Of these, how many rows of each dataset were left out.
  const std::vector<std::string>& left_out() const { return left_out_; }

  PassOptions passes() const;
  RunPlan Plan() const;

 private:
  void LoadTheModel(const Progress& progress);
  void ChooseParameters();
  void RequireMemory(const NameFilter& trained, const char* way_out) const;
  void ContinueAdapter();
  void DescribeAdapter();
  void ReadData(const Progress& progress);
  std::vector<TrainingRow> Rows(std::span<const Sample> samples,
                                const SampleEncoder& encoder) const;

  TrainingArguments arguments_;  // a continued adapter has a dropout of its own
  ThreadPool& pool_;
  Model model_;
  std::optional<TrainedParameters> parameters_;
  std::optional<AdapterDescription> adapter_;
  std::optional<ImageSet> images_;
  std::vector<TrainingRow> rows_;
  std::vector<TrainingRow> evaluation_rows_;
  std::optional<StepPlan> steps_;
  std::string fingerprint_;
  std::vector<std::string> notes_;
  std::vector<std::string> left_out_;
};

}  // namespace roentgen
