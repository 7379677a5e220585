#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/matrix.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen {

/// A tensor that is trained. Its memory must stay where it is.
struct OptimizedTensor {
  std::string name;      ///< unique; what its state is saved under
  Vector value;          ///< f32 master
  ConstVector gradient;  ///< as long as value
  bool decay = true;     ///< whether weight decay applies: to all but biases and norms
  double lr_ratio = 1;   ///< of the schedule's learning rate (LoRA+)
};

/// The ratio for a tensor of an adapter with LoRA+ (Hayou et al. 2024) as LLaMA-Factory groups
/// them: lora_B matrices, and DoRA's magnitudes with them, learn `loraplus_lr_ratio` times as fast.
double LoraPlusRatio(const std::string& name, double loraplus_lr_ratio);

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
};

/// √(Σ g²) over all gradients, summed in double. Bit-identical for any number of threads.
double GradientNorm(std::span<const OptimizedTensor> tensors, ThreadPool& pool);

/// What gradients are multiplied by so that their norm is at most max_norm (0: no limit):
/// min(1, max_norm / (norm + 1e-6)), as torch's clip_grad_norm_.
float ClipFactor(double norm, double max_norm);

/// AdamW with decoupled weight decay (Loshchilov & Hutter 2019) as torch.optim.AdamW does it in
/// f32; for step t from 1:
///
///   p ← p · (1 − lr · weight_decay)
///   m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
///   p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
class AdamW {
 public:
  AdamW(std::vector<OptimizedTensor> tensors, const AdamWOptions& options);

  std::span<const OptimizedTensor> tensors() const { return tensors_; }
  /// Steps that were done.
  uint64_t steps() const { return steps_; }

  /// One step with gradients times gradient_scale.
  void Step(double learning_rate, float gradient_scale, ThreadPool& pool);

  /// m and v of every tensor as "NAME.m" and "NAME.v", and the number of steps: what Restore needs
  /// to go on bit-identically. The views are into the optimiser.
  std::vector<std::pair<std::string, TensorView>> State() const;
  std::map<std::string, std::string> Metadata() const;
  /// Throws Error, naming the file and the tensor, and leaves everything as it was, when the file
  /// is not the state of such tensors.
  void Restore(const Safetensors& file);

 private:
  struct Moments {
    std::vector<float> m;
    std::vector<float> v;
  };

  std::vector<OptimizedTensor> tensors_;
  std::vector<Moments> moments_;
  AdamWOptions options_;
  uint64_t steps_ = 0;
};

}  // namespace roentgen
