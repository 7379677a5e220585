// Code streams that lack a piece, carry something more, or say more than the header.

#include <gmock/gmock.h>

#include <algorithm>

#include "imaging/dicom_writer.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::DicomWriter;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kBaseline = "1.2.840.10008.1.2.4.50";
constexpr std::string_view kLosslessJpeg = "1.2.840.10008.1.2.4.70";
constexpr std::string_view kJpegLs = "1.2.840.10008.1.2.4.80";
constexpr std::string_view kJpeg2000 = "1.2.840.10008.1.2.4.91";

const std::string kEnd = "\xff\xd9";

std::string Stream(const std::string& name) {
  return ReadFile(test::SourceDir() / "tests/field/streams" / name, size_t{1} << 20);
}

RawImage Read(const std::string& content, size_t frame = 1) {
  return DecodeRawImage({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, "a.dcm",
                        kMaxImagePixels, {.frame = frame});
}

std::string Grey(std::string_view syntax, uint16_t side, uint16_t allocated, uint16_t stored,
                 const std::string& stream, std::string_view window_center = "2048") {
  DicomWriter writer(syntax);
  writer.Grey(side, side, allocated, stored);
  writer.Text(0x00281050, "DS", window_center).Text(0x00281051, "DS", "4096");
  return writer.Fragments({stream}).bytes();
}

std::string Lossless(const std::string& stream) {
  return Grey(kLosslessJpeg, 32, 16, 12, stream);
}

TEST(DicomCodecs, LosslessJpegIsCountedCodeByCode) {  // A2
  const std::string stream = Stream("noise-12.ljpg");
  const std::vector<uint8_t> whole = Read(Lossless(stream)).samples;
  EXPECT_EQ(whole, Read(Grey(kJpegLs, 32, 16, 12, Stream("noise-12.jls"))).samples);
  std::vector<std::string> damaged = {stream.substr(0, stream.size() / 2) + kEnd,
                                      stream.substr(0, stream.size() - 2),
                                      stream.substr(0, stream.size() - 40) + kEnd};
  for (const size_t hole : {3, 20, 500}) {
    damaged.push_back(stream.substr(0, 600) + stream.substr(600 + hole));
  }
  std::string zeroed = stream;
  zeroed.replace(600, 200, 200, '\0');
  damaged.push_back(zeroed);
  for (const std::string& part : damaged) {
    ROENTGEN_EXPECT_ERROR(Read(Lossless(part)), "its JPEG stream is damaged or cut short");
  }
}

TEST(DicomCodecs, WhatFollowsTheEndOfAJpegDoesNotMatter) {  // B1
  const std::string stream = Stream("noise-12.ljpg");
  const std::vector<uint8_t> whole = Read(Lossless(stream)).samples;
  for (const char* padding : {"\x20", "\xcc", "\x33", "\xff", "\xff\xd9", "more"}) {
    EXPECT_EQ(Read(Lossless(stream + padding)).samples, whole);
  }
  EXPECT_EQ(Read(Lossless(stream.substr(0, stream.size() - 2) + '\0' + kEnd)).samples, whole);
}

TEST(DicomCodecs, JpegLsWithZerosBeforeItsEnd) {  // B3
  const std::vector<std::pair<const char*, uint16_t>> streams = {{"noise-12.jls", 12},
                                                                 {"noise-8.jls", 8}};
  for (const auto& [name, bits] : streams) {
    const uint16_t allocated = bits > 8 ? 16 : 8;
    const std::string stream = Stream(name);
    const auto read = [&, bits = bits](const std::string& content) {
      return Read(Grey(kJpegLs, 32, allocated, bits, content)).samples;
    };
    const std::string body = stream.substr(0, stream.size() - 2);
    EXPECT_EQ(read(body + '\0' + kEnd), read(stream));
    EXPECT_EQ(read(stream + "\x20"), read(stream));
    ROENTGEN_EXPECT_ERROR(read(body.substr(0, body.size() / 2) + kEnd), "JPEG-LS stream");
    ROENTGEN_EXPECT_ERROR(read(body + "abcdefgh" + kEnd), "JPEG-LS stream");
  }
}

TEST(DicomCodecs, ASpiffHeaderOfJpegLsIsNotBelieved) {
  const std::string stream = Stream("noise-12.jls");
  std::string spiff = stream;
  const size_t colours = spiff.find("SPIFF") + 17;
  ASSERT_LT(colours, spiff.size());
  spiff[colours] = 10;  // RGB, of one component
  EXPECT_EQ(Read(Grey(kJpegLs, 32, 16, 12, spiff)).samples,
            Read(Grey(kJpegLs, 32, 16, 12, stream)).samples);
}

TEST(DicomCodecs, LossyOvershootIsWhite) {  // A3
  const auto is_white = [](const RawImage& image) {
    for (size_t y = 22; y < 38; ++y) {
      for (size_t x = 22; x < 38; ++x) {
        if (image.samples[64 * y + x] < 230) return false;
      }
    }
    return true;
  };
  EXPECT_TRUE(is_white(Read(Grey(kJpeg2000, 64, 16, 12, Stream("overshoot-16.j2k")))));
  std::string is_signed = Grey(kJpeg2000, 64, 16, 12, Stream("overshoot-16-signed.j2k"), "0");
  const size_t representation = is_signed.find(std::string("\x28\0\x03\x01US\x02\0", 8));
  is_signed[representation + 8] = 1;
  EXPECT_TRUE(is_white(Read(is_signed)));
}

TEST(DicomCodecs, TheStreamsBitsCountNotBitsStored) {
  const RawImage image = Read(Grey(kJpeg2000, 32, 16, 10, Stream("ramp-12.j2k")));
  EXPECT_TRUE(std::is_sorted(image.samples.begin(), image.samples.end()));
  EXPECT_EQ(image.samples.back(), 255);
}

/// Five frames of a cine of which so many are there, each in so many fragments.
std::string Cine(size_t fragments, size_t each, bool with_offsets) {
  const std::string frame = Stream("red-jfif.jpg");
  const size_t half = frame.size() / 4 * 2;
  std::vector<std::string> parts;
  std::string offsets;
  uint32_t offset = 0;
  for (int i = 0; i < 5; ++i) {
    for (int byte = 0; byte < 4; ++byte) offsets += static_cast<char>(offset >> 8 * byte & 255);
    const std::vector<std::string> own =
        each == 1 ? std::vector{frame} : std::vector{frame.substr(0, half), frame.substr(half)};
    for (const std::string& part : own) {
      parts.push_back(part);
      offset += static_cast<uint32_t>(8 + part.size() + part.size() % 2);
    }
  }
  parts.resize(fragments);
  DicomWriter writer(kBaseline);
  writer.Text(0x00280008, "IS", "5").Colour(16, 16, "YBR_FULL_422");
  return writer.Fragments(parts, with_offsets ? offsets : "").bytes();
}

TEST(DicomCodecs, TheFramesOfACutCineThatAreThere) {  // D11
  for (const bool with_offsets : {false, true}) {
    for (const auto& [fragments, each] : {std::pair<size_t, size_t>{3, 1}, {6, 2}}) {
      const std::string file = Cine(fragments, each, with_offsets);
      for (size_t frame = 1; frame <= 3; ++frame) {
        const RawImage image = Read(file, frame);
        EXPECT_NEAR(image.samples[0], 200, 2);
        EXPECT_THAT(image.provenance.notes, Contains("only 3 of 5 frames are in the file"));
      }
      ROENTGEN_EXPECT_ERROR(Read(file, 4), "frame 4 is not in the file: 3 of its 5 frames are");
      ROENTGEN_EXPECT_ERROR(Read(file, 6), "frame 6 was asked for, it has 5");
    }
    // As many fragments as frames, but of two and a half of them.
    const std::string file = Cine(5, 2, with_offsets);
    EXPECT_NEAR(Read(file, 2).samples[0], 200, 2);
    ROENTGEN_EXPECT_ERROR(Read(file, 3), "a.dcm: ");
    ROENTGEN_EXPECT_ERROR(Read(file, 4), "frame 4 is not in the file");
    EXPECT_NEAR(Read(Cine(10, 2, with_offsets), 5).samples[0], 200, 2);
  }
  DicomWriter native;
  native.Text(0x00280008, "IS", "3").Grey(1, 2, 8, 8);
  native.Raw(0x7fe00010, "OB", std::string("\1\2\3\4", 4));
  EXPECT_THAT(Read(native.bytes(), 2).samples, ElementsAre(0, 255));
  ROENTGEN_EXPECT_ERROR(Read(native.bytes(), 3), "frame 3 is not in the file: 2 of its 3");
}

std::string Offsets(std::initializer_list<uint32_t> offsets) {
  std::string table;
  for (const uint32_t offset : offsets) {
    for (int byte = 0; byte < 4; ++byte) table += static_cast<char>(offset >> 8 * byte & 255);
  }
  return table;
}

/// Frames of four grey values, `10 · frame` at first, as run lengths in so many fragments each.
std::vector<std::string> RunLengths(int frames, size_t each) {
  std::vector<std::string> fragments;
  for (int frame = 1; frame <= frames; ++frame) {
    std::string coded = Offsets({1, 64}) + std::string(56, '\0') + '\3';
    for (const int value : {10 * frame, 0, 255, 0}) coded += static_cast<char>(value);
    coded += std::string(81, '\x80');  // which means nothing
    const size_t part = (coded.size() / each + 1) / 2 * 2;
    for (size_t i = 0; i < each; ++i) {
      fragments.push_back(coded.substr(i * part, i + 1 < each ? part : std::string::npos));
    }
  }
  return fragments;
}

std::string RunLengthFile(std::string_view frames, const std::vector<std::string>& fragments,
                          const std::string& offsets = "") {
  DicomWriter writer("1.2.840.10008.1.2.5");
  writer.Text(0x00280008, "IS", frames).Grey(2, 2, 8, 8);
  return writer.Fragments(fragments, offsets).bytes();
}

TEST(DicomCodecs, FramesOfRunLengthsBeginWithTheirHeaders) {
  for (const auto& [file, present] :
       {std::pair(RunLengthFile("3", RunLengths(5, 1)), 3),
        std::pair(RunLengthFile("5", RunLengths(5, 2)), 5),
        std::pair(RunLengthFile("5", RunLengths(3, 1), Offsets({0, 158, 316})), 3),
        std::pair(RunLengthFile("5", RunLengths(3, 2)), 3),
        std::pair(RunLengthFile("5", RunLengths(5, 1), Offsets({0, 0, 0, 0, 0})), 5)}) {
    for (int frame = 1; frame <= present; ++frame) {
      EXPECT_EQ(Read(file, static_cast<size_t>(frame)).samples[0], 10 * frame);
    }
  }
  // Each fragment is a frame's, though one is damaged.
  std::vector<std::string> damaged = RunLengths(5, 1);
  damaged[2][4] = 63;
  EXPECT_EQ(Read(RunLengthFile("5", damaged), 4).samples[0], 40);
  ROENTGEN_EXPECT_ERROR(Read(RunLengthFile("5", damaged), 3), "its run lengths end early");
}

TEST(DicomCodecs, OffsetsThatDoNotIncreaseAreNotBelieved) {
  const std::vector<std::string> fragments = RunLengths(4, 2);
  const auto size = static_cast<uint32_t>(fragments[0].size() + fragments[1].size() + 16);
  const std::string tables[] = {Offsets({0, 0, 0, 0}), Offsets({0, size, size, 3 * size}),
                                Offsets({0, 2 * size, size, 3 * size}),
                                Offsets({size, 2 * size, 3 * size, 4 * size}),
                                Offsets({0, size, 2 * size, 3 * size})};
  for (const std::string& table : tables) {
    const std::string file = RunLengthFile("4", fragments, table);
    for (int frame = 1; frame <= 4; ++frame) {
      EXPECT_EQ(Read(file, static_cast<size_t>(frame)).samples[0], 10 * frame);
    }
  }
  // Without such headers there is nothing to find the frames by.
  DicomWriter deflated("1.2.840.10008.1.2.8.1");
  deflated.Text(0x00280008, "IS", "4").Grey(2, 2, 8, 8).Fragments(fragments, tables[0]);
  ROENTGEN_EXPECT_ERROR(Read(deflated.bytes(), 2), "its 8 compressed parts are not those of 4");
}

TEST(DicomCodecs, AFileCutWithinAFrameShowsTheFramesBeforeIt) {
  const std::string whole = Cine(5, 1, true);
  const size_t frame_bytes = Stream("red-jfif.jpg").size() + 8;
  const size_t end = whole.size() - 8;  // of the last frame; its delimiter follows
  for (const size_t missing :
       {frame_bytes + 4, frame_bytes / 2 + frame_bytes, 2 * frame_bytes - 9}) {
    const std::string cut = whole.substr(0, end - missing);
    for (size_t frame = 1; frame <= 3; ++frame) {
      const RawImage image = Read(cut, frame);
      EXPECT_NEAR(image.samples[0], 200, 2);
      EXPECT_THAT(image.provenance.notes, Contains("only 3 of 5 frames are in the file"));
    }
    ROENTGEN_EXPECT_ERROR(Read(cut, 4), "frame 4 is not in the file: 3 of its 5 frames are");
  }
  // Of the second frame one of two fragments is there, then none is whole.
  const std::string halves = Cine(10, 2, false);
  const size_t pixels = halves.size() - 8 - 5 * (frame_bytes + 8);
  const std::string cut = halves.substr(0, pixels + frame_bytes + 8 + 8 + 2 + frame_bytes / 2);
  EXPECT_NEAR(Read(cut, 1).samples[0], 200, 2);
  ROENTGEN_EXPECT_ERROR(Read(cut, 2), "a.dcm: ");
  ROENTGEN_EXPECT_ERROR(Read(halves.substr(0, pixels + 20), 1), "ends in the middle of an element");

  DicomWriter native;
  native.Text(0x00280008, "IS", "3").Grey(1, 2, 8, 8);
  const std::string bytes = native.Raw(0x7fe00010, "OB", "\1\2\3\4\5\6").bytes();
  const RawImage image = Read(bytes.substr(0, bytes.size() - 1), 2);
  EXPECT_THAT(image.samples, ElementsAre(0, 255));
  EXPECT_THAT(image.provenance.notes, Contains("only 2 of 3 frames are in the file"));
  ROENTGEN_EXPECT_ERROR(Read(bytes.substr(0, bytes.size() - 1), 3), "frame 3 is not in the file");
  ROENTGEN_EXPECT_ERROR(Read(bytes.substr(0, bytes.size() - 5), 1), "its pixels end early");

  DicomWriter bits;
  bits.Text(0x00280008, "IS", "3").Grey(2, 4, 1, 1);
  const std::string packed = bits.Raw(0x7fe00010, "OB", "\1\2\3\4").bytes();
  EXPECT_THAT(Read(packed.substr(0, packed.size() - 2), 2).provenance.notes,
              Contains("only 2 of 3 frames are in the file"));
  ROENTGEN_EXPECT_ERROR(Read(packed.substr(0, packed.size() - 2), 3), "frame 3 is not in the file");
}

TEST(DicomCodecs, AFrameWhoseFirstBytesAreDamagedIsNotAnothersPlace) {
  const std::string frame = Stream("red-jfif.jpg");
  std::string brighter = frame;  // by another table of quantization
  brighter[brighter.find("\xff\xdb") + 5] = 1;
  const size_t half = frame.size() / 4 * 2;
  for (const bool in_two : {false, true}) {
    for (size_t damaged = 1; damaged <= 3; ++damaged) {
      std::vector<std::string> fragments;
      for (size_t i = 1; i <= 3; ++i) {
        std::string own = i == 3 ? brighter : frame;
        if (i == damaged) own[0] = '\0';
        if (in_two) {
          fragments.push_back(own.substr(0, half));
          own = own.substr(half);
        }
        fragments.push_back(own);
      }
      DicomWriter writer(kBaseline);
      writer.Text(0x00280008, "IS", "3").Colour(16, 16, "YBR_FULL_422").Fragments(fragments);
      ROENTGEN_EXPECT_ERROR(Read(writer.bytes(), damaged), "a.dcm: ");
      for (size_t other = 1; other <= 3; ++other) {
        if (other == damaged) continue;
        EXPECT_NEAR(Read(writer.bytes(), other).samples[0], other == 3 ? 224 : 200, 2);
      }
    }
  }
}

TEST(DicomCodecs, ADamagedStreamIsNotForAnImageViewer) {
  DicomWriter writer(kBaseline);
  writer.Colour(16, 16, "YBR_FULL_422");
  const std::string jpeg = Stream("red-jfif.jpg");
  writer.Fragments({jpeg.substr(0, jpeg.size() - 40)});
  try {
    Read(writer.bytes());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a.dcm: "));
    EXPECT_THAT(error.hint(), HasSubstr("was cut; copy or export it again"));
  }
}

TEST(DicomCodecs, NoFramesAreOne) {  // D4
  DicomWriter writer(kBaseline);
  writer.Text(0x00280008, "IS", "0").Colour(16, 16, "YBR_FULL_422");
  const RawImage image = Read(writer.Fragments({Stream("red-jfif.jpg")}).bytes());
  EXPECT_NEAR(image.samples[0], 200, 2);
  EXPECT_EQ(image.provenance.frames, 1u);
}

}  // namespace
}  // namespace roentgen
