#pragma once

#include "roentgen/tensor/nf4.h"
#include "roentgen/tensor/quantized_weights.h"

namespace roentgen {

/// A weight matrix in NormalFloat 4, packed as bitsandbytes packs it: 4.5 bits a value, 4.13 with
/// double quantisation, whose values are those of DequantizeNf4 bit for bit.
class Nf4Weights : public QuantizedWeights {
 public:
  /// values: rows of `cols`, one after the other; blocks of 64 go on over the ends of rows.
  Nf4Weights(ConstVector values, size_t cols, bool double_quantization);

  void Widen(size_t row, size_t begin, Vector out) const override;
  std::vector<std::span<const std::byte>> Parts() const override;

 private:
  size_t cols_;
  Nf4Values values_;        // without absmax where scales_ are quantised too
  QuantizedScales scales_;  // empty without double quantisation
};

}  // namespace roentgen
