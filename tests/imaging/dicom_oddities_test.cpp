// Headers that are wrong, ambiguous or of other kinds, with the values that pydicom 3 reads.

#include <gmock/gmock.h>
#include <zlib.h>

#include <bit>
#include <functional>

#include "imaging/dicom_writer.h"
#include "roentgen/base/error.h"
#include "roentgen/imaging/dicom_dataset.h"
#include "roentgen/imaging/load.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::DicomWriter;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kImplicit = "1.2.840.10008.1.2";
constexpr std::string_view kExplicit = "1.2.840.10008.1.2.1";
constexpr std::string_view kDeflated = "1.2.840.10008.1.2.1.99";

using More = std::function<void(DicomWriter&)>;

RawImage Read(const std::string& content, const DicomView& view = {}) {
  return DecodeRawImage({reinterpret_cast<const uint8_t*>(content.data()), content.size()}, "a.dcm",
                        kMaxImagePixels, view);
}

/// Four values of 16 bits in a row, of which `stored` are stored.
std::string Row(std::initializer_list<int> values, const More& more = {}, uint16_t stored = 16,
                bool is_signed = false, DicomWriter writer = DicomWriter()) {
  writer.Text(0x00080060, "CS", "CT").Grey(1, 4, 16, stored);
  if (is_signed) writer.Word(0x00280103, 1);
  if (more) more(writer);
  return writer.Raw(0x7fe00010, "OW", DicomWriter::Words(values)).bytes();
}

/// A file whose elements are implicit, as it says.
DicomWriter ImplicitFile() {
  return DicomWriter(kImplicit).Implicit();
}

More Window(std::string_view center, std::string_view width) {
  return [=](DicomWriter& writer) {
    writer.Text(0x00281050, "DS", center).Text(0x00281051, "DS", width);
  };
}

/// A table of four entries 0, 85, 170, 255 for the values from `first` on.
DicomWriter Table(int first, std::string_view vr, bool implicit) {
  DicomWriter item = DicomWriter::Elements(implicit);
  item.Raw(0x00283002, vr, DicomWriter::Words({4, first, 8}));
  return item.Raw(0x00283006, "OW", DicomWriter::Words({0, 85, 170, 255}));
}

TEST(DicomOddities, ExplicitElementsUnderAnImplicitSyntax) {  // D5
  EXPECT_THAT(Read(Row({0, 1000, 2000, 4000}, {}, 16, false, DicomWriter(kImplicit))).samples,
              ElementsAre(0, 64, 128, 255));
  EXPECT_THAT(Read(Row({0, 1000, 2000, 4000}, {}, 16, false, ImplicitFile())).samples,
              ElementsAre(0, 64, 128, 255));
}

TEST(DicomOddities, AGroupKeptAsUnIsRead) {  // D16, A5
  const DicomWriter window =
      DicomWriter::Elements(true).Text(0x00281050, "DS", "200").Text(0x00281051, "DS", "400");
  const DicomWriter rescale =
      DicomWriter::Elements(true).Text(0x00281052, "DS", "-1024").Text(0x00281053, "DS", "1");
  const DicomWriter group = DicomWriter::Elements(true)
                                .Sequence(0x00289132, "UN", window)
                                .Sequence(0x00289145, "UN", rescale);
  for (const uint32_t tag : {0x52009229u, 0x52009230u}) {
    const RawImage image =
        Read(Row({0, 1024, 1224, 1424}, [&](DicomWriter& w) { w.Sequence(tag, "UN", group); }));
    EXPECT_THAT(image.samples, ElementsAre(0, 0, 128, 255));
    EXPECT_EQ(image.provenance.window, "400/200");
  }
  for (const uint32_t tag : {0x00283000u, 0x00283010u}) {
    const RawImage image = Read(Row({8, 9, 10, 30}, [&](DicomWriter& writer) {
      writer.Sequence(tag, "UN", Table(8, "US", /*implicit=*/true));
    }));
    EXPECT_THAT(image.samples, ElementsAre(0, 85, 170, 255));
  }
}

TEST(DicomOddities, AUnGroupThatHoldsNoItemsIsAnError) {
  ROENTGEN_EXPECT_ERROR(Read(Row({0, 1, 2, 3},
                                 [](DicomWriter& writer) {
                                   writer.Raw(0x52009229, "UN", "neither items nor nothing");
                                 })),
                        "something else than items");
}

TEST(DicomOddities, TheSignOfATablesFirstValueIsNotTakenFromTheFrame) {  // D9
  for (const uint32_t tag : {0x00283010u, 0x00283000u}) {
    for (const bool implicit : {false, true}) {
      SCOPED_TRACE(implicit);
      const auto read = [&](std::initializer_list<int> values, int first, std::string_view vr,
                            bool is_signed) {
        const RawImage image = Read(Row(
            values,
            [&](DicomWriter& writer) { writer.Sequence(tag, "SQ", Table(first, vr, implicit)); },
            16, is_signed, implicit ? ImplicitFile() : DicomWriter(kExplicit)));
        return image.samples;
      };
      // No value of the frame is negative, and yet the table begins at −1.
      const bool modality = tag == 0x00283000;  // whose values 85, 170, 255 are then shown by range
      EXPECT_THAT(read({0, 1, 2, 2}, -1, "SS", true),
                  modality ? ElementsAre(0, 128, 255, 255) : ElementsAre(85, 170, 255, 255));
      EXPECT_THAT(read({-1, 0, 1, 2}, -1, "SS", true), ElementsAre(0, 85, 170, 255));
      EXPECT_THAT(read({40000, 40001, 40002, 40003}, 40000, "US", false),
                  ElementsAre(0, 85, 170, 255));
    }
  }
}

TEST(DicomOddities, ATableBehindARescaleIsSignedAsItsValuesAre) {
  for (const bool implicit : {false, true}) {
    const RawImage image = Read(Row(
        {1024, 1025, 1026, 1027},
        [&](DicomWriter& writer) {
          writer.Text(0x00281052, "DS", "-1024").Text(0x00281053, "DS", "1");
          writer.Sequence(0x00283010, "SQ", Table(-1, "US", implicit));
        },
        16, false, implicit ? ImplicitFile() : DicomWriter(kExplicit)));
    EXPECT_THAT(image.samples, ElementsAre(85, 170, 255, 255));
  }
}

TEST(DicomOddities, APaletteOfSignedValues) {  // A7
  for (const bool implicit : {false, true}) {
    DicomWriter writer = implicit ? ImplicitFile() : DicomWriter(kExplicit);
    writer.Grey(1, 4, 8, 8, "PALETTE COLOR").Word(0x00280103, 1);
    for (uint32_t channel = 0; channel < 3; ++channel) {
      writer.Raw(0x00281101 + channel, "SS", DicomWriter::Words({4, -2, 16}));
      writer.Raw(0x00281201 + channel, "OW", DicomWriter::Words({0x1000, 0x2000, 0x3000, 0x4000}));
    }
    writer.Raw(0x7fe00010, "OB", std::string("\xfe\xff\0\1", 4));
    EXPECT_THAT(Read(writer.bytes()).samples, ElementsAre(0x10, 0x10, 0x10, 0x20, 0x20, 0x20, 0x30,
                                                          0x30, 0x30, 0x40, 0x40, 0x40));
  }
}

/// 255 and so on, in bytes and one of padding where there is an odd number of them.
std::string Descending(size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(255 - i);
  return bytes + std::string(count % 2, '\0');
}

TEST(DicomOddities, AnOddNumberOfEntriesOfAByte) {
  for (const int count : {2, 3, 4, 5}) {
    SCOPED_TRACE(count);
    DicomWriter item = DicomWriter::Elements(false);
    item.Raw(0x00283002, "US", DicomWriter::Words({count, 0, 8}));
    item.Raw(0x00283006, "OW", Descending(static_cast<size_t>(count)));
    const auto entry = [&](int value) { return 255 - std::min(value, count - 1); };
    const RawImage voi = Read(
        Row({0, 1, 2, 4}, [&](DicomWriter& writer) { writer.Sequence(0x00283010, "SQ", item); }));
    EXPECT_THAT(voi.samples, ElementsAre(entry(0), entry(1), entry(2), entry(4)));
    EXPECT_THAT(voi.provenance.notes, IsEmpty());
    const RawImage modality = Read(Row({0, 1, 2, 4}, [&](DicomWriter& writer) {
      writer.Sequence(0x00283000, "SQ", item);
      Window("128", "256")(writer);
    }));
    EXPECT_EQ(modality.samples, voi.samples);

    DicomWriter palette;
    palette.Grey(1, 4, 8, 8, "PALETTE COLOR");
    for (uint32_t channel = 0; channel < 3; ++channel) {
      palette.Raw(0x00281101 + channel, "US", DicomWriter::Words({count, 0, 8}));
      palette.Raw(0x00281201 + channel, "OW", Descending(static_cast<size_t>(count)));
    }
    palette.Raw(0x7fe00010, "OB", std::string("\0\1\2\4", 4));
    const std::vector<uint8_t> shown = Read(palette.bytes()).samples;
    for (size_t i = 0; i < shown.size(); ++i) EXPECT_EQ(shown[i], voi.samples[i / 3]);
  }
}

TEST(DicomOddities, ASegmentedPaletteOfBytes) {
  const std::tuple<int, std::string, int> palettes[] = {
      // 10, then a line of four up to 250; the same in words, and with fewer entries than stated.
      {5, std::string("\0\1\x0a\1\4\xfa", 6), 250},
      {5, DicomWriter::Words({0, 1, 10, 1, 4, 250}), 250},
      {9, std::string("\0\1\x0a\1\4\xfa", 6), 250},
      // The first again; a line to 40 with a byte of padding behind it.
      {6, std::string("\0\1\x0a\1\4\xfa\2\1\0\0\0\0", 12), 10},
      {6, std::string("\0\1\x0a\1\4\xfa\1\1\x28\0", 10), 40},
  };
  for (const auto& [count, segments, last] : palettes) {
    SCOPED_TRACE(count);
    DicomWriter writer;
    writer.Grey(1, 6, 8, 8, "PALETTE COLOR");
    for (uint32_t channel = 0; channel < 3; ++channel) {
      writer.Raw(0x00281101 + channel, "US", DicomWriter::Words({count, 0, 8}));
      writer.Raw(0x00281221 + channel, "OW", segments);
    }
    const RawImage image =
        Read(writer.Raw(0x7fe00010, "OB", std::string("\0\1\2\3\4\5", 6)).bytes());
    std::vector<uint8_t> red;
    for (size_t i = 0; i < image.samples.size(); i += 3) red.push_back(image.samples[i]);
    EXPECT_THAT(red, ElementsAre(10, 70, 130, 190, 250, last));
  }
}

TEST(DicomOddities, EmptyElementsDoNotHideTheFramesGroups) {
  const auto group = [](std::string_view center, std::string_view slope) {
    const DicomWriter window =
        DicomWriter::Elements(false).Text(0x00281050, "DS", center).Text(0x00281051, "DS", "400");
    const DicomWriter rescale =
        DicomWriter::Elements(false).Text(0x00281052, "DS", "0").Text(0x00281053, "DS", slope);
    return DicomWriter::Elements(false)
        .Sequence(0x00289132, "SQ", window)
        .Sequence(0x00289145, "SQ", rescale);
  };
  const auto file = [&](const DicomWriter& per_frame) {
    return Row({0, 100, 200, 300}, [&](DicomWriter& writer) {
      Window("", "")(writer);
      writer.Text(0x00281052, "DS", "").Text(0x00281053, "DS", "");
      writer.Sequence(0x52009229, "SQ", group("200", "1"));
      writer.Sequence(0x52009230, "SQ", per_frame);
    });
  };
  // 0, 200, 400, 600 in a window from 200 to 600.
  const RawImage own = Read(file(group("400", "2")));
  EXPECT_EQ(own.provenance.window, "400/400");
  EXPECT_THAT(own.samples, ElementsAre(0, 0, 128, 255));
  // 0, 100, 200, 300 in one from 0 to 400: the frame's own group is empty too.
  const DicomWriter nothing = DicomWriter::Elements(false).Text(0x00281051, "DS", "");
  const RawImage shared =
      Read(file(DicomWriter::Elements(false).Sequence(0x00289132, "SQ", nothing)));
  EXPECT_EQ(shared.provenance.window, "400/200");
  EXPECT_THAT(shared.samples, ElementsAre(0, 64, 128, 192));
}

TEST(DicomOddities, APaletteThatIsNearlyBlackIsToldOf) {
  const auto file = [](std::initializer_list<int> entries) {
    DicomWriter writer;
    writer.Grey(1, 4, 8, 8, "PALETTE COLOR");
    for (uint32_t channel = 0; channel < 3; ++channel) {
      writer.Raw(0x00281101 + channel, "US", DicomWriter::Words({4, 0, 16}));
      writer.Raw(0x00281201 + channel, "OW",
                 channel == 1 ? DicomWriter::Words(entries) : DicomWriter::Words({0, 1, 2, 3}));
    }
    return writer.Raw(0x7fe00010, "OB", std::string("\0\1\2\3", 4)).bytes();
  };
  const RawImage black = Read(file({0, 85, 170, 255}));
  EXPECT_THAT(black.samples, testing::Each(0));
  EXPECT_THAT(black.provenance.notes, ElementsAre(HasSubstr("uses 256 of its 65536 levels")));
  EXPECT_THAT(Read(file({0, 0x5500, 0xaa00, 0xff00})).provenance.notes, IsEmpty());
}

TEST(DicomOddities, ATableThatLeavesMostGreysUnusedIsToldOf) {  // D7
  DicomWriter item = DicomWriter::Elements(false);
  item.Raw(0x00283002, "US", DicomWriter::Words({4, 0, 16}));
  item.Raw(0x00283006, "OW", DicomWriter::Words({0, 1000, 2000, 4095}));
  const RawImage image = Read(
      Row({0, 1, 2, 3}, [&](DicomWriter& writer) { writer.Sequence(0x00283010, "SQ", item); }));
  EXPECT_THAT(image.samples, ElementsAre(0, 4, 8, 16));
  EXPECT_THAT(image.provenance.notes, ElementsAre(HasSubstr("uses 4096 of its 65536 levels")));
}

TEST(DicomOddities, PaddingAmongTheGreysIsToldOf) {  // D10
  const auto padded = [](const More& window) {
    return Row(
        {-2000, 0, 500, 1000},
        [&](DicomWriter& writer) {
          writer.Raw(0x00280120, "SS", DicomWriter::Words({-2000}));
          if (window) window(writer);
        },
        16, true);
  };
  const RawImage by_range = Read(padded({}));
  EXPECT_THAT(by_range.samples, ElementsAre(0, 170, 213, 255));
  EXPECT_THAT(by_range.provenance.notes, ElementsAre(HasSubstr("padding (stored value -2000)")));
  EXPECT_THAT(Read(padded(Window("0", "6000"))).provenance.notes,
              ElementsAre(HasSubstr("lies within the window")));
  EXPECT_THAT(Read(padded(Window("500", "1000"))).provenance.notes, IsEmpty());
}

TEST(DicomOddities, LargeValuesOfTheRangeAreWrittenOut) {
  // As of a dose, whose values have six digits and more.
  const RawImage image = Read(Row({795, 1000, 1254, 1100}, [](DicomWriter& writer) {
    writer.Text(0x00281052, "DS", "0").Text(0x00281053, "DS", "1000");
  }));
  EXPECT_EQ(image.provenance.window, "795000..1254000");
}

TEST(DicomOddities, AWindowThatIsNoneGivesTheRangeAndSaysSo) {
  const std::pair<const char*, const char*> windows[] = {
      {"200", "200,5"}, {"200", "0"}, {"200", "-5"},          {"nan", "400"},
      {"40", "inf"},    {"", "400"},  {"abc\\40", "400\\400"}};
  for (const auto& [center, width] : windows) {
    SCOPED_TRACE(width);
    const RawImage image = Read(Row({0, 1000, 2000, 4000}, Window(center, width)));
    EXPECT_THAT(image.samples, ElementsAre(0, 64, 128, 255));
    EXPECT_EQ(image.provenance.window, "0..4000");
    EXPECT_THAT(image.provenance.notes, ElementsAre(HasSubstr("cannot be used")));
  }
  EXPECT_THAT(Read(Row({0, 1, 2, 4}, Window("", ""))).provenance.notes, IsEmpty());
}

TEST(DicomOddities, ANarrowWindowIsExact) {  // A8
  const RawImage image = Read(Row({0, 1000, 2000, 4000}, [](DicomWriter& writer) {
    Window("0.2", "0.4")(writer);
    writer.Text(0x00281052, "DS", "0").Text(0x00281053, "DS", "0.0001");
  }));
  EXPECT_THAT(image.samples, ElementsAre(0, 64, 128, 255));
  EXPECT_EQ(image.provenance.window, "0.4/0.2");
  EXPECT_THAT(image.provenance.notes, ElementsAre(HasSubstr("LINEAR_EXACT")));
}

TEST(DicomOddities, ARescaleThatIsNoNumberIsAnError) {
  for (const char* slope : {"1,5", "nan", "x"}) {
    ROENTGEN_EXPECT_ERROR(
        Read(Row({0, 1, 2, 3},
                 [&](DicomWriter& writer) {
                   writer.Text(0x00281052, "DS", "0").Text(0x00281053, "DS", slope);
                 })),
        "its Rescale Slope is no number");
  }
}

TEST(DicomOddities, HighBitIsBelievedOnlyWhereTheValuesAgree) {
  const auto with = [](uint16_t high_bit, std::initializer_list<int> values) {
    return Read(Row(
        values, [&](DicomWriter& writer) { writer.Word(0x00280102, high_bit); }, 12));
  };
  const RawImage left = with(15, {0, 1000 << 4, 2000 << 4, 4000 << 4});
  EXPECT_EQ(left.provenance.window, "0..4000");
  EXPECT_THAT(left.provenance.notes, IsEmpty());
  for (const uint16_t high_bit : {15, 7, 40}) {
    const RawImage image = with(high_bit, {0, 1000, 2000, 4001});
    EXPECT_EQ(image.provenance.window, "0..4001");
    EXPECT_THAT(image.provenance.notes, ElementsAre(HasSubstr("High Bit")));
  }
  // All frames decide, not the one that is looked at.
  DicomWriter two;
  two.Text(0x00280008, "IS", "2").Grey(1, 2, 16, 12).Word(0x00280102, 15);
  two.Raw(0x7fe00010, "OW", DicomWriter::Words({0, 1600, 0, 1601}));
  EXPECT_EQ(Read(two.bytes()).provenance.window, "0..1600");
}

TEST(DicomOddities, GreyWithoutAUsualInterpretationIsToldOf) {
  EXPECT_THAT(
      Read(Row({0, 1, 2, 3}, [](DicomWriter& writer) { writer.Text(0x00280004, "CS", "OTHER"); }))
          .provenance.notes,
      ElementsAre("an unknown Photometric Interpretation for grey values: taken for MONOCHROME2"));
}

// Where a number or a term is expected, a file may have anything.
TEST(DicomOddities, WhatAHeaderSaysInsteadOfATermOrNumberIsNotRepeated) {
  for (const std::string& name : {std::string("QZX^JANE"), std::string("Qzx 4711"),
                                  std::string("MONOCHROME QZX"), std::string("青柠^测试")}) {
    SCOPED_TRACE(name);
    const auto row = [&](const std::function<void(DicomWriter&)>& more) {
      return Row({0, 1000, 2000, 4000}, more);
    };
    const std::string files[] = {
        row(Window(name.c_str(), "400")),
        row(Window("40", name.c_str())),
        row([&](DicomWriter& writer) {
          Window("40", "400")(writer);
          writer.Text(0x00281056, "CS", name);
        }),
        row([&](DicomWriter& writer) { writer.Text(0x00280004, "CS", name); }),
        row([&](DicomWriter& writer) {
          writer.Text(0x00281052, "DS", "0").Text(0x00281053, "DS", name);
        }),
        row([&](DicomWriter& writer) {
          writer.Text(0x00281052, "DS", name).Text(0x00281053, "DS", "1");
        }),
        DicomWriter(name).Grey(1, 1, 8, 8).Raw(0x7fe00010, "OB", "xx").bytes(),
        DicomWriter().Colour(1, 1, name).Raw(0x7fe00010, "OB", "xxxx").bytes(),
    };
    for (size_t i = 0; i < std::size(files); ++i) {
      SCOPED_TRACE(i);
      std::string told;
      try {
        for (const std::string& note : Read(files[i]).provenance.notes) told += note + "\n";
      } catch (const Error& error) {
        told = std::string(error.what()) + error.hint();
      }
      EXPECT_FALSE(told.empty());
      for (const char* part : {"QZX", "Qzx", "JANE", "4711", "青柠", "测试"}) {
        EXPECT_THAT(told, Not(HasSubstr(part)));
      }
    }
  }
}

template <class Float, class Bits>
std::string FloatRow(uint32_t tag, const More& more = {}) {
  DicomWriter writer;
  writer.Word(0x00280002, 1).Text(0x00280004, "CS", "MONOCHROME2").Word(0x00280010, 1);
  writer.Word(0x00280011, 4).Word(0x00280100, 8 * sizeof(Float));
  if (more) more(writer);
  std::string bytes;
  for (const Float value : {Float{-1}, Float{0}, Float{0.5}, Float{1}}) {
    const auto bits = std::bit_cast<Bits>(value);
    for (size_t i = 0; i < sizeof(bits); ++i) bytes += static_cast<char>(bits >> 8 * i & 255);
  }
  return writer.Head(tag, "OW", static_cast<uint32_t>(bytes.size())).Bytes(bytes).bytes();
}

TEST(DicomOddities, FloatingPointPixels) {  // B6
  for (const More& more : {More(), Window("0", "2")}) {
    for (const std::string& file : {FloatRow<float, uint32_t>(0x7fe00008, more),
                                    FloatRow<double, uint64_t>(0x7fe00009, more)}) {
      const RawImage image = Read(file);
      EXPECT_THAT(image.samples, ElementsAre(0, 128, 191, 255));
      EXPECT_EQ(image.provenance.window, more ? "2/0" : "-1..1");
    }
  }
}

TEST(DicomOddities, FilesWithoutAnImageSayWhatTheyAre) {
  const std::pair<const char*, const char*> kinds[] = {
      {"88.33", "a structured report"}, {"104.1", "an encapsulated PDF document"},
      {"481.5", "an RT plan"},          {"481.3", "an RT structure set"},
      {"9.1.1", "a waveform"},          {"4.2", "an MR spectrum"},
      {"11.1", "a presentation state"}, {"66", "raw data of a scanner"}};
  for (const auto& [uid, kind] : kinds) {
    DicomWriter writer;
    writer.Text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1." + std::string(uid));
    if (uid == std::string("4.2")) writer.Word(0x00280010, 1).Word(0x00280011, 1);
    ROENTGEN_EXPECT_ERROR(Read(writer.bytes()), "a.dcm: not an image but " + std::string(kind));
  }
  // An RT dose and a segmentation are images, and a CT without pixels is no other kind.
  for (const char* uid : {"2", "481.2", "66.4"}) {
    DicomWriter writer;
    writer.Text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1." + std::string(uid));
    ROENTGEN_EXPECT_ERROR(Read(writer.bytes()), "it holds no picture: Rows is missing");
  }
}

std::string Deflate(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

TEST(DicomOddities, ADeflatedFileGrowsNoFurtherThanItsHeaderStates) {  // C1
  const std::string meta = DicomWriter(kDeflated).bytes();
  const auto file = [&](uint32_t tag, size_t pixel_bytes) {
    DicomWriter writer = DicomWriter::Elements(false);
    writer.Grey(2, 2, 16, 16).Head(tag, "OW", static_cast<uint32_t>(pixel_bytes));
    return meta + Deflate(writer.bytes() + std::string(pixel_bytes, '\1'));
  };
  EXPECT_EQ(Read(file(0x7fe00010, 8)).provenance.window, "257..257");
  const std::string bomb = file(0x7fe00010, size_t{40} << 20);
  ROENTGEN_EXPECT_ERROR(Read(bomb), "grows beyond the 8 bytes of pixels that its header states");
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(bomb.data()), bomb.size());
  const DicomFile header = ReadDicom(bytes, 0, DicomExtent::kHeader);
  EXPECT_NE(header.dataset.Find(dicom_tag::kPixelData), nullptr);
  EXPECT_LT(header.inflated.size(), size_t{1} << 20);
  ROENTGEN_EXPECT_ERROR(Read(file(0x00091001, size_t{80} << 20)),
                        "its deflated header grows beyond what a header can be");
}

}  // namespace
}  // namespace roentgen
