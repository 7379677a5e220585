#include "roentgen/imaging/dicom_colours.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_terms.h"

namespace roentgen {
ColourSpace ChooseColours(const std::string& photometric, const StreamColours& stream,
                          std::vector<std::string>& notes) {
  const auto overrule = [&](ColourSpace space, const char* name, const char* why) {
    notes.push_back(
        fmt::format("colours taken as {}, as the compressed image says ({}); its header has {}",
                    name, why, DescribePhotometric(photometric)));
    return space;
  };
  const bool says_ybr = photometric.find("YBR") != std::string::npos;
  if (stream.has_rgb_ids) {
    if (photometric == "RGB") return ColourSpace::kRgb;
    return overrule(ColourSpace::kRgb, "RGB", "components R, G, B");
  }
  if (stream.has_jfif && !says_ybr) return overrule(ColourSpace::kYbrFull, "YCbCr", "JFIF");
  if (photometric == "RGB") return ColourSpace::kRgb;
  if (photometric == "YBR_FULL" || photometric == "YBR_FULL_422") return ColourSpace::kYbrFull;
  const bool of_jpeg2000 = photometric == "YBR_RCT" || photometric == "YBR_ICT";
  if (of_jpeg2000 && !stream.is_jpeg) return ColourSpace::kRgb;
  if (stream.has_jfif) return overrule(ColourSpace::kYbrFull, "YCbCr", "JFIF");
  if (stream.has_adobe_ycbcr) return overrule(ColourSpace::kYbrFull, "YCbCr", "Adobe");
  if (stream.has_adobe_rgb) return overrule(ColourSpace::kRgb, "RGB", "Adobe");
  if (photometric.starts_with("MONOCHROME")) {
    notes.push_back(fmt::format("{} with three values a pixel: taken for RGB",
                                DescribePhotometric(photometric)));
    return ColourSpace::kRgb;
  }
  throw Error(
      fmt::format("{} with three values a pixel: RGB, YBR_FULL and YBR_FULL_422 can be shown",
                  DescribePhotometric(photometric)),
      "Export the image as RGB, or as PNG.");
}

}  // namespace roentgen
