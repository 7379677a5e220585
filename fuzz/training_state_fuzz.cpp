// Bytes as what a training goes on from.
//
// The first byte of the input says what the rest stands for: 0 checkpoint.json, 1
// trainer_state.json, 2 trainer_log.jsonl.

#include <string>

#include "process_folder.h"
#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/training/checkpoint.h"
#include "roentgen/training/training_log.h"

namespace {

const ProcessFolder& Folder() {
  static const ProcessFolder folder("training_state_fuzz");
  return folder;
}

void TryCheckpoint(const std::string& text) {
  Folder().Put("checkpoint-1/adapter.bin", "weights");
  const auto manifest = Folder().Put("checkpoint-1/checkpoint.json", text);
  roentgen::ForeignCheckpoints(Folder().path());
  roentgen::FindLastCheckpoint(Folder().path());
  roentgen::RotateCheckpoints(Folder().path(), 1, manifest.parent_path());
  roentgen::LoadCheckpoint(manifest.parent_path());
}

/// Goes on, and writes all that the log is asked for.
void TryLog(const std::string& state) {
  roentgen::TrainingLog log(Folder().path(), {});
  log.Resume(roentgen::ParseJson(state, "fuzz"));
  log.Add(roentgen::StepEntry{5, 1, 0.5, 1, 1e-4}, 1);
  log.best_step();
  log.SavedLoss();
  log.TrainingCurve();
  log.EvaluationCurve();
  log.TrainerState(5, 1);
  log.WriteResults();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 4) {
      case 0:
        TryCheckpoint(text);
        break;
      case 1:
        Folder().Put("trainer_log.jsonl", "");
        TryLog(text);
        break;
      default:
        Folder().Put("trainer_log.jsonl", text);
        TryLog(R"({"global_step": 4, "log_history": []})");
    }
  } catch (const roentgen::Error&) {
    // Refused, as broken files should be.
  }
  return 0;
}
