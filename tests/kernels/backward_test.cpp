// Every backward kernel against central differences of its operation, written out again in double:
// nothing of the kernels' own formulas is used.

#include <gmock/gmock.h>

#include <cstring>
#include <numbers>

#include "kernels/support.h"
#include "roentgen/base/error.h"
#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/column_sums.h"
#include "roentgen/kernels/cross_entropy.h"
#include "roentgen/kernels/embedding.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/norm.h"
#include "roentgen/kernels/rotary.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using Doubles = std::vector<double>;

// Central differences in double with this step are right to some 1e-8; gradients of size 1 that a
// few dozen roundings of 2⁻²⁴ make are right to a few 1e-6.
constexpr double kStep = 1e-4;
constexpr double kTolerance = 4e-6;

Doubles ToDoubles(ConstMatrix x) {
  Doubles values;
  for (size_t row = 0; row < x.rows; ++row) {
    values.insert(values.end(), x.Row(row), x.Row(row) + x.cols);
  }
  return values;
}

OwnedMatrix Copy(ConstMatrix x) {
  OwnedMatrix copy(x.rows, x.cols);
  for (size_t row = 0; row < x.rows; ++row) {
    std::copy_n(x.Row(row), x.cols, copy.view().Row(row));
  }
  return copy;
}

OwnedMatrix Zeros(size_t rows, size_t cols) {
  OwnedMatrix zeros(rows, cols);
  std::fill_n(zeros.data(), zeros.size(), 0.0f);
  return zeros;
}

/// Σ weights · y.
double Weighted(ConstMatrix weights, const Doubles& y) {
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    sum += static_cast<double>(weights.Row(i / weights.cols)[i % weights.cols]) * y[i];
  }
  return sum;
}

/// Expects `gradient` to be that of loss at x, on top of `before`.
void ExpectGradient(const std::string& name, const std::function<double(const Doubles&)>& loss,
                    Doubles x, ConstMatrix gradient, double before = 0,
                    double tolerance = kTolerance) {
  ASSERT_EQ(x.size(), gradient.rows * gradient.cols) << name;
  for (size_t i = 0; i < x.size(); ++i) {
    const double value = x[i];
    x[i] = value + kStep;
    const double above = loss(x);
    x[i] = value - kStep;
    const double below = loss(x);
    x[i] = value;
    const double expected = (above - below) / (2 * kStep);
    ASSERT_NEAR(gradient.Row(i / gradient.cols)[i % gradient.cols], before + expected,
                tolerance * std::max(1.0, std::abs(expected)))
        << name << " at " << i;
  }
}

void Fill(OwnedMatrix& matrix, float value) {
  std::fill_n(matrix.data(), matrix.size(), value);
}

/// Weights of every type as bytes, with the values that they hold.
struct TypedWeights {
  TypedWeights(DType type, ConstMatrix values) : bytes(values.rows * values.cols * 4) {
    for (size_t i = 0; i < values.rows * values.cols; ++i) {
      const float value = values.data[i];
      std::byte* const to = bytes.data() + i * DTypeSize(type);
      if (type == DType::kF32) std::memcpy(to, &value, 4);
      const BFloat16 rounded = ToBFloat16(value);
      if (type == DType::kBF16) std::memcpy(to, &rounded, 2);
      // Halves: sixteenths of small size, which F16 has exactly: exponent and mantissa by hand.
      const Float16 half{static_cast<uint16_t>((i % 2 == 0 ? 0x3800 : 0xb400) + i % 1000)};
      if (type == DType::kF16) std::memcpy(to, &half, 2);
      exact.push_back(type == DType::kF32    ? value
                      : type == DType::kBF16 ? ToFloat(rounded)
                                             : ToFloat(half));
    }
    view = {type, bytes.data(), values.rows, values.cols};
  }
  std::vector<std::byte> bytes;
  std::vector<float> exact;
  WeightMatrix view;
};

void CheckInputGradient(DType type, size_t tokens, size_t outputs, size_t inputs,
                        ThreadPool& pool) {
  SCOPED_TRACE(std::to_string(tokens) + "×" + std::to_string(outputs) + "×" +
               std::to_string(inputs) + " " + std::string(DTypeName(type)));
  const TypedWeights weights(type, test::RandomMatrix(outputs, inputs, 1));
  const OwnedMatrix grad_y = test::RandomMatrix(tokens, outputs, 2);
  OwnedMatrix grad_x(tokens, inputs);
  OwnedMatrix sum(tokens, inputs);
  OwnedMatrix each(tokens, inputs);
  Fill(sum, 0.5f);
  MatMulBackwardInput(grad_y, weights.view, grad_x, pool);
  MatMulBackwardInputAdd(grad_y, weights.view, sum, pool);
  const MatMulInputGradient output{weights.view, each};
  MatMulBackwardInputEach(grad_y, {&output, 1}, pool);
  for (size_t t = 0; t < tokens; ++t) {
    for (size_t k = 0; k < inputs; ++k) {
      double exact = 0;
      for (size_t n = 0; n < outputs; ++n) {
        exact += static_cast<double>(grad_y.view().Row(t)[n]) * weights.exact[n * inputs + k];
      }
      ASSERT_NEAR(grad_x.view().Row(t)[k], exact, test::DotTolerance(outputs)) << t << "," << k;
      ASSERT_NEAR(sum.view().Row(t)[k], exact + 0.5, test::DotTolerance(outputs + 1));
      ASSERT_EQ(each.view().Row(t)[k], grad_x.view().Row(t)[k]);
    }
  }
}

TEST(MatMulBackward, InputGradientIsTheProductWithTheWeights) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    for (const DType type : {DType::kBF16, DType::kF16, DType::kF32}) {
      for (const size_t tokens : {1, 5, 12, 31}) {
        for (const size_t outputs : {1, 8, 37, 521})
          CheckInputGradient(type, tokens, outputs, 37, pool);
      }
      CheckInputGradient(type, 7, 20, 600, pool);
      CheckInputGradient(type, 13, 9, 64, pool);
      CheckInputGradient(type, 40, 300, 8, pool);  // a low rank
    }
  });
}

TEST(MatMulBackward, LowRanksAreAdded) {
  constexpr size_t kTokens = 40;
  constexpr size_t kInputs = 70;
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    for (const size_t outputs : {8, 90, 2000}) {  // 2000: more than one block of depth
      const TypedWeights weights(DType::kBF16, test::RandomMatrix(outputs, kInputs, 1));
      const OwnedMatrix grad_y = test::RandomMatrix(kTokens, outputs, 2);
      const OwnedMatrix grad_low = test::RandomMatrix(kTokens, 8, 3);
      const OwnedMatrix a = test::RandomMatrix(8, kInputs, 4);
      const OwnedMatrix wide_low = test::RandomMatrix(kTokens, 33, 5);
      const OwnedMatrix wide_a = test::RandomMatrix(33, kInputs, 6);
      const std::vector<LowRankGradient> terms{{grad_low, a}, {wide_low, wide_a}};
      OwnedMatrix grad_x(kTokens, kInputs);
      OwnedMatrix plain(kTokens, kInputs);
      Fill(grad_x, 0.5f);
      const std::vector<MatMulInputGradient> products{{weights.view, grad_x, /*add=*/true, terms},
                                                      {weights.view, plain}};
      MatMulBackwardInputEach(grad_y, products, pool);
      for (size_t t = 0; t < kTokens; ++t) {
        for (size_t k = 0; k < kInputs; ++k) {
          double exact = 0.5 + plain.view().Row(t)[k];
          for (const LowRankGradient& term : terms) {
            for (size_t r = 0; r < term.a.rows; ++r) {
              exact += static_cast<double>(term.grad_low.Row(t)[r]) * term.a.Row(r)[k];
            }
          }
          ASSERT_NEAR(grad_x.view().Row(t)[k], exact, test::DotTolerance(outputs + 41));
        }
      }
    }
    const TypedWeights weights(DType::kF32, test::RandomMatrix(3, 5, 1));
    const OwnedMatrix grad_y(2, 3);
    OwnedMatrix grad_x(2, 5);
    const OwnedMatrix grad_low(2, 4);
    const OwnedMatrix a(3, 5);
    const LowRankGradient term{grad_low, a};
    const MatMulInputGradient product{weights.view, grad_x, false, {&term, 1}};
    ROENTGEN_EXPECT_ERROR(MatMulBackwardInputEach(grad_y, {&product, 1}, pool),
                          "low rank 2×4 and 3×5");
  });
}

TEST(MatMulBackward, WeightGradientIsAddedUp) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    const size_t shapes[][3] = {{1, 3, 5},    {31, 37, 70}, {300, 40, 8},
                                {300, 8, 40}, {0, 4, 4},    {9, 5, 600}};
    for (const auto& [tokens, outputs, inputs] : shapes) {
      const OwnedMatrix grad_y = test::RandomMatrix(tokens, outputs + 2, 1);
      const OwnedMatrix x = test::RandomMatrix(tokens, inputs + 3, 2);
      OwnedMatrix gradient(outputs, inputs);
      Fill(gradient, 0.25f);
      const ConstMatrix left = grad_y.view().Cols(1, outputs);  // with gaps between rows
      const ConstMatrix right = x.view().Cols(2, inputs);
      MatMulBackwardWeight(left, right, gradient, pool);
      for (size_t n = 0; n < outputs; ++n) {
        for (size_t k = 0; k < inputs; ++k) {
          double exact = 0.25;
          for (size_t t = 0; t < tokens; ++t) {
            exact += static_cast<double>(left.Row(t)[n]) * right.Row(t)[k];
          }
          ASSERT_NEAR(gradient.view().Row(n)[k], exact, test::DotTolerance(tokens + 1));
        }
      }
    }
  });
}

Doubles RmsNormTwin(const Doubles& x, const Doubles& weight, size_t width) {
  Doubles y(x.size());
  for (size_t row = 0; row < x.size() / width; ++row) {
    double squares = 0;
    for (size_t i = 0; i < width; ++i) squares += x[row * width + i] * x[row * width + i];
    const double factor = 1 / std::sqrt(squares / static_cast<double>(width) + 1e-3);
    for (size_t i = 0; i < width; ++i) y[row * width + i] = x[row * width + i] * factor * weight[i];
  }
  return y;
}

Doubles LayerNormTwin(const Doubles& x, const Doubles& weight, const Doubles& bias, size_t width) {
  Doubles y(x.size());
  const auto count = static_cast<double>(width);
  for (size_t row = 0; row < x.size() / width; ++row) {
    const double* from = x.data() + row * width;
    double mean = 0;
    double variance = 0;
    for (size_t i = 0; i < width; ++i) mean += from[i] / count;
    for (size_t i = 0; i < width; ++i) variance += (from[i] - mean) * (from[i] - mean) / count;
    for (size_t i = 0; i < width; ++i) {
      y[row * width + i] = (from[i] - mean) / std::sqrt(variance + 1e-1) * weight[i] + bias[i];
    }
  }
  return y;
}

TEST(NormBackward, EqualsDifferences) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    for (const size_t width : {1, 5, 33, 70}) {
      const size_t rows = 7;
      const OwnedMatrix x = test::RandomMatrix(rows, width, 1);
      const OwnedMatrix weight = test::RandomMatrix(1, width, 2);
      const OwnedMatrix bias = test::RandomMatrix(1, width, 3);
      const OwnedMatrix grad_y = test::RandomMatrix(rows, width, 4);
      const Doubles xs = ToDoubles(x);
      const Doubles ws = ToDoubles(weight);
      const Doubles bs = ToDoubles(bias);
      OwnedMatrix grad_x(rows, width);
      OwnedMatrix grad_weight(1, width);
      OwnedMatrix grad_bias(1, width);
      const Vector for_weight(grad_weight.data(), width);
      const Vector for_bias(grad_bias.data(), width);
      const ConstVector weights(weight.data(), width);
      // The 1e-3 and 1e-1 in the twins; what is there before stays.
      Fill(grad_x, 0.5f);
      Fill(grad_weight, 0.25f);
      RmsNormBackward(grad_y, x, weights, 1e-3f, grad_x, for_weight, pool);
      ExpectGradient(
          "x", [&](const Doubles& v) { return Weighted(grad_y, RmsNormTwin(v, ws, width)); }, xs,
          grad_x, 0.5);
      ExpectGradient(
          "weight", [&](const Doubles& v) { return Weighted(grad_y, RmsNormTwin(xs, v, width)); },
          ws, grad_weight, 0.25);

      Fill(grad_x, 0.5f);
      Fill(grad_weight, 0.25f);
      Fill(grad_bias, 2.0f);
      LayerNormBackward(grad_y, x, weights, 1e-1f, grad_x, for_weight, for_bias, pool);
      ExpectGradient(
          "x", [&](const Doubles& v) { return Weighted(grad_y, LayerNormTwin(v, ws, bs, width)); },
          xs, grad_x, 0.5);
      ExpectGradient(
          "weight",
          [&](const Doubles& v) { return Weighted(grad_y, LayerNormTwin(xs, v, bs, width)); }, ws,
          grad_weight, 0.25);
      ExpectGradient(
          "bias",
          [&](const Doubles& v) { return Weighted(grad_y, LayerNormTwin(xs, ws, v, width)); }, bs,
          grad_bias, 2.0);
      // A frozen norm passes the same gradient on.
      OwnedMatrix alone(rows, width);
      Fill(alone, 0.5f);
      LayerNormBackward(grad_y, x, weights, 1e-1f, alone, {}, {}, pool);
      EXPECT_EQ(std::memcmp(alone.data(), grad_x.data(), alone.size() * sizeof(float)), 0);
    }
    OwnedMatrix x(2, 3);
    OwnedMatrix other(2, 4);
    const std::vector<float> weight(3);
    ROENTGEN_EXPECT_ERROR(RmsNormBackward(other, x, weight, 1e-6f, x, {}, pool), "norm");
    ROENTGEN_EXPECT_ERROR(LayerNormBackward(x, x, weight, 1e-6f, other, {}, {}, pool), "norm");
  });
}

TEST(ActivationBackward, EqualsDifferences) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    OwnedMatrix gate = test::RandomMatrix(3, 37, 1);
    for (size_t i = 0; i < gate.size(); ++i) gate.data()[i] *= 6;
    const OwnedMatrix up = test::RandomMatrix(3, 37, 2);
    const OwnedMatrix grad_y = test::RandomMatrix(3, 37, 3);
    const Doubles gates = ToDoubles(gate);
    const Doubles ups = ToDoubles(up);
    const auto silu_mul = [](const Doubles& g, const Doubles& u) {
      Doubles y(g.size());
      for (size_t i = 0; i < g.size(); ++i) y[i] = g[i] / (1 + std::exp(-g[i])) * u[i];
      return y;
    };
    OwnedMatrix grad_gate = Copy(gate);
    OwnedMatrix grad_up = Copy(up);
    SiluMulBackward(grad_y, grad_gate, grad_up, grad_gate, grad_up, pool);  // in place
    ExpectGradient(
        "gate", [&](const Doubles& v) { return Weighted(grad_y, silu_mul(v, ups)); }, gates,
        grad_gate);
    ExpectGradient(
        "up", [&](const Doubles& v) { return Weighted(grad_y, silu_mul(gates, v)); }, ups, grad_up);

    const auto map = [&](double (*function)(double)) {
      return [&grad_y, function](const Doubles& v) {
        Doubles y(v.size());
        for (size_t i = 0; i < v.size(); ++i) y[i] = function(v[i]);
        return Weighted(grad_y, y);
      };
    };
    OwnedMatrix grad_x = Copy(grad_y);
    QuickGeluBackward(grad_x, gate, grad_x, pool);
    ExpectGradient("QuickGELU", map([](double x) { return x / (1 + std::exp(-1.702 * x)); }), gates,
                   grad_x);
    GeluBackward(grad_y, gate, grad_x, pool);
    ExpectGradient("GELU",
                   map([](double x) { return x / 2 * (1 + std::erf(x / std::numbers::sqrt2)); }),
                   gates, grad_x);
    // Extremes give zero and one, no NaN.
    gate.data()[0] = -1000;
    gate.data()[1] = 1000;
    Fill(grad_x, 1.0f);
    QuickGeluBackward(grad_x, gate, grad_x, pool);
    EXPECT_NEAR(grad_x.data()[0], 0, 1e-30);
    EXPECT_EQ(grad_x.data()[1], 1);
    ROENTGEN_EXPECT_ERROR(GeluBackward(grad_y, gate, grad_x.view().Rows(0, 2), pool), "GELU");
  });
}

TEST(RotaryBackward, TurnsBack) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    const size_t half = 11;
    RotaryTable table{OwnedMatrix(3, half), OwnedMatrix(3, half)};
    for (size_t i = 0; i < 3 * half; ++i) {
      table.cos.data()[i] = std::cos(static_cast<float>(i));
      table.sin.data()[i] = std::sin(static_cast<float>(i));
    }
    const OwnedMatrix x = test::RandomMatrix(3, 4 * half, 1);
    const OwnedMatrix grad_y = test::RandomMatrix(3, 4 * half, 2);
    OwnedMatrix grad = Copy(grad_y);
    ApplyRotaryBackward(grad, table, pool);
    const auto rotate = [&](const Doubles& v) {
      Doubles y(v.size());
      for (size_t row = 0; row < 3; ++row) {
        for (size_t at = row * 4 * half; at < (row + 1) * 4 * half; at += 2 * half) {
          for (size_t j = 0; j < half; ++j) {
            const double c = table.cos.data()[row * half + j];
            const double s = table.sin.data()[row * half + j];
            y[at + j] = v[at + j] * c - v[at + half + j] * s;
            y[at + half + j] = v[at + half + j] * c + v[at + j] * s;
          }
        }
      }
      return Weighted(grad_y, y);
    };
    ExpectGradient("x", rotate, ToDoubles(x), grad);
  });
}

bool Sees(const std::vector<Segment>& plan, size_t query, size_t key) {
  size_t at = 0;
  while (query >= plan[at].end) ++at;
  if (key >= plan[at].begin && key < plan[at].end) return !plan[at].causal || key <= query;
  for (int i = plan[at].parent; i >= 0; i = plan[static_cast<size_t>(i)].parent) {
    const Segment& ancestor = plan[static_cast<size_t>(i)];
    if (key >= ancestor.begin && key < ancestor.end) return true;
  }
  return false;
}

Doubles AttentionTwin(const Doubles& q, const Doubles& k, const Doubles& v,
                      const std::vector<Segment>& plan, const AttentionShape& shape) {
  const size_t tokens = plan.back().end;
  const size_t width = shape.heads * shape.head_dim;
  const size_t key_width = shape.key_value_heads * shape.head_dim;
  Doubles out(tokens * width);
  for (size_t i = 0; i < tokens; ++i) {
    for (size_t head = 0; head < shape.heads; ++head) {
      const size_t own = head / (shape.heads / shape.key_value_heads) * shape.head_dim;
      double sum = 0;
      for (size_t j = 0; j < tokens; ++j) {
        if (!Sees(plan, i, j)) continue;
        double score = 0;
        for (size_t e = 0; e < shape.head_dim; ++e) {
          score += q[i * width + head * shape.head_dim + e] * k[j * key_width + own + e];
        }
        const double p = std::exp(score / std::sqrt(static_cast<double>(shape.head_dim)));
        sum += p;
        for (size_t e = 0; e < shape.head_dim; ++e) {
          out[i * width + head * shape.head_dim + e] += p * v[j * key_width + own + e];
        }
      }
      for (size_t e = 0; e < shape.head_dim; ++e) out[i * width + head * shape.head_dim + e] /= sum;
    }
  }
  return out;
}

struct AttentionCase {
  AttentionCase(const std::vector<Segment>& segments, AttentionShape size)
      : plan(segments),
        shape(size),
        tokens(plan.back().end),
        q(test::RandomMatrix(tokens, shape.heads * shape.head_dim, 1)),
        keys(test::RandomMatrix(tokens, shape.key_value_heads * shape.head_dim, 2)),
        values(test::RandomMatrix(tokens, shape.key_value_heads * shape.head_dim, 3)),
        grad_out(test::RandomMatrix(tokens, shape.heads * shape.head_dim, 4)),
        out(tokens, q.cols()),
        log_sums(tokens, shape.heads),
        grad_q(tokens, q.cols()),
        grad_keys(tokens, keys.cols()),
        grad_values(tokens, keys.cols()) {}

  void Run(ThreadPool& pool) {
    const OnePage key_page(keys);
    const OnePage value_page(values);
    Attention(q, key_page.view(), value_page.view(), plan, 0, shape, out, log_sums, pool);
    AttentionBackward({q, keys, values, out, log_sums}, plan, shape, grad_out, grad_q, grad_keys,
                      grad_values, pool);
  }

  std::vector<Segment> plan;
  AttentionShape shape;
  size_t tokens;
  OwnedMatrix q, keys, values, grad_out, out, log_sums, grad_q, grad_keys, grad_values;
};

TEST(AttentionBackward, EqualsDifferences) {
  constexpr int kNone = Segment::kNoParent;
  const std::pair<std::vector<Segment>, AttentionShape> cases[] = {
      {{{0, 1, kNone, true}}, {4, 2, 6}},
      {{{0, 19, kNone, true}}, {6, 1, 5}},
      {{{0, 9, kNone, false}, {9, 11, kNone, false}}, {2, 2, 7}},
      // Two questions on one prefix, a grandchild, an empty prefix.
      {{{0, 5, kNone, true}, {5, 8, 0, true}, {8, 19, 0, true}, {19, 21, 2, true}}, {2, 1, 4}},
      {{{0, 0, kNone, true}, {0, 5, 0, true}}, {1, 1, 4}},
  };
  test::ForEachInstructionSet([&] {
    ThreadPool pool(2);
    for (const auto& [plan, shape] : cases) {
      AttentionCase test(plan, shape);
      test.Run(pool);
      const Doubles q = ToDoubles(test.q);
      const Doubles k = ToDoubles(test.keys);
      const Doubles v = ToDoubles(test.values);
      ExpectGradient(
          "q",
          [&](const Doubles& x) {
            return Weighted(test.grad_out, AttentionTwin(x, k, v, test.plan, test.shape));
          },
          q, test.grad_q);
      ExpectGradient(
          "keys",
          [&](const Doubles& x) {
            return Weighted(test.grad_out, AttentionTwin(q, x, v, test.plan, test.shape));
          },
          k, test.grad_keys);
      ExpectGradient(
          "values",
          [&](const Doubles& x) {
            return Weighted(test.grad_out, AttentionTwin(q, k, x, test.plan, test.shape));
          },
          v, test.grad_values);
    }
  });
}

/// The textbook gradient in double, whose work is that of the twin: for lengths where differences
/// would take too long.
void ExpectExactGradients(const AttentionCase& test) {
  const auto& [plan, shape] = std::tie(test.plan, test.shape);
  const double scale = 1 / std::sqrt(static_cast<double>(shape.head_dim));
  const size_t group = shape.heads / shape.key_value_heads;
  Doubles grad_q(test.q.size());
  Doubles grad_k(test.keys.size());
  Doubles grad_v(test.keys.size());
  const Doubles out =
      AttentionTwin(ToDoubles(test.q), ToDoubles(test.keys), ToDoubles(test.values), plan, shape);
  for (size_t i = 0; i < test.tokens; ++i) {
    for (size_t head = 0; head < shape.heads; ++head) {
      const size_t own = head / group * shape.head_dim;
      const float* const query = test.q.view().Row(i) + head * shape.head_dim;
      const float* const g = test.grad_out.view().Row(i) + head * shape.head_dim;
      const size_t at = i * test.q.cols() + head * shape.head_dim;
      double delta = 0;
      for (size_t e = 0; e < shape.head_dim; ++e) delta += g[e] * out[at + e];
      for (size_t j = 0; j < test.tokens; ++j) {
        if (!Sees(plan, i, j)) continue;
        const float* const key = test.keys.view().Row(j) + own;
        const float* const value = test.values.view().Row(j) + own;
        double score = 0;
        double dp = 0;
        for (size_t e = 0; e < shape.head_dim; ++e) {
          score += static_cast<double>(query[e]) * key[e] * scale;
          dp += static_cast<double>(g[e]) * value[e];
        }
        const double p = std::exp(score - test.log_sums.view().Row(i)[head]);
        for (size_t e = 0; e < shape.head_dim; ++e) {
          grad_q[at + e] += p * (dp - delta) * scale * key[e];
          grad_k[j * test.keys.cols() + own + e] += p * (dp - delta) * scale * query[e];
          grad_v[j * test.keys.cols() + own + e] += p * g[e];
        }
      }
    }
  }
  // Keys and values sum over up to a thousand queries; partial sums stay of size 1.
  for (size_t i = 0; i < grad_q.size(); ++i) ASSERT_NEAR(test.grad_q.data()[i], grad_q[i], 5e-6);
  for (size_t i = 0; i < grad_k.size(); ++i) {
    ASSERT_NEAR(test.grad_keys.data()[i], grad_k[i], 2e-5);
    ASSERT_NEAR(test.grad_values.data()[i], grad_v[i], 2e-5);
  }
}

TEST(AttentionBackward, HoldsOverManyBlocks) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    constexpr int kNone = Segment::kNoParent;
    AttentionCase text({{0, 300, kNone, true}}, {6, 1, 16});
    text.Run(pool);
    ExpectExactGradients(text);
    AttentionCase shared({{0, 150, kNone, true}, {150, 190, 0, true}, {190, 330, 0, true}},
                         {4, 2, 8});
    shared.Run(pool);
    ExpectExactGradients(shared);
  });
}

TEST(AttentionBackward, BitsDoNotDependOnThreads) {
  const std::vector<Segment> plan{{0, 60, Segment::kNoParent, true}, {60, 150, 0, true}};
  AttentionCase one(plan, {6, 2, 8});
  ThreadPool single(1);
  one.Run(single);
  for (const int threads : {2, 5}) {
    AttentionCase many(plan, {6, 2, 8});
    ThreadPool pool(threads);
    many.Run(pool);
    EXPECT_EQ(std::memcmp(one.grad_q.data(), many.grad_q.data(), one.grad_q.size() * 4), 0);
    EXPECT_EQ(std::memcmp(one.grad_keys.data(), many.grad_keys.data(), one.grad_keys.size() * 4),
              0);
    EXPECT_EQ(
        std::memcmp(one.grad_values.data(), many.grad_values.data(), one.grad_values.size() * 4),
        0);
  }
}

TEST(AttentionBackward, APlanThatDoesNotFitIsRefused) {
  ThreadPool pool(1);
  AttentionCase test({{0, 4, Segment::kNoParent, true}}, {2, 1, 4});
  test.Run(pool);
  test.plan = {{0, 3, Segment::kNoParent, true}};
  const auto backward = [&] {
    AttentionBackward({test.q, test.keys, test.values, test.out, test.log_sums}, test.plan,
                      test.shape, test.grad_out, test.grad_q, test.grad_keys, test.grad_values,
                      pool);
  };
  ROENTGEN_EXPECT_ERROR(backward(), "up to token 3");
  test.plan = {{0, 4, 0, true}};
  ROENTGEN_EXPECT_ERROR(backward(), "attention gradient");
  test.plan = {{0, 4, Segment::kNoParent, true}};
  test.shape = {2, 2, 4};
  ROENTGEN_EXPECT_ERROR(backward(), "attention gradient");
}

TEST(CrossEntropy, EqualsDifferences) {
  test::ForEachInstructionSet([] {
    ThreadPool pool(2);
    const size_t width = 67;
    OwnedMatrix logits = test::RandomMatrix(3, width, 1);
    for (size_t i = 0; i < logits.size(); ++i) logits.data()[i] *= 20;
    const std::vector<int32_t> labels{0, 66, 30};
    const std::vector<float> weights{0.5f, 2.0f, 0.0f};
    const Doubles values = ToDoubles(logits);
    const auto nll = [&](const Doubles& x, size_t row) {
      double sum = 0;
      for (size_t i = 0; i < width; ++i) sum += std::exp(x[row * width + i]);
      return std::log(sum) - x[row * width + static_cast<size_t>(labels[row])];
    };
    std::vector<float> losses(3);
    CrossEntropy(logits, labels, losses, pool);
    // The largest logit is 20; its rounding is in the result.
    for (size_t row = 0; row < 3; ++row) EXPECT_NEAR(losses[row], nll(values, row), 4e-6);
    std::vector<float> again(3);
    CrossEntropyBackward(logits, labels, weights, again, pool);
    EXPECT_EQ(losses, again);
    ExpectGradient(
        "logits", [&](const Doubles& x) { return weights[0] * nll(x, 0) + weights[1] * nll(x, 1); },
        values, logits);
    ROENTGEN_EXPECT_ERROR(CrossEntropy(logits, std::vector<int32_t>{0, 67, 1}, losses, pool),
                          "label 67");
    ROENTGEN_EXPECT_ERROR(CrossEntropy(logits, std::vector<int32_t>{0, -100, 1}, losses, pool),
                          "label -100");
    ROENTGEN_EXPECT_ERROR(CrossEntropy(logits, std::vector<int32_t>{0, 1}, losses, pool),
                          "2 labels");
  });
}

TEST(CrossEntropy, LargeLogitsDoNotOverflow) {
  ThreadPool pool(1);
  OwnedMatrix logits(1, 3);
  logits.data()[0] = 5000;
  logits.data()[1] = -5000;
  logits.data()[2] = 4999;
  std::vector<float> nll(1);
  CrossEntropyBackward(logits, std::vector<int32_t>{1}, std::vector<float>{1.0f}, nll, pool);
  EXPECT_NEAR(nll[0], 10000 + std::log1p(std::exp(-1.0)), 1e-3);
  EXPECT_EQ(logits.data()[1], -1);
}

TEST(EmbeddingBackward, AddsRowsUp) {
  ThreadPool pool(2);
  const OwnedMatrix grad = test::RandomMatrix(4, 70, 1);
  const std::vector<int32_t> ids{2, 0, 2, 2};
  OwnedMatrix table = Zeros(3, 70);
  LookUpRowsBackward(grad, ids, table, pool);
  for (size_t c = 0; c < 70; ++c) {
    EXPECT_EQ(table.view().Row(0)[c], grad.view().Row(1)[c]);
    EXPECT_EQ(table.view().Row(1)[c], 0);
    EXPECT_EQ(table.view().Row(2)[c],
              grad.view().Row(0)[c] + grad.view().Row(2)[c] + grad.view().Row(3)[c]);
  }
  ROENTGEN_EXPECT_ERROR(LookUpRowsBackward(grad, std::vector<int32_t>{0, 1, 2, 3}, table, pool),
                        "id 3");
}

TEST(ColumnSums, AddUpRows) {
  ThreadPool pool(2);
  const OwnedMatrix x = test::RandomMatrix(30, 70, 1);
  const OwnedMatrix y = test::RandomMatrix(30, 70, 2);
  std::vector<float> sums(70, 1.0f);
  std::vector<float> products(70, 2.0f);
  AddColumnSums(x, sums, pool);
  AddColumnProducts(x, y, products, pool);
  for (size_t c = 0; c < 70; ++c) {
    double sum = 1;
    double product = 2;
    for (size_t row = 0; row < 30; ++row) {
      sum += x.view().Row(row)[c];
      product += static_cast<double>(x.view().Row(row)[c]) * y.view().Row(row)[c];
    }
    EXPECT_NEAR(sums[c], sum, 4e-6);
    EXPECT_NEAR(products[c], product, 4e-6);
  }
  ROENTGEN_EXPECT_ERROR(AddColumnSums(x, Vector(sums).first(3), pool), "3 sums");
  ROENTGEN_EXPECT_ERROR(AddColumnProducts(x, y.view().Rows(0, 3), sums, pool), "y 3×70");
}

TEST(MatMulBackward, BitsDoNotDependOnThreads) {
  test::ForEachInstructionSet([] {
    const OwnedMatrix grad_y = test::RandomMatrix(40, 300, 1);
    const OwnedMatrix x = test::RandomMatrix(40, 700, 2);
    const TypedWeights weights(DType::kBF16, test::RandomMatrix(300, 700, 3));
    const auto run = [&](int threads) {
      ThreadPool pool(threads);
      OwnedMatrix both(340, 700);
      Fill(both, 0.0f);
      MatMulBackwardInput(grad_y, weights.view, both.view().Rows(0, 40), pool);
      MatMulBackwardWeight(grad_y, x, both.view().Rows(40, 300), pool);
      return both;
    };
    const OwnedMatrix one = run(1);
    for (const int threads : {2, 3, 5}) {
      EXPECT_EQ(std::memcmp(one.data(), run(threads).data(), one.size() * sizeof(float)), 0);
    }
  });
}

TEST(MatMulBackward, WrongShapesAreRefused) {
  ThreadPool pool(1);
  const TypedWeights weights(DType::kF32, test::RandomMatrix(4, 3, 1));
  const OwnedMatrix grad_y = test::RandomMatrix(2, 4, 1);
  OwnedMatrix grad_x(2, 4);
  ROENTGEN_EXPECT_ERROR(MatMulBackwardInput(grad_y, weights.view, grad_x, pool),
                        "gradient of x 2×4");
  WeightMatrix integers = weights.view;
  integers.dtype = DType::kI32;
  OwnedMatrix fits(2, 3);
  ROENTGEN_EXPECT_ERROR(MatMulBackwardInputAdd(grad_y, integers, fits, pool),
                        "no weights of type I32");
  ROENTGEN_EXPECT_ERROR(MatMulBackwardWeight(grad_y, fits, grad_x, pool), "gradient of weight 2×4");
}

}  // namespace
}  // namespace roentgen
