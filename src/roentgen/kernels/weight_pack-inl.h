// Packing of the right operand of a matrix product: widened to f32 and laid so that the kernel
// loads the columns of the result at one depth as consecutive vectors. Included once per
// instruction set.

#if defined(ROENTGEN_KERNELS_WEIGHT_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ROENTGEN_KERNELS_WEIGHT_PACK_INL_H_
#undef ROENTGEN_KERNELS_WEIGHT_PACK_INL_H_
#else
#define ROENTGEN_KERNELS_WEIGHT_PACK_INL_H_
#endif

#include <hwy/highway.h>

#include <cstring>

#include "roentgen/kernels/fetch_lines.h"
#include "roentgen/kernels/scratch.h"
#include "roentgen/tensor/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace roentgen::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A matrix as it lies in memory.
struct StoredMatrix {
  const std::byte* data;
  size_t rows;
  size_t cols;
  size_t row_bytes;
  const QuantizedWeights* quantized = nullptr;  // then there is no data

  static StoredMatrix Of(const WeightMatrix& weight) {
    return {weight.data, weight.rows, weight.cols, weight.RowBytes(), weight.quantized};
  }
  static StoredMatrix Of(ConstMatrix x) {
    return {reinterpret_cast<const std::byte*>(x.data), x.rows, x.cols, x.stride * sizeof(float)};
  }
  const std::byte* Row(size_t row) const { return data + row * row_bytes; }
};

/// 16 bytes from each of Lanes(d)/4 addresses, `step` bytes apart, one after the other in a vector.
template <class D>
HWY_INLINE hn::Vec<D> GatherBlocks(D d, const std::byte* from, size_t step) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    const hn::Repartition<uint8_t, D> bytes;
    return hn::BitCast(d, hn::LoadU(bytes, reinterpret_cast<const uint8_t*>(from)));
  } else {
    const hn::Half<D> half;
    const std::byte* upper = from + hn::MaxLanes(half) / 4 * step;
    return hn::Combine(d, GatherBlocks(half, upper, step), GatherBlocks(half, from, step));
  }
}

// Store: how a 32-bit column (as many inputs as fit 32 bits, of consecutive outputs) becomes
// floats, kInputs vectors, one per input. Load: a vector of consecutive elements of a row, as
// floats.
struct WidenBf16 {
  static constexpr size_t kInputs = 2;
  template <class D, class VU>
  HWY_INLINE static void Store(D d, VU column, float* to, size_t input_stride) {
    hn::Store(hn::BitCast(d, hn::ShiftLeft<16>(column)), d, to);
    const VU high = hn::Set(hn::RebindToUnsigned<D>(), 0xffff0000u);
    hn::Store(hn::BitCast(d, hn::And(column, high)), d, to + input_stride);
  }
  template <class D>
  HWY_INLINE static hn::Vec<D> Load(D d, const std::byte* from) {
    const hn::RebindToUnsigned<D> du;
    const hn::Rebind<uint16_t, D> d16;
    const auto bits = hn::LoadU(d16, reinterpret_cast<const uint16_t*>(from));
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, bits)));
  }
  static float Scalar(const std::byte* from) {
    BFloat16 value;
    std::memcpy(&value, from, sizeof(value));
    return ToFloat(value);
  }
};

struct WidenF16 {
  static constexpr size_t kInputs = 2;
  template <class D, class VU>
  HWY_INLINE static void Store(D d, VU column, float* to, size_t input_stride) {
    const hn::Rebind<hwy::float16_t, D> d16;
    const hn::RebindToUnsigned<decltype(d16)> du16;
    const hn::RebindToUnsigned<D> du;
    const VU low = hn::And(column, hn::Set(du, 0xffffu));
    const VU high = hn::ShiftRight<16>(column);
    hn::Store(hn::PromoteTo(d, hn::BitCast(d16, hn::TruncateTo(du16, low))), d, to);
    hn::Store(hn::PromoteTo(d, hn::BitCast(d16, hn::TruncateTo(du16, high))), d, to + input_stride);
  }
  template <class D>
  HWY_INLINE static hn::Vec<D> Load(D d, const std::byte* from) {
    const hn::Rebind<uint16_t, D> d16;
    const hn::Rebind<hwy::float16_t, D> half;
    return hn::PromoteTo(
        d, hn::BitCast(half, hn::LoadU(d16, reinterpret_cast<const uint16_t*>(from))));
  }
  static float Scalar(const std::byte* from) {
    Float16 value;
    std::memcpy(&value, from, sizeof(value));
    return ToFloat(value);
  }
};

struct WidenF32 {
  static constexpr size_t kInputs = 1;
  template <class D, class VU>
  HWY_INLINE static void Store(D d, VU column, float* to, size_t /*input_stride*/) {
    hn::Store(hn::BitCast(d, column), d, to);
  }
  template <class D>
  HWY_INLINE static hn::Vec<D> Load(D d, const std::byte* from) {
    return hn::LoadU(d, reinterpret_cast<const float*>(from));
  }
  static float Scalar(const std::byte* from) {
    float value;
    std::memcpy(&value, from, sizeof(value));
    return value;
  }
};

/// For x Wᵀ: to[k · kUnit + r] = weight[row + r][begin + k] for r below kUnit = 2 vectors (0 past
/// the last row) and k below depth.
template <class Widen>
void PackRowUnit(const StoredMatrix& weight, size_t row, size_t begin, size_t depth, float* to) {
  const hn::ScalableTag<float> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const hn::Repartition<uint64_t, decltype(d)> du64;
  const size_t lanes = hn::Lanes(d);
  const size_t unit = 2 * lanes;
  constexpr size_t kElement = 4 / Widen::kInputs;      // bytes
  constexpr size_t kBlockInputs = 4 * Widen::kInputs;  // inputs in 16 bytes
  const size_t row_bytes = weight.row_bytes;
  const size_t rows = HWY_MIN(unit, weight.rows - row);
  size_t k = 0;
  if (rows == unit) {
    for (; k + kBlockInputs <= depth; k += kBlockInputs) {
      for (size_t part = 0; part < 2; ++part) {
        // Block b of vector i holds row 4·b + i, so that transposing 4×4 inside every block leaves
        // the rows of a column in order.
        const std::byte* from = weight.Row(row + part * lanes) + (begin + k) * kElement;
        const auto r0 = GatherBlocks(du, from, 4 * row_bytes);
        const auto r1 = GatherBlocks(du, from + row_bytes, 4 * row_bytes);
        const auto r2 = GatherBlocks(du, from + 2 * row_bytes, 4 * row_bytes);
        const auto r3 = GatherBlocks(du, from + 3 * row_bytes, 4 * row_bytes);
        const auto r01_low = hn::BitCast(du64, hn::InterleaveLower(du, r0, r1));
        const auto r23_low = hn::BitCast(du64, hn::InterleaveLower(du, r2, r3));
        const auto r01_high = hn::BitCast(du64, hn::InterleaveUpper(du, r0, r1));
        const auto r23_high = hn::BitCast(du64, hn::InterleaveUpper(du, r2, r3));
        float* out = to + k * unit + part * lanes;
        const size_t column = Widen::kInputs * unit;
        Widen::Store(d, hn::BitCast(du, hn::InterleaveLower(du64, r01_low, r23_low)), out, unit);
        Widen::Store(d, hn::BitCast(du, hn::InterleaveUpper(du64, r01_low, r23_low)), out + column,
                     unit);
        Widen::Store(d, hn::BitCast(du, hn::InterleaveLower(du64, r01_high, r23_high)),
                     out + 2 * column, unit);
        Widen::Store(d, hn::BitCast(du, hn::InterleaveUpper(du64, r01_high, r23_high)),
                     out + 3 * column, unit);
      }
    }
  }
  for (; k < depth; ++k) {
    for (size_t r = 0; r < unit; ++r) {
      to[k * unit + r] =
          r < rows ? Widen::Scalar(weight.Row(row + r) + (begin + k) * kElement) : 0.0f;
    }
  }
}

/// PackRowUnit for `units` units of rows from first_unit on, one packed unit after the other.
template <class Widen>
void PackRows(const StoredMatrix& weight, size_t first_unit, size_t units, size_t begin,
              size_t depth, float* to) {
  const size_t unit = 2 * hn::Lanes(hn::ScalableTag<float>());
  for (size_t u = 0; u < units; ++u) {
    PackRowUnit<Widen>(weight, (first_unit + u) * unit, begin, depth, to + u * unit * depth);
  }
}

/// For x W: to[(u · depth + k) · kUnit + c] = matrix[begin + k][(first_unit + u) · kUnit + c], 0
/// past the last column. Row by row; what is taken of a row is too short for the processor to
/// foresee the next one, so that is fetched some rows ahead (on Zen 3 twice as fast).
template <class Widen>
void PackColumns(const StoredMatrix& matrix, size_t first_unit, size_t units, size_t begin,
                 size_t depth, float* to) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  const size_t unit = 2 * lanes;
  constexpr size_t kElement = 4 / Widen::kInputs;  // bytes
  const size_t first = first_unit * unit;
  const size_t whole = HWY_MIN(units, (matrix.cols - first) / unit);
  constexpr size_t kRowsAhead = 8;
  for (size_t k = 0; k < depth; ++k) {
    const std::byte* const row = matrix.Row(begin + k) + first * kElement;
    if (k + kRowsAhead < depth) {
      FetchLines(row + kRowsAhead * matrix.row_bytes, whole * unit * kElement);
    }
    for (size_t u = 0; u < whole; ++u) {
      float* const out = to + (u * depth + k) * unit;
      hn::Store(Widen::Load(d, row + u * unit * kElement), d, out);
      hn::Store(Widen::Load(d, row + (u * unit + lanes) * kElement), d, out + lanes);
    }
    if (whole == units) continue;
    float* const out = to + (whole * depth + k) * unit;
    const size_t rest = matrix.cols - first - whole * unit;
    for (size_t c = 0; c < unit; ++c) {
      out[c] = c < rest ? Widen::Scalar(row + (whole * unit + c) * kElement) : 0.0f;
    }
  }
}

/// Part of a quantised matrix, widened: rows [row, row + rows), columns [begin, begin + cols).
inline StoredMatrix WidenPart(const StoredMatrix& matrix, size_t row, size_t rows, size_t begin,
                              size_t cols) {
  static thread_local Scratch scratch;
  float* const values = scratch.Floats(rows * cols);
  for (size_t r = 0; r < rows; ++r) {
    matrix.quantized->Widen(row + r, begin, {values + r * cols, cols});
  }
  return StoredMatrix::Of(ConstMatrix{values, rows, cols, cols});
}

/// PackRows of a quantised matrix.
inline void PackQuantizedRows(const StoredMatrix& weight, size_t first_unit, size_t units,
                              size_t begin, size_t depth, float* to) {
  const size_t unit = 2 * hn::Lanes(hn::ScalableTag<float>());
  for (size_t u = 0; u < units; ++u) {
    const size_t row = (first_unit + u) * unit;
    const size_t rows = HWY_MIN(unit, weight.rows - row);
    PackRowUnit<WidenF32>(WidenPart(weight, row, rows, begin, depth), 0, 0, depth,
                          to + u * unit * depth);
  }
}

/// PackColumns of a quantised matrix.
inline void PackQuantizedColumns(const StoredMatrix& matrix, size_t first_unit, size_t units,
                                 size_t begin, size_t depth, float* to) {
  const size_t unit = 2 * hn::Lanes(hn::ScalableTag<float>());
  const size_t first = first_unit * unit;
  const size_t cols = HWY_MIN(units * unit, matrix.cols - first);
  PackColumns<WidenF32>(WidenPart(matrix, begin, depth, first, cols), 0, units, 0, depth, to);
}

}  // namespace roentgen::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // per-target include guard
