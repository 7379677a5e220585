#include "roentgen/imaging/dicom_grey.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

using namespace dicom_tag;

uint8_t ToByte(double value) {
  if (value >= 255) return 255;
  return value > 0 ? static_cast<uint8_t>(std::floor(value + 0.5)) : 0;
}

/// The part of a file that says something of a frame: the file itself where it has a value for the
/// key, else the frame's functional group, else the one that all share. Null: nobody says it.
const DicomDataset* Functional(const DicomDataset& dataset, size_t frame, uint32_t sequence,
                               uint32_t key) {
  if (!dataset.Text(key).empty()) return &dataset;
  const DicomElement* frames = dataset.Find(kPerFrameFunctionalGroups);
  const DicomDataset* own =
      frames != nullptr && frame < frames->items.size() ? &frames->items[frame] : nullptr;
  for (const DicomDataset* group : {own, dataset.FirstItem(kSharedFunctionalGroups)}) {
    if (group == nullptr) continue;
    const DicomDataset* item = group->FirstItem(sequence);
    if (item != nullptr && !item->Text(key).empty()) return item;
  }
  return nullptr;
}

/// Nothing where the value is absent or empty.
std::optional<double> RescaleNumber(const DicomDataset* dataset, uint32_t tag, const char* name) {
  if (dataset == nullptr || dataset->Text(tag).empty()) return std::nullopt;
  const std::optional<double> number = dataset->FirstNumber(tag);
  if (number) return number;
  // What stands there instead may be anything, a name too: it is not repeated.
  throw Error(fmt::format("its {} is no number", name),
              "Without it the values have no units. Correct it, or export the image as PNG.");
}

/// A frame's values in the units of the modality, and those that can occur.
struct ModalityValues {
  std::vector<double> values;
  ValueRange possible;
};

/// Floating-point pixels may be no numbers, or infinite: they become the lowest or highest that is.
void SettleNonFinite(std::vector<double>& values, DicomGrey& grey) {
  ValueRange finite{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    finite = {std::min(finite.low, value), std::max(finite.high, value)};
  }
  if (finite.low > finite.high) throw Error("none of its pixels is a finite number");
  size_t settled = 0;
  for (double& value : values) {
    if (std::isfinite(value)) continue;
    value = value > 0 ? finite.high : finite.low;
    ++settled;
  }
  if (settled > 0) {
    grey.notes.push_back(fmt::format("{} pixels are no finite numbers", settled));
  }
}

ModalityValues ToModality(const DicomDataset& dataset, const DicomFrame& pixels, size_t frame,
                          DicomGrey& grey) {
  ModalityValues result{std::vector<double>(pixels.size()), StoredRange(pixels)};
  std::vector<double>& values = result.values;
  for (size_t i = 0; i < values.size(); ++i) values[i] = pixels.Value(i);
  if (!pixels.real.empty()) SettleNonFinite(values, grey);
  if (const DicomDataset* item = dataset.FirstItem(kModalityLutSequence)) {
    const DicomLut lut = ReadDicomLut(*item, result.possible);
    if (!lut.entries.empty()) {
      for (double& value : values) value = lut.At(value);
      result.possible = {0, std::exp2(lut.bits) - 1};
      return result;
    }
  }
  const DicomDataset* source =
      Functional(dataset, frame, kPixelValueTransformationSequence, kRescaleSlope);
  const std::optional<double> slope = RescaleNumber(source, kRescaleSlope, "Rescale Slope");
  const std::optional<double> intercept =
      RescaleNumber(source, kRescaleIntercept, "Rescale Intercept");
  if (slope && intercept) {
    for (double& value : values) value = value * *slope + *intercept;
    const double a = result.possible.low * *slope + *intercept;
    const double b = result.possible.high * *slope + *intercept;
    result.possible = {std::min(a, b), std::max(a, b)};
  }
  return result;
}

/// PS3.3, C.11.2.1.2 and C.11.2.1.3.
struct WindowFunction {
  enum class Shape { kLinear, kLinearExact, kSigmoid };
  DicomWindow window;
  Shape shape = Shape::kLinear;

  uint8_t operator()(double x) const {
    const auto [center, width] = window;
    switch (shape) {
      case Shape::kLinearExact:
        if (x <= center - width / 2) return 0;
        if (x > center + width / 2) return 255;
        return ToByte(((x - center) / width + 0.5) * 255);
      case Shape::kSigmoid:
        return ToByte(255 / (1 + std::exp(-4 * (x - center) / width)));
      default:
        if (x <= center - 0.5 - (width - 1) / 2) return 0;
        if (x > center - 0.5 + (width - 1) / 2) return 255;
        return ToByte(((x - (center - 0.5)) / (width - 1) + 0.5) * 255);
    }
  }
};

WindowFunction::Shape ReadShape(const DicomDataset& source, DicomGrey& grey) {
  std::string name = source.Text(kVoiLutFunction);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (name == "LINEAR_EXACT") return WindowFunction::Shape::kLinearExact;
  if (name == "SIGMOID") return WindowFunction::Shape::kSigmoid;
  if (!name.empty() && name != "LINEAR") {
    grey.notes.emplace_back("its VOI LUT Function is no known term; LINEAR is used");
  }
  return WindowFunction::Shape::kLinear;
}

/// The first window of the file; nothing where it has none that means something.
std::optional<WindowFunction> FileWindow(const DicomDataset& dataset, size_t frame,
                                         DicomGrey& grey) {
  const DicomDataset* source = Functional(dataset, frame, kFrameVoiLutSequence, kWindowWidth);
  if (source == nullptr) source = &dataset;  // which may have a center alone
  if (source->Text(kWindowCenter).empty() && source->Text(kWindowWidth).empty()) {
    return std::nullopt;
  }
  const std::optional<double> center = source->FirstNumber(kWindowCenter);
  const std::optional<double> width = source->FirstNumber(kWindowWidth);
  if (!center || !width || *width <= 0) {
    grey.notes.push_back(fmt::format(
        "the file's window cannot be used: {}; the range of values is shown",
        center && width ? fmt::format("its width is {:g}", *width) : "it is no pair of numbers"));
    return std::nullopt;
  }
  WindowFunction function{{*center, *width}, ReadShape(*source, grey)};
  if (*width < 1 && function.shape == WindowFunction::Shape::kLinear) {
    function.shape = WindowFunction::Shape::kLinearExact;
    grey.notes.emplace_back("the window is narrower than 1, so LINEAR_EXACT is used");
  }
  return function;
}

/// LINEAR is made for whole numbers: it counts the values in the window.
void AdaptToFloats(WindowFunction& function) {
  if (function.shape == WindowFunction::Shape::kLinear) {
    function.shape = WindowFunction::Shape::kLinearExact;
  }
}

/// Padding (PS3.3, C.7.5.1.1.2) is shown like any other value, as pydicom does. It is told where it
/// is not merely black or white beside the image.
void NotePadding(const DicomDataset& dataset, const DicomFrame& pixels, bool by_range,
                 DicomGrey& grey) {
  const auto read = [&](uint32_t tag) -> std::optional<double> {
    const std::optional<uint16_t> word = dataset.Word(tag);
    if (!word || !pixels.real.empty()) return std::nullopt;
    return pixels.is_signed ? static_cast<int16_t>(*word) : static_cast<int>(*word);
  };
  const std::optional<double> value = read(kPixelPaddingValue);
  if (!value) return;
  const double limit = read(kPixelPaddingRangeLimit).value_or(*value);
  const auto [low, high] = std::minmax(*value, limit);
  size_t padded = 0;
  bool in_window = false;
  for (size_t i = 0; i < pixels.size(); ++i) {
    const double stored = pixels.Value(i);
    if (stored < low || stored > high) continue;
    ++padded;
    in_window = in_window || (grey.samples[i] > 0 && grey.samples[i] < 255);
  }
  if (padded == 0 || padded == pixels.size() || (!by_range && !in_window)) return;
  grey.notes.push_back(
      by_range ? fmt::format("padding (stored value {:g}) takes part in the range of "
                             "greys; a window would leave it out",
                             *value)
               : fmt::format("padding (stored value {:g}) lies within the window", *value));
}

template <class Function>
void Apply(const std::vector<double>& values, const Function& function, DicomGrey& grey) {
  std::transform(values.begin(), values.end(), grey.samples.begin(), function);
}

/// By the file's VOI LUT. False: it has none.
bool ApplyLut(const DicomDataset& dataset, const ModalityValues& modality, DicomGrey& grey) {
  const DicomDataset* item = dataset.FirstItem(kVoiLutSequence);
  if (item == nullptr) return false;
  const DicomLut lut = ReadDicomLut(*item, modality.possible);
  if (lut.entries.empty()) return false;
  grey.window = "lookup table";
  const double top = std::exp2(lut.bits) - 1;
  Apply(
      modality.values, [&](double x) { return ToByte(lut.At(x) * 255 / top); }, grey);
  NoteUnusedLevels({&lut, 1}, grey.notes);
  return true;
}

void ApplyRange(const std::vector<double>& values, DicomGrey& grey) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  constexpr int kDigits = 10;  // those of 32 bits, and no "e+06"
  grey.window = fmt::format("{:.{}g}..{:.{}g}", *low, kDigits, *high, kDigits);
  const double bottom = *low;
  const double range = *high - *low;
  if (range > 0)
    Apply(
        values, [&](double x) { return ToByte((x - bottom) * 255 / range); }, grey);
}

}  // namespace

ValueRange StoredRange(const DicomFrame& pixels) {
  if (!pixels.real.empty()) {
    const double most = std::numeric_limits<double>::max();
    return {-most, most};
  }
  if (pixels.is_signed) return {-std::exp2(pixels.bits - 1), std::exp2(pixels.bits - 1) - 1};
  return {0, std::exp2(pixels.bits) - 1};
}

DicomGrey ShowDicomGrey(const DicomDataset& dataset, const DicomFrame& pixels,
                        const DicomView& view) {
  DicomGrey grey;
  const ModalityValues modality = ToModality(dataset, pixels, view.frame - 1, grey);
  grey.samples.resize(pixels.size());
  std::optional<WindowFunction> window;
  bool by_range = false;
  if (view.window) {
    window = WindowFunction{*view.window};
  } else if (!ApplyLut(dataset, modality, grey)) {
    window = FileWindow(dataset, view.frame - 1, grey);
    by_range = !window;
  }
  if (window) {
    if (!pixels.real.empty()) AdaptToFloats(*window);
    grey.window = DescribeDicomWindow(window->window);
    Apply(modality.values, *window, grey);
  }
  if (by_range) ApplyRange(modality.values, grey);
  NotePadding(dataset, pixels, by_range, grey);
  return grey;
}

}  // namespace roentgen
