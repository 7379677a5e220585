// Speed of the kernels at the shapes of Qwen2-VL-2B, as operations or bytes per second of the whole
// team. Compare with the first two lines, the machine's own peaks. For the speed of whole models
// see `roentgen bench`.

#include <benchmark/benchmark.h>

#include "roentgen/base/random.h"
#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/block_quantize.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/norm.h"

namespace roentgen {
namespace {

ThreadPool& Pool() {
  static ThreadPool pool(PhysicalCores());
  return pool;
}

OwnedMatrix RandomMatrix(size_t rows, size_t cols) {
  OwnedMatrix matrix(rows, cols);
  Random random(rows * 1000003 + cols);
  for (size_t i = 0; i < matrix.size(); ++i) {
    matrix.data()[i] = static_cast<float>(2 * random.NextUniform() - 1);
  }
  return matrix;
}

/// bf16 weights; enough of them that no cache holds all.
AlignedBytes RandomWeights(size_t rows, size_t cols) {
  AlignedBytes bytes(rows * cols * sizeof(BFloat16));
  Random random(7);
  auto* values = reinterpret_cast<BFloat16*>(bytes.data());
  for (size_t i = 0; i < rows * cols; ++i) {
    values[i] = ToBFloat16(static_cast<float>(2 * random.NextUniform() - 1));
  }
  return bytes;
}

void FmaPeak(benchmark::State& state) {
  double peak = 0;
  for (auto _ : state) peak = std::max(peak, MeasureFmaPeak(Pool()));
  state.counters["flops"] = peak;
}
BENCHMARK(FmaPeak)->Iterations(1)->UseRealTime();

void ReadBandwidth(benchmark::State& state) {
  const ReadBandwidthProbe probe;
  double best = 0;
  for (auto _ : state) best = std::max(best, probe.Measure(Pool()));
  state.counters["bytes"] = best;
}
BENCHMARK(ReadBandwidth)->UseRealTime();

void Product(benchmark::State& state) {
  const auto tokens = static_cast<size_t>(state.range(0));
  const auto outputs = static_cast<size_t>(state.range(1));
  const auto inputs = static_cast<size_t>(state.range(2));
  const OwnedMatrix x = RandomMatrix(tokens, inputs);
  const AlignedBytes weights = RandomWeights(outputs, inputs);
  OwnedMatrix y(tokens, outputs);
  for (auto _ : state) {
    MatMul(x, {DType::kBF16, weights.data(), outputs, inputs}, {}, y, Pool());
  }
  const double products = static_cast<double>(tokens * outputs * inputs);
  state.counters["flops"] =
      benchmark::Counter(2 * products, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["bytes"] = benchmark::Counter(static_cast<double>(2 * outputs * inputs),
                                               benchmark::Counter::kIsIterationInvariantRate);
}
// Decoder: query, key, gate, down. Vision tower on 448×448: qkv, output, the perceptron. Both
// halves of a low rank; a short question; a decoding step with a gate and with the vocabulary head.
BENCHMARK(Product)
    ->Args({512, 1536, 1536})
    ->Args({512, 256, 1536})
    ->Args({512, 8960, 1536})
    ->Args({512, 1536, 8960})
    ->Args({1024, 3840, 1280})
    ->Args({1024, 1280, 1280})
    ->Args({1024, 5120, 1280})
    ->Args({1024, 1280, 5120})
    ->Args({322, 8, 1536})
    ->Args({322, 8960, 8})
    ->Args({30, 8960, 1536})
    ->Args({1, 8960, 1536})
    ->Args({1, 1536, 8960})
    ->Args({1, 151936, 1536})
    ->UseRealTime();

/// Product with weights of 4 or 8 bits.
void BlockProduct(benchmark::State& state) {
  const auto tokens = static_cast<size_t>(state.range(0));
  const auto outputs = static_cast<size_t>(state.range(1));
  const auto inputs = static_cast<size_t>(state.range(2));
  const OwnedMatrix x = RandomMatrix(tokens, inputs);
  const AlignedBytes values = RandomWeights(outputs, inputs);
  const auto scheme = state.range(3) == 4 ? BlockScheme::kQ4 : BlockScheme::kQ8;
  const auto weights =
      QuantizeBlocks({DType::kBF16, values.data(), outputs, inputs}, scheme, Pool());
  OwnedMatrix y(tokens, outputs);
  for (auto _ : state) {
    MatMul(x, {DType::kF32, nullptr, outputs, inputs, weights.get()}, {}, y, Pool());
  }
  const double products = static_cast<double>(tokens * outputs * inputs);
  state.counters["ops"] =
      benchmark::Counter(2 * products, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["bytes"] = benchmark::Counter(static_cast<double>(weights->bytes()),
                                               benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BlockProduct)
    ->ArgsProduct({{512}, {8960}, {1536}, {4, 8}})
    ->ArgsProduct({{512}, {1536}, {8960}, {4, 8}})
    ->ArgsProduct({{512}, {256}, {1536}, {4, 8}})
    ->ArgsProduct({{1024}, {5120}, {1280}, {8}})
    ->ArgsProduct({{1024}, {1280}, {5120}, {8}})
    ->ArgsProduct({{30}, {8960}, {1536}, {4, 8}})
    ->ArgsProduct({{1}, {8960}, {1536}, {4, 8}})
    ->ArgsProduct({{1}, {151936}, {1536}, {4, 8}})
    ->UseRealTime();

/// Like Product: `outputs` and `inputs` are those of the layer, so the depth is `outputs` here.
void InputGradientProduct(benchmark::State& state) {
  const auto tokens = static_cast<size_t>(state.range(0));
  const auto outputs = static_cast<size_t>(state.range(1));
  const auto inputs = static_cast<size_t>(state.range(2));
  const OwnedMatrix grad_y = RandomMatrix(tokens, outputs);
  const AlignedBytes weights = RandomWeights(outputs, inputs);
  OwnedMatrix grad_x(tokens, inputs);
  for (auto _ : state) {
    MatMulBackwardInput(grad_y, {DType::kBF16, weights.data(), outputs, inputs}, grad_x, Pool());
  }
  state.counters["flops"] = benchmark::Counter(2 * static_cast<double>(tokens * outputs * inputs),
                                               benchmark::Counter::kIsIterationInvariantRate);
}
// Training on a sample of 322 tokens: query, key, gate, down; the head on an answer; a low rank.
BENCHMARK(InputGradientProduct)
    ->Args({322, 1536, 1536})
    ->Args({322, 256, 1536})
    ->Args({322, 8960, 1536})
    ->Args({322, 1536, 8960})
    ->Args({12, 151936, 1536})
    ->Args({322, 8960, 8})  // a low rank
    ->Args({322, 8, 8960})
    ->UseRealTime();

void WeightGradientProduct(benchmark::State& state) {
  const auto tokens = static_cast<size_t>(state.range(0));
  const auto outputs = static_cast<size_t>(state.range(1));
  const auto inputs = static_cast<size_t>(state.range(2));
  const OwnedMatrix grad_y = RandomMatrix(tokens, outputs);
  const OwnedMatrix x = RandomMatrix(tokens, inputs);
  OwnedMatrix gradient = RandomMatrix(outputs, inputs);
  for (auto _ : state) MatMulBackwardWeight(grad_y, x, gradient, Pool());
  state.counters["flops"] = benchmark::Counter(2 * static_cast<double>(tokens * outputs * inputs),
                                               benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(WeightGradientProduct)
    ->Args({322, 8960, 1536})
    ->Args({322, 8, 8960})  // a low rank
    ->Args({322, 8960, 8})
    ->UseRealTime();

void SelfAttention(benchmark::State& state) {
  const auto tokens = static_cast<size_t>(state.range(0));
  const AttentionShape shape{static_cast<size_t>(state.range(1)),
                             static_cast<size_t>(state.range(2)),
                             static_cast<size_t>(state.range(3))};
  const bool causal = state.range(4) != 0;
  const OwnedMatrix q = RandomMatrix(tokens, shape.heads * shape.head_dim);
  const OwnedMatrix keys = RandomMatrix(tokens, shape.key_value_heads * shape.head_dim);
  const OnePage page(keys);
  OwnedMatrix out(q.rows(), q.cols());
  const Segment segment{0, tokens, Segment::kNoParent, causal};
  for (auto _ : state) Attention(q, page.view(), page.view(), {&segment, 1}, 0, shape, out, Pool());
  const double seen = static_cast<double>(tokens * tokens) / (causal ? 2 : 1);
  state.counters["flops"] =
      benchmark::Counter(4 * seen * static_cast<double>(shape.heads * shape.head_dim),
                         benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(SelfAttention)
    ->Args({1024, 16, 16, 80, 0})  // vision tower, 448×448
    ->Args({2916, 16, 16, 80, 0})  // 756×756
    ->Args({512, 12, 2, 128, 1})   // decoder, prompt
    ->UseRealTime();

void ElementWise(benchmark::State& state, void (*work)(Matrix)) {
  OwnedMatrix x = RandomMatrix(512, 8960);
  for (auto _ : state) work(x);
  state.counters["bytes"] = benchmark::Counter(static_cast<double>(2 * x.size() * sizeof(float)),
                                               benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(ElementWise, SiluMul, [](Matrix x) { SiluMul(x, x, x, Pool()); })->UseRealTime();
BENCHMARK_CAPTURE(ElementWise, QuickGelu, [](Matrix x) { QuickGelu(x, x, Pool()); })->UseRealTime();
BENCHMARK_CAPTURE(ElementWise, RmsNorm, [](Matrix x) {
  static const std::vector<float> weight(x.cols, 1.0f);
  RmsNorm(x, weight, 1e-6f, x, Pool());
})->UseRealTime();

}  // namespace
}  // namespace roentgen

/// Takes --isa=avx2 (or sse4) besides Google Benchmark's own options.
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::string isa = "--isa=";
  if (argc == 2 && std::string(argv[1]).starts_with(isa)) {
    roentgen::UseInstructionSet(argv[1] + isa.size());
  } else if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
}
