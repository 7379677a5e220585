#include <gmock/gmock.h>

#include <functional>

#include "imaging/dicom_writer.h"
#include "roentgen/base/error.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::DicomWriter;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::span<const uint8_t> AsBytes(const std::string& content) {
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

RawImage Read(const std::string& content, const DicomView& view = {}) {
  return DecodeRawImage(AsBytes(content), "a.dcm", kMaxImagePixels, view);
}

std::string FourValues(const std::function<void(DicomWriter&)>& more = {},
                       std::string_view photometric = "MONOCHROME2") {
  DicomWriter writer;
  writer.Text(0x00080060, "CS", "CT")
      .Text(0x00100010, "PN", "Doe^Jane")
      .Grey(2, 2, 16, 16, photometric);
  if (more) more(writer);
  writer.Raw(0x7fe00010, "OW", DicomWriter::Words({0, 1000, 2000, 4000}));
  return writer.bytes();
}

TEST(Dicom, WithoutAWindowTheValuesSpanTheGreys) {
  const RawImage image = Read(FourValues());
  EXPECT_THAT(image.samples, ElementsAre(0, 64, 128, 255));
  EXPECT_EQ(image.provenance.format, "DICOM");
  EXPECT_EQ(image.provenance.modality, "CT");
  EXPECT_EQ(image.provenance.window, "0..4000");
}

TEST(Dicom, TheFilesWindowAppliesToRescaledValues) {
  const std::string file = FourValues([](DicomWriter& writer) {
    writer.Text(0x00281050, "DS", "1000\\7").Text(0x00281051, "DS", "2001\\9");
    writer.Text(0x00281052, "DS", "-1000").Text(0x00281053, "DS", "1");
  });
  // −1000, 0, 1000, 3000 in a window from 0 to 2000.
  const RawImage image = Read(file);
  EXPECT_THAT(image.samples, ElementsAre(0, 0, 128, 255));
  EXPECT_EQ(image.provenance.window, "2001/1000");
}

TEST(Dicom, AWindowThatIsAskedForComesFirst) {
  const std::string file = FourValues([](DicomWriter& writer) {
    writer.Text(0x00281050, "DS", "1000").Text(0x00281051, "DS", "2000");
  });
  const RawImage image = Read(file, {.window = ParseDicomWindow("4001/2000")});
  EXPECT_THAT(image.samples, ElementsAre(0, 64, 128, 255));
  EXPECT_EQ(image.provenance.window, "4001/2000");
}

TEST(Dicom, WindowsByName) {
  EXPECT_EQ(DescribeDicomWindow(ParseDicomWindow("lung")), "1500/-600");
  EXPECT_EQ(DescribeDicomWindow(ParseDicomWindow("bone")), "2500/480");
  for (const char* wrong : {"", "400", "400/", "0/40", "a/b", "1e300/1", "400/40/1", "Lung"}) {
    ROENTGEN_EXPECT_ERROR(ParseDicomWindow(wrong), "no window");
  }
}

TEST(Dicom, Monochrome1IsInvertedLast) {
  EXPECT_THAT(Read(FourValues({}, "MONOCHROME1")).samples, ElementsAre(255, 191, 127, 0));
}

TEST(Dicom, WindowShapes) {
  const auto with = [](std::string_view function) {
    return FourValues([&](DicomWriter& writer) {
      writer.Text(0x00281050, "DS", "2000").Text(0x00281051, "DS", "4000");
      writer.Text(0x00281056, "CS", function);
    });
  };
  EXPECT_THAT(Read(with("LINEAR_EXACT")).samples, ElementsAre(0, 64, 128, 255));
  // 255 / (1 + exp(−4 · (x − 2000) / 4000))
  EXPECT_THAT(Read(with("SIGMOID")).samples, ElementsAre(30, 69, 128, 225));
}

TEST(Dicom, LookupTables) {
  const auto table = [](uint32_t sequence) {
    return [sequence](DicomWriter& writer) {
      DicomWriter item("");
      const std::string begin = item.bytes();
      item.Raw(0x00283002, "US", DicomWriter::Words({3, 999, 8}));
      item.Raw(0x00283006, "OW", DicomWriter::Words({10, 20, 30}));
      const std::string value = item.bytes().substr(begin.size());
      writer.Head(sequence, "SQ", static_cast<uint32_t>(value.size()) + 8);
      writer.Item(0xfffee000, static_cast<uint32_t>(value.size())).Bytes(value);
    };
  };
  // Below 999 the first entry, above 1001 the last.
  const RawImage voi = Read(FourValues(table(0x00283010)));
  EXPECT_THAT(voi.samples, ElementsAre(10, 20, 30, 30));
  EXPECT_EQ(voi.provenance.window, "lookup table");
  EXPECT_THAT(Read(FourValues(table(0x00283000))).samples, ElementsAre(0, 128, 255, 255));
}

TEST(Dicom, SegmentedPalette) {
  DicomWriter writer;
  writer.Grey(1, 4, 8, 8, "PALETTE COLOR");
  for (int channel = 0; channel < 3; ++channel) {
    writer.Raw(0x00281101 + channel, "US", DicomWriter::Words({5, 0, 16}));
    // One entry, then a line of two up to 0x3000, then the first segment again.
    writer.Raw(0x00281221 + channel, "OW",
               DicomWriter::Words({0, 1, 0x1000, 1, 2, 0x3000, 2, 1, 0, 0}));
  }
  writer.Raw(0x7fe00010, "OB", std::string("\0\1\2\3", 4));
  EXPECT_THAT(Read(writer.bytes()).samples,
              ElementsAre(0x10, 0x10, 0x10, 0x20, 0x20, 0x20, 0x30, 0x30, 0x30, 0x10, 0x10, 0x10));
}

TEST(Dicom, AFrameOfMany) {
  DicomWriter writer;
  writer.Text(0x00280008, "IS", "2").Grey(1, 2, 8, 8);
  writer.Raw(0x7fe00010, "OB", std::string("\0\1\2\3", 4));
  const RawImage image = Read(writer.bytes(), {.frame = 2});
  EXPECT_THAT(image.samples, ElementsAre(0, 255));
  EXPECT_EQ(image.provenance.window, "2..3");
  EXPECT_EQ(image.provenance.frame, 2u);
  EXPECT_EQ(image.provenance.frames, 2u);
  ROENTGEN_EXPECT_ERROR(Read(writer.bytes(), {.frame = 3}), "frame 3 was asked for, it has 2");
}

TEST(Dicom, ValuesAboveTheStoredBitsDoNotCount) {
  DicomWriter writer;
  writer.Grey(1, 2, 16, 12);
  writer.Raw(0x7fe00010, "OW", DicomWriter::Words({0xf000, 0xffff}));
  EXPECT_EQ(Read(writer.bytes()).provenance.window, "0..4095");
}

TEST(Dicom, BurnedInTextIsWarnedOf) {
  const std::string file =
      FourValues([](DicomWriter& writer) { writer.Text(0x00280301, "CS", "YES"); });
  EXPECT_THAT(Read(file).provenance.notes, ElementsAre(HasSubstr("burned into the picture")));
  EXPECT_THAT(Read(FourValues()).provenance.notes, IsEmpty());
}

TEST(Dicom, WithoutPreamble) {
  const std::string whole = FourValues();
  const std::string bare = whole.substr(132);  // begins with the meta group's syntax
  ROENTGEN_EXPECT_ERROR(Read(bare), "not a picture");
  EXPECT_THAT(Read(bare.substr(bare.find("\x08\0\x60\0", 0, 4))).samples,
              ElementsAre(0, 64, 128, 255));
}

TEST(Dicom, WhatCannotBeShownSaysWhy) {
  DicomWriter colour;
  colour.Grey(1, 1, 8, 8).Word(0x00280002, 3).Text(0x00280004, "CS", "RGB");
  colour.Raw(0x7fe00010, "OB", std::string("\1\2\3\0", 4));
  EXPECT_THAT(Read(colour.bytes()).samples, ElementsAre(1, 2, 3));
  ROENTGEN_EXPECT_ERROR(Read(colour.bytes(), {.window = DicomWindow{40, 400}}),
                        "the picture is in colour");

  DicomWriter film("1.2.840.10008.1.2.4.102");
  film.Grey(1, 1, 8, 8).Raw(0x7fe00010, "OB", std::string(2, '\0'));
  ROENTGEN_EXPECT_ERROR(Read(film.bytes()), "1.2.840.10008.1.2.4.102 cannot be read");

  DicomWriter report;
  report.Text(0x00080060, "CS", "SR");
  ROENTGEN_EXPECT_ERROR(Read(report.bytes()), "it holds no picture: Rows is missing");

  DicomWriter huge;
  huge.Grey(65535, 65535, 8, 8).Raw(0x7fe00010, "OB", std::string(2, '\0'));
  ROENTGEN_EXPECT_ERROR(Read(huge.bytes()), "more than the");

  DicomWriter short_pixels;
  short_pixels.Grey(4, 4, 8, 8).Raw(0x7fe00010, "OB", std::string(14, '\0'));
  ROENTGEN_EXPECT_ERROR(Read(short_pixels.bytes()), "its pixels end early");

  ROENTGEN_EXPECT_ERROR(Read(std::string("GIF89a"), {.frame = 2}),
                        "frames and windows are of DICOM");
}

TEST(Dicom, ALengthBeyondTheFileTakesNoMemory) {
  DicomWriter writer;
  writer.Head(0x00091001, "UN", 0xfffffff0);
  ROENTGEN_EXPECT_ERROR(Read(writer.bytes()), "ends in the middle of an element");
}

TEST(Dicom, SequencesWithoutEndAreRefused) {
  DicomWriter writer;
  for (int depth = 0; depth < 100; ++depth) {
    writer.Head(0x00081140, "SQ", 0xffffffff).Item(0xfffee000, 0xffffffff);
  }
  ROENTGEN_EXPECT_ERROR(Read(writer.bytes()), "nested too deeply");
}

TEST(Dicom, EveryCutIsAnErrorThatNamesTheFile) {
  const std::string file = FourValues([](DicomWriter& writer) {
    writer.Head(0x00081140, "SQ", 0xffffffff).Item(0xfffee000, 0xffffffff);
    writer.Text(0x00080060, "CS", "MR").Item(0xfffee00d, 0).Item(0xfffee0dd, 0);
    writer.Text(0x00281050, "DS", "1000").Text(0x00281051, "DS", "2000");
  });
  EXPECT_EQ(Read(file).provenance.modality, "CT");  // the one inside the sequence is another's
  for (size_t size = 1; size < file.size(); ++size) {
    ROENTGEN_EXPECT_ERROR(Read(file.substr(0, size)), "a.dcm: ");
  }
}

}  // namespace
}  // namespace roentgen
