#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "roentgen/tensor/buffer.h"
#include "roentgen/tensor/dtype.h"
#include "roentgen/tensor/quantized_weights.h"

namespace roentgen {

using Vector = std::span<float>;
using ConstVector = std::span<const float>;

/// A view of rows × cols floats; consecutive rows are stride elements apart (stride ≥ cols).
template <class T>
struct BasicMatrix {
  T* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;

  T* Row(size_t row) const { return data + row * stride; }
  /// Rows [begin, begin + count).
  BasicMatrix Rows(size_t begin, size_t count) const { return {Row(begin), count, cols, stride}; }
  /// Columns [begin, begin + count) of every row. Without rows there may be no data to point into.
  BasicMatrix Cols(size_t begin, size_t count) const {
    return {data == nullptr ? nullptr : data + begin, rows, count, stride};
  }

  operator BasicMatrix<const T>() const { return {data, rows, cols, stride}; }
};

using Matrix = BasicMatrix<float>;
using ConstMatrix = BasicMatrix<const float>;

/// Owns rows × cols floats without gaps between rows, uninitialised.
class OwnedMatrix {
 public:
  OwnedMatrix() = default;
  OwnedMatrix(size_t rows, size_t cols)
      : OwnedMatrix(AlignedBytes(rows * cols * sizeof(float)), rows, cols) {}
  /// In memory that is there already.
  OwnedMatrix(AlignedBytes bytes, size_t rows, size_t cols)
      : bytes_(std::move(bytes)), rows_(rows), cols_(cols) {}

  float* data() const { return reinterpret_cast<float*>(bytes_.data()); }
  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t size() const { return rows_ * cols_; }

  Matrix view() { return {data(), rows_, cols_, cols_}; }
  ConstMatrix view() const { return {data(), rows_, cols_, cols_}; }
  operator Matrix() { return view(); }
  operator ConstMatrix() const { return view(); }

 private:
  AlignedBytes bytes_;
  size_t rows_ = 0;
  size_t cols_ = 0;
};

/// A weight matrix [rows = outputs, cols = inputs], row-major without gaps, in the type that its
/// file has (F32, F16 or BF16), or quantised. Does not own its memory, which need not be aligned.
struct WeightMatrix {
  DType dtype = DType::kF32;
  const std::byte* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  const QuantizedWeights* quantized = nullptr;  // then there is no data, and dtype means nothing

  size_t RowBytes() const { return cols * DTypeSize(dtype); }
  const std::byte* Row(size_t row) const { return data + row * RowBytes(); }
  /// What the values take in memory.
  size_t bytes() const { return quantized != nullptr ? quantized->bytes() : rows * RowBytes(); }
};

/// The same values as weights. x has no gaps between rows.
inline WeightMatrix AsWeights(ConstMatrix x) {
  return {DType::kF32, reinterpret_cast<const std::byte*>(x.data), x.rows, x.cols};
}

}  // namespace roentgen
