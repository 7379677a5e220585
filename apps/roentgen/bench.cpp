#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "commands.h"
#include "model_options.h"
#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/base/random.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "work_count.h"

namespace roentgen::app {
namespace {

struct BenchOptions {
  ModelOptions model;
  std::string instruction_set;
  int image_side = 448;
  size_t prefill_tokens = 512;
  size_t decode_tokens = 64;
  int runs = 3;
  bool json = false;
};

struct BenchResult {
  std::string instruction_set;
  int threads = 0;
  double fma_peak = 0;        // f32 operations per second
  double read_bandwidth = 0;  // bytes per second
  double prefill_seconds = 0;
  double decode_seconds = 0;  // of one token
  double image_seconds = 0;
  // Shares of what the machine measured in this run.
  double prefill_share = 0;
  double decode_share = 0;
  double image_share = 0;
  size_t peak_memory_bytes = 0;
};

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

  BenchResult Run() {
    BenchResult result;
    result.instruction_set = InstructionSet();
    result.threads = pool_.threads();
    // Before and after, and the better of the two: a disturbed moment must not flatter the shares.
    result.fma_peak = MeasureFmaPeak(pool_);
    MeasureImage(result);
    MeasureDecoder(result);
    result.fma_peak = std::max(result.fma_peak, MeasureFmaPeak(pool_));

    result.prefill_share = DecoderOperations(model_.config, options_.prefill_tokens) /
                           result.prefill_seconds / result.fma_peak;
    result.image_share = VisionOperations(model_.config.vision, ImageGrid()) /
                         result.image_seconds / result.fma_peak;
    return result;
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

  void MeasureDecoder(BenchResult& result) {
    Sequence sequence(model_, pool_);
    Prefill(sequence);  // the first run touches memory for the first time
    sequence.Append(RandomIds(options_.decode_tokens), {});
    result.peak_memory_bytes = PeakMemory();  // the probe's own is not the model's
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
        const auto bytes = static_cast<double>(DecodeBytes(model_.config, model_.weights, cached));
        shares.push_back(bytes / step.seconds / step.read_bandwidth);
      }
      decode.push_back(seconds / static_cast<double>(options_.decode_tokens));
    }
    result.prefill_seconds = Median(prefill);
    result.decode_seconds = Median(decode);
    result.read_bandwidth = Median(bandwidths);
    result.decode_share = Median(shares);
  }

  GridThw ImageGrid() const {
    const auto patch = static_cast<int>(model_.config.vision.patch_size);
    return {1, options_.image_side / patch, options_.image_side / patch};
  }

  void MeasureImage(BenchResult& result) {
    const GridThw grid = ImageGrid();
    OwnedMatrix patches(static_cast<size_t>(grid.h) * static_cast<size_t>(grid.w),
                        model_.config.vision.patch_values());
    for (size_t i = 0; i < patches.size(); ++i) {
      patches.data()[i] = static_cast<float>(2 * random_.NextUniform() - 1);
    }
    std::vector<double> seconds;
    for (int run = 0; run <= options_.runs; ++run) {
      seconds.push_back(Seconds([&] {
        EncodeVision(model_.weights.vision, model_.config.vision, patches, {&grid, 1}, pool_);
      }));
    }
    seconds.erase(seconds.begin());
    result.image_seconds = Median(seconds);
  }

  const BenchOptions& options_;
  ProgressLine progress_;
  ThreadPool pool_;
  Model model_;
  Random random_{1};
};

void PrintJson(const BenchOptions& options, const BenchResult& result) {
  nlohmann::ordered_json json;
  json["instruction_set"] = result.instruction_set;
  json["threads"] = result.threads;
  json["fma_peak_gflops"] = result.fma_peak * 1e-9;
  json["read_bandwidth_gb_per_second"] = result.read_bandwidth * 1e-9;
  json["prefill_tokens"] = options.prefill_tokens;
  json["prefill_tokens_per_second"] =
      static_cast<double>(options.prefill_tokens) / result.prefill_seconds;
  json["prefill_share_of_fma_peak"] = result.prefill_share;
  json["decode_tokens"] = options.decode_tokens;
  json["decode_tokens_per_second"] = 1 / result.decode_seconds;
  json["decode_share_of_read_bandwidth"] = result.decode_share;
  json["image_side"] = options.image_side;
  json["image_seconds"] = result.image_seconds;
  json["image_share_of_fma_peak"] = result.image_share;
  json["peak_memory_bytes"] = result.peak_memory_bytes;
  fmt::print("{}\n", json.dump(2));
}

void PrintTable(const BenchOptions& options, const BenchResult& result) {
  fmt::print("{} threads, {}: f32 FMA peak {:.0f} GF/s, read bandwidth {:.1f} GB/s\n\n",
             result.threads, result.instruction_set, result.fma_peak * 1e-9,
             result.read_bandwidth * 1e-9);
  const auto row = [](const std::string& what, const std::string& figure,
                      const std::string& share) {
    fmt::print("{:<16}  {:>15}   {}\n", what, figure, share);
  };
  row(fmt::format("prefill {}", options.prefill_tokens),
      fmt::format("{:.1f} tokens/s",
                  static_cast<double>(options.prefill_tokens) / result.prefill_seconds),
      fmt::format("{:.0f} % of the FMA peak", 100 * result.prefill_share));
  row(fmt::format("decode {}", options.decode_tokens),
      fmt::format("{:.2f} tokens/s", 1 / result.decode_seconds),
      fmt::format("{:.0f} % of the read bandwidth", 100 * result.decode_share));
  row(fmt::format("image {}x{}", options.image_side, options.image_side),
      fmt::format("{:.2f} s", result.image_seconds),
      fmt::format("{:.0f} % of the FMA peak", 100 * result.image_share));
  row("peak memory", fmt::format("{:.2f} GB", static_cast<double>(result.peak_memory_bytes) * 1e-9),
      "");
}

int RunBench(const BenchOptions& options) {
  if (!options.instruction_set.empty()) UseInstructionSet(options.instruction_set);
  Bench bench(options);
  const int step = static_cast<int>(bench.model().config.vision.patch_size *
                                    bench.model().config.vision.spatial_merge_size);
  if (options.image_side < step || options.image_side % step != 0) {
    throw Error(fmt::format("--image-side {}: must be a multiple of {}", options.image_side, step));
  }
  const BenchResult result = bench.Run();
  options.json ? PrintJson(options, result) : PrintTable(options, result);
  return kDone;
}

}  // namespace

void AddBench(CLI::App& app, Run& run) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command =
      app.add_subcommand("bench", "Measure speed beside what the machine could do at most");
  options->model.AddTo(*command);
  command->add_option("--isa", options->instruction_set,
                      "Use an instruction set below the best: avx2 or sse4");
  command->add_option("--prefill", options->prefill_tokens, "Tokens of the prompt (default 512)")
      ->check(CLI::Range(size_t{1}, size_t{1} << 15));
  command->add_option("--decode", options->decode_tokens, "Tokens of the answer (default 64)")
      ->check(CLI::Range(size_t{1}, size_t{1} << 15));
  command
      ->add_option("--image-side", options->image_side, "Side of the square picture (default 448)")
      ->check(CLI::Range(28, 4096));
  command
      ->add_option("--runs", options->runs, "Runs after the first, whose median counts (default 3)")
      ->check(CLI::Range(1, 100));
  command->add_flag("--json", options->json, "Print JSON");
  AddBenchQuality(*command, run);
  AddBenchTrain(*command, run);
  command->callback([options, command, &run] {
    if (command->get_subcommands().empty()) run = [options] { return RunBench(*options); };
  });
}

}  // namespace roentgen::app
