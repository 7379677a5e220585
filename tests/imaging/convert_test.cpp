#include "roentgen/imaging/convert.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <tuple>

#include "roentgen/imaging/exif.h"
#include "roentgen/imaging/orientation.h"

namespace roentgen {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using testing::ElementsAre;

RawImage OneRow(PixelMode mode, std::vector<uint8_t> samples) {
  RawImage image;
  image.mode = mode;
  image.width = static_cast<int>(samples.size()) / Channels(mode);
  image.height = 1;
  image.samples = std::move(samples);
  return image;
}

RawImage Grey16Row(std::vector<uint16_t> values) {
  RawImage image;
  image.mode = PixelMode::kGrey16;
  image.width = static_cast<int>(values.size());
  image.height = 1;
  image.grey16 = std::move(values);
  return image;
}

TEST(Convert, Grey16IsScaledByItsOwnRange) {
  const Image image =
      ConvertToRgb(Grey16Row({100, 1100, 2100}), AlphaRule::kDropAlphaPaintKey, Grey16::kScale);
  EXPECT_THAT(image.rgb, ElementsAre(0, 0, 0, 128, 128, 128, 255, 255, 255));
  EXPECT_THAT(image.provenance.notes, ElementsAre("16-bit grey scaled from 100..2100 to 8 bits"));
  const RawImage flat = ScaleGrey16(Grey16Row({7, 7}));
  EXPECT_THAT(flat.samples, ElementsAre(0, 0));
  const RawImage full = ScaleGrey16(Grey16Row({0, 65535, 32768}));
  EXPECT_THAT(full.samples, ElementsAre(0, 255, 128));
}

TEST(Convert, Grey16ClipsLikePillow) {
  const Image image =
      ConvertToRgb(Grey16Row({3, 255, 4000}), AlphaRule::kDropAlphaPaintKey, Grey16::kClip);
  EXPECT_THAT(image.rgb, ElementsAre(3, 3, 3, 255, 255, 255, 255, 255, 255));
  EXPECT_THAT(image.provenance.notes, ElementsAre("16-bit grey clipped at 255"));
}

TEST(Convert, AlphaRules) {
  const RawImage image = OneRow(PixelMode::kGreyAlpha, {100, 0, 100, 255, 100, 128});
  EXPECT_THAT(ConvertToRgb(image, AlphaRule::kDropAlphaPaintKey, Grey16::kScale).rgb,
              testing::Each(100));
  EXPECT_THAT(ConvertToRgb(image, AlphaRule::kOverWhite, Grey16::kScale).rgb,
              ElementsAre(255, 255, 255, 100, 100, 100, 177, 177, 177));
}

TEST(Convert, ColourKeys) {
  RawImage image = OneRow(PixelMode::kRgb, {1, 2, 3, 1, 2, 4});
  image.colour_key = {1, 2, 3};
  EXPECT_THAT(ConvertToRgb(image, AlphaRule::kDropAlphaPaintKey, Grey16::kScale).rgb,
              ElementsAre(255, 255, 255, 1, 2, 4));
  EXPECT_THAT(ConvertToRgb(image, AlphaRule::kIgnore, Grey16::kScale).rgb,
              ElementsAre(1, 2, 3, 1, 2, 4));
  // For a path the key is a colour, wherever it occurs; for an opened image it is an index.
  RawImage indexed = OneRow(PixelMode::kPalette, {0, 1});
  indexed.palette[0] = indexed.palette[1] = {9, 9, 9, 255};
  indexed.colour_key = {1};
  EXPECT_THAT(ConvertToRgb(indexed, AlphaRule::kDropAlphaPaintKey, Grey16::kScale).rgb,
              testing::Each(255));
  EXPECT_THAT(ConvertToRgb(indexed, AlphaRule::kOverWhite, Grey16::kScale).rgb,
              ElementsAre(9, 9, 9, 255, 255, 255));
}

TEST(Convert, AllEightOrientations) {
  // 0 1 2
  // 3 4 5
  const std::vector<std::vector<uint8_t>> upright = {
      {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2},
      {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2}, {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    RawImage image;
    image.mode = PixelMode::kGrey;
    image.width = 3;
    image.height = 2;
    image.samples = {0, 1, 2, 3, 4, 5};
    image.orientation = orientation;
    ApplyOrientation(image);
    EXPECT_EQ(image.samples, upright[static_cast<size_t>(orientation) - 1]) << orientation;
    EXPECT_EQ(image.size(), orientation >= 5 ? (Size{2, 3}) : (Size{3, 2}));
    EXPECT_EQ(image.orientation, 1);
  }
}

int Exif(std::string_view bytes) {
  return ExifOrientation({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

TEST(Exif, OrientationInBothByteOrders) {
  constexpr auto kLittle = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"sv;
  constexpr auto kBig = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"sv;
  EXPECT_EQ(Exif(kLittle), 6);
  EXPECT_EQ(Exif(kBig), 8);
  EXPECT_EQ(Exif("Exif\0\0"s + std::string(kBig)), 8);
  for (size_t size = 0; size < 22; ++size) EXPECT_EQ(Exif(kLittle.substr(0, size)), 0) << size;
}

TEST(Exif, NonsenseIsIgnored) {
  EXPECT_EQ(Exif("II*\0\xff\xff\xff\xff"sv), 0);                            // directory far away
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0\x01\0\0\0"sv), 0);  // cut entries
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"sv), 1);
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x05\0\0\0"sv), 5);  // LONG
}

/// Numbers of so many bytes each.
using Values = std::vector<std::pair<uint64_t, size_t>>;

/// An orientation of this type, in a directory of its own; values of more than four bytes together
/// lie behind it.
std::string ExifOfType(uint16_t type, uint32_t count, const Values& values, bool big_endian) {
  std::string exif(big_endian ? "MM\0*"s : "II*\0"s);
  const auto add = [&](uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      exif += static_cast<char>(value >> 8 * (big_endian ? size - 1 - i : i) & 255);
    }
  };
  add(8, 4);
  add(1, 2);
  add(0x0112, 2);
  add(type, 2);
  add(count, 4);
  size_t bytes = 0;
  for (const auto& [value, size] : values) bytes += size;
  if (bytes > 4) add(26, 4);
  if (bytes > 4) exif.resize(26, '\0');
  for (const auto& [value, size] : values) add(value, size);
  exif.resize(std::max(exif.size(), size_t{26}), '\0');
  return exif;
}

/// Pillow 13 turns a JPEG with each of these, but for BYTE, ASCII and UNDEFINED.
TEST(Exif, NumbersOfEveryTypeThatPillowReads) {
  const auto float_bits = [](float value) { return uint64_t{std::bit_cast<uint32_t>(value)}; };
  const auto double_bits = [](double value) { return std::bit_cast<uint64_t>(value); };
  const uint64_t minus = 0xffffffff;  // −1
  const std::tuple<int, Values, int> cases[] = {
      {3, {{6, 2}}, 6},
      {4, {{6, 4}}, 6},
      {6, {{6, 1}}, 6},
      {8, {{6, 2}}, 6},
      {9, {{6, 4}}, 6},
      {13, {{6, 4}}, 6},
      {16, {{6, 8}}, 6},
      {11, {{float_bits(6), 4}}, 6},
      {12, {{double_bits(6), 8}}, 6},
      {5, {{6, 4}, {1, 4}}, 6},
      {5, {{12, 4}, {2, 4}}, 6},
      {10, {{6, 4}, {1, 4}}, 6},
      {10, {{minus - 5, 4}, {minus, 4}}, 6},  // −6 / −1
      {11, {{float_bits(6.5), 4}}, 1},
      {5, {{13, 4}, {2, 4}}, 1},
      {5, {{6, 4}, {0, 4}}, 1},
      {5, {{minus - 5, 4}, {minus, 4}}, 1},
      {10, {{minus - 5, 4}, {1, 4}}, 1},
      {11, {{float_bits(std::nanf("")), 4}}, 1},
      {6, {{0xfe, 1}}, 1},
      {9, {{minus, 4}}, 1},
      {1, {{6, 1}}, 1},
      {2, {{6, 1}}, 1},
      {7, {{6, 1}}, 1},
      {17, {{6, 1}}, 0},
  };
  for (const bool big_endian : {false, true}) {
    for (const auto& [type, values, orientation] : cases) {
      EXPECT_EQ(Exif(ExifOfType(static_cast<uint16_t>(type), 1, values, big_endian)), orientation)
          << type;
    }
    // The first of several values counts; none are no entry.
    EXPECT_EQ(Exif(ExifOfType(3, 2, {{6, 2}, {0, 2}}, big_endian)), 6);
    EXPECT_EQ(Exif(ExifOfType(3, 2, {{6, 2}, {1, 2}}, big_endian)), 6);
    EXPECT_EQ(Exif(ExifOfType(3, 3, {{8, 2}, {1, 2}, {1, 2}}, big_endian)), 8);
    EXPECT_EQ(Exif(ExifOfType(3, 0, {{6, 2}}, big_endian)), 0);
    EXPECT_EQ(Exif(ExifOfType(3, 0xffffffff, {{6, 2}, {1, 2}, {1, 2}}, big_endian)), 0);
  }
  // A LONG8 that lies outside.
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x10\0\x01\0\0\0\xff\0\0\0"sv), 0);
}

TEST(Exif, XmpStandsIn) {
  EXPECT_EQ(XmpOrientation(R"(<rdf:Description tiff:Orientation="3"/>)"), 3);
  EXPECT_EQ(XmpOrientation("<tiff:Orientation>8</tiff:Orientation>"), 8);
  EXPECT_EQ(XmpOrientation("tiff:Orientation"), 0);
  EXPECT_EQ(ChooseOrientation({}, "tiff:Orientation=\"9\""), 1);
  // Not for an orientation of EXIF that means nothing.
  const auto choose = [](const std::string& exif) {
    return ChooseOrientation({reinterpret_cast<const uint8_t*>(exif.data()), exif.size()},
                             "tiff:Orientation=\"6\"");
  };
  EXPECT_EQ(choose(ExifOfType(3, 1, {{9, 2}}, false)), 1);
  EXPECT_EQ(choose(ExifOfType(1, 1, {{3, 1}}, false)), 1);
  EXPECT_EQ(choose(ExifOfType(17, 1, {{3, 1}}, false)), 6);
}

}  // namespace
}  // namespace roentgen
