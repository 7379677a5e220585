#include "roentgen/qwen2vl/decoder.h"

#include <fmt/format.h>

#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/matmul.h"
#include "roentgen/kernels/norm.h"
#include "roentgen/kernels/rotary.h"
#include "roentgen/qwen2vl/linear.h"

namespace roentgen {
namespace {

/// The memory that all layers work in.
struct Workspace {
  Workspace(size_t tokens, const ModelConfig& config)
      : normed(tokens, config.hidden_size),
        query(tokens, config.hidden_size),
        key(tokens, config.key_value_width()),
        value(tokens, config.key_value_width()),
        gate(tokens, config.intermediate_size),
        up(tokens, config.intermediate_size) {}

  OwnedMatrix normed;
  OwnedMatrix query;
  OwnedMatrix key;
  OwnedMatrix value;
  OwnedMatrix gate;
  OwnedMatrix up;
};

/// One layer over the tokens of x. Only rows from `first` on are carried through it; the rows
/// before leave their keys and values.
void RunLayer(const ModelConfig& config, const DecoderLayerWeights& weights, size_t index, Matrix x,
              size_t first, const RotaryTable& rotary, KeyValueCache& cache, Workspace& work,
              ThreadPool& pool) {
  const auto epsilon = static_cast<float>(config.rms_norm_eps);
  RmsNorm(x, weights.input_norm, epsilon, work.normed, pool);
  ApplyEach(
      work.normed,
      {{weights.q_proj, work.query}, {weights.k_proj, work.key}, {weights.v_proj, work.value}},
      pool);
  ApplyRotary(work.query, rotary, pool);
  ApplyRotary(work.key, rotary, pool);
  cache.Write(index, work.key, work.value);

  const size_t rows = x.rows - first;
  const Matrix carried = x.Rows(first, rows);
  const Matrix normed = work.normed.view().Rows(0, rows);
  const Matrix query = work.query.view().Rows(first, rows);
  const size_t seen = cache.size() + first;
  const std::vector<Segment> plan{
      {0, seen, Segment::kNoParent, /*causal=*/true},
      {seen, cache.size() + x.rows, /*parent=*/0, /*causal=*/true},
  };
  Attention(query, cache.keys(index), cache.values(index), plan, seen,
            {config.num_attention_heads, config.num_key_value_heads, config.head_dim()}, query,
            pool);
  ApplyAdd(weights.o_proj, query, carried, pool);

  RmsNorm(carried, weights.post_attention_norm, epsilon, normed, pool);
  const Matrix gate = work.gate.view().Rows(0, rows);
  const Matrix up = work.up.view().Rows(0, rows);
  ApplyEach(normed, {{weights.gate_proj, gate}, {weights.up_proj, up}}, pool);
  SiluMul(gate, up, gate, pool);
  ApplyAdd(weights.down_proj, gate, carried, pool);
}

}  // namespace

void RunDecoder(const ModelConfig& config, const ModelWeights& weights, Matrix x,
                std::span<const Position> positions, Wanted wanted, KeyValueCache& cache,
                ThreadPool& pool, const Observer& observer) {
  if (positions.size() != x.rows || x.cols != config.hidden_size) {
    throw ShapeError(
        fmt::format("decoder: x {}×{}, {} positions", x.rows, x.cols, positions.size()));
  }
  if (x.rows == 0) return;
  const RotaryTable rotary = DecoderRotary(positions, config);
  Workspace work(x.rows, config);
  for (size_t i = 0; i < weights.layers.size(); ++i) {
    const bool last = i + 1 == weights.layers.size();
    const size_t first = last && wanted == Wanted::kLastRow ? x.rows - 1 : 0;
    RunLayer(config, weights.layers[i], i, x, first, rotary, cache, work, pool);
    Show(observer, fmt::format("layer.{}", i), x);
  }
  cache.Advance(x.rows);
}

void ComputeLogits(const ModelConfig& config, const ModelWeights& weights, Matrix x, Matrix logits,
                   ThreadPool& pool, const Observer& observer) {
  RmsNorm(x, weights.final_norm, static_cast<float>(config.rms_norm_eps), x, pool);
  Show(observer, "final_norm", x);
  MatMul(x, weights.lm_head, {}, logits, pool);
}

}  // namespace roentgen
