#include "roentgen/qwen2vl/decoder_training.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "roentgen/kernels/activation.h"
#include "roentgen/kernels/norm.h"

namespace roentgen {
namespace {

std::array<const Linear*, 7> LinearsOf(const DecoderLayerWeights& layer) {
  return {&layer.q_proj,    &layer.k_proj,  &layer.v_proj,   &layer.o_proj,
          &layer.gate_proj, &layer.up_proj, &layer.down_proj};
}

bool LayerIsTrained(const TrainedParameters& parameters, const DecoderLayerWeights& layer) {
  for (const Linear* linear : LinearsOf(layer)) {
    if (LinearIsTrained(parameters, *linear)) return true;
  }
  return parameters.IsTrained(layer.input_norm.data()) ||
         parameters.IsTrained(layer.post_attention_norm.data());
}

void Copy(ConstMatrix from, Matrix to) {
  std::memcpy(to.data, from.data, from.rows * from.cols * sizeof(float));
}

}  // namespace

void GatherRows(ConstMatrix from, std::span<const size_t> rows, Matrix to) {
  for (size_t i = 0; i < rows.size(); ++i) std::copy_n(from.Row(rows[i]), from.cols, to.Row(i));
}

void ScatterAddRows(ConstMatrix from, std::span<const size_t> rows, Matrix to) {
  for (size_t i = 0; i < rows.size(); ++i) {
    float* const row = to.Row(rows[i]);
    for (size_t c = 0; c < from.cols; ++c) row[c] += from.Row(i)[c];
  }
}

DecoderLayerState::DecoderLayerState(const ModelConfig& config, size_t tokens, size_t carried_rows)
    : query(tokens, config.hidden_size),
      key(tokens, config.key_value_width()),
      value(tokens, config.key_value_width()),
      attended(tokens, config.hidden_size),
      log_sums(tokens, config.num_attention_heads),
      middle(carried_rows, config.hidden_size),
      gate(carried_rows, config.intermediate_size),
      up(carried_rows, config.intermediate_size) {}

size_t DecoderLayerState::Bytes(const ModelConfig& config, size_t tokens, size_t carried_rows) {
  const size_t a_token =
      2 * config.hidden_size + 2 * config.key_value_width() + config.num_attention_heads;
  const size_t a_carried_row = config.hidden_size + 2 * config.intermediate_size;
  return sizeof(float) * (tokens * a_token + carried_rows * a_carried_row);
}

DecoderPass::DecoderPass(const PassContext& context, const ModelConfig& config,
                         const ModelWeights& weights, std::span<const Position> positions,
                         std::span<const Segment> plan, std::span<const size_t> rows,
                         size_t kept_layers, bool wants_input)
    : context_(context),
      config_(config),
      weights_(weights),
      plan_(plan),
      rows_(rows),
      kept_(kept_layers),
      wants_input_(wants_input),
      lowest_(LowestLayer(context.parameters, weights, wants_input)),
      shape_{config.num_attention_heads, config.num_key_value_heads, config.head_dim()},
      epsilon_(static_cast<float>(config.rms_norm_eps)),
      rotary_(DecoderRotary(positions, config)),
      inputs_(weights.layers.size()),
      states_(weights.layers.size()) {}

size_t DecoderPass::LowestLayer(const TrainedParameters& parameters, const ModelWeights& weights,
                                bool wants_input) {
  size_t layer = 0;
  while (!wants_input && layer < weights.layers.size() &&
         !LayerIsTrained(parameters, weights.layers[layer])) {
    ++layer;
  }
  return layer;
}

size_t DecoderPass::AdapterScratch(const TrainedParameters& parameters, const ModelWeights& weights,
                                   bool dropout) {
  size_t most = 0;
  for (const DecoderLayerWeights& layer : weights.layers) {
    for (const Linear* linear : LinearsOf(layer)) {
      most = std::max(most, LinearScratch(parameters, *linear, dropout));
    }
  }
  return most;
}

DecoderLayerState& DecoderPass::State(size_t layer) {
  const bool own = Kept(layer) && layer >= lowest_;
  DecoderLayerState& state = own ? states_[layer] : shared_;
  const size_t tokens = rotary_.cos.rows();
  const size_t carried = Last(layer) ? rows_.size() : tokens;
  if (state.query.rows() != tokens || state.middle.rows() != carried) {
    state = DecoderLayerState(config_, tokens, carried);
  }
  return state;
}

void DecoderPass::ToState(size_t layer, Matrix stream, DecoderLayerState& state) {
  const DecoderLayerWeights& weights = weights_.layers[layer];
  ThreadPool& pool = context_.pool;
  OwnedMatrix normed(stream.rows, stream.cols);
  RmsNorm(stream, weights.input_norm, epsilon_, normed, pool);
  TrainingApplyEach(
      context_, normed,
      {{weights.q_proj, state.query}, {weights.k_proj, state.key}, {weights.v_proj, state.value}});
  ApplyRotary(state.query, rotary_, pool);
  ApplyRotary(state.key, rotary_, pool);
  const OnePage keys(state.key);
  const OnePage values(state.value);
  Attention(state.query, keys.view(), values.view(), plan_, /*first_query=*/0, shape_,
            state.attended, state.log_sums, pool);
  TrainingApplyAdd(context_, weights.o_proj, state.attended, stream);

  if (Last(layer)) {
    GatherRows(stream, rows_, state.middle);
  } else {
    Copy(stream, state.middle);
  }
  const Matrix carried = normed.view().Rows(0, state.middle.rows());
  RmsNorm(state.middle, weights.post_attention_norm, epsilon_, carried, pool);
  TrainingApplyEach(context_, carried,
                    {{weights.gate_proj, state.gate}, {weights.up_proj, state.up}});
}

OwnedMatrix DecoderPass::Forward(Matrix x) {
  OwnedMatrix hidden(x.rows, config_.intermediate_size);
  OwnedMatrix out(rows_.size(), x.cols);
  for (size_t i = 0; i < weights_.layers.size(); ++i) {
    if (i >= lowest_) {
      inputs_[i] = OwnedMatrix(x.rows, x.cols);
      Copy(x, inputs_[i]);
    }
    DecoderLayerState& state = State(i);
    ToState(i, x, state);
    if (Last(i)) {
      Copy(state.middle, out);
      x = out;
    }
    const Matrix inside = hidden.view().Rows(0, x.rows);
    SiluMul(state.gate, state.up, inside, context_.pool);
    TrainingApplyAdd(context_, weights_.layers[i].down_proj, inside, x);
  }
  return out;
}

void DecoderPass::Backward(ConstMatrix grad_rows, Matrix grad_x) {
  if (lowest_ == weights_.layers.size()) return;
  const size_t tokens = rotary_.cos.rows();
  OwnedMatrix own(wants_input_ ? 0 : tokens, config_.hidden_size);
  const Matrix grad = wants_input_ ? grad_x : own.view();
  OwnedMatrix carried(rows_.size(), config_.hidden_size);
  Copy(grad_rows, carried);
  for (size_t i = weights_.layers.size(); i-- > lowest_;) {
    DecoderLayerState& state = State(i);
    if (!Kept(i)) {
      OwnedMatrix stream(tokens, config_.hidden_size);
      Copy(inputs_[i], stream);
      ToState(i, stream, state);
    }
    const DecoderLayerWeights& layer = weights_.layers[i];
    BackwardPerceptron(layer, state, Last(i) ? carried.view() : grad);
    if (Last(i)) {
      std::fill_n(grad.data, tokens * config_.hidden_size, 0.0f);
      ScatterAddRows(carried, rows_, grad);
    }
    BackwardAttention(layer, state, inputs_[i], grad, wants_input_ || i > lowest_);
    inputs_[i] = {};
    if (Kept(i)) state = {};
  }
}

void DecoderPass::BackwardPerceptron(const DecoderLayerWeights& layer, DecoderLayerState& state,
                                     Matrix grad) {
  ThreadPool& pool = context_.pool;
  OwnedMatrix hidden(grad.rows, config_.intermediate_size);
  OwnedMatrix grad_hidden(grad.rows, config_.intermediate_size);
  SiluMul(state.gate, state.up, hidden, pool);
  LinearBackward(context_, layer.down_proj, hidden, grad, grad_hidden, InputGradient::kOverwrite);
  // Gate and up have served; their gradients take their place.
  SiluMulBackward(grad_hidden, state.gate, state.up, state.gate, state.up, pool);

  OwnedMatrix normed(grad.rows, grad.cols);
  OwnedMatrix grad_normed(grad.rows, grad.cols);
  RmsNorm(state.middle, layer.post_attention_norm, epsilon_, normed, pool);
  LinearBackward(context_, layer.gate_proj, normed, state.gate, grad_normed,
                 InputGradient::kOverwrite);
  LinearBackward(context_, layer.up_proj, normed, state.up, grad_normed, InputGradient::kAdd);
  RmsNormBackward(grad_normed, state.middle, layer.post_attention_norm, epsilon_, grad,
                  context_.parameters.GradientOf(ConstVector(layer.post_attention_norm)), pool);
}

void DecoderPass::BackwardAttention(const DecoderLayerWeights& layer, DecoderLayerState& state,
                                    ConstMatrix input, Matrix grad, bool wants_input) {
  ThreadPool& pool = context_.pool;
  OwnedMatrix grad_attended(grad.rows, grad.cols);
  LinearBackward(context_, layer.o_proj, state.attended, grad, grad_attended,
                 InputGradient::kOverwrite);
  OwnedMatrix grad_query(grad.rows, grad.cols);
  OwnedMatrix grad_key(grad.rows, state.key.cols());
  OwnedMatrix grad_value(grad.rows, state.key.cols());
  AttentionBackward({state.query, state.key, state.value, state.attended, state.log_sums}, plan_,
                    shape_, grad_attended, grad_query, grad_key, grad_value, pool);
  ApplyRotaryBackward(grad_query, rotary_, pool);
  ApplyRotaryBackward(grad_key, rotary_, pool);

  const Vector grad_norm = context_.parameters.GradientOf(ConstVector(layer.input_norm));
  const bool wants_normed = wants_input || !grad_norm.empty();
  const auto first = wants_normed ? InputGradient::kOverwrite : InputGradient::kNotWanted;
  const auto next = wants_normed ? InputGradient::kAdd : InputGradient::kNotWanted;
  OwnedMatrix normed(grad.rows, grad.cols);
  RmsNorm(input, layer.input_norm, epsilon_, normed, pool);
  const OwnedMatrix& grad_normed = grad_attended;  // which has served
  LinearBackward(context_, layer.q_proj, normed, grad_query, grad_attended, first);
  LinearBackward(context_, layer.k_proj, normed, grad_key, grad_attended, next);
  LinearBackward(context_, layer.v_proj, normed, grad_value, grad_attended, next);
  if (wants_normed) {
    RmsNormBackward(grad_normed, input, layer.input_norm, epsilon_, grad, grad_norm, pool);
  }
}

}  // namespace roentgen
