// Damaged and hostile files: whatever the bytes, decoding ends in a whole picture or an Error.

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/base/random.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;
using Clock = std::chrono::steady_clock;

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// One small file of every kind from the fuzzer's seeds, and the golden ones where they are.
std::vector<fs::path> SampleFiles() {
  std::vector<fs::path> files;
  for (const fs::path& folder : {test::SourceDir() / "fuzz" / "seeds" / "image_fuzz",
                                 test::GoldenRoot() / "vision" / "images"}) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

LoadOptions SmallOnly() {
  LoadOptions options;
  options.max_pixels = 1 << 18;
  return options;
}

TEST(Decode, EverySampleFileIsAPicture) {
  const auto files = SampleFiles();
  EXPECT_GE(files.size(), 31u);
  for (const fs::path& path : files) {
    const Image image = LoadImage(path, SmallOnly());
    EXPECT_EQ(image.rgb.size(), static_cast<size_t>(image.width * image.height * 3)) << path;
    EXPECT_EQ(image.provenance.source, path.string());
    EXPECT_FALSE(image.provenance.format.empty());
  }
}

TEST(Decode, ATruncatedFileIsRefusedOrWholeAnyway) {
  for (const fs::path& path : SampleFiles()) {
    const std::string content = ReadFile(path, 1 << 20);
    const Image whole = LoadImage(path, SmallOnly());
    for (size_t part = 0; part < 16; ++part) {
      const std::string_view cut = std::string_view(content).substr(0, content.size() * part / 16);
      SCOPED_TRACE(path.string() + " cut to " + std::to_string(cut.size()));
      try {
        const Image image = DecodeImage(AsBytes(cut), "cut", SmallOnly());
        // What was lost lay behind the picture, as the later frames of an animated GIF do.
        EXPECT_TRUE(image.rgb == whole.rgb);
        EXPECT_GT(part, 5u);
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("cut: "));
      }
    }
  }
}

TEST(Decode, LosingTheLastSixteenthIsNoticed) {
  for (const fs::path& path : SampleFiles()) {
    // These hold more than the first picture, or their tags, behind the pixels.
    if (path.filename() == "animated.gif" || path.filename() == "first_frame.gif") continue;
    const std::string content = ReadFile(path, 1 << 20);
    const std::string_view cut = std::string_view(content).substr(0, content.size() * 15 / 16);
    if (path.filename() == "frames.dcm") {  // of whose frames the first is whole
      EXPECT_THAT(DecodeImage(AsBytes(cut), "cut", SmallOnly()).provenance.notes,
                  testing::Contains(testing::HasSubstr("frames are in the file")));
      continue;
    }
    EXPECT_THROW(DecodeImage(AsBytes(cut), "cut", SmallOnly()), Error) << path;
  }
}

TEST(Decode, FlippedBytesNeverCrash) {
  constexpr int kVariants = 40;
  Random random(17);
  for (const fs::path& path : SampleFiles()) {
    const std::string content = ReadFile(path, 1 << 20);
    for (int variant = 0; variant < kVariants; ++variant) {
      std::string damaged = content;
      // Half of the damage goes to the first 64 bytes, where the sizes are.
      const size_t reach = variant % 2 == 0 ? std::min<size_t>(64, damaged.size()) : damaged.size();
      for (int flip = 0; flip <= variant % 4; ++flip) {
        damaged[random.NextBits() % reach] = static_cast<char>(random.NextBits());
      }
      try {
        const Image image = DecodeImage(AsBytes(damaged), "damaged", SmallOnly());
        EXPECT_EQ(image.rgb.size(), static_cast<size_t>(image.width * image.height * 3));
      } catch (const Error&) {
      }
    }
  }
}

/// Headers that claim 60,000 × 60,000 pixels, with nothing behind them.
constexpr std::array kBombs = {
    "\xff\xd8\xff\xc0\0\x11\x08\xea\x60\xea\x60\x03\x01\x11\0\x02\x11\0\x03\x11\0"
    "\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0"sv,
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x0f\xb0\xe2\x15"
    "\0\0\0\0IDAT\x35\xaf\x06\x1e"sv,
    "RIFF\0\x10\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x5f\xea\0\x5f\xea\0"sv,
    "GIF89a\x60\xea\x60\xea\0\0\0"sv,
    "BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x60\xea\0\0\x60\xea\0\0\x01\0\x18\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv,
    "II*\0\x08\0\0\0\x08\0"
    "\0\x01\x04\0\x01\0\0\0\x60\xea\0\0\x01\x01\x04\0\x01\0\0\0\x60\xea\0\0"
    "\x02\x01\x03\0\x01\0\0\0\x08\0\0\0\x03\x01\x03\0\x01\0\0\0\x01\0\0\0"
    "\x06\x01\x03\0\x01\0\0\0\x01\0\0\0\x11\x01\x04\0\x01\0\0\0\x08\0\0\0"
    "\x16\x01\x04\0\x01\0\0\0\x60\xea\0\0\x17\x01\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0"sv,
};

TEST(Decode, AGifWithoutAScreenIsAsLargeAsItsFirstFrame) {
  std::string gif = ReadFile(test::SourceDir() / "fuzz/seeds/image_fuzz/animated.gif", 1 << 20);
  const Image whole = DecodeImage(AsBytes(gif), "a.gif");
  gif.replace(6, 4, std::string(4, '\0'));
  const Image image = DecodeImage(AsBytes(gif), "a.gif");
  EXPECT_EQ(image.size(), whole.size());
  EXPECT_EQ(image.rgb, whole.rgb);
  gif.replace(6, 4, "\0\0\1\0"sv);
  EXPECT_EQ(DecodeImage(AsBytes(gif), "a.gif").size(), whole.size());
}

TEST(Decode, AHugeSizeInAHeaderIsRefusedAtOnce) {
  for (const std::string_view bomb : kBombs) {
    SCOPED_TRACE(bomb.substr(0, 4));
    const auto start = Clock::now();
    ROENTGEN_EXPECT_ERROR(DecodeImage(AsBytes(bomb), "bomb"),
                          "bomb: 60000 × 60000 pixels, more than the 178956970 accepted");
    EXPECT_LT(Clock::now() - start, std::chrono::milliseconds(100));
  }
}

TEST(Decode, ASmallFileWithALargeSizeIsRefusedBeforeItsPixelsAreAllocated) {
  // 12,000 × 12,000 is accepted as a size, but these bytes cannot hold it.
  std::string jpeg(kBombs[0]);
  jpeg.replace(7, 4, "\x2e\xe0\x2e\xe0");
  ROENTGEN_EXPECT_ERROR(DecodeImage(AsBytes(jpeg), "a"), "it ends long before its last row");
}

TEST(Decode, WhatIsNoPictureIsRefused) {
  ROENTGEN_EXPECT_ERROR(DecodeImage({}, "a.png"), "a.png: the file is empty");
  for (const std::string_view text : {"B"sv, "\xff"sv, "Dear doctor, see the attached film"sv,
                                      "RIFF\0\0\0\0XYZ fmt "sv, "GIF8"sv}) {
    EXPECT_FALSE(LooksLikeImage(AsBytes(text)));
    ROENTGEN_EXPECT_ERROR(DecodeImage(AsBytes(text), "a.png"), "a.png: not a picture");
  }
  EXPECT_TRUE(LooksLikeImage(AsBytes("\xff\xd8\xff\xe0")));
}

TEST(Decode, PathsThatCannotBeReadAreNamed) {
  const test::TemporaryFolder folder;
  WriteFile(folder.path() / "note.png", "a text");
  ROENTGEN_EXPECT_ERROR(LoadImage(folder.path() / "note.png"), "note.png: not a picture");
  ROENTGEN_EXPECT_ERROR(LoadImage(folder.path() / "none.png"), "none.png: cannot open");
  ROENTGEN_EXPECT_ERROR(LoadImage(folder.path()), "a folder where a file was expected");
}

TEST(Decode, TheFormatComesFromTheContent) {
  const test::TemporaryFolder folder;
  const fs::path seed = test::SourceDir() / "fuzz" / "seeds" / "image_fuzz" / "rgb.bmp";
  fs::copy_file(seed, folder.path() / "renamed.jpg");
  EXPECT_EQ(LoadImage(folder.path() / "renamed.jpg").provenance.format, "BMP");
}

TEST(Decode, ManyScansAreRefused) {
  const fs::path seed = test::SourceDir() / "fuzz" / "seeds" / "image_fuzz" / "progressive.jpg";
  std::string content = ReadFile(seed, 1 << 20);
  // The first scan, which ends where the tables of the next one begin, over and over.
  const size_t first = content.find("\xff\xda");
  const std::string scan = content.substr(first, content.find("\xff\xc4", first) - first);
  for (int i = 0; i < 200; ++i) content.insert(first, scan);
  ROENTGEN_EXPECT_ERROR(DecodeImage(AsBytes(content), "scans"), "more than 100 scans");
}

TEST(Decode, ProvenanceTellsWhatWasDone) {
  const fs::path seeds = test::SourceDir() / "fuzz" / "seeds" / "image_fuzz";
  LoadOptions lying;
  lying.apply_exif = false;
  const Provenance tiff = LoadImage(seeds / "grey16.tif", lying).provenance;
  EXPECT_EQ(tiff.stored, (Size{13, 11}));
  EXPECT_EQ(tiff.orientation, 8);
  EXPECT_THAT(tiff.notes, testing::ElementsAre("16-bit grey scaled from 50..3050 to 8 bits"));
  const Image png = LoadImage(seeds / "rgb.png");
  EXPECT_EQ(png.provenance.stored, (Size{19, 14}));
  EXPECT_EQ(png.provenance.orientation, 6);
  EXPECT_EQ(png.size(), (Size{14, 19}));
  EXPECT_EQ(LoadImage(seeds / "rgb.png", lying).provenance.orientation, 1);
}

TEST(Decode, AnimationsGiveTheirFirstFrame) {
  const fs::path seeds = test::SourceDir() / "fuzz" / "seeds" / "image_fuzz";
  const Image webp = LoadImage(seeds / "animated.webp");
  EXPECT_EQ(webp.size(), (Size{9, 9}));
  EXPECT_THAT(webp.provenance.notes, testing::ElementsAre("the first frame of an animation"));
  EXPECT_EQ(LoadImage(seeds / "animated.gif").size(), (Size{19, 14}));
}

}  // namespace
}  // namespace roentgen
