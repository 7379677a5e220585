#include "roentgen/data/image_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <exception>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/data/reading.h"
#include "roentgen/imaging/llamafactory.h"
#include "roentgen/imaging/load.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 30;
constexpr int kBlurWindow = 11;
constexpr int kHashImage = 32;
constexpr int kHashFrequencies = 8;

/// One brightness a pixel, 0 to 255.
struct Luma {
  int width;
  int height;
  std::vector<float> values;

  float At(int x, int y) const {
    return values[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
  }
};

Luma LumaOf(const Image& image) {
  Luma luma{image.width, image.height, {}};
  luma.values.reserve(image.rgb.size() / 3);
  for (size_t i = 0; i < image.rgb.size(); i += 3) {  // rgb2gray of scikit-image
    luma.values.push_back(0.2125f * image.rgb[i] + 0.7154f * image.rgb[i + 1] +
                          0.0721f * image.rgb[i + 2]);
  }
  return luma;
}

Luma Transposed(const Luma& luma) {
  Luma turned{luma.height, luma.width, std::vector<float>(luma.values.size())};
  auto to = turned.values.begin();
  for (int x = 0; x < luma.width; ++x) {
    for (int y = 0; y < luma.height; ++y) *to++ = luma.At(x, y);
  }
  return turned;
}

/// Each value replaced by the mean of the window around it in its row; rows are mirrored at their
/// ends, the outermost pixel included.
Luma BlurredAlongRows(const Luma& luma) {
  Luma blurred{luma.width, luma.height, {}};
  blurred.values.reserve(luma.values.size());
  const int reach = kBlurWindow / 2;
  const int period = 2 * luma.width;
  const auto mirrored = [&](int x) {
    const int in_period = ((x % period) + period) % period;
    return in_period < luma.width ? in_period : period - 1 - in_period;
  };
  for (int y = 0; y < luma.height; ++y) {
    double sum = 0;
    for (int x = -reach; x <= reach; ++x) sum += luma.At(mirrored(x), y);
    for (int x = 0; x < luma.width; ++x) {
      blurred.values.push_back(static_cast<float>(sum / kBlurWindow));
      sum += luma.At(mirrored(x + reach + 1), y) - luma.At(mirrored(x - reach), y);
    }
  }
  return blurred;
}

/// The Sobel operator's difference along the row; its scale does not matter here.
float SobelAlongRow(const Luma& luma, int x, int y) {
  const auto difference = [&](int row) { return luma.At(x + 1, row) - luma.At(x - 1, row); };
  return std::abs(difference(y - 1) + 2 * difference(y) + difference(y + 1));
}

/// The share of the variation along rows that a blur along rows leaves.
double BlurAlongRows(const Luma& luma) {
  const Luma blurred = BlurredAlongRows(luma);
  double all = 0;
  double lost = 0;
  for (int y = 2; y < luma.height - 1; ++y) {
    for (int x = 2; x < luma.width - 1; ++x) {
      const float sharp = SobelAlongRow(luma, x, y);
      all += sharp;
      lost += std::max(0.0f, sharp - SobelAlongRow(blurred, x, y));
    }
  }
  return all > 0 ? (all - lost) / all : 1;
}

/// cos(pi/32 · (i + 1/2) · frequency): the rows of the cosine transform (DCT-II) that are used.
using CosineTable = std::array<std::array<double, kHashImage>, kHashFrequencies>;
const CosineTable& Cosines() {
  static const CosineTable kTable = [] {
    CosineTable table{};
    for (int f = 0; f < kHashFrequencies; ++f) {
      for (int i = 0; i < kHashImage; ++i) {
        table[static_cast<size_t>(f)][static_cast<size_t>(i)] =
            std::cos(std::numbers::pi / kHashImage * (i + 0.5) * f);
      }
    }
    return table;
  }();
  return kTable;
}

/// The pixels as they are shown, whatever file they came in.
std::string PixelsSha256(const Image& image) {
  const std::string pixels = Sha256Hex(image.rgb);
  return Sha256Hex(fmt::format("{}x{} {}", image.width, image.height, pixels));
}

/// As large as a model sees it, so that blur means what the model cannot see.
Image AtModelSize(const Image& image) {
  const std::vector<Size> sizes = PlanLlamaFactoryResizes(image.size()).own_mode;
  return sizes.empty() || sizes.back().width >= image.width ? image
                                                            : ResizeBicubic(image, sizes.back());
}

}  // namespace

double MeasureBlur(const Image& image) {
  const Luma luma = LumaOf(image);
  return std::max(BlurAlongRows(luma), BlurAlongRows(Transposed(luma)));
}

uint64_t PerceptualHash(const Image& image) {
  const Luma luma = LumaOf(ResizeBicubic(image, {kHashImage, kHashImage}));
  std::array<double, kHashFrequencies * kHashFrequencies> spectrum{};
  for (size_t v = 0; v < kHashFrequencies; ++v) {
    for (size_t u = 0; u < kHashFrequencies; ++u) {
      for (int y = 0; y < kHashImage; ++y) {
        for (int x = 0; x < kHashImage; ++x) {
          spectrum[v * kHashFrequencies + u] += luma.At(x, y) *
                                                Cosines()[v][static_cast<size_t>(y)] *
                                                Cosines()[u][static_cast<size_t>(x)];
        }
      }
    }
  }
  auto sorted = spectrum;
  std::sort(sorted.begin(), sorted.end());
  const double median = (sorted[31] + sorted[32]) / 2;
  uint64_t hash = 0;
  for (const double value : spectrum) hash = hash << 1 | (value > median ? 1u : 0u);
  return hash;
}

bool HasStructure(const Image& image) {
  constexpr double kLeastDeviation = 2;  // grey levels
  const Luma luma = LumaOf(ResizeBicubic(image, {kHashImage, kHashImage}));
  const auto count = static_cast<double>(luma.values.size());
  double sum = 0;
  double squares = 0;
  for (const double value : luma.values) {
    sum += value;
    squares += value * value;
  }
  return squares / count - sum / count * (sum / count) >= kLeastDeviation * kLeastDeviation;
}

int HammingDistance(uint64_t a, uint64_t b) {
  return std::popcount(a ^ b);
}

ImageFacts LookAtImage(const std::filesystem::path& path) {
  ImageFacts facts;
  try {
    if (IsAddress(path.string())) {
      facts.missing = true;
      throw Error(fmt::format("{}: {}", path.string(), kAddressProblem));
    }
    if (!FileExists(path)) {
      facts.missing = true;
      throw Error(path.filename().string() + ": no such file");
    }
    const std::string file = ReadFile(path, kMaxFileBytes);
    const std::span bytes(reinterpret_cast<const uint8_t*>(file.data()), file.size());
    const Image image = DecodeImage(bytes, path.filename().string());
    facts.size = image.size();
    facts.pixels_sha256 = PixelsSha256(image);
    facts.dicom = HashDicomIdentity(bytes);
    const Image seen = AtModelSize(image);
    facts.blur = MeasureBlur(seen);
    facts.has_structure = HasStructure(seen);
    facts.perceptual_hash = PerceptualHash(seen);
  } catch (const Error& error) {
    facts.problem = error.what();
  }
  return facts;
}

}  // namespace roentgen
