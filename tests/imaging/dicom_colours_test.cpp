// What the header says of colours against what the code stream says; the right colours by
// pydicom 3.

#include <gmock/gmock.h>

#include "imaging/dicom_writer.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::DicomWriter;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kNative = "1.2.840.10008.1.2.1";
constexpr std::string_view kBaseline = "1.2.840.10008.1.2.4.50";
constexpr std::string_view kExtended = "1.2.840.10008.1.2.4.51";
constexpr std::string_view kJpegLs = "1.2.840.10008.1.2.4.80";
constexpr std::string_view kJpeg2000 = "1.2.840.10008.1.2.4.90";

/// 16×16 pixels of (200, 30, 30).
std::string Stream(const std::string& name) {
  return ReadFile(test::SourceDir() / "tests/field/streams" / name, size_t{1} << 20);
}

/// red-jfif.jpg without its JFIF segment, or with Adobe's in its place.
std::string BareJpeg(const std::string& segment = "") {
  const std::string jfif = Stream("red-jfif.jpg");
  return jfif.substr(0, 2) + segment + jfif.substr(20);
}

std::string AdobeSegment(char transform) {
  return std::string(
             "\xff\xee\0\x0e"
             "Adobe\0\x64\0\0\0\0",
             15) +
         transform;
}

RawImage Read(const std::string& content) {
  return DecodeRawImage({reinterpret_cast<const uint8_t*>(content.data()), content.size()},
                        "a.dcm");
}

std::string File(std::string_view syntax, std::string_view photometric, const std::string& stream) {
  DicomWriter writer(syntax);
  writer.Text(0x00080060, "CS", "CT").Colour(16, 16, photometric);
  if (syntax == kNative) return writer.Raw(0x7fe00010, "OB", stream).bytes();
  return writer.Fragments({stream}).bytes();
}

std::string NativeRed() {
  std::string pixels;
  for (int i = 0; i < 256; ++i) pixels += "\xc8\x1e\x1e";
  return pixels;
}

enum class Shown { kRed, kUnconverted, kRefused };

Shown Show(std::string_view syntax, std::string_view photometric, const std::string& stream) {
  try {
    const RawImage image = Read(File(syntax, photometric, stream));
    const auto near = [&](int red, int green, int blue) {
      return std::abs(image.samples[0] - red) <= 2 && std::abs(image.samples[1] - green) <= 2 &&
             std::abs(image.samples[2] - blue) <= 3;
    };
    if (near(200, 30, 30)) return Shown::kRed;
    EXPECT_TRUE(near(81, 99, 213)) << "neither red nor its YCbCr";
    return Shown::kUnconverted;
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("three values a pixel"));
    return Shown::kRefused;
  }
}

TEST(DicomColours, AJfifSegmentMeansYcbcrWhereTheHeaderDoesNotSayYbr) {  // D1
  for (const std::string_view syntax : {kBaseline, kExtended}) {
    for (const char* tag : {"RGB", "HSV", "MONOCHROME2", "PALETTE COLOR", "OTHER", ""}) {
      EXPECT_EQ(Show(syntax, tag, Stream("red-jfif.jpg")), Shown::kRed) << tag;
    }
  }
  EXPECT_THAT(Read(File(kBaseline, "RGB", Stream("red-jfif.jpg"))).provenance.notes,
              ElementsAre(HasSubstr("colours taken as YCbCr")));
  EXPECT_THAT(Read(File(kBaseline, "YBR_FULL_422", Stream("red-jfif.jpg"))).provenance.notes,
              IsEmpty());
}

TEST(DicomColours, ComponentsCalledRgbAreRgbWhateverTheHeaderSays) {
  for (const char* tag :
       {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_RCT", "HSV", ""}) {
    EXPECT_EQ(Show(kBaseline, tag, Stream("red-ids-rgb.jpg")), Shown::kRed) << tag;
  }
}

TEST(DicomColours, WithoutASegmentTheHeaderCounts) {
  for (const std::string& stream :
       {BareJpeg(), BareJpeg(AdobeSegment(1)), BareJpeg(AdobeSegment(0))}) {
    EXPECT_EQ(Show(kBaseline, "RGB", stream), Shown::kUnconverted);  // as pydicom, not as Adobe
    EXPECT_EQ(Show(kBaseline, "YBR_FULL", stream), Shown::kRed);
    EXPECT_EQ(Show(kBaseline, "YBR_FULL_422", stream), Shown::kRed);
  }
}

TEST(DicomColours, ATagThatIsNotUnderstoodLeavesItToTheStream) {  // D3
  for (const char* tag :
       {"YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_FULL_420", "YBR_ICT", "YBR_RCT", "OTHER", ""}) {
    SCOPED_TRACE(tag);
    EXPECT_EQ(Show(kBaseline, tag, Stream("red-jfif.jpg")), Shown::kRed);
    EXPECT_EQ(Show(kBaseline, tag, BareJpeg(AdobeSegment(1))), Shown::kRed);
    EXPECT_EQ(Show(kBaseline, tag, BareJpeg(AdobeSegment(0))), Shown::kUnconverted);
    EXPECT_EQ(Show(kBaseline, tag, BareJpeg()), Shown::kRefused);
  }
}

TEST(DicomColours, OtherCodecsFollowTheSameRule) {
  const std::pair<std::string_view, std::string> forms[] = {
      {kNative, NativeRed()}, {kJpegLs, Stream("red.jls")}, {kJpeg2000, Stream("red.j2k")}};
  for (const auto& [syntax, stream] : forms) {
    SCOPED_TRACE(syntax);
    // YBR_RCT and YBR_ICT are undone by JPEG 2000's decoder, and stay in files decompressed from
    // it.
    for (const char* tag : {"RGB", "YBR_RCT", "YBR_ICT", "MONOCHROME2"}) {
      EXPECT_EQ(Show(syntax, tag, stream), Shown::kRed) << tag;
    }
    for (const char* tag :
         {"YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_FULL_420", "HSV", "OTHER", ""}) {
      EXPECT_EQ(Show(syntax, tag, stream), Shown::kRefused) << tag;
    }
  }
}

TEST(DicomColours, NativeHalvedChromaThatIsNotHalvedIsRefused) {  // D3
  ROENTGEN_EXPECT_ERROR(Read(File(kNative, "YBR_FULL_422", NativeRed())),
                        "a third too long for YBR_FULL_422");
  std::string halved;
  for (int i = 0; i < 128; ++i) halved += "\x51\x51\x63\xd5";
  const RawImage image = Read(File(kNative, "YBR_FULL_422", halved));
  EXPECT_NEAR(image.samples[0], 200, 1);
  EXPECT_NEAR(image.samples[1], 30, 1);
}

}  // namespace
}  // namespace roentgen
