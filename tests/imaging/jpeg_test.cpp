// JPEG files of kinds that libjpeg-turbo 2 does not decode. The right values are those that the
// pictures were made of, and Pillow 13's where it reads them.

#include <gmock/gmock.h>

#include <algorithm>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Pictures of 8 × 6 pixels, grey 30 y + 5 x, by imagecodecs 2026.
constexpr auto kGrey8 =
    "ffd8ffe000104a46494600010100000100010000ffc3000b080006000801011100ffc40016000101010000000000"
    "0000000000000000030508ffda0008010100010000cfeaaaaaab795555556f2aaaaaade5555555bcaaaaaab79555"
    "5557ffd9"sv;
// red that grey, green 255 − it, blue half of it; Adobe's marker says that they are RGB.
constexpr auto kRgb8 =
    "ffd8ffee000e41646f626500640000000000ffc30011080006000803521100471100421100ffc400190001010101"
    "010100000000000000000000030205040807ffda000c03520047004200010000f3ff00dffcfea54a56a54a56a54a"
    "56a55bd83dea54a56a54a56a54a56a55bd83dea54a56a54a56a54a56a55bd83dea54a56a54a56a54a56a55bd83de"
    "a54a56a54a56a54a56a55bd83dea54a56a54a56a54a56a55ffd9"sv;
constexpr auto kGrey12 =
    "ffd8ffc4001700010101010000000000000000000000000807090cffc3000b0c0006000801001100ffda00080100"
    "00060000e7ff00a8542a150a8542a1bc0f0783c1e0f0783c3781e0f0783c1e0f0786f03c1e0f0783c1e0f0de0783"
    "c1e0f0783c1e1bc0f0783c1e0f0783c0ffd9"sv;
constexpr auto kGrey16 =
    "ffd8ffc4001700010101010000000000000000000000000c0b0d10ffc3000b100006000801001100ffda00080100"
    "00060000ea82d416a0b505a82d416a0bbc3cf0f787bc3de1ef0f787bc3f7879e1ef0f787bc3de1ef0f787ef0f3c3"
    "de1ef0f787bc3de1ef0fde1e787bc3de1ef0f787bc3de1fbc3cf0f787bc3de1ef0f787bc3cffd9"sv;
constexpr auto kJpegLs =
    "ffd8ffe800205350494646000200000100000006000000080a0806010000012c0000012cffe8000800000001ffd8"
    "fff7000b080006000801011100ffda00080101000000008a52fe97c0004323936300009b69243aaaae7155a36ff0"
    "ffd9"sv;

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

Image Decode(const std::string& file) {
  return DecodeImage({reinterpret_cast<const uint8_t*>(file.data()), file.size()}, "a.jpg");
}

TEST(Jpeg, LosslessGreyIsRead) {
  const Image image = Decode(FromHex(kGrey8));
  EXPECT_EQ(image.size(), (Size{8, 6}));
  EXPECT_EQ(image.provenance.format, "JPEG");
  EXPECT_THAT(image.provenance.notes, IsEmpty());
  for (size_t i = 0; i < 48; ++i) EXPECT_EQ(image.rgb[3 * i], 30 * (i / 8) + 5 * (i % 8));
}

TEST(Jpeg, LosslessColourIsRead) {
  const Image image = Decode(FromHex(kRgb8));
  for (size_t i = 0; i < 48; ++i) {
    const auto grey = static_cast<uint8_t>(30 * (i / 8) + 5 * (i % 8));
    EXPECT_EQ(image.rgb[3 * i], grey);
    EXPECT_EQ(image.rgb[3 * i + 1], 255 - grey);
    EXPECT_EQ(image.rgb[3 * i + 2], grey / 2);
  }
  // A JFIF segment, as LEAD's encoder writes it, changes nothing.
  std::string file = FromHex(kRgb8);
  for (const char id : {'R', 'G', 'B'}) {
    const char number = id == 'R' ? 1 : id == 'G' ? 2 : 3;
    std::replace(file.begin() + 18, file.begin() + 40, id, number);
    std::replace(file.begin() + 60, file.begin() + 80, id, number);
  }
  const std::string jfif = FromHex("ffe000104a46494600010100000100010000");
  EXPECT_EQ(Decode(std::string(file).replace(2, 16, jfif)).rgb, image.rgb);
  // Adobe's does when it says YCbCr: (80, 175, 40) is (0, 127, 163) then.
  file[17] = 1;
  const Image converted = Decode(file);
  EXPECT_THAT(std::vector<int>(converted.rgb.begin() + 60, converted.rgb.begin() + 63),
              ElementsAre(0, 127, 163));
}

TEST(Jpeg, DeepLosslessGreyIsScaledLikeOther16BitGrey) {
  for (const auto& [hex, step, note] :
       {std::tuple(kGrey12, 16, "16-bit grey scaled from 0..2960 to 8 bits"),
        std::tuple(kGrey16, 257, "16-bit grey scaled from 0..47545 to 8 bits")}) {
    const Image image = Decode(FromHex(hex));
    EXPECT_THAT(image.provenance.notes, ElementsAre(note)) << step;
    EXPECT_EQ(image.rgb.back(), 255);
    EXPECT_EQ(image.rgb[3 * 37], 200);  // (30 · 4 + 5 · 5) / 185 of 255
  }
}

TEST(Jpeg, ALosslessFileIsTurnedUpright) {
  std::string file = FromHex(kGrey8);
  // An EXIF block that says 6, behind the JFIF marker.
  file.insert(20, FromHex("ffe100224578696600004949"
                          "2a00080000000100"
                          "1201030001000000"
                          "06000000"
                          "00000000"));
  EXPECT_EQ(Decode(file).size(), (Size{6, 8}));
}

TEST(Jpeg, ALosslessFileThatLacksAPieceIsRefused) {
  const std::string whole = FromHex(kGrey16);
  const std::string half = whole.substr(0, whole.size() / 2);
  ROENTGEN_EXPECT_ERROR(Decode(half), "a.jpg: not a readable JPEG");
  ROENTGEN_EXPECT_ERROR(Decode(half + "\xff\xd9"), "a.jpg: not a readable JPEG");
  // What follows its end does not matter.
  EXPECT_EQ(Decode(whole + " and more").size(), (Size{8, 6}));
}

TEST(Jpeg, KindsThatAreNotReadAreNamed) {
  const auto expect = [](const std::string& file, const char* kind) {
    try {
      Decode(file);
      ADD_FAILURE() << kind;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(kind));
      EXPECT_THAT(error.hint(), HasSubstr("save it as PNG"));
    }
  };
  expect(FromHex(kJpegLs), "a.jpg: this kind of JPEG is not read: JPEG-LS");
  std::string other = FromHex(kGrey8);
  other[21] = '\xc5';
  expect(other, "not read: process 5 of the standard");
  other[21] = '\xcb';
  expect(other, "not read: lossless with arithmetic coding");
  std::string deep = FromHex(kRgb8);
  deep[22] = 16;
  expect(deep, "not read: lossless, colour of 16 bits");
}

}  // namespace
}  // namespace roentgen
