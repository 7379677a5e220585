#pragma once

#include <cstddef>
#include <filesystem>

#include "roentgen/base/thread_pool.h"

namespace roentgen {

/// Writes predict_results.json beside the answers of a run folder as LLaMA-Factory's `do_predict`
/// does, and adds it to all_results.json, which may hold a training's results already:
/// predict_bleu-4, predict_rouge-1, -2, -l (means over the answers on true images, in percent),
/// predict_runtime, predict_samples_per_second, predict_steps_per_second.
///
/// ROUGE is left out where an answer or reference has Chinese, whose words only jieba cuts so.
/// questions  asked within `seconds`: those of the call that ended the run
/// Throws Error when all_results.json is there and holds no object.
void WritePredictResults(const std::filesystem::path& folder, size_t questions, double seconds,
                         ThreadPool& pool);

}  // namespace roentgen
