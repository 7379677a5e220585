#include "roentgen/evaluation/run_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/base/output_folder.h"
#include "roentgen/evaluation/same_questions.h"

namespace roentgen {
namespace fs = std::filesystem;
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr size_t kMaxDescriptionBytes = size_t{16} << 20;
constexpr const char* kDescriptionName = "run.json";
constexpr const char* kWork = "work";
constexpr const char* kPartial = ".partial";
constexpr const char* kPredictResults = "predict_results.json";
constexpr const char* kAllResults = "all_results.json";
constexpr std::array kAllShown = {ShownImages::kTrue, ShownImages::kSwapped, ShownImages::kBlank,
                                  ShownImages::kNoise};
constexpr std::array kForPeople = {"name", "folder", "path"};

bool IsForPeople(const std::string& key) {
  return std::find(kForPeople.begin(), kForPeople.end(), key) != kForPeople.end();
}

/// "settings.max_new_tokens is 48 there, 512 here"; nothing when all that counts is the same.
std::optional<std::string> Difference(const Json& there, const Json& here,
                                      const std::string& name) {
  if (!there.is_object() || !here.is_object()) {
    if (there == here) return std::nullopt;
    return fmt::format("{} is {} there, {} here", name, there.dump(), here.dump());
  }
  Json keys = there;
  keys.update(here);
  for (const auto& [key, ignored] : keys.items()) {
    if (IsForPeople(key)) continue;
    const std::string inner = name.empty() ? key : name + "." + key;
    if (auto found = Difference(there.value(key, Json()), here.value(key, Json()), inner)) {
      return found;
    }
  }
  return std::nullopt;
}

/// A file of lines without what follows its last line feed.
void DropTornLine(const fs::path& file) {
  const MappedFile content(file);
  const std::span<const uint8_t> bytes = content.bytes();
  const auto end = std::find(bytes.rbegin(), bytes.rend(), uint8_t{'\n'}).base();
  const auto whole = static_cast<uintmax_t>(end - bytes.begin());
  if (whole == bytes.size()) return;
  std::error_code error;
  fs::resize_file(file, whole, error);
  if (error) throw Error(fmt::format("{}: {}", file.string(), error.message()));
}

bool IsEmpty(const fs::path& file) {
  std::error_code error;
  return fs::file_size(file, error) == 0 && !error;
}

/// A run of before folders were marked.
bool IsUnmarkedRun(const fs::path& folder) {
  if (FolderMark(folder).exists() || !FileExists(folder / kDescriptionName)) return false;
  const Json there = ReadJsonFile(folder / kDescriptionName, kMaxDescriptionBytes);
  return there.is_object() && there.contains("model") && there.contains("settings");
}

/// Every line has its id. A question to which the set has no answer has no reference.
void RequireIds(const fs::path& file, const std::vector<Prediction>& predictions) {
  for (const Prediction& prediction : predictions) {
    if (!prediction.id.empty()) continue;
    throw Error(fmt::format("{}: row {}: no id", file.string(), prediction.row));
  }
}

void RequireSameRows(const fs::path& file, const std::vector<Prediction>& expected,
                     const std::vector<Prediction>& found, ImageRule images) {
  SameQuestions same(images);
  for (size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
    if (i >= expected.size() || i >= found.size() || expected[i].id != found[i].id) {
      const auto id = [&](const std::vector<Prediction>& list) {
        return i < list.size() ? fmt::format("\"{}\"", list[i].id) : std::string("nothing");
      };
      throw Error(fmt::format("{}: answer {} is to {}, with the true images it is to {}",
                              file.string(), i + 1, id(found), id(expected)));
    }
    const auto difference = same.Difference(Asked(expected[i]), Asked(found[i]));
    if (!difference) continue;
    throw Error(fmt::format("{}: row {}: {}", file.string(), found[i].row,
                            Describe(*difference, "with the true images")));
  }
}

}  // namespace

std::set<std::string> RunFiles() {
  std::set<std::string> files = {kDescriptionName, kPredictResults, kAllResults, kEvaluationFile};
  for (const ShownImages shown : kAllShown) {
    const std::string predictions = PredictionsFile("", shown).string();
    files.insert(predictions);
    files.insert(predictions + kPartial);
  }
  return files;
}

void ClaimRunFiles(const fs::path& folder, const RunFolderUse& use) {
  const bool all = use.overwrite || IsUnmarkedRun(folder);
  const bool others =
      use.overwrite && !FolderMark(folder).Owns(kAllResults) && FileExists(folder / kAllResults);
  ClaimFiles({folder, use.command, RunFiles(), all ? Replaces::kAny : Replaces::kOwn,
              fmt::format("Name another folder with {}, or write over it with {}.", use.setting,
                          use.force)});
  // Results are added to those that are there.
  if (others) WriteFile(folder / kAllResults, "{}\n");
}

void SealRunFiles(const fs::path& folder, const std::string& command) {
  SealFiles({folder, command, RunFiles()});
}

fs::path PredictionsFile(const fs::path& folder, ShownImages shown) {
  const std::string name(NameOf(shown));
  return folder /
         ("generated_predictions" + (shown == ShownImages::kTrue ? "" : "_" + name) + ".jsonl");
}

RunFolder::RunFolder(fs::path folder, const OrderedJson& description, const RunFolderUse& use)
    : folder_(std::move(folder)), description_(description) {
  if (const std::optional<Error> obstacle = Obstacle(use)) {
    if (!use.overwrite) throw Error(*obstacle);
    ClaimRunFiles(folder_, use);
    RemoveRun();
  }
  const fs::path file = folder_ / kDescriptionName;
  ClaimRunFiles(folder_, use);
  if (!FileExists(file)) WriteFile(file, description_.dump(2) + "\n");
}

std::optional<Error> RunFolder::Obstacle(const RunFolderUse& use) {
  const fs::path file = folder_ / kDescriptionName;
  if (FileExists(file)) {
    Json there = ReadJsonFile(file, kMaxDescriptionBytes);
    const bool finished = there.is_object() && there.erase(kWork) > 0;
    if (const auto difference = Difference(there, Json(description_), "")) {
      return Error(fmt::format("{}: another run is in this folder: {}", file.string(), *difference),
                   fmt::format("Name another folder with {}, or ask for the same.", use.setting));
    }
    finished_ = finished;
  } else if (FileExists(PredictionsFile(folder_, ShownImages::kTrue))) {
    return Error(folder_.string() + ": there are predictions that nothing is known of",
                 fmt::format("Name another folder with {}.", use.setting));
  }
  return std::nullopt;
}

/// Its description first: stopped on the way, nothing is left that looks like a run.
void RunFolder::RemoveRun() const {
  const auto remove = [](const fs::path& file) {
    std::error_code error;
    fs::remove(file, error);
    if (error) throw Error(fmt::format("{}: cannot remove it: {}", file.string(), error.message()));
  };
  remove(folder_ / kDescriptionName);
  for (const ShownImages shown : kAllShown) {
    remove(PredictionsFile(folder_, shown));
    remove(PartialFile(shown));
  }
  remove(folder_ / kPredictResults);
  remove(folder_ / kEvaluationFile);
}

fs::path RunFolder::PartialFile(ShownImages shown) const {
  return PredictionsFile(folder_, shown).string() + kPartial;
}

std::vector<Prediction> RunFolder::Answered(ShownImages shown) const {
  const fs::path whole = PredictionsFile(folder_, shown);
  if (FileExists(whole)) return ReadPredictions(whole);
  const fs::path partial = PartialFile(shown);
  if (!FileExists(partial) || IsEmpty(partial)) return {};
  DropTornLine(partial);
  return IsEmpty(partial) ? std::vector<Prediction>() : ReadPredictions(partial);
}

void RunFolder::Add(ShownImages shown, const Prediction& prediction) const {
  AppendToFile(PartialFile(shown), PredictionToJson(prediction) + "\n");
}

void RunFolder::Finish(ShownImages shown, std::span<const Prediction> predictions) const {
  WritePredictions(PredictionsFile(folder_, shown), predictions);
  std::error_code ignored;  // what is left of it is not read any more
  fs::remove(PartialFile(shown), ignored);
}

void RunFolder::Describe(const OrderedJson& work) {
  description_[kWork] = work;
  WriteFile(folder_ / kDescriptionName, description_.dump(2) + "\n");
  finished_ = true;
}

RecordedRun ReadRun(const fs::path& folder, const ColumnChoice& columns) {
  RecordedRun run;
  run.folder = folder;
  const fs::path file = folder / kDescriptionName;
  const JsonObject description(ReadJsonFile(file, kMaxDescriptionBytes), file.string());
  run.description = description.json();
  if (!description.Has(kWork)) {
    throw Error(folder.string() + ": the run was not finished",
                "The command that began it goes on with it.");
  }
  const fs::path predictions = PredictionsFile(folder, ShownImages::kTrue);
  run.predictions = ReadPredictions(predictions, columns);
  RequireIds(predictions, run.predictions);
  for (const std::string& name :
       description.Object("settings").Get<std::vector<std::string>>("images")) {
    const ShownImages shown = ShownImagesNamed(name);
    if (shown == ShownImages::kTrue) continue;
    const fs::path other = PredictionsFile(folder, shown);
    run.others[shown] = ReadPredictions(other, columns);
    // What is shown in place of no image goes by the image's own name.
    RequireSameRows(other, run.predictions, run.others[shown],
                    shown == ShownImages::kSwapped ? ImageRule::kOtherFiles : ImageRule::kOther);
  }
  return run;
}

}  // namespace roentgen
