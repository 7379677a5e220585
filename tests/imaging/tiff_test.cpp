// TIFF files as research programs, scanners and fax machines write them, and damaged ones.

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "imaging/tiff_file.h"
#include "roentgen/base/error.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace {

using test::SetTiffValue;
using test::TiffFile;
using test::TiffValue;
using testing::ElementsAre;
using testing::HasSubstr;

Image Decode(const std::string& file, Grey16 grey16 = Grey16::kScale) {
  LoadOptions options;
  options.grey16 = grey16;
  return DecodeImage({reinterpret_cast<const uint8_t*>(file.data()), file.size()}, "a.tif",
                     options);
}

/// The red of each pixel, which is its grey.
std::vector<int> Greys(const Image& image) {
  std::vector<int> greys;
  for (size_t i = 0; i < image.rgb.size(); i += 3) greys.push_back(image.rgb[i]);
  return greys;
}

std::string HintOf(const std::string& file) {
  try {
    Decode(file);
  } catch (const Error& error) {
    return error.hint();
  }
  return "none";
}

/// One row of numbers in both byte orders: the greys by their own range, and Pillow's.
template <class T>
void ExpectGreys(uint16_t format, const std::vector<T>& row, const std::vector<int>& scaled,
                 const std::vector<int>& clipped, const std::string& note) {
  for (const bool big_endian : {false, true}) {
    TiffFile file{.width = static_cast<uint32_t>(row.size()), .height = 1};
    file.bits = 8 * sizeof(T);
    file.format = format;
    file.big_endian = big_endian;
    SCOPED_TRACE(note + (big_endian ? ", big endian" : ", little endian"));
    const Image image = Decode(file.Write(row));
    EXPECT_EQ(Greys(image), scaled);
    EXPECT_THAT(image.provenance.notes, ElementsAre(note));
    EXPECT_EQ(Greys(Decode(file.Write(row), Grey16::kClip)), clipped);
  }
}

TEST(Tiff, SignedAndWideAndFloatGreyIsScaledByItsOwnRange) {
  ExpectGreys<int8_t>(SAMPLEFORMAT_INT, {-100, 0, 100}, {0, 128, 255}, {0, 0, 100},
                      "signed 8-bit grey scaled from -100..100 to 8 bits");
  ExpectGreys<int16_t>(SAMPLEFORMAT_INT, {-1000, 40, 2000}, {0, 88, 255}, {0, 40, 255},
                       "signed 16-bit grey scaled from -1000..2000 to 8 bits");
  ExpectGreys<int32_t>(SAMPLEFORMAT_INT, {-2147483647 - 1, 0, 2147483647}, {0, 128, 255},
                       {0, 0, 255},
                       "signed 32-bit grey scaled from -2147483648..2147483647 to 8 bits");
  ExpectGreys<uint32_t>(SAMPLEFORMAT_UINT, {4294967040u, 4294967167u, 4294967295u}, {0, 127, 255},
                        {255, 255, 255},
                        "unsigned 32-bit grey scaled from 4294967040..4294967295 to 8 bits");
  ExpectGreys<int64_t>(SAMPLEFORMAT_INT, {-7, 0, 7}, {0, 128, 255}, {0, 0, 7},
                       "signed 64-bit grey scaled from -7..7 to 8 bits");
  ExpectGreys<float>(SAMPLEFORMAT_IEEEFP, {0, 0.25f, 1}, {0, 64, 255}, {0, 0, 1},
                     "32-bit floating-point grey scaled from 0..1 to 8 bits");
  ExpectGreys<double>(SAMPLEFORMAT_IEEEFP, {-1.5, 254.5, 510.5}, {0, 128, 255}, {0, 254, 255},
                      "64-bit floating-point grey scaled from -1.5..510.5 to 8 bits");
  // 1.0, −2.0, 65504 (the largest) and 2^−24 (the smallest) as IEEE 754 halves.
  ExpectGreys<uint16_t>(SAMPLEFORMAT_IEEEFP, {0x3c00, 0xc000, 0x7bff, 0x0001}, {0, 0, 255, 0},
                        {1, 0, 255, 0},
                        "16-bit floating-point grey scaled from -2..65504 to 8 bits");
}

TEST(Tiff, TheRangeMayBeWiderThanADouble) {
  const double huge = std::numeric_limits<double>::max();
  ExpectGreys<double>(
      SAMPLEFORMAT_IEEEFP, {-huge, 0, huge}, {0, 128, 255}, {0, 0, 255},
      "64-bit floating-point grey scaled from -1.79769e+308..1.79769e+308 to 8 bits");
}

TEST(Tiff, NumbersThatAreNoneAreSaid) {
  TiffFile file{.width = 4, .height = 1, .bits = 32};
  file.format = SAMPLEFORMAT_IEEEFP;
  const float inf = std::numeric_limits<float>::infinity();
  const Image image = Decode(file.Write(std::vector<float>{NAN, 1, 3, inf}));
  EXPECT_THAT(Greys(image), ElementsAre(0, 0, 255, 255));
  EXPECT_THAT(image.provenance.notes,
              ElementsAre("32-bit floating-point grey scaled from 1..3 to 8 bits",
                          "2 pixels are NaN or infinite: shown black, +inf white"));
  ROENTGEN_EXPECT_ERROR(Decode(file.Write(std::vector<float>{NAN, NAN, inf, -inf})),
                        "its 32-bit floating-point values are all NaN or infinite");
}

TEST(Tiff, WhereZeroIsWhiteTheRangeIsTurnedRound) {
  TiffFile file{.width = 3, .height = 1, .bits = 16};
  file.format = SAMPLEFORMAT_INT;
  file.photometric = PHOTOMETRIC_MINISWHITE;
  const Image image = Decode(file.Write(std::vector<int16_t>{-1000, 40, 2000}));
  EXPECT_THAT(Greys(image), ElementsAre(255, 167, 0));
  EXPECT_THAT(image.provenance.notes,
              ElementsAre("signed 16-bit grey scaled from -1000..2000 to 8 bits"));
}

TEST(Tiff, NumbersAreTurnedUpright) {
  TiffFile file{.width = 2, .height = 1, .bits = 16};
  file.format = SAMPLEFORMAT_INT;
  file.orientation = ORIENTATION_BOTRIGHT;
  EXPECT_THAT(Greys(Decode(file.Write(std::vector<int16_t>{-5, 5}))), ElementsAre(255, 0));
}

TEST(Tiff, WithoutPhotometricThreeSamplesAreRgb) {
  const std::vector<uint8_t> pixels = {200, 30, 10, 0, 90, 255};
  TiffFile file{.width = 2, .height = 1, .samples = 3, .photometric = -1};
  const std::vector<uint8_t> expected = pixels;
  EXPECT_EQ(Decode(file.Write(pixels)).rgb, expected);
  file.separate = true;
  EXPECT_EQ(Decode(file.Write(std::vector<uint8_t>{200, 0, 30, 90, 10, 255})).rgb, expected);
  file.separate = false;
  // With a fourth sample that is said to be alpha as well; one that nothing is said about is not
  // guessed.
  file.samples = 4;
  file.extras = {EXTRASAMPLE_UNASSALPHA};
  EXPECT_EQ(Decode(file.Write(std::vector<uint8_t>{200, 30, 10, 255, 0, 90, 255, 255})).rgb,
            expected);
  file.extras.clear();
  ROENTGEN_EXPECT_ERROR(Decode(file.Write(std::vector<uint8_t>(8))),
                        "this kind of TIFF is not read: no word on what its samples mean");
  // One sample is grey, with white as 0: Pillow.
  TiffFile grey{.width = 2, .height = 1, .photometric = -1};
  EXPECT_THAT(Greys(Decode(grey.Write(std::vector<uint8_t>{10, 250}))), ElementsAre(245, 5));
}

TEST(Tiff, GreyWithThreeSamplesIsNotGuessed) {
  for (const int photometric : {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE}) {
    TiffFile file{.width = 2, .height = 1, .samples = 3, .photometric = photometric};
    const std::string written = file.Write(std::vector<uint8_t>{200, 30, 10, 0, 90, 255});
    ROENTGEN_EXPECT_ERROR(Decode(written),
                          "this kind of TIFF is not read: grey, 3 samples a pixel, unsigned 8-bit");
    EXPECT_THAT(HintOf(written), HasSubstr("Nothing is wrong with the file"));
  }
  TiffFile with_alpha{.width = 2, .height = 1, .samples = 4};
  with_alpha.extras = {EXTRASAMPLE_UNASSALPHA};
  ROENTGEN_EXPECT_ERROR(Decode(with_alpha.Write(std::vector<uint8_t>(8))),
                        "grey, 4 samples a pixel");
  // Where the others are declared as extra, the first is the grey.
  TiffFile declared{.width = 2, .height = 1, .samples = 3};
  declared.extras = {EXTRASAMPLE_UNSPECIFIED, EXTRASAMPLE_UNSPECIFIED};
  EXPECT_THAT(Greys(Decode(declared.Write(std::vector<uint8_t>{200, 30, 10, 0, 90, 255}))),
              ElementsAre(200, 0));
}

TEST(Tiff, KindsThatAreNotReadAreNamedInWords) {
  const auto message = [](const TiffFile& file, size_t bytes) {
    try {
      Decode(file.Write(std::vector<uint8_t>(bytes)));
    } catch (const Error& error) {
      EXPECT_THAT(error.hint(), HasSubstr("save it as PNG"));
      return std::string(error.what());
    }
    return std::string("none");
  };
  TiffFile lab{.width = 2, .height = 1, .samples = 3, .photometric = PHOTOMETRIC_CIELAB};
  EXPECT_EQ(
      message(lab, 6),
      "a.tif: this kind of TIFF is not read: CIELab colour, 3 samples a pixel, unsigned 8-bit");
  TiffFile rgb_float{.width = 2, .height = 1, .bits = 32, .samples = 3};
  rgb_float.photometric = PHOTOMETRIC_RGB;
  rgb_float.format = SAMPLEFORMAT_IEEEFP;
  EXPECT_THAT(message(rgb_float, 24),
              HasSubstr("RGB colour, 3 samples a pixel, 32-bit floating-point"));
  TiffFile complex_grey{.width = 1, .height = 1, .bits = 64};
  complex_grey.format = SAMPLEFORMAT_COMPLEXIEEEFP;
  EXPECT_THAT(message(complex_grey, 8), HasSubstr("grey, 1 sample a pixel, 64-bit complex"));
  TiffFile many{.width = 1, .height = 1, .samples = 12};
  many.extras.assign(11, EXTRASAMPLE_UNSPECIFIED);
  EXPECT_THAT(message(many, 12), HasSubstr("grey, 12 samples a pixel"));
}

TEST(Tiff, CompressionsThatAreNotReadAreNamed) {
  TiffFile file{.width = 2, .height = 1};
  std::string written = file.Write(std::vector<uint8_t>{1, 2});
  SetTiffValue(written, TIFFTAG_COMPRESSION, 33005);
  ROENTGEN_EXPECT_ERROR(Decode(written),
                        "this kind of TIFF is not read: its compression is JPEG 2000");
  SetTiffValue(written, TIFFTAG_COMPRESSION, 50013);
  ROENTGEN_EXPECT_ERROR(Decode(written), "its compression is number 50013");
}

/// A page with writing on it, or a radiograph, in the compressions whose damage libtiff forgives.
struct Strip {
  const char* name;
  uint16_t compression;
  bool bilevel;
};

constexpr Strip kStrips[] = {
    {"JPEG", COMPRESSION_JPEG, false},        {"Group 4", COMPRESSION_CCITTFAX4, true},
    {"Group 3", COMPRESSION_CCITTFAX3, true}, {"run lengths", COMPRESSION_CCITTRLE, true},
    {"LZW", COMPRESSION_LZW, false},          {"deflate", COMPRESSION_ADOBE_DEFLATE, false},
    {"PackBits", COMPRESSION_PACKBITS, false}};

std::string WriteStrip(const Strip& strip) {
  TiffFile file{.width = 200, .height = 120};
  file.compression = strip.compression;
  if (strip.bilevel) file.bits = 1;
  std::vector<uint8_t> pixels(strip.bilevel ? 25 * 120 : 200 * 120);
  for (size_t i = 0; i < pixels.size(); ++i) {
    const double x = static_cast<double>(i % 200);
    const double y = static_cast<double>(i / 200);
    pixels[i] = strip.bilevel ? static_cast<uint8_t>(i / 25 % 7 * 3 << i % 5)
                              : static_cast<uint8_t>(128 + 60 * std::sin(x / 9) + y / 2);
  }
  return file.Write(pixels);
}

TEST(Tiff, StripsThatLostHalfOfTheirBytesAreRefused) {
  for (const Strip& strip : kStrips) {
    SCOPED_TRACE(strip.name);
    const std::string whole = WriteStrip(strip);
    EXPECT_EQ(Decode(whole).size(), (Size{200, 120}));
    const uint32_t count = TiffValue(whole, TIFFTAG_STRIPBYTECOUNTS);
    const uint32_t begin = TiffValue(whole, TIFFTAG_STRIPOFFSETS);

    std::string halved = whole;
    SetTiffValue(halved, TIFFTAG_STRIPBYTECOUNTS, count / 2);
    ROENTGEN_EXPECT_ERROR(Decode(halved), "its pixels are damaged or missing");

    std::string zeroed = whole;
    zeroed.replace(begin + count / 2, count - count / 2, count - count / 2, '\0');
    ROENTGEN_EXPECT_ERROR(Decode(zeroed), "its pixels are damaged or missing");
    EXPECT_THAT(HintOf(zeroed), HasSubstr("if it looks broken there too"));
  }
}

TEST(Tiff, AJpegStripWithFewerRowsThanItsTagSaysIsRefused) {
  std::string written = WriteStrip(kStrips[0]);
  SetTiffValue(written, TIFFTAG_IMAGELENGTH, 240);
  SetTiffValue(written, TIFFTAG_ROWSPERSTRIP, 240);
  ROENTGEN_EXPECT_ERROR(Decode(written), "its pixels are damaged or missing");
}

}  // namespace
}  // namespace roentgen
