#include "roentgen/qwen2vl/quantize.h"

#include <algorithm>

#include "roentgen/tensor/nf4_weights.h"
#include "roentgen/tensor/widen_row.h"

namespace roentgen {
namespace {

std::shared_ptr<const QuantizedWeights> Quantize(const WeightMatrix& weight,
                                                 bool double_quantization) {
  const OwnedMatrix values(weight.rows, weight.cols);
  for (size_t row = 0; row < weight.rows; ++row) {
    WidenRow(weight, row, 0, {values.data() + row * weight.cols, weight.cols});
  }
  return std::make_shared<Nf4Weights>(ConstVector(values.data(), values.size()), weight.cols,
                                      double_quantization);
}

}  // namespace

void QuantizeLinears(ModelWeights& weights, bool double_quantization, ThreadPool& pool,
                     const Progress& progress) {
  std::vector<Linear*> linears;
  VisitLinears(weights, [&](const std::string&, Linear& linear) { linears.push_back(&linear); });
  const size_t team = static_cast<size_t>(pool.threads());
  for (size_t done = 0; done < linears.size();) {
    const size_t count = std::min(team, linears.size() - done);
    std::vector<std::shared_ptr<const QuantizedWeights>> quantized(count);
    pool.ForEach(count, [&](size_t i, int) {
      const WeightMatrix& weight = linears[done + i]->weight;
      quantized[i] = Quantize(weight, double_quantization);
      weights.source->Evict({weight.data, weight.bytes()});
    });
    for (size_t i = 0; i < count; ++i) {
      WeightMatrix& weight = linears[done + i]->weight;
      weight = {DType::kF32, nullptr, weight.rows, weight.cols, quantized[i].get()};
      weights.quantized.push_back(std::move(quantized[i]));
    }
    done += count;
    Report(progress, "Quantising", done, linears.size());
  }
}

}  // namespace roentgen
