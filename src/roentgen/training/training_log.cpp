#include "roentgen/training/training_log.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json_text.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace {

constexpr size_t kMaxLogBytes = size_t{256} << 20;
constexpr const char* kLogFile = "trainer_log.jsonl";
constexpr const char* kTrainerState = "trainer_state.json";
constexpr const char* kTrainResults = "train_results.json";
constexpr const char* kEvalResults = "eval_results.json";
constexpr const char* kAllResults = "all_results.json";

double Rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

/// A flat object as Python's json.dumps writes it.
std::string PythonLine(const nlohmann::ordered_json& object) {
  std::string line;
  for (const auto& [key, value] : object.items()) {
    line += fmt::format("{}\"{}\": {}", line.empty() ? "" : ", ", key, value.dump());
  }
  return "{" + line + "}\n";
}

/// The keys of speed_metrics in Transformers.
void AddSpeed(Json& entry, const std::string& prefix, double seconds, double samples,
              double steps) {
  entry[prefix + "_runtime"] = Rounded(seconds, 4);
  if (seconds <= 0) return;
  entry[prefix + "_samples_per_second"] = Rounded(samples / seconds, 3);
  entry[prefix + "_steps_per_second"] = Rounded(steps / seconds, 3);
}

/// Steps are whole numbers unless they are a share.
Json StepsJson(double steps) {
  if (steps >= 1) return static_cast<int64_t>(steps);
  return steps;
}

Json EvaluationJson(const EvaluationEntry& entry) {
  Json json = {{"eval_loss", entry.loss}};
  AddSpeed(json, "eval", entry.seconds, static_cast<double>(entry.samples),
           static_cast<double>(entry.batches));
  return json;
}

void WriteJson(const std::filesystem::path& path, const Json& json) {
  WriteFile(path, json.dump(4));
}

Json SummaryJson(const TrainSummary& summary) {
  Json json = {
      {"epoch", summary.epochs}, {"total_flos", summary.flops}, {"train_loss", summary.loss}};
  AddSpeed(json, "train", summary.seconds, summary.samples, static_cast<double>(summary.steps));
  return json;
}

template <class T>
Json OrNull(const JsonObject& object, const std::string& key) {
  const std::optional<T> value = object.Find<T>(key);
  return value ? Json(*value) : Json();
}

/// Throws Error when a step or an evaluation is not told as trainer_state.json tells it. A loss
/// that was no number is null.
void CheckEntry(const JsonObject& entry) {
  entry.Get<size_t>("step");
  entry.Get<double>("epoch");
  for (const char* key : {"loss", "eval_loss"}) entry.Find<double>(key);
}

}  // namespace

TrainingLog::TrainingLog(std::filesystem::path output_dir, const LogSettings& settings)
    : output_dir_(std::move(output_dir)), settings_(settings) {}

void TrainingLog::Resume(const Json& trainer_state) {
  const JsonObject state(trainer_state, "trainer_state.json");
  history_ = state.json().value("log_history", Json());
  if (!history_.is_array()) state.Fail("log_history", "expected a list of entries");
  for (const Json& entry : history_) CheckEntry(JsonObject(entry, "trainer_state.json"));
  best_ = {{"metric", OrNull<double>(state, "best_metric")},
           {"step", OrNull<size_t>(state, "best_global_step")},
           {"checkpoint", OrNull<std::string>(state, "best_model_checkpoint")}};
  const auto step = state.Get<size_t>("global_step");
  const std::filesystem::path log = output_dir_ / kLogFile;
  if (!FileExists(log)) return;
  std::istringstream lines(ReadFile(log, kMaxLogBytes));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    // The last line of a killed process may be half of one.
    const Json entry = TryParseJson(line).value_or(nullptr);
    const auto at = entry.is_object() ? entry.find("current_steps") : entry.end();
    const bool before = at != entry.end() && at->is_number_unsigned() && *at <= step;
    if (before) kept += line + "\n";
  }
  WriteFile(log, kept);
}

void TrainingLog::Add(const StepEntry& entry, double elapsed) {
  history_.push_back({{"epoch", entry.epoch},
                      {"grad_norm", entry.grad_norm},
                      {"learning_rate", entry.learning_rate},
                      {"loss", entry.loss},
                      {"step", entry.step}});
  AppendLine(history_.back(), elapsed);
}

void TrainingLog::Add(const EvaluationEntry& entry, double elapsed) {
  Json json = EvaluationJson(entry);
  json["epoch"] = entry.epoch;
  json["step"] = entry.step;
  history_.push_back(std::move(json));
  AppendLine(history_.back(), elapsed);
}

void TrainingLog::Finish(const TrainSummary& summary) {
  Json json = SummaryJson(summary);
  json["step"] = summary.steps;
  history_.push_back(std::move(json));
  summary_ = summary;
  AppendLine(history_.back(), summary.seconds);
}

/// The columns of LLaMA-Factory's LogCallback.
void TrainingLog::AppendLine(const Json& entry, double elapsed) {
  const auto step = entry.at("step").get<size_t>();
  const auto total = static_cast<double>(settings_.total_steps);
  nlohmann::ordered_json line = {{"current_steps", step}, {"total_steps", settings_.total_steps}};
  const std::pair<const char*, const char*> columns[] = {
      {"loss", "loss"}, {"eval_loss", "eval_loss"}, {"learning_rate", "lr"}, {"epoch", "epoch"}};
  for (const auto& [key, column] : columns) {
    if (entry.contains(key)) line[column] = entry[key];
  }
  const auto done = static_cast<double>(step);
  line["percentage"] = total > 0 ? Rounded(done / total * 100, 2) : 100.0;
  line["elapsed_time"] = DurationText(elapsed);
  line["remaining_time"] = DurationText(done > 0 ? (total - done) * elapsed / done : 0);
  AppendToFile(output_dir_ / kLogFile, PythonLine(line));
}

void TrainingLog::SetBest(double metric, size_t step, const std::string& checkpoint) {
  best_ = {{"metric", metric}, {"step", step}, {"checkpoint", checkpoint}};
}

std::optional<size_t> TrainingLog::best_step() const {
  const Json& step = best_["step"];
  if (!step.is_number_integer()) return std::nullopt;
  return step.get<size_t>();
}

Json TrainingLog::TrainerState(size_t step, double epoch) const {
  const bool finished = step >= settings_.total_steps;
  return {{"best_global_step", best_["step"]},
          {"best_metric", best_["metric"]},
          {"best_model_checkpoint", best_["checkpoint"]},
          {"epoch", epoch},
          {"eval_steps", StepsJson(settings_.eval_steps)},
          {"global_step", step},
          {"is_hyper_param_search", false},
          {"is_local_process_zero", true},
          {"is_world_process_zero", true},
          {"log_history", history_},
          {"logging_steps", StepsJson(settings_.logging_steps)},
          {"max_steps", settings_.total_steps},
          {"num_input_tokens_seen", 0},
          {"num_train_epochs", settings_.epochs},
          {"save_steps", StepsJson(settings_.save_steps)},
          {"stateful_callbacks",
           {{"TrainerControl",
             {{"args",
               {{"should_epoch_stop", false},
                {"should_evaluate", false},
                {"should_log", false},
                {"should_save", true},
                {"should_training_stop", finished}}},
              {"attributes", Json::object()}}}}},
          {"total_flos", summary_ ? summary_->flops : 0.0},
          {"train_batch_size", settings_.train_batch_size},
          {"trial_name", nullptr},
          {"trial_params", nullptr}};
}

/// The last entry of that step; null when there is none.
Json TrainingLog::SavedEvaluation() const {
  Json evaluation;
  for (const Json& entry : history_) {
    const bool of_it = !saved_step_ || entry.at("step") == *saved_step_;
    if (entry.contains("eval_loss") && of_it) evaluation = entry;
  }
  return evaluation;
}

std::optional<double> TrainingLog::SavedLoss() const {
  const Json evaluation = SavedEvaluation();
  if (evaluation.is_null() || evaluation.at("eval_loss").is_null()) return std::nullopt;
  return evaluation.at("eval_loss").get<double>();
}

void TrainingLog::WriteResults() const {
  Json all = Json::object();
  Json evaluation = SavedEvaluation();
  if (!evaluation.is_null()) {
    evaluation.erase("step");
    WriteJson(output_dir_ / kEvalResults, evaluation);
    all.update(evaluation);
  }
  if (summary_) {
    const Json train = SummaryJson(*summary_);
    WriteJson(output_dir_ / kTrainResults, train);
    all.update(train);
    WriteFile(output_dir_ / kTrainerState,
              TrainerState(summary_->steps, summary_->epochs).dump(2) + "\n");
  }
  WriteJson(output_dir_ / kAllResults, all);
}

std::set<std::string> TrainingLog::Files(bool evaluates) {
  std::set<std::string> files = {kLogFile, kTrainerState, kTrainResults, kAllResults};
  if (evaluates) files.insert(kEvalResults);
  return files;
}

std::set<std::string> EvaluationFiles() {
  return {kEvalResults, kAllResults};
}

TrainingLog::Curve TrainingLog::CurveOf(const char* key) const {
  Curve curve;
  for (const Json& entry : history_) {
    if (!entry.contains(key) || entry.at(key).is_null()) continue;
    curve.steps.push_back(entry.at("step"));
    curve.epochs.push_back(entry.at("epoch"));
    curve.losses.push_back(entry.at(key));
  }
  return curve;
}

void WriteEvaluationResults(const std::filesystem::path& output_dir, const EvaluationEntry& entry) {
  const Json evaluation = EvaluationJson(entry);
  WriteJson(output_dir / kEvalResults, evaluation);
  const std::filesystem::path all_file = output_dir / kAllResults;
  Json all = FileExists(all_file) ? ReadJsonFile(all_file, kMaxLogBytes) : Json::object();
  if (!all.is_object()) throw Error(all_file.string() + ": expected an object of results");
  all.update(evaluation);
  WriteJson(all_file, all);
}

std::string DurationText(double seconds) {
  const auto whole = static_cast<int64_t>(std::max(0.0, seconds));
  const int64_t days = whole / 86400;
  std::string text = days == 0 ? "" : fmt::format("{} day{}, ", days, days == 1 ? "" : "s");
  return text + fmt::format("{}:{:02}:{:02}", whole / 3600 % 24, whole / 60 % 60, whole % 60);
}

std::string ClosingTable(const TrainSummary& summary) {
  const double seconds = std::max(summary.seconds, 1e-9);
  std::string table;
  const auto line = [&](const char* name, const std::string& value) {
    table += fmt::format("{:<20} {:>14}\n", name, value);
  };
  line("epochs", fmt::format("{:.2f}", summary.epochs));
  line("steps", std::to_string(summary.steps));
  line("tokens", std::to_string(summary.tokens));
  line("seconds", fmt::format("{:.1f}", summary.seconds));
  line("samples per second", fmt::format("{:.3f}", summary.samples / seconds));
  line("steps per second", fmt::format("{:.3f}", static_cast<double>(summary.steps) / seconds));
  line("tokens per second", fmt::format("{:.1f}", static_cast<double>(summary.tokens) / seconds));
  line("loss", fmt::format("{:.4f}", summary.loss));
  if (summary.evaluation_loss) line("eval_loss", fmt::format("{:.4f}", *summary.evaluation_loss));
  return table;
}

}  // namespace roentgen
