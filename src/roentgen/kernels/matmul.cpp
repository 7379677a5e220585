// Which kernel takes a product: shapes are checked, products of one kind go together, and low-rank
// corrections are added where the kernel can best do it.

#include "roentgen/kernels/matmul.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "roentgen/base/cpu_relax.h"
#include "roentgen/base/error.h"
#include "roentgen/kernels/amx_matmul.h"
#include "roentgen/kernels/block_matmul.h"
#include "roentgen/kernels/float_matmul.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/kernels/low_rank.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/tensor/block_weights.h"

namespace roentgen {
namespace {

// Of products with a low rank the tiles would hold little, while the packing is that of a wide one.
constexpr size_t kNarrow = 32;

void RequireFloats(const WeightMatrix& weight) {
  if (weight.quantized != nullptr) return;
  if (weight.dtype != DType::kBF16 && weight.dtype != DType::kF16 && weight.dtype != DType::kF32) {
    throw ShapeError(fmt::format("matmul: no weights of type {}", DTypeName(weight.dtype)));
  }
}

/// How a product is computed; outputs that agree in it may be asked for together.
struct Kind {
  Kind(const WeightMatrix& weight, size_t rows) : dtype(weight.dtype) {
    const auto* blocks = dynamic_cast<const BlockWeights*>(weight.quantized);
    if (blocks != nullptr) scheme = blocks->scheme();
    const bool many = rows > kFewRows || (weight.quantized != nullptr && !scheme);
    amx = UsesAmx() && many && weight.rows > kNarrow;
    packs = many && (amx || !scheme);
    if (packs) dtype = DType::kF32;  // what all are widened to
  }
  bool operator==(const Kind&) const = default;

  DType dtype;
  std::optional<BlockScheme> scheme;
  bool packs;  // the weights, widened: many rows
  bool amx = false;
};

void RequireShapes(ConstMatrix x, const MatMulOutput& output) {
  const auto& [weight, bias, y, add, low_rank] = output;
  if (x.cols != weight.cols || y.rows != x.rows || y.cols != weight.rows ||
      (!bias.empty() && bias.size() != weight.rows)) {
    throw ShapeError(fmt::format("matmul: x {}×{}, weight {}×{}, bias {}, y {}×{}", x.rows, x.cols,
                                 weight.rows, weight.cols, bias.size(), y.rows, y.cols));
  }
  RequireFloats(weight);
  for (const LowRankTerm& term : low_rank) {
    if (term.a.cols != x.cols || term.b.rows != y.cols || term.a.rows != term.b.cols) {
      throw ShapeError(fmt::format("matmul: x {}×{}, low rank {}×{} and {}×{}, y {}×{}", x.rows,
                                   x.cols, term.a.rows, term.a.cols, term.b.rows, term.b.cols,
                                   y.rows, y.cols));
    }
  }
}

void RequireShapes(ConstMatrix grad_y, const MatMulInputGradient& output) {
  const auto& [weight, grad_x, add, low_rank] = output;
  if (grad_y.cols != weight.rows || grad_x.rows != grad_y.rows || grad_x.cols != weight.cols) {
    throw ShapeError(fmt::format("matmul: gradient of y {}×{}, weight {}×{}, gradient of x {}×{}",
                                 grad_y.rows, grad_y.cols, weight.rows, weight.cols, grad_x.rows,
                                 grad_x.cols));
  }
  RequireFloats(weight);
  for (const auto& [grad_low, a] : low_rank) {
    if (grad_low.rows != grad_x.rows || grad_low.cols != a.rows || a.cols != grad_x.cols) {
      throw ShapeError(fmt::format("matmul: gradient of x {}×{}, low rank {}×{} and {}×{}",
                                   grad_x.rows, grad_x.cols, grad_low.rows, grad_low.cols, a.rows,
                                   a.cols));
    }
  }
}

/// The corrections of several products, in two halves: low = x Aᵀ, and y += scale · low Bᵀ.
class Corrections {
 public:
  Corrections(ConstMatrix x, std::span<const MatMulOutput> products) : products_(products) {
    size_t count = 0;
    size_t ranks = 0;
    for (const MatMulOutput& product : products) {
      count += product.low_rank.size();
      for (const LowRankTerm& term : product.low_rank) ranks += term.a.rows;
    }
    if (count == 0) return;
    static thread_local Scratch scratch;
    float* low = scratch.Floats(ranks * x.rows);
    lows_.reserve(count);
    first_.reserve(count);
    second_.reserve(count);
    for (const MatMulOutput& product : products) {
      for (const LowRankTerm& term : product.low_rank) {
        const size_t rank = term.a.rows;
        const Matrix values{low, x.rows, rank, rank};
        lows_.push_back(values);
        first_.push_back({AsWeights(term.a), {}, values});
        second_.push_back({values, term.b, product.y});
        low += x.rows * rank;
      }
    }
  }

  std::span<const Matrix> lows() const { return lows_; }
  std::span<const MatMulOutput> first() const { return first_; }
  std::span<const LowRankOutput> second() const { return second_; }
  std::span<const LowRankOutput> SecondOf(const MatMulOutput& product) const {
    if (product.low_rank.empty()) return {};
    size_t begin = 0;
    for (const MatMulOutput* before = products_.data(); before != &product; ++before) {
      begin += before->low_rank.size();
    }
    return second().subspan(begin, product.low_rank.size());
  }

  /// After the first halves.
  void Scale() const {
    for (const MatMulOutput& half : first_) ScaleOutputs({&half, 0, half.y.cols});
  }
  void ScaleOutputs(const TaskOutputs& made) const {
    const float scale = ScaleOf(static_cast<size_t>(made.product - first_.data()));
    const Matrix& low = made.product->y;
    for (size_t t = 0; t < low.rows; ++t) {
      for (size_t n = made.first; n < made.first + made.count; ++n) low.Row(t)[n] *= scale;
    }
  }

 private:
  float ScaleOf(size_t correction) const {
    auto product = products_.begin();
    for (; correction >= product->low_rank.size(); ++product) {
      correction -= product->low_rank.size();
    }
    return product->low_rank[correction].scale;
  }

  std::span<const MatMulOutput> products_;
  std::vector<Matrix> lows_;
  std::vector<MatMulOutput> first_;
  std::vector<LowRankOutput> second_;
};

/// The first halves within the tasks of the products themselves: every member of the team takes
/// some before its first task of a product, and waits for the rest before it ends that task with
/// the second half. Who has begun one ends it, whatever happens to the other tasks.
class FirstHalves {
 public:
  FirstHalves(ConstMatrix x, const Corrections& corrections) : corrections_(corrections) {
    if (!corrections.first().empty()) {
      tasks_ = FloatTasks(x, corrections.first());
    }
  }
  void TakePart() {
    for (size_t task = next_++; task < tasks_.count; task = next_++) {
      const TaskOutputs made = tasks_.outputs(task);
      tasks_.run(made);
      corrections_.ScaleOutputs(made);
      ++done_;
    }
  }
  void Await() const {
    while (done_.load() < tasks_.count) CpuRelax();
  }

 private:
  const Corrections& corrections_;
  ProductTasks tasks_;
  std::atomic<size_t> next_{0};
  std::atomic<size_t> done_{0};
};

/// Tasks of several products, which the team takes as one.
class TaskList {
 public:
  void Add(ProductTasks tasks) {
    count_ += tasks.count;
    products_.push_back(std::move(tasks));
  }
  /// run(product, outputs) for every task.
  template <class Run>
  void ForEach(ThreadPool& pool, const Run& run) const {
    pool.ForEach(count_, [&](size_t task, int) {
      auto product = products_.begin();
      for (; task >= product->count; ++product) task -= product->count;
      run(*product, product->outputs(task));
    });
  }

 private:
  std::vector<ProductTasks> products_;
  size_t count_ = 0;
};

/// work(kind, outputs) for neighbours of one kind.
template <class Work>
void ForKinds(ConstMatrix x, std::span<const MatMulOutput> outputs, const Work& work) {
  while (!outputs.empty()) {
    const Kind kind(outputs[0].weight, x.rows);
    size_t alike = 1;
    while (alike < outputs.size() && Kind(outputs[alike].weight, x.rows) == kind) ++alike;
    work(kind, outputs.first(alike));
    outputs = outputs.subspan(alike);
  }
}

/// Tasks of outputs whose weights are not packed.
ProductTasks TasksOf(const Kind& kind, ConstMatrix x, std::span<const MatMulOutput> outputs,
                     ThreadPool& pool) {
  return kind.scheme ? BlockProducts(*kind.scheme, x, outputs, pool) : FloatTasks(x, outputs);
}

/// The products, and on AMX their corrections, of whose first halves there are `lows`.
void Multiply(ConstMatrix x, std::span<const MatMulOutput> outputs, std::span<const Matrix> lows,
              ThreadPool& pool) {
  TaskList tasks;
  ForKinds(x, outputs, [&](const Kind& kind, std::span<const MatMulOutput> run) {
    size_t terms = 0;
    for (const MatMulOutput& output : run) terms += output.low_rank.size();
    const std::span<const Matrix> run_lows = lows.first(terms);
    lows = lows.subspan(terms);
    if (kind.amx) {
      AmxProducts(x, run, run_lows, pool);
    } else if (kind.packs) {
      FloatProducts(x, run, pool);
    } else {
      tasks.Add(TasksOf(kind, x, run, pool));
    }
  });
  tasks.ForEach(pool,
                [](const ProductTasks& product, const TaskOutputs& made) { product.run(made); });
}

/// The products and their corrections in one meeting of the team: a decoding step.
void MultiplyAndCorrect(ConstMatrix x, std::span<const MatMulOutput> outputs,
                        const Corrections& corrections, ThreadPool& pool) {
  TaskList tasks;
  ForKinds(x, outputs, [&](const Kind& kind, std::span<const MatMulOutput> run) {
    tasks.Add(TasksOf(kind, x, run, pool));
  });
  FirstHalves first_halves(x, corrections);
  tasks.ForEach(pool, [&](const ProductTasks& product, const TaskOutputs& made) {
    first_halves.TakePart();
    const auto second_halves = corrections.SecondOf(*made.product);
    for (const LowRankOutput& half : second_halves) FetchLowRankRows(half, made.first, made.count);
    product.run(made);
    first_halves.Await();
    for (const LowRankOutput& half : second_halves) AddLowRankRows(half, made.first, made.count);
  });
}

}  // namespace

void MatMul(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
            ThreadPool& pool) {
  const MatMulOutput output{weight, bias, y};
  MatMulEach(x, {&output, 1}, pool);
}

void MatMulAdd(ConstMatrix x, const WeightMatrix& weight, ConstVector bias, Matrix y,
               ThreadPool& pool) {
  const MatMulOutput output{weight, bias, y, /*add=*/true};
  MatMulEach(x, {&output, 1}, pool);
}

void MatMulEach(ConstMatrix x, std::span<const MatMulOutput> outputs, ThreadPool& pool) {
  for (const MatMulOutput& output : outputs) RequireShapes(x, output);
  if (x.rows == 0) return;
  const Corrections corrections(x, outputs);
  const auto second = corrections.second();
  const bool packs = std::any_of(outputs.begin(), outputs.end(), [&](const MatMulOutput& output) {
    return Kind(output.weight, x.rows).packs;
  });
  if (!packs && std::all_of(second.begin(), second.end(), IsNarrow)) {
    MultiplyAndCorrect(x, outputs, corrections, pool);
    return;
  }
  Multiply(x, corrections.first(), {}, pool);
  corrections.Scale();
  Multiply(x, outputs, corrections.lows(), pool);
  std::vector<LowRankOutput> rest;
  for (const MatMulOutput& output : outputs) {
    if (Kind(output.weight, x.rows).amx) continue;  // has them
    const auto halves = corrections.SecondOf(output);
    rest.insert(rest.end(), halves.begin(), halves.end());
  }
  AddLowRankEach(rest, pool);
}

void MatMulBackwardInput(ConstMatrix grad_y, const WeightMatrix& weight, Matrix grad_x,
                         ThreadPool& pool) {
  const MatMulInputGradient output{weight, grad_x};
  MatMulBackwardInputEach(grad_y, {&output, 1}, pool);
}

void MatMulBackwardInputAdd(ConstMatrix grad_y, const WeightMatrix& weight, Matrix grad_x,
                            ThreadPool& pool) {
  const MatMulInputGradient output{weight, grad_x, /*add=*/true};
  MatMulBackwardInputEach(grad_y, {&output, 1}, pool);
}

void MatMulBackwardInputEach(ConstMatrix grad_y, std::span<const MatMulInputGradient> outputs,
                             ThreadPool& pool) {
  for (const MatMulInputGradient& output : outputs) RequireShapes(grad_y, output);
  if (grad_y.rows == 0) return;
  const auto is_amx = [](const MatMulInputGradient& output) {
    return UsesAmx() && output.weight.cols > kNarrow;
  };
  while (!outputs.empty()) {  // neighbours together
    const bool amx = is_amx(outputs[0]);
    size_t alike = 1;
    while (alike < outputs.size() && is_amx(outputs[alike]) == amx) ++alike;
    const auto run = outputs.first(alike);
    outputs = outputs.subspan(alike);
    if (amx) {
      AmxInputGradients(grad_y, run, pool);
      continue;
    }
    FloatInputGradients(grad_y, run, pool);
    for (const MatMulInputGradient& output : run) {
      for (const auto& [grad_low, a] : output.low_rank) {
        MatMulBackwardInputAdd(grad_low, AsWeights(a), output.grad_x, pool);
      }
    }
  }
}

void MatMulBackwardWeight(ConstMatrix grad_y, ConstMatrix x, Matrix grad_weight, ThreadPool& pool) {
  if (grad_y.rows != x.rows || grad_weight.rows != grad_y.cols || grad_weight.cols != x.cols) {
    throw ShapeError(fmt::format("matmul: gradient of y {}×{}, x {}×{}, gradient of weight {}×{}",
                                 grad_y.rows, grad_y.cols, x.rows, x.cols, grad_weight.rows,
                                 grad_weight.cols));
  }
  const bool amx = UsesAmx() && std::min(grad_y.cols, x.cols) > kNarrow;
  (amx ? AmxWeightGradient : FloatWeightGradient)(grad_y, x, grad_weight, pool);
}

}  // namespace roentgen
