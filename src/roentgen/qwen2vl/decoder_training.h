#pragma once

#include <span>
#include <vector>

#include "roentgen/kernels/attention.h"
#include "roentgen/kernels/rotary.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/linear_training.h"
#include "roentgen/qwen2vl/positions.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

/// What the gradient of a decoder layer needs of its forward pass besides the layer's input; the
/// rest (normed values, the MLP's inside) is cheap to have again.
struct DecoderLayerState {
  DecoderLayerState() = default;
  DecoderLayerState(const ModelConfig& config, size_t tokens, size_t carried_rows);
  /// What one with these sizes takes.
  static size_t Bytes(const ModelConfig& config, size_t tokens, size_t carried_rows);

  OwnedMatrix query;     // [tokens, hidden_size], rotated
  OwnedMatrix key;       // [tokens, key_value_width], rotated
  OwnedMatrix value;     // [tokens, key_value_width]
  OwnedMatrix attended;  // [tokens, hidden_size]
  OwnedMatrix log_sums;  // [tokens, heads]
  OwnedMatrix middle;    // [carried, hidden_size]: the residual stream between the halves
  OwnedMatrix gate;      // [carried, intermediate_size]
  OwnedMatrix up;        // [carried, intermediate_size]
};

/// One run of tokens through all layers and back. Of the last layer only the rows that somebody
/// looks at go through the MLP.
class DecoderPass {
 public:
  /// rows         distinct tokens whose output is wanted
  /// kept_layers  as many layers, the last ones, keep their states; of the others the backward pass
  ///              has only the inputs and computes the states again
  /// wants_input  whether Backward shall give the gradient of x
  /// All references must live as long as the pass.
  DecoderPass(const PassContext& context, const ModelConfig& config, const ModelWeights& weights,
              std::span<const Position> positions, std::span<const Segment> plan,
              std::span<const size_t> rows, size_t kept_layers, bool wants_input);

  /// x [tokens, hidden_size] embeddings, which become scratch; returns the residual stream before
  /// the final norm [rows, hidden_size].
  OwnedMatrix Forward(Matrix x);

  /// From the gradient of Forward's result to those of all trained tensors and, where it was
  /// wanted, of x [tokens, hidden_size] (else not written). Once per Forward.
  void Backward(ConstMatrix grad_rows, Matrix grad_x);

  /// The lowest layer that Backward reaches, the number of layers when it reaches none.
  static size_t LowestLayer(const TrainedParameters& parameters, const ModelWeights& weights,
                            bool wants_input);
  /// The most of LinearScratch (linear_training.h) over all linears.
  static size_t AdapterScratch(const TrainedParameters& parameters, const ModelWeights& weights,
                               bool dropout);

 private:
  bool Last(size_t layer) const { return layer + 1 == weights_.layers.size(); }
  bool Kept(size_t layer) const { return layer + kept_ >= weights_.layers.size(); }
  DecoderLayerState& State(size_t layer);
  /// The layer's forward pass up to its state. stream: the residual stream, input in, middle out
  /// (for the last layer the state has its rows).
  void ToState(size_t layer, Matrix stream, DecoderLayerState& state);
  void BackwardPerceptron(const DecoderLayerWeights& layer, DecoderLayerState& state, Matrix grad);
  void BackwardAttention(const DecoderLayerWeights& layer, DecoderLayerState& state,
                         ConstMatrix input, Matrix grad, bool wants_input);

  const PassContext& context_;
  const ModelConfig& config_;
  const ModelWeights& weights_;
  std::span<const Segment> plan_;
  std::span<const size_t> rows_;
  size_t kept_;
  bool wants_input_;
  size_t lowest_;
  AttentionShape shape_;
  float epsilon_;
  RotaryTable rotary_;
  std::vector<OwnedMatrix> inputs_;        // of every layer from lowest_ on
  std::vector<DecoderLayerState> states_;  // of every kept layer
  DecoderLayerState shared_;               // of one of the others
};

/// to[i] = from[rows[i]], and back: to[rows[i]] += from[i].
void GatherRows(ConstMatrix from, std::span<const size_t> rows, Matrix to);
void ScatterAddRows(ConstMatrix from, std::span<const size_t> rows, Matrix to);

}  // namespace roentgen
