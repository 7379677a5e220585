#include "roentgen/qwen2vl/head_loss.h"

#include <algorithm>

#include "roentgen/kernels/cross_entropy.h"
#include "roentgen/kernels/matmul.h"

namespace roentgen {
namespace {

/// Calls work(begin, logits) with the logits of rows from begin on, block by block.
template <class Work>
void ForLogits(const ModelWeights& weights, ConstMatrix normed, ThreadPool& pool,
               const Work& work) {
  OwnedMatrix memory(std::min(kHeadRows, normed.rows), weights.lm_head.rows);
  for (size_t begin = 0; begin < normed.rows; begin += kHeadRows) {
    const size_t rows = std::min(kHeadRows, normed.rows - begin);
    const Matrix logits = memory.view().Rows(0, rows);
    MatMul(normed.Rows(begin, rows), weights.lm_head, {}, logits, pool);
    work(begin, logits);
  }
}

}  // namespace

std::vector<float> HeadLoss(const ModelWeights& weights, ConstMatrix normed,
                            std::span<const int32_t> labels, ThreadPool& pool) {
  std::vector<float> nll(labels.size());
  ForLogits(weights, normed, pool, [&](size_t begin, Matrix logits) {
    CrossEntropy(logits, labels.subspan(begin, logits.rows),
                 Vector(nll).subspan(begin, logits.rows), pool);
  });
  return nll;
}

std::vector<float> HeadLossBackward(const PassContext& context, const ModelWeights& weights,
                                    ConstMatrix normed, std::span<const int32_t> labels,
                                    ConstVector label_weights, Matrix grad_normed) {
  ThreadPool& pool = context.pool;
  const Matrix grad_head = context.parameters.GradientOf(weights.lm_head);
  std::vector<float> nll(labels.size());
  ForLogits(weights, normed, pool, [&](size_t begin, Matrix logits) {
    const size_t rows = logits.rows;
    CrossEntropyBackward(logits, labels.subspan(begin, rows), label_weights.subspan(begin, rows),
                         Vector(nll).subspan(begin, rows), pool);
    MatMulBackwardInput(logits, weights.lm_head, grad_normed.Rows(begin, rows), pool);
    if (grad_head.data != nullptr) {
      MatMulBackwardWeight(logits, normed.Rows(begin, rows), grad_head, pool);
    }
  });
  return nll;
}

}  // namespace roentgen
