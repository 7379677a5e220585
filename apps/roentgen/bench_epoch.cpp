// The epoch that `roentgen bench train` measures on a part of a question set and extrapolates.

#include <fmt/format.h>
#include <stdlib.h>  // mkdtemp

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "bench_train.h"
#include "processor_clock.h"
#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/data/dataset_writer.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/qwen2vl/model_lookup.h"
#include "roentgen/training/trainer.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "part";

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "roentgen-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error("no temporary folder: " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The usable rows of the official training part.
std::vector<Sample> TrainingPart(const fs::path& folder) {
  std::vector<Sample> samples;
  OpenVqaRad(folder)->ForEach([&](SourceSample row) {
    if (!row.flaw && row.sample.split == kTrain) samples.push_back(std::move(row.sample));
  });
  if (samples.empty()) throw Error(folder.string() + ": no training rows");
  return samples;
}

/// The samples on `count` images, spread evenly over all in the order in which they are first
/// shown.
std::vector<Sample> SamplesOnSome(const std::vector<Sample>& samples, size_t count) {
  std::vector<std::string> images;
  std::set<std::string> seen;
  for (const Sample& sample : samples) {
    for (const std::string& image : sample.images) {
      if (seen.insert(image).second) images.push_back(image);
    }
  }
  count = std::min(count, images.size());
  std::set<std::string> chosen;
  for (size_t i = 0; i < count; ++i) chosen.insert(images[i * images.size() / count]);
  std::vector<Sample> some;
  for (const Sample& sample : samples) {
    const bool all = std::all_of(sample.images.begin(), sample.images.end(),
                                 [&](const auto& image) { return chosen.contains(image); });
    if (all) some.push_back(sample);
  }
  return some;
}

/// configs/vqa_rad_lora.yaml, for one epoch.
TrainingArguments Arguments(const TrainBenchOptions& options, const fs::path& folder) {
  TrainingArguments arguments;
  arguments.do_train = true;
  arguments.model_name_or_path = ResolveModel(options.model).spec;
  arguments.dataset_dir = folder;
  arguments.dataset = {fmt::format("{}_{}", kName, kTrain)};
  arguments.image_limits.image_max_pixels = 448 * 448;
  arguments.apply_exif = true;
  arguments.group_by_image = true;
  arguments.steps = {.per_device_train_batch_size = 1,
                     .gradient_accumulation_steps = 16,
                     .num_train_epochs = 1,
                     .max_steps = options.max_steps};
  arguments.output_dir = folder / "out";
  arguments.save_strategy = Interval::kNo;
  return arguments;
}

EpochPart CountOf(const RunPlan& plan, double samples) {
  EpochPart part;
  part.images = plan.distinct_images;
  part.samples = static_cast<size_t>(samples);
  part.computed_tokens = plan.computed_tokens;
  part.steps = plan.steps;
  return part;
}

/// What an epoch of all samples comes to, by the trainer's own plan.
EpochPart CountWhole(const std::vector<Sample>& samples, const PreparedRun& run, ThreadPool& pool,
                     const Progress& progress) {
  const TrainingArguments& arguments = run.arguments();
  const fs::path& folder = run.model().location.folder;
  const Tokenizer tokenizer = Tokenizer::Load(folder);
  const ImageSet images(
      samples, {arguments.image_limits, arguments.apply_exif, PreprocessorConfig::Load(folder)},
      pool, progress);
  const std::vector<TrainingRow> rows =
      SingleRows(EncodeAll(samples, images, SampleEncoder(tokenizer, arguments.SampleEncoding())));
  StepOptions whole_epoch = arguments.steps;
  whole_epoch.max_steps = 0;
  const RunPlan plan = PlanRun(rows, arguments.Order(), whole_epoch,
                               run.model().config.image_token_id, run.passes());
  return CountOf(plan, static_cast<double>(plan.samples));
}

}  // namespace

EpochFigures MeasureEpoch(const TrainBenchOptions& options, ThreadPool& pool,
                          const Progress& progress, const std::stop_token& stop) {
  const std::vector<Sample> samples = TrainingPart(options.data);
  const TemporaryFolder folder;
  DatasetWriter writer({folder.path(), kName});
  for (Sample& sample : SamplesOnSome(samples, options.images)) writer.Add(std::move(sample));
  writer.Finish();

  const TrainingArguments arguments = Arguments(options, folder.path());
  PreparedRun run(arguments, pool, progress);
  EpochFigures figures;
  figures.measured = CountOf(run.Plan(), run.steps().rows_seen());
  figures.whole = CountWhole(samples, run, pool, progress);

  const ProcessorClock clock;
  StepReport last;
  TrainingListener listener;
  listener.progress = progress;
  listener.step = [&](const StepReport& report) {
    if (report.step == 1) {
      figures.measured.feature_seconds = clock.WallSeconds() - report.seconds;
    }
    last = report;
    Report(progress, "Training", report.step, report.total_steps);
  };
  if (Train(run, pool, listener, stop).stopped) throw Cancelled();
  figures.processor_seconds = clock.ProcessorSeconds() / pool.threads();
  figures.peak_memory_bytes = PeakMemory();
  figures.measured.step_seconds = last.seconds;

  const auto ratio = [](size_t a, size_t b) {
    return static_cast<double>(a) / static_cast<double>(b);
  };
  figures.whole.feature_seconds =
      figures.measured.feature_seconds * ratio(figures.whole.images, figures.measured.images);
  figures.whole.step_seconds =
      figures.measured.step_seconds *
      ratio(figures.whole.computed_tokens, figures.measured.computed_tokens);
  return figures;
}

}  // namespace roentgen::app
