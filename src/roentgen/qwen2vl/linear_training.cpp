#include "roentgen/qwen2vl/linear_training.h"

#include <vector>

#include "roentgen/kernels/column_sums.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/row_blocks.h"

namespace roentgen {
namespace {

/// The one adapter of a linear that can be trained, the last; null when it is not.
const LoraDelta* TrainedDelta(const TrainedParameters& parameters, const Linear& linear) {
  if (linear.lora.empty() || !parameters.IsTrained(linear.lora.back().a->data())) return nullptr;
  return &linear.lora.back();
}

bool Drops(const PassContext& context, const Linear& linear) {
  return context.lora_dropout > 0 && TrainedDelta(context.parameters, linear) != nullptr;
}

/// The adapter's dropout on x, the same whenever it is asked for in a pass.
void DropFor(const PassContext& context, const LoraDelta& delta, ConstMatrix x, Matrix y) {
  const std::string& place = context.parameters.At(delta.a->data())->name;
  Dropout(x, context.lora_dropout, context.random.KeyOf(place), y, context.pool);
}

/// to += from · factor(column).
template <class Factor>
void AddScaled(ConstMatrix from, Matrix to, ThreadPool& pool, const Factor& factor) {
  ForRows(pool, from.rows, from.cols, [&](size_t row) {
    for (size_t n = 0; n < from.cols; ++n) to.Row(row)[n] += from.Row(row)[n] * factor(n);
  });
}

/// from · factor(column).
template <class Factor>
OwnedMatrix Scaled(ConstMatrix from, ThreadPool& pool, const Factor& factor) {
  OwnedMatrix to(from.rows, from.cols);
  ForRows(pool, from.rows, from.cols, [&](size_t row) {
    float* const out = to.view().Row(row);
    for (size_t n = 0; n < from.cols; ++n) out[n] = from.Row(row)[n] * factor(n);
  });
  return to;
}

/// y (+)= x Wᵀ + bias + adapters, the trained one of which sees x with values dropped.
void ApplyDropped(const PassContext& context, const Linear& linear, ConstMatrix x, Matrix y,
                  bool add) {
  ThreadPool& pool = context.pool;
  const LoraDelta& trained = linear.lora.back();
  OwnedMatrix dropped(x.rows, x.cols);
  DropFor(context, trained, x, dropped);
  (add ? MatMulAdd : MatMul)(x, linear.weight, linear.bias, y, pool);
  for (const LoraDelta& delta : linear.lora) {
    if (&delta != &trained) AddAdapter(delta, x, y, pool);
  }
  if (trained.magnitude == nullptr) {
    AddAdapter(trained, dropped, y, pool);
    return;
  }
  // y += (factor − 1) · dropped Wᵀ + factor · scale · B A dropped, as PEFT has it.
  OwnedMatrix product(y.rows, y.cols);
  MatMul(dropped, linear.weight, {}, product, pool);
  AddScaled(product, y, pool, [](size_t) { return -1.0f; });
  AddAdapter(trained, dropped, product, pool);
  AddScaled(product, y, pool, [&](size_t n) { return trained.RowFactor(n); });
}

/// grad_y B · scale for each of the adapters [tokens, rank].
std::vector<OwnedMatrix> LowGradients(std::span<const LoraDelta* const> adapters,
                                      ConstMatrix grad_y, ThreadPool& pool) {
  std::vector<OwnedMatrix> grad_lows;
  std::vector<MatMulInputGradient> products;
  for (const LoraDelta* delta : adapters) {
    grad_lows.emplace_back(grad_y.rows, delta->a->rows());
    products.push_back({AsWeights(*delta->b), grad_lows.back()});
  }
  MatMulBackwardInputEach(grad_y, products, pool);
  for (size_t i = 0; i < adapters.size(); ++i) {
    OwnedMatrix& low = grad_lows[i];
    for (size_t j = 0; j < low.size(); ++j) low.data()[j] *= adapters[i]->scale;
  }
  return grad_lows;
}

/// Gradients of A and B of y += scale · (x Aᵀ) Bᵀ, added to what they hold, where they are trained.
void AdapterBackward(const PassContext& context, const LoraDelta& delta, ConstMatrix x,
                     ConstMatrix grad_y, ConstMatrix grad_low) {
  const Matrix grad_a = context.parameters.GradientOf(*delta.a);
  const Matrix grad_b = context.parameters.GradientOf(*delta.b);
  if (grad_a.data == nullptr) return;
  const bool drops = context.lora_dropout > 0;
  OwnedMatrix dropped(drops ? x.rows : 0, x.cols);
  if (drops) DropFor(context, delta, x, dropped);
  const ConstMatrix input = drops ? ConstMatrix(dropped) : x;
  MatMulBackwardWeight(grad_y, LowRank(delta, input, context.pool), grad_b, context.pool);
  MatMulBackwardWeight(grad_low, input, grad_a, context.pool);
}

/// grad_x += the gradient of what the adapter saw, which had values dropped.
void AddDroppedGradient(const PassContext& context, const LoraDelta& delta, ConstMatrix grad_low,
                        Matrix grad_x) {
  OwnedMatrix through(grad_x.rows, grad_x.cols);
  MatMulBackwardInput(grad_low, AsWeights(*delta.a), through, context.pool);
  DropFor(context, delta, through, through);
  AddScaled(through, grad_x, context.pool, [](size_t) { return 1.0f; });
}

/// grad_x as wanted from grad_y W and the adapters, and the gradients of these.
void ProductBackward(const PassContext& context, const Linear& linear, ConstMatrix x,
                     ConstMatrix grad_y, Matrix grad_x, InputGradient wanted) {
  const bool wants_x = wanted != InputGradient::kNotWanted;
  std::vector<const LoraDelta*> adapters;
  for (const LoraDelta& delta : linear.lora) {
    if (wants_x || context.parameters.IsTrained(delta.a->data())) adapters.push_back(&delta);
  }
  const std::vector<OwnedMatrix> grad_lows = LowGradients(adapters, grad_y, context.pool);
  const auto drops = [&](const LoraDelta& delta) {
    return context.lora_dropout > 0 && context.parameters.IsTrained(delta.a->data());
  };
  std::vector<LowRankGradient> low_rank;
  for (size_t i = 0; i < adapters.size(); ++i) {
    if (!drops(*adapters[i])) low_rank.push_back({grad_lows[i], *adapters[i]->a});
  }
  if (wants_x) {
    const MatMulInputGradient product{linear.weight, grad_x, wanted == InputGradient::kAdd,
                                      low_rank};
    MatMulBackwardInputEach(grad_y, {&product, 1}, context.pool);
  }
  for (size_t i = 0; i < adapters.size(); ++i) {
    AdapterBackward(context, *adapters[i], x, grad_y, grad_lows[i]);
    if (wants_x && drops(*adapters[i])) {
      AddDroppedGradient(context, *adapters[i], grad_lows[i], grad_x);
    }
  }
}

/// Gradient of the magnitude: of each row, grad_y · (what the magnitude multiplies) / its norm.
void MagnitudeBackward(const PassContext& context, const Linear& linear, ConstMatrix x,
                       ConstMatrix grad_y) {
  const LoraDelta& dora = linear.lora.front();
  const Matrix gradient = context.parameters.GradientOf(*dora.magnitude);
  if (gradient.data == nullptr) return;
  OwnedMatrix product(grad_y.rows, grad_y.cols);
  OwnedMatrix dropped(context.lora_dropout > 0 ? x.rows : 0, x.cols);
  if (context.lora_dropout > 0) {
    DropFor(context, dora, x, dropped);
    x = dropped;
  }
  MatMul(x, linear.weight, {}, product, context.pool);
  AddAdapter(dora, x, product, context.pool);
  std::vector<float> sums(grad_y.cols);
  AddColumnProducts(grad_y, product, sums, context.pool);
  for (size_t n = 0; n < sums.size(); ++n) gradient.data[n] += sums[n] / dora.row_norms[n];
}

void DoraBackward(const PassContext& context, const Linear& linear, ConstMatrix x,
                  ConstMatrix grad_y, Matrix grad_x, InputGradient wanted) {
  ThreadPool& pool = context.pool;
  const LoraDelta& dora = linear.lora.front();
  MagnitudeBackward(context, linear, x, grad_y);
  const OwnedMatrix scaled = Scaled(grad_y, pool, [&](size_t n) { return dora.RowFactor(n); });
  if (wanted == InputGradient::kNotWanted || !Drops(context, linear)) {
    ProductBackward(context, linear, x, scaled, grad_x, wanted);
    return;
  }
  // The base itself sees all of x; only what DoRA adds to it sees x with values dropped.
  const bool add = wanted == InputGradient::kAdd;
  (add ? MatMulBackwardInputAdd : MatMulBackwardInput)(grad_y, linear.weight, grad_x, pool);
  const OwnedMatrix rest = Scaled(grad_y, pool, [&](size_t n) { return dora.RowFactor(n) - 1.0f; });
  OwnedMatrix through(x.rows, x.cols);
  MatMulBackwardInput(rest, linear.weight, through, pool);
  DropFor(context, dora, through, through);
  AddScaled(through, grad_x, pool, [](size_t) { return 1.0f; });
  const LoraDelta* const adapter = &dora;
  const std::vector<OwnedMatrix> grad_lows = LowGradients({&adapter, 1}, scaled, pool);
  AdapterBackward(context, dora, x, scaled, grad_lows.front());
  AddDroppedGradient(context, dora, grad_lows.front(), grad_x);
}

}  // namespace

void TrainingApply(const PassContext& context, const Linear& linear, ConstMatrix x, Matrix y) {
  TrainingApplyEach(context, x, {{linear, y}});
}

void TrainingApplyAdd(const PassContext& context, const Linear& linear, ConstMatrix x, Matrix y) {
  TrainingApplyEach(context, x, {{linear, y, /*add=*/true}});
}

void TrainingApplyEach(const PassContext& context, ConstMatrix x,
                       std::initializer_list<LinearOutput> outputs) {
  if (context.lora_dropout == 0) return ApplyEach(x, outputs, context.pool);
  for (const LinearOutput& output : outputs) {
    if (Drops(context, output.linear)) {
      ApplyDropped(context, output.linear, x, output.y, output.add);
    } else {
      ApplyEach(x, {output}, context.pool);
    }
  }
}

void LinearBackward(const PassContext& context, const Linear& linear, ConstMatrix x,
                    ConstMatrix grad_y, Matrix grad_x, InputGradient wanted) {
  ThreadPool& pool = context.pool;
  const Matrix grad_weight = context.parameters.GradientOf(linear.weight);
  if (grad_weight.data != nullptr) MatMulBackwardWeight(grad_y, x, grad_weight, pool);
  const Vector grad_bias = context.parameters.GradientOf(ConstVector(linear.bias));
  if (!grad_bias.empty()) AddColumnSums(grad_y, grad_bias, pool);
  if (!linear.lora.empty() && linear.lora.front().magnitude != nullptr) {
    DoraBackward(context, linear, x, grad_y, grad_x, wanted);
    return;
  }
  ProductBackward(context, linear, x, grad_y, grad_x, wanted);
}

size_t LinearScratch(const TrainedParameters& parameters, const Linear& linear, bool dropout) {
  if (linear.lora.empty()) return 0;
  const bool drops = dropout && TrainedDelta(parameters, linear) != nullptr;
  const bool dora = linear.lora.front().magnitude != nullptr;
  size_t values = linear.lora.back().a->rows();  // the low rank once more, for the gradient of B
  for (const LoraDelta& delta : linear.lora) values += delta.a->rows();
  if (drops) values += linear.weight.cols;
  if (dora) values += linear.weight.rows * (drops ? 2 : 1);
  return values;
}

bool LinearIsTrained(const TrainedParameters& parameters, const Linear& linear) {
  return parameters.IsTrained(linear.weight.data) ||
         (!linear.bias.empty() && parameters.IsTrained(linear.bias.data())) ||
         TrainedDelta(parameters, linear) != nullptr;
}

}  // namespace roentgen
