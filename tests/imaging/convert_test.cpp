#include "roentgen/imaging/convert.h"

#include <gmock/gmock.h>

#include <numeric>

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
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"sv), 0);
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x05\0\0\0"sv), 5);  // LONG
}

/// The orientation 6 as an entry of this type, in a directory of its own; a value of more than four
/// bytes lies behind it.
std::string ExifOfType(uint16_t type, size_t bytes, bool big_endian) {
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
  add(1, 4);
  if (bytes > 4) add(26, 4);
  if (bytes <= 4) add(6, bytes);
  exif.resize(26, '\0');
  if (bytes > 4) add(6, bytes);
  return exif;
}

/// Pillow 13 turns a JPEG with each of these, but for BYTE, ASCII and UNDEFINED.
TEST(Exif, WholeNumbersOfEveryTypeThatPillowReads) {
  for (const bool big_endian : {false, true}) {
    for (const auto& [type, bytes] :
         {std::pair(3, 2), {4, 4}, {6, 1}, {8, 2}, {9, 4}, {13, 4}, {16, 8}}) {
      EXPECT_EQ(
          Exif(ExifOfType(static_cast<uint16_t>(type), static_cast<size_t>(bytes), big_endian)), 6)
          << type;
    }
    for (const uint16_t type : {1, 2, 7, 17}) {
      EXPECT_EQ(Exif(ExifOfType(type, 1, big_endian)), 0) << type;
    }
  }
  // −2 as SBYTE and as SLONG, and a LONG8 that lies outside.
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x06\0\x01\0\0\0\xfe\0\0\0"sv), 0);
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x09\0\x01\0\0\0\xfe\xff\xff\xff"sv), 0);
  EXPECT_EQ(Exif("II*\0\x08\0\0\0\x01\0\x12\x01\x10\0\x01\0\0\0\xff\0\0\0"sv), 0);
}

TEST(Exif, XmpStandsIn) {
  EXPECT_EQ(XmpOrientation(R"(<rdf:Description tiff:Orientation="3"/>)"), 3);
  EXPECT_EQ(XmpOrientation("<tiff:Orientation>8</tiff:Orientation>"), 8);
  EXPECT_EQ(XmpOrientation("tiff:Orientation"), 0);
  EXPECT_EQ(ChooseOrientation({}, "tiff:Orientation=\"9\""), 1);
}

}  // namespace
}  // namespace roentgen
