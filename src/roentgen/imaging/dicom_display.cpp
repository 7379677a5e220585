#include "roentgen/imaging/dicom_display.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_palette.h"

namespace roentgen {
namespace {

using namespace dicom_tag;

uint8_t ToByte(double value) {
  return static_cast<uint8_t>(std::floor(std::clamp(value, 0.0, 255.0) + 0.5));
}

/// The part of a file that says something of a frame: the file itself where it has the key, else
/// the frame's functional group, else the one that all share. Null: nobody says it.
const DicomDataset* Functional(const DicomDataset& dataset, size_t frame, uint32_t sequence,
                               uint32_t key) {
  if (dataset.Find(key) != nullptr) return &dataset;
  const DicomElement* frames = dataset.Find(kPerFrameFunctionalGroups);
  const DicomDataset* own =
      frames != nullptr && frame < frames->items.size() ? &frames->items[frame] : nullptr;
  for (const DicomDataset* group : {own, dataset.FirstItem(kSharedFunctionalGroups)}) {
    if (group == nullptr) continue;
    const DicomDataset* item = group->FirstItem(sequence);
    if (item != nullptr && item->Find(key) != nullptr) return item;
  }
  return nullptr;
}

std::optional<double> FirstNumber(const DicomDataset* dataset, uint32_t tag) {
  if (dataset == nullptr) return std::nullopt;
  const std::vector<double> numbers = dataset->Numbers(tag);
  return numbers.empty() ? std::nullopt : std::optional(numbers[0]);
}

/// Stored values in the units of the modality.
std::vector<double> ModalityValues(const DicomDataset& dataset, const DicomFrame& pixels,
                                   size_t frame) {
  std::vector<double> values(pixels.values.size());
  double lowest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = pixels.Value(i);
    lowest = std::min(lowest, values[i]);
  }
  if (const DicomDataset* item = dataset.FirstItem(kModalityLutSequence)) {
    const DicomLut lut = ReadDicomLut(*item, lowest < 0);
    if (!lut.entries.empty()) {
      for (double& value : values) value = lut.At(value);
      return values;
    }
  }
  const DicomDataset* source =
      Functional(dataset, frame, kPixelValueTransformationSequence, kRescaleSlope);
  const std::optional<double> slope = FirstNumber(source, kRescaleSlope);
  const std::optional<double> intercept = FirstNumber(source, kRescaleIntercept);
  if (slope && intercept) {
    for (double& value : values) value = value * *slope + *intercept;
  }
  return values;
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

/// The first window of the file; nothing where it has none that means something.
std::optional<WindowFunction> FileWindow(const DicomDataset& dataset, size_t frame) {
  const DicomDataset* source = Functional(dataset, frame, kFrameVoiLutSequence, kWindowWidth);
  const std::optional<double> center = FirstNumber(source, kWindowCenter);
  const std::optional<double> width = FirstNumber(source, kWindowWidth);
  if (!center || !width) return std::nullopt;
  WindowFunction function{{*center, *width}};
  const std::string shape = source->Text(kVoiLutFunction);
  if (shape == "LINEAR_EXACT") function.shape = WindowFunction::Shape::kLinearExact;
  if (shape == "SIGMOID") function.shape = WindowFunction::Shape::kSigmoid;
  const bool linear = function.shape == WindowFunction::Shape::kLinear;
  if (linear ? *width < 1 : *width <= 0) return std::nullopt;
  return function;
}

/// Grey by the view's window, the file's VOI LUT or window, or the values' own range.
std::vector<uint8_t> Grey(const DicomDataset& dataset, const std::vector<double>& values,
                          const DicomView& view, std::string& window) {
  std::vector<uint8_t> grey(values.size());
  const auto apply = [&](const auto& function) {
    std::transform(values.begin(), values.end(), grey.begin(), function);
  };
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (view.window) {
    window = DescribeDicomWindow(*view.window);
    apply(WindowFunction{*view.window});
    return grey;
  }
  if (const DicomDataset* item = dataset.FirstItem(kVoiLutSequence)) {
    const DicomLut lut = ReadDicomLut(*item, *low < 0);
    if (!lut.entries.empty()) {
      window = "lookup table";
      const double top = std::exp2(lut.bits) - 1;
      apply([&](double x) { return ToByte(lut.At(x) * 255 / top); });
      return grey;
    }
  }
  if (const std::optional<WindowFunction> function = FileWindow(dataset, view.frame - 1)) {
    window = DescribeDicomWindow(function->window);
    apply(*function);
    return grey;
  }
  window = fmt::format("{:g}..{:g}", *low, *high);
  const double bottom = *low;
  const double range = *high - *low;
  if (range > 0) apply([&](double x) { return ToByte((x - bottom) * 255 / range); });
  return grey;
}

std::vector<uint8_t> PaletteColours(const DicomDataset& dataset, const DicomFrame& pixels) {
  const std::array<DicomLut, 3> palette = ReadDicomPalette(dataset);
  std::vector<uint8_t> rgb;
  rgb.reserve(pixels.values.size() * 3);
  for (size_t i = 0; i < pixels.values.size(); ++i) {
    for (const DicomLut& channel : palette) {
      const auto entry = static_cast<unsigned>(channel.At(pixels.Value(i)));
      rgb.push_back(static_cast<uint8_t>(entry >> (channel.bits - 8)));
    }
  }
  return rgb;
}

/// PS3.3, C.7.6.3.1.2: full-range YCbCr of ITU-R BT.601.
void YbrToRgb(std::vector<uint8_t>& samples) {
  for (size_t i = 0; i + 2 < samples.size(); i += 3) {
    const double y = samples[i];
    const double blue = samples[i + 1] - 128.0;
    const double red = samples[i + 2] - 128.0;
    samples[i] = ToByte(y + 1.402 * red);
    samples[i + 1] = ToByte(y - 0.344136 * blue - 0.714136 * red);
    samples[i + 2] = ToByte(y + 1.772 * blue);
  }
}

std::vector<uint8_t> DirectColours(const DicomHeader& header, const DicomFrame& pixels) {
  const int drop = std::max(header.bits_stored - 8, 0);
  std::vector<uint8_t> samples(pixels.values.size());
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<uint8_t>(pixels.values[i] >> drop);
  }
  // YBR_RCT and YBR_ICT are JPEG 2000's own, and undone by its decoder.
  if (header.photometric == "YBR_FULL" || header.photometric == "YBR_FULL_422") YbrToRgb(samples);
  return samples;
}

/// Text in the picture may name the patient, and no program can take it out.
void WarnOfBurnedInText(const DicomDataset& dataset, Provenance& provenance) {
  const std::string burned_in = dataset.Text(kBurnedInAnnotation);
  if (burned_in == "YES") {
    provenance.notes.emplace_back("text is burned into the picture and may name the patient");
  } else if (burned_in != "NO" && (provenance.modality == "US" || provenance.modality == "OT")) {
    provenance.notes.emplace_back("text may be burned into the picture: look for names");
  }
}

}  // namespace

RawImage DisplayDicomFrame(const DicomDataset& dataset, const DicomHeader& header,
                           const DicomFrame& pixels, const DicomView& view) {
  const bool palette = header.photometric == "PALETTE COLOR";
  const bool grey = !palette && header.samples == 1;
  RawImage image = MakeRawImage("DICOM", grey ? PixelMode::kGrey : PixelMode::kRgb,
                                static_cast<int>(header.columns), static_cast<int>(header.rows));
  Provenance& provenance = image.provenance;
  provenance.modality = dataset.Text(kModality);
  provenance.frame = view.frame;
  provenance.frames = header.frames;
  if (grey) {
    const std::vector<double> values = ModalityValues(dataset, pixels, view.frame - 1);
    image.samples = Grey(dataset, values, view, provenance.window);
    if (header.photometric == "MONOCHROME1") {
      for (uint8_t& sample : image.samples) sample = static_cast<uint8_t>(255 - sample);
    }
  } else if (view.window) {
    throw Error("a window was asked for, but the picture is in colour");
  } else {
    image.samples = palette ? PaletteColours(dataset, pixels) : DirectColours(header, pixels);
  }
  WarnOfBurnedInText(dataset, provenance);
  return image;
}

}  // namespace roentgen
