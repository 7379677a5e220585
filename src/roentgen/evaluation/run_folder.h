#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/evaluation/prediction.h"
#include "roentgen/evaluation/shown_images.h"

namespace roentgen {

/// A folder that holds a run of a model over a question set:
///   run.json                            what was used (see RunFolder), and what it took
///   generated_predictions.jsonl         answers on the true images, in the order of the set
///   generated_predictions_swapped.jsonl, …_blank.jsonl, …_noise.jsonl   on others
///   predict_results.json, all_results.json   LLaMA-Factory's scores and speed
///   evaluation.json                     every score, as `roentgen eval --json` prints it
/// While it is made, answers grow line by line in FILE.partial.
std::filesystem::path PredictionsFile(const std::filesystem::path& folder, ShownImages shown);

/// Every score, which is not written here.
inline constexpr const char* kEvaluationFile = "evaluation.json";

/// How a run folder is meant.
struct RunFolderUse {
  bool overwrite = false;         ///< what others left there is removed or replaced first
  std::string setting = "--out";  ///< what names the folder, for hints
  std::string force = "--force";  ///< what asks for overwrite
  std::string command = "eval";   ///< for the folder's mark
};

/// Every file of a run folder. Those of others are not replaced: see ClaimFiles.
std::set<std::string> RunFiles();

/// Throws Error when a run in that folder would replace what this program did not make; makes the
/// folder otherwise.
void ClaimRunFiles(const std::filesystem::path& folder, const RunFolderUse& use);

/// The run is finished (SealFiles).
void SealRunFiles(const std::filesystem::path& folder, const std::string& command);

/// A run that is being made, or made further.
class RunFolder {
 public:
  /// Makes the folder or goes on with the run in it.
  ///
  /// description  what decides the answers, in objects of objects: model, adapters, data, settings.
  ///              Keys "name", "folder" and "path" are for people; all others must be as they were.
  /// Throws Error naming the first key that differs from the run in the folder, with both values,
  /// and when the folder holds predictions but no run.json, or other files of such names that this
  /// program did not make; none of it when it may overwrite.
  RunFolder(std::filesystem::path folder, const nlohmann::ordered_json& description,
            const RunFolderUse& use = {});

  const std::filesystem::path& path() const { return folder_; }

  /// Whether the run in the folder was described when it was complete; Describe makes it so.
  bool finished() const { return finished_; }

  /// The answers that are there already. The beginning of a line that was never finished is
  /// removed.
  std::vector<Prediction> Answered(ShownImages shown) const;
  /// Adds an answer, as a whole line.
  void Add(ShownImages shown, const Prediction& prediction) const;
  /// All answers are there: puts them into the file that is named for them, in this order.
  void Finish(ShownImages shown, std::span<const Prediction> predictions) const;

  /// Puts "work" beside the description.
  void Describe(const nlohmann::ordered_json& work);

 private:
  /// What keeps this run from going on with what is in the folder.
  std::optional<Error> Obstacle(const RunFolderUse& use);
  void RemoveRun() const;
  std::filesystem::path PartialFile(ShownImages shown) const;

  std::filesystem::path folder_;
  nlohmann::ordered_json description_;
  bool finished_ = false;
};

/// A finished run.
// NOLINTNEXTLINE(bugprone-exception-escape): the check does not see that moving a Json cannot throw
struct RecordedRun {
  std::filesystem::path folder;
  Json description;                                       ///< run.json
  std::vector<Prediction> predictions;                    ///< on the true images
  std::map<ShownImages, std::vector<Prediction>> others;  ///< with the same ids, in the same order
};

/// Reads a run folder. Throws Error, naming file and place, when a file is missing or damaged, a
/// prediction has no id or no reference, a file's questions are not those of the true images'
/// (SameQuestions) or about the same images, or the run was not finished.
RecordedRun ReadRun(const std::filesystem::path& folder, const ColumnChoice& columns = {});

}  // namespace roentgen
