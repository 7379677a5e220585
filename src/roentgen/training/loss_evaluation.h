#pragma once

#include <functional>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/training/prepared_run.h"
#include "roentgen/training/training_log.h"

namespace roentgen {

/// What stands in an image's places, by its number in the run's images.
using ImageSource = std::function<TrainingImage(size_t image)>;

/// The patches of the run's images, prepared from their files each time: the vision tower is gone
/// through in the pass.
ImageSource PatchesOf(const PreparedRun& run);

/// The loss on the run's evaluation rows, which are there (see EvaluationBatches), at step 0.
EvaluationEntry EvaluateLoss(const PreparedRun& run, const ImageSource& images, ThreadPool& pool,
                             const Progress& progress);

/// do_eval without do_train: the loss of the model as it is, written as LLaMA-Factory does into
/// eval_results.json and all_results.json of output_dir. Throws Error when there is no row to
/// evaluate on or something cannot be written.
EvaluationEntry EvaluateAlone(const PreparedRun& run, ThreadPool& pool, const Progress& progress);

}  // namespace roentgen
