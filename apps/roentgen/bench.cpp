#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bench_report.h"
#include "bench_train.h"
#include "commands.h"
#include "model_options.h"
#include "output_options.h"
#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/random.h"
#include "roentgen/inference/session.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "terminal.h"
#include "work_count.h"

namespace roentgen::app {
namespace {

struct BenchOptions {
  ModelOptions model;
  std::string instruction_set;
  std::vector<int> image_sides = {448};
  size_t prefill_tokens = 512;
  size_t decode_tokens = 64;
  int runs = 3;
  bool train = false;
  bool json = false;
  std::filesystem::path svg;
  Replaces replaces = Replaces::kOwn;
  std::filesystem::path compare;
};

/// The side of the picture that is asked about for the first token's time.
constexpr int kAskedSide = 448;
constexpr const char* kQuestion =
    "Is there evidence of a pleural effusion, and if so, on which side is it and how large?";

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Runs a model at the sizes asked for.
class Bench {
 public:
  explicit Bench(const BenchOptions& options)
      : options_(options),
        pool_(options.model.threads),
        model_(options.model.Load(pool_, progress_.AsProgress())) {
    progress_.Clear();
  }

  BenchReport Run() {
    // Before and after, and the better of the two: a disturbed moment must not flatter the shares.
    fma_peak_ = MeasureFmaPeak(pool_);
    MeasureFirstToken();
    MeasureDecoder();
    for (const int side : options_.image_sides) MeasureImage(side);
    if (options_.train) MeasureTraining();
    fma_peak_ = std::max(fma_peak_, MeasureFmaPeak(pool_));
    for (size_t i = 0; i < figures_.size(); ++i) {
      if (operations_[i] > 0) TellFmaShare(figures_[i], operations_[i]);
    }
    BenchReport report;
    const std::string held = DescribeRecipe(RecipeOf(model_.weights));
    report.conditions = {{"threads", pool_.threads()},
                         {"instruction_set", InstructionSet()},
                         {"weights", held.empty() ? "as they are" : held},
                         {"key_values", KeyValueTypeName(model_.key_value_type)},
                         {"fma_peak_gflops", fma_peak_ * 1e-9},
                         {"read_bandwidth_gb_per_second", read_bandwidth_ * 1e-9}};
    report.figures = figures_;
    return report;
  }

  const Model& model() const { return model_; }

 private:
  std::vector<int32_t> RandomIds(size_t count) {
    // Below every special token, placeholders for images among them.
    const auto limit =
        static_cast<uint64_t>(std::min<size_t>(model_.config.vocab_size,
                                               static_cast<size_t>(model_.config.image_token_id)) /
                              2);
    std::vector<int32_t> ids(count);
    for (int32_t& id : ids) id = static_cast<int32_t>(random_.NextBits() % limit);
    return ids;
  }

  double Prefill(Sequence& sequence) {
    sequence.Rewind({});
    const std::vector<int32_t> ids = RandomIds(options_.prefill_tokens);
    return Seconds([&] { sequence.Append(ids, {}); });
  }

  /// A token's time, and the bandwidth right before and after it: other tenants of a machine can
  /// halve it from one second to the next, so that means over a run would compare unlike moments.
  struct DecodeStep {
    double seconds = 0;
    double read_bandwidth = 0;
  };

  std::vector<DecodeStep> Decode(Sequence& sequence, const ReadBandwidthProbe& probe) {
    std::vector<DecodeStep> steps;
    double before = probe.Measure(pool_);
    for (const int32_t& id : RandomIds(options_.decode_tokens)) {
      const double seconds = Seconds([&] { sequence.Append({&id, 1}, {}); });
      const double after = probe.Measure(pool_);
      steps.push_back({seconds, (before + after) / 2});
      before = after;
    }
    return steps;
  }

  /// operations_per_second: for its share of the FMA peak; 0 where it has none.
  void Add(BenchFigure figure, double operations_per_second = 0) {
    figures_.push_back(std::move(figure));
    operations_.push_back(operations_per_second);
  }

  void TellFmaShare(BenchFigure& figure, double operations_per_second) const {
    figure.share = operations_per_second / fma_peak_;
    // Integers are multiplied faster than floats: more than all of it is no mistake then.
    figure.remark = *figure.share > 1
                        ? fmt::format("{:.2f} times the f32 FMA peak", *figure.share)
                        : fmt::format("{:.0f} % of the f32 FMA peak", 100 * *figure.share);
  }

  void MeasureDecoder() {
    Sequence sequence(model_, pool_);
    Prefill(sequence);  // the first run touches memory for the first time
    sequence.Append(RandomIds(options_.decode_tokens), {});
    const auto memory = static_cast<double>(PeakMemory());  // the probe's own is not the model's
    Add({"peak_memory_bytes",
         "peak memory",
         memory,
         "bytes",
         false,
         fmt::format("{} tokens and a picture", sequence.size()),
         {}});
    const ReadBandwidthProbe probe;
    std::vector<double> prefill;
    std::vector<double> decode;
    std::vector<double> bandwidths;
    std::vector<double> shares;
    for (int run = 0; run < options_.runs; ++run) {
      prefill.push_back(Prefill(sequence));
      double seconds = 0;
      for (const DecodeStep& step : Decode(sequence, probe)) {
        seconds += step.seconds;
        bandwidths.push_back(step.read_bandwidth);
        const size_t cached = options_.prefill_tokens + options_.decode_tokens / 2;
        const auto bytes = static_cast<double>(DecodeBytes(model_, cached));
        shares.push_back(bytes / step.seconds / step.read_bandwidth);
      }
      decode.push_back(seconds / static_cast<double>(options_.decode_tokens));
    }
    read_bandwidth_ = Median(bandwidths);
    const double prefill_seconds = Median(prefill);
    Add({"prefill_tokens_per_second",
         fmt::format("prefill {}", options_.prefill_tokens),
         static_cast<double>(options_.prefill_tokens) / prefill_seconds,
         "tokens/s",
         /*more_is_better=*/true,
         "",
         {}},
        DecoderOperations(model_.config, options_.prefill_tokens) / prefill_seconds);
    const double share = Median(shares);
    Add({"decode_tokens_per_second", fmt::format("decode {}", options_.decode_tokens),
         1 / Median(decode), "tokens/s", /*more_is_better=*/true,
         fmt::format("{:.0f} % of the read bandwidth", 100 * share), share});
  }

  GridThw Grid(int side) const {
    const auto patch = static_cast<int>(model_.config.vision.patch_size);
    return {1, side / patch, side / patch};
  }

  Patches RandomPicture(int side) {
    Patches patches;
    patches.grid = Grid(side);
    patches.values.resize(static_cast<size_t>(patches.grid.h) *
                          static_cast<size_t>(patches.grid.w) *
                          model_.config.vision.patch_values());
    for (float& value : patches.values) value = static_cast<float>(2 * random_.NextUniform() - 1);
    return patches;
  }

  void MeasureImage(int side) {
    const GridThw grid = Grid(side);
    const Patches patches = RandomPicture(side);
    const size_t width = model_.config.vision.patch_values();
    const ConstMatrix rows{patches.values.data(), patches.values.size() / width, width, width};
    std::vector<double> seconds;
    for (int run = 0; run <= options_.runs; ++run) {
      seconds.push_back(Seconds([&] {
        EncodeVision(model_.weights.vision, model_.config.vision, rows, {&grid, 1}, pool_);
      }));
    }
    seconds.erase(seconds.begin());
    const double median = Median(seconds);
    // The peers know the side that everybody measures without its number.
    const std::string key =
        side == kAskedSide ? "image_seconds" : fmt::format("image_{}_seconds", side);
    Add({key, fmt::format("image {}x{}", side, side), median, "s", false, "", {}},
        VisionOperations(model_.config.vision, grid) / median);
  }

  /// From the question to the first token of its answer: about a new picture, and about one that
  /// was there before.
  void MeasureFirstToken() {
    const Tokenizer tokenizer = Tokenizer::Load(model_.location.folder);
    ImageFeatureCache features(model_.config, model_.weights);
    PrefixCache prefixes;
    Session session(model_, tokenizer, features, prefixes, pool_);
    GenerationOptions one_token;
    one_token.max_new_tokens = 1;
    std::vector<double> cold;
    std::vector<double> warm;
    size_t new_tokens = 0;
    for (int run = 0; run <= options_.runs; ++run) {
      UserTurn turn;
      turn.parts = {{ChatPart::Kind::kImage, ""}, {ChatPart::Kind::kText, kQuestion}};
      turn.images = {RandomPicture(kAskedSide)};
      for (std::vector<double>* times : {&cold, &warm}) {
        session.Clear();
        times->push_back(Seconds([&] { new_tokens = session.Ask(turn, one_token).prompt_tokens; }));
      }
    }
    for (std::vector<double>* times : {&cold, &warm}) times->erase(times->begin());
    Add({"first_token_new_image_seconds",
         "first token, new image",
         Median(cold),
         "s",
         false,
         fmt::format("{}x{} and a question", kAskedSide, kAskedSide),
         {}});
    const double bound = AnsweringSeconds(session, new_tokens);
    Add({"first_token_known_image_seconds",
         "first token, known image",
         Median(warm),
         "s",
         false,
         fmt::format("{:.2f} times {} tokens' prefill and a decoding step", Median(warm) / bound,
                     new_tokens),
         {}});
  }

  /// What nobody can save: reading so many tokens behind a picture, and one step.
  double AnsweringSeconds(const Session& session, size_t new_tokens) {
    const size_t picture_tokens = session.context_used() - new_tokens;
    Sequence sequence(model_, pool_);
    sequence.Append(RandomIds(picture_tokens), {});
    const Sequence::Mark mark = sequence.mark();
    std::vector<double> seconds;
    for (int run = 0; run <= options_.runs; ++run) {
      sequence.Rewind(mark);
      const std::vector<int32_t> ids = RandomIds(new_tokens + 1);
      seconds.push_back(Seconds([&] {
        sequence.Append(std::span(ids).first(new_tokens), {});
        sequence.Append(std::span(ids).last(1), {});
      }));
    }
    return Median(seconds);
  }

  void MeasureTraining() {
    TrainBenchOptions options;
    options.model = options_.model.model;
    options.threads = pool_.threads();
    options.runs = options_.runs;
    const StepFigures step = MeasureTrainingStep(options, pool_, progress_.AsProgress());
    progress_.Clear();
    Add({"training_step_seconds", "training step", step.seconds, "s", false, "", {}},
        step.operations / step.seconds);
  }

  const BenchOptions& options_;
  ProgressLine progress_;
  ThreadPool pool_;
  Model model_;
  Random random_{1};
  double fma_peak_ = 0;        // f32 operations per second
  double read_bandwidth_ = 0;  // bytes per second
  std::vector<BenchFigure> figures_;
  std::vector<double> operations_;  // per second, of each figure
};

int RunBench(const BenchOptions& options) {
  if (!options.instruction_set.empty()) {
    ReadArgument([&] { UseInstructionSet(options.instruction_set); });
  }
  if (!options.svg.empty()) {
    std::vector<std::filesystem::path> read = options.model.Folders();
    read.push_back(options.compare);
    CheckIsNoInput(options.svg, read, IsMadeByThisProgram(options.svg, FileKind::kBenchmark));
    CheckOutput(options.svg, options.replaces, FileKind::kBenchmark);
  }
  std::optional<JsonObject> before;
  if (!options.compare.empty()) before = ReadBenchReport(options.compare);
  Bench bench(options);
  const int step = static_cast<int>(bench.model().config.vision.patch_size *
                                    bench.model().config.vision.spatial_merge_size);
  for (const int side : options.image_sides) {
    if (side >= step && side % step == 0) continue;
    throw Error(fmt::format("--image-side {}: must be a multiple of {}", side, step));
  }
  const BenchReport report = bench.Run();
  if (options.json) {
    PrintJson(ToJson(report));
  } else {
    PrintBenchTable(report);
  }
  if (!options.svg.empty()) {
    WriteFile(options.svg, BenchChart(report), Readers::kUmask, options.replaces,
              FileKind::kBenchmark);
  }
  if (before) PrintBenchChanges(report, *before);
  return kDone;
}

}  // namespace

void AddBench(CLI::App& app, Run& run) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command =
      app.add_subcommand("bench", "Measure speed beside what the machine could do at most");
  options->model.AddTo(*command);
  command->add_option("--isa", options->instruction_set,
                      "Use an instruction set below the best: avx512, avx2, …");
  command->add_option("--prefill", options->prefill_tokens, "Tokens of the prompt (default 512)")
      ->check(CLI::Range(size_t{1}, size_t{1} << 15));
  command->add_option("--decode", options->decode_tokens, "Tokens of the answer (default 64)")
      ->check(CLI::Range(size_t{1}, size_t{1} << 15));
  command
      ->add_option("--image-side", options->image_sides,
                   "Sides of the square pictures: 448,756,1036 (default 448)")
      ->delimiter(',')
      ->check(CLI::Range(28, 4096));
  command
      ->add_option("--runs", options->runs, "Runs after the first, whose median counts (default 3)")
      ->check(CLI::Range(1, 100));
  command->add_flag("--train", options->train, "Also a step of training (see bench train)");
  CLI::Option* json = command->add_flag("--json", options->json, "Print JSON");
  command->add_option("--svg", options->svg, "Also draw the shares into this file");
  AddForce(*command, options->replaces);
  command
      ->add_option("--compare", options->compare,
                   "Also print what changed since this report, which --json printed")
      ->excludes(json);
  AddBenchQuality(*command, run);
  AddBenchTrain(*command, run);
  command->callback([options, command, &run] {
    if (command->get_subcommands().empty()) run = [options] { return RunBench(*options); };
  });
}

}  // namespace roentgen::app
