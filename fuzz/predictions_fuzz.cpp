// Bytes as a file of answers, as a run's description, and as a vocabulary.
//
// The first byte of the input says what the rest stands for: 0 predictions, 1 run.json of a folder
// with sound predictions, 2 a vocabulary in JSON.

#include <cstdlib>
#include <string>

#include "process_folder.h"
#include "roentgen/base/error.h"
#include "roentgen/evaluation/prediction.h"
#include "roentgen/evaluation/run_folder.h"
#include "roentgen/evaluation/vocabulary.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ProcessFolder folder("predictions_fuzz");
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 4) {
      case 0:
        for (const roentgen::Prediction& read :
             roentgen::ReadPredictions(folder.Put("answers.jsonl", text))) {
          const auto again = roentgen::ReadPredictions(
              folder.Put("again.jsonl", roentgen::PredictionToJson(read)));
          if (again.size() != 1 || again[0].predict != read.predict) std::abort();
        }
        break;
      case 1:
        folder.Put("predictions.jsonl", R"({"id": "1", "predict": "yes", "label": "no"})");
        folder.Put("run.json", text);
        roentgen::ReadRun(folder.path());
        break;
      default:
        roentgen::Vocabulary::Read(folder.Put("terms.json", text));
    }
  } catch (const roentgen::Error&) {
    // Refused, as broken files should be.
  }
  return 0;
}
