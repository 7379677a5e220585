#include "roentgen/imaging/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr double kSupport = 2;  // the filter is 0 from here on
constexpr int kFractionBits = 22;

/// Keys' cubic convolution with a = −0.5, in Pillow's order of operations.
double Bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// Which input samples make output sample i, and with what weights: taps(i) of them from first[i]
/// on, weights at i · stride.
template <class Weight>
struct Filter {
  std::vector<int> first;
  std::vector<int> taps;
  size_t stride = 0;
  std::vector<Weight> weights;

  std::span<const Weight> Weights(size_t i) const {
    return {weights.data() + i * stride, static_cast<size_t>(taps[i])};
  }
};

/// precompute_coeffs of Pillow's Resample.c, restated.
Filter<double> MakeFilter(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  const double support = kSupport * stretch;
  Filter<double> filter;
  filter.stride = static_cast<size_t>(std::ceil(support)) * 2 + 1;
  filter.weights.resize(filter.stride * static_cast<size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    const double left = center - support + 0.5;
    const double right = center + support + 0.5;
    const int first = std::max(0, static_cast<int>(left));
    const int end = std::min(from, static_cast<int>(right));
    double* weights = filter.weights.data() + static_cast<size_t>(i) * filter.stride;
    double sum = 0;
    for (int k = 0; k < end - first; ++k) {
      weights[k] = Bicubic((k + first - center + 0.5) * (1 / stretch));
      sum += weights[k];
    }
    if (sum != 0) {
      for (int k = 0; k < end - first; ++k) weights[k] /= sum;
    }
    filter.first.push_back(first);
    filter.taps.push_back(end - first);
  }
  return filter;
}

Filter<int32_t> ToFixedPoint(const Filter<double>& filter) {
  Filter<int32_t> fixed{filter.first, filter.taps, filter.stride, {}};
  fixed.weights.reserve(filter.weights.size());
  for (const double weight : filter.weights) {
    const double scaled = weight * (1 << kFractionBits);
    fixed.weights.push_back(static_cast<int32_t>(scaled + (scaled < 0 ? -0.5 : 0.5)));
  }
  return fixed;
}

/// out[j] = round(Σ_t weights[t] · in[t · step + j]) for j < lanes. With a constant for lanes the
/// sums stay in vector registers.
inline void WeightedSums(const uint8_t* in, size_t step, std::span<const int32_t> weights,
                         uint8_t* out, size_t lanes) {
  constexpr size_t kMaxLanes = 64;
  int32_t sums[kMaxLanes];
  for (size_t j = 0; j < lanes; ++j) sums[j] = 1 << (kFractionBits - 1);
  for (const int32_t weight : weights) {
    for (size_t j = 0; j < lanes; ++j) sums[j] += weight * in[j];
    in += step;
  }
  for (size_t j = 0; j < lanes; ++j) {
    out[j] = static_cast<uint8_t>(std::clamp(sums[j] >> kFractionBits, 0, 255));
  }
}

/// The kernel over any number of lanes.
void WeightedRow(const uint8_t* in, size_t step, std::span<const int32_t> weights, uint8_t* out,
                 size_t lanes) {
  constexpr size_t kBlock = 32;
  size_t j = 0;
  for (; j + kBlock <= lanes; j += kBlock) WeightedSums(in + j, step, weights, out + j, kBlock);
  if (j < lanes) WeightedSums(in + j, step, weights, out + j, lanes - j);
}

std::vector<uint8_t> VerticalPass(std::span<const uint8_t> in, Size size, int channels,
                                  int height) {
  const Filter<int32_t> filter = ToFixedPoint(MakeFilter(size.height, height));
  const size_t row = static_cast<size_t>(size.width) * static_cast<size_t>(channels);
  std::vector<uint8_t> out(row * static_cast<size_t>(height));
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    WeightedRow(in.data() + static_cast<size_t>(filter.first[y]) * row, row, filter.Weights(y),
                out.data() + y * row, row);
  }
  return out;
}

/// Turns `rows` rows of `columns` bytes into columns of kBand bytes each.
constexpr size_t kBand = 16;
void Transpose(const uint8_t* in, size_t rows, size_t columns, uint8_t* out) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) out[c * kBand + r] = in[r * columns + c];
  }
}
void TransposeBack(const uint8_t* in, size_t rows, size_t columns, uint8_t* out) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) out[r * columns + c] = in[c * kBand + r];
  }
}

/// Bands of rows are turned on their side, so that here too neighbouring bytes share a weight.
std::vector<uint8_t> HorizontalPass(std::span<const uint8_t> in, Size size, int channels,
                                    int width) {
  const Filter<int32_t> filter = ToFixedPoint(MakeFilter(size.width, width));
  const auto pixel = static_cast<size_t>(channels);
  const size_t in_row = static_cast<size_t>(size.width) * pixel;
  const size_t out_row = static_cast<size_t>(width) * pixel;
  const auto height = static_cast<size_t>(size.height);
  std::vector<uint8_t> out(out_row * height);
  std::vector<uint8_t> band_in(in_row * kBand);
  std::vector<uint8_t> band_out(out_row * kBand);
  for (size_t y = 0; y < height; y += kBand) {
    const size_t rows = std::min(kBand, height - y);
    Transpose(in.data() + y * in_row, rows, in_row, band_in.data());
    for (size_t x = 0; x < static_cast<size_t>(width); ++x) {
      WeightedRow(band_in.data() + static_cast<size_t>(filter.first[x]) * pixel * kBand,
                  pixel * kBand, filter.Weights(x), band_out.data() + x * pixel * kBand,
                  pixel * kBand);
    }
    TransposeBack(band_out.data(), rows, out_row, out.data() + y * out_row);
  }
  return out;
}

/// A sum as a sample: a float as it is, a whole number rounded half away from zero.
template <class T>
T RoundTo(double value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    const double rounded = value >= 0 ? std::floor(value + 0.5) : -std::floor(-value + 0.5);
    return static_cast<T>(
        std::clamp<double>(rounded, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
}

/// One pass over grey of more than 8 bits: `count` lines that lie line_step apart, their samples
/// sample_step.
struct Lines {
  size_t count;
  size_t line_step;
  size_t sample_step;
};
template <class T>
void FilterLines(std::span<const T> in, Lines from, std::vector<T>& out, Lines to,
                 const Filter<double>& filter) {
  for (size_t line = 0; line < from.count; ++line) {
    for (size_t i = 0; i < filter.first.size(); ++i) {
      double sum = 0;
      size_t at = line * from.line_step + static_cast<size_t>(filter.first[i]) * from.sample_step;
      for (const double weight : filter.Weights(i)) {
        sum += static_cast<double>(in[at]) * weight;
        at += from.sample_step;
      }
      out[line * to.line_step + i * to.sample_step] = RoundTo<T>(sum);
    }
  }
}

template <class T>
std::vector<T> VerticalPass(std::span<const T> in, Size size, int, int height) {
  const auto width = static_cast<size_t>(size.width);
  std::vector<T> out(width * static_cast<size_t>(height));
  FilterLines(in, {width, 1, width}, out, {width, 1, width}, MakeFilter(size.height, height));
  return out;
}

template <class T>
std::vector<T> HorizontalPass(std::span<const T> in, Size size, int, int width) {
  const auto height = static_cast<size_t>(size.height);
  std::vector<T> out(static_cast<size_t>(width) * height);
  FilterLines(in, {height, static_cast<size_t>(size.width), 1}, out,
              {height, static_cast<size_t>(width), 1}, MakeFilter(size.width, width));
  return out;
}

void CheckSizes(size_t samples, Size from, int channels, Size to) {
  if (from.width < 1 || from.height < 1 || to.width < 1 || to.height < 1 || channels < 1 ||
      channels > 4) {
    throw ShapeError(fmt::format("cannot resize {} × {} pixels of {} channels to {} × {}",
                                 from.width, from.height, channels, to.width, to.height));
  }
  const size_t expected = static_cast<size_t>(from.width) * static_cast<size_t>(from.height) *
                          static_cast<size_t>(channels);
  if (samples != expected) {
    throw ShapeError(fmt::format("{} × {} pixels of {} channels need {} samples, there are {}",
                                 from.width, from.height, channels, expected, samples));
  }
}

template <class T>
std::vector<T> TwoPasses(std::span<const T> pixels, Size from, int channels, Size to,
                         PassOrder order) {
  CheckSizes(pixels.size(), from, channels, to);
  // In 64 bits: the difference of columns, doubled, may not fit an int.
  const bool vertical_first =
      order == PassOrder::kPillow13 && to.height < from.height &&
      from.height - to.height > 2 * (static_cast<int64_t>(from.width) - to.width);
  std::vector<T> result;
  Size size = from;
  const auto current = [&] { return size == from ? pixels : std::span<const T>(result); };
  const auto horizontal = [&] {
    if (to.width == size.width) return;
    result = HorizontalPass(current(), size, channels, to.width);
    size.width = to.width;
  };
  const auto vertical = [&] {
    if (to.height == size.height) return;
    result = VerticalPass(current(), size, channels, to.height);
    size.height = to.height;
  };
  if (vertical_first) vertical();
  horizontal();
  vertical();
  if (size == from) result.assign(pixels.begin(), pixels.end());
  return result;
}

template <class T>
std::vector<double> ResizeNumbersAs(std::span<const double> numbers, Size from, Size to,
                                    PassOrder order) {
  std::vector<T> samples;
  samples.reserve(numbers.size());
  for (const double value : numbers) samples.push_back(RoundTo<T>(value));
  const std::vector<T> resized = TwoPasses(std::span<const T>(samples), from, 1, to, order);
  return {resized.begin(), resized.end()};
}

}  // namespace

std::vector<uint8_t> ResizeBicubic(std::span<const uint8_t> pixels, Size from, int channels,
                                   Size to, PassOrder order) {
  return TwoPasses(pixels, from, channels, to, order);
}

std::vector<uint16_t> ResizeBicubic(std::span<const uint16_t> pixels, Size from, Size to,
                                    PassOrder order) {
  return TwoPasses(pixels, from, 1, to, order);
}

std::vector<double> ResizeBicubic(std::span<const double> numbers, bool whole, Size from, Size to,
                                  PassOrder order) {
  return whole ? ResizeNumbersAs<int32_t>(numbers, from, to, order)
               : ResizeNumbersAs<float>(numbers, from, to, order);
}

Image ResizeBicubic(const Image& image, Size to, PassOrder order) {
  return {to.width, to.height,
          ResizeBicubic(std::span<const uint8_t>(image.rgb), image.size(), 3, to, order),
          image.provenance};
}

std::vector<uint8_t> ResizeNearest(std::span<const uint8_t> pixels, Size from, Size to) {
  CheckSizes(pixels.size(), from, 1, to);
  // Pillow adds up the places one by one; so must we, to fall on the same side of an edge.
  const auto places = [](int in, int out) {
    std::vector<size_t> result;
    const double step = static_cast<double>(in) / out;
    double place = step * 0.5;
    for (int i = 0; i < out; ++i, place += step) {
      result.push_back(static_cast<size_t>(std::min(static_cast<int>(place), in - 1)));
    }
    return result;
  };
  const std::vector<size_t> columns = places(from.width, to.width);
  std::vector<uint8_t> result;
  result.reserve(columns.size() * static_cast<size_t>(to.height));
  for (const size_t y : places(from.height, to.height)) {
    const uint8_t* row = pixels.data() + y * static_cast<size_t>(from.width);
    for (const size_t x : columns) result.push_back(row[x]);
  }
  return result;
}

}  // namespace roentgen
