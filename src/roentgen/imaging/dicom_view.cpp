#include "roentgen/imaging/dicom_view.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

struct Preset {
  std::string_view name;
  DicomWindow window;
};

// What radiologists begin with for CT.
constexpr std::array kPresets = {
    Preset{"lung", {-600, 1500}}, Preset{"soft", {40, 400}},  Preset{"bone", {480, 2500}},
    Preset{"brain", {40, 80}},    Preset{"liver", {90, 150}},
};

std::optional<double> ParseNumber(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

DicomWindow ParseDicomWindow(std::string_view text) {
  for (const Preset& preset : kPresets) {
    if (text == preset.name) return preset.window;
  }
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::optional<double> width = ParseNumber(text.substr(0, slash));
    const std::optional<double> center = ParseNumber(text.substr(slash + 1));
    if (width && center && *width >= 1 && *width < 1e9 && *center > -1e9 && *center < 1e9) {
      return {*center, *width};
    }
  }
  throw Error(fmt::format("no window: {}", text),
              "Write width and level as 400/40, or lung, soft, bone, brain or liver.");
}

std::string DescribeDicomWindow(const DicomWindow& window) {
  return fmt::format("{:g}/{:g}", window.width, window.center);
}

}  // namespace roentgen
