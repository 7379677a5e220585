#include "roentgen/training/output_files.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/path_inside.h"
#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/training/loss_curve.h"
#include "roentgen/training/model_card.h"
#include "roentgen/training/trained_files.h"
#include "roentgen/training/training_log.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

/// That are read: of the model, then of adapters.
std::vector<fs::path> ModelFolders(const TrainingArguments& arguments) {
  std::vector<fs::path> folders = {
      ResolveModel(arguments.model_name_or_path, arguments.hub, "model_name_or_path").folder};
  for (const std::string& adapter : arguments.adapter_name_or_path) {
    folders.push_back(ResolveAdapter(adapter, arguments.hub).folder);
  }
  return folders;
}

}  // namespace

Claim ClaimOf(const TrainingArguments& arguments, std::set<std::string> files) {
  return {arguments.output_dir, "train", std::move(files),
          arguments.overwrite_output_dir ? Replaces::kAny : Replaces::kOwn,
          "Name another output_dir, or set overwrite_output_dir: true."};
}

void CheckAreNoInputs(const TrainingArguments& arguments, const std::set<std::string>& files) {
  std::vector<fs::path> read = ModelFolders(arguments);
  for (const fs::path& each :
       {arguments.settings_file, arguments.dataset_dir, arguments.media_dir}) {
    read.push_back(each);
  }
  const FolderMark mark(arguments.output_dir);
  for (const std::string& file : files) {
    CheckIsNoInput(arguments.output_dir / file, read, mark.Owns(file));
  }
}

void ClaimEvaluationFiles(const TrainingArguments& arguments) {
  CheckAreNoInputs(arguments, EvaluationFiles());
  std::set<std::string> others;
  const FolderMark mark(arguments.output_dir);
  for (const std::string& file : EvaluationFiles()) {
    if (!mark.Owns(file) && FileExists(arguments.output_dir / file)) others.insert(file);
  }
  ClaimFiles(ClaimOf(arguments, EvaluationFiles()));
  if (!arguments.overwrite_output_dir) return;
  for (const std::string& file : others) WriteFile(arguments.output_dir / file, "{}\n");
}

std::set<std::string> FilesOfTraining(const PreparedRun& run) {
  std::set<std::string> files = TrainedFiles(run);
  files.merge(TrainingLog::Files(!run.evaluation_rows().empty()));
  if (run.arguments().plot_loss) files.merge(PlotFiles());
  files.insert(kModelCardFile);
  return files;
}

void CheckOutputIsNoInput(const PreparedRun& run) {
  const TrainingArguments& arguments = run.arguments();
  CheckAreNoInputs(arguments, FilesOfTraining(run));
  const std::vector<fs::path> read = ModelFolders(arguments);
  CheckIsNoInput(arguments.output_dir, read);
  if (arguments.finetuning_type == FinetuningType::kLora) return;
  CheckFolderIsNoInput(arguments.output_dir, read);
  for (const fs::path& data : {arguments.dataset_dir, arguments.media_dir}) {
    if (data.empty() || !LiesIn(arguments.output_dir, data)) continue;
    throw Error(arguments.output_dir.string() +
                    ": the dataset lies there: no model is written to "
                    "the same folder",
                "Name another output_dir.");
  }
}

}  // namespace roentgen
