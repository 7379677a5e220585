#include "roentgen/imaging/dicom_series.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "imaging/dicom_writer.h"
#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/imaging/open_picture.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::DicomWriter;
using testing::Contains;
using testing::ElementsAre;

class DicomSeries : public testing::Test {
 protected:
  /// A slice of 2×2 pixels whose brightest value is its number.
  void AddSlice(const std::string& name, int number, double height, const std::string& series) {
    DicomWriter writer;
    writer.Text(0x00080060, "CS", "CT").Text(0x0020000e, "UI", series);
    writer.Text(0x00200013, "IS", std::to_string(number));
    writer.Text(0x00200032, "DS", fmt::format("-100\\-100\\{:g}", height));
    writer.Text(0x00200037, "DS", "1\\0\\0\\0\\1\\0").Grey(2, 2, 16, 16);
    writer.Raw(0x7fe00010, "OW", DicomWriter::Words({0, 0, 0, 1000 + number}));
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    WriteFile(folder_.path() / name, writer.bytes());
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& path : FindDicomSeries(folder_.path())) {
      names.push_back(path.filename().string());
    }
    return names;
  }

  test::TemporaryFolder folder_;
};

TEST_F(DicomSeries, SlicesStandAsInTheBodyWhateverTheirNames) {
  AddSlice("c", 1, 30, "1.2");
  AddSlice("a", 2, 20, "1.2");
  AddSlice("b", 3, 10.5, "1.2");
  WriteFile(folder_.path() / "notes.txt", "no picture");
  EXPECT_THAT(Names(), ElementsAre("b", "a", "c"));
}

TEST_F(DicomSeries, SeveralSeriesInOneFolderAreNotChosenFrom) {
  for (int i = 1; i <= 3; ++i) AddSlice(fmt::format("{}.dcm", i), i, i, "1.2");
  AddSlice("localizer.dcm", 1, 0, "1.9");
  ROENTGEN_EXPECT_ERROR(OpenPicture(folder_.path()),
                        folder_.path().string() +
                            ": 2 series lie in it; with their numbers of files: CT (3), CT (1)");
}

// Whatever their series UIDs say, files of two patients or studies are of two series, and the error
// says nothing of them.
TEST_F(DicomSeries, FilesOfTwoPatientsOrStudiesAreNeverOneSeries) {
  struct Header {
    std::string series = "1.2.3";
    std::string id = "QZX1";
    std::string name = "Qzx^Jane";
    std::string study = "1.5.1";
    std::string modality = "CR";
  };
  const auto add = [&](const char* file, const Header& header) {
    DicomWriter writer;
    writer.Text(0x00080060, "CS", header.modality).Text(0x00100010, "PN", header.name);
    writer.Text(0x00100020, "LO", header.id).Text(0x0020000d, "UI", header.study);
    if (header.series != "none") writer.Text(0x0020000e, "UI", header.series);
    writer.Grey(1, 2, 8, 8).Raw(0x7fe00010, "OB", "xy");
    WriteFile(folder_.path() / file, writer.bytes());
  };
  const std::pair<Header, Header> pairs[] = {
      {{}, {.series = "1.2.4", .id = "QZX2", .name = "青柠^测试", .study = "1.5.2"}},
      {{}, {.id = "QZX2"}},
      {{}, {.id = "QZX2", .name = "青柠^测试", .study = "1.5.2"}},
      {{}, {.study = "1.5.2"}},
      {{.series = ""}, {.series = "", .id = "QZX2"}},
      {{.series = "none"}, {.series = "none", .study = "1.5.2"}},
      {{.series = "none", .id = ""}, {.series = "none", .id = "", .name = "青柠^测试"}},
      {{.series = "none"}, {.series = "none", .modality = "DX"}},
  };
  PictureChoice sheet;
  sheet.sheet = 4;
  for (const auto& [one, other] : pairs) {
    add("IM1", one);
    add("IM2", other);
    for (const PictureChoice& choice : {PictureChoice(), sheet}) {
      try {
        OpenPicture(folder_.path(), choice);
        ADD_FAILURE() << "nothing was refused";
      } catch (const Error& error) {
        const std::string told = std::string(error.what()) + error.hint();
        EXPECT_THAT(told, testing::HasSubstr("2 series lie in it"));
        EXPECT_THAT(told, testing::HasSubstr("CR (1)"));
        for (const char* part : {"QZX", "Qzx", "Jane", "青柠", "1.2.3", "1.5."}) {
          EXPECT_THAT(told, testing::Not(testing::HasSubstr(part)));
        }
      }
    }
  }
  add("IM1", {.series = "none"});
  add("IM2", {.series = "none"});
  EXPECT_THAT(Names(), ElementsAre("IM1", "IM2"));
}

TEST_F(DicomSeries, ASheetTellsOnlyWhatItsSlicesAgreeOn) {
  const auto add = [&](const char* file, const char* date, const char* part) {
    DicomWriter writer;
    writer.Text(0x00080020, "DA", date).Text(0x00180015, "CS", part);
    writer.Text(0x0020000e, "UI", "1.2").Grey(1, 2, 8, 8).Raw(0x7fe00010, "OB", "xy");
    WriteFile(folder_.path() / file, writer.bytes());
  };
  PictureChoice choice;
  choice.sheet = 2;
  add("1", "20190407", "CHEST");
  add("2", "20190407", "CHEST");
  const Provenance same = OpenPicture(folder_.path(), choice).image.provenance;
  EXPECT_EQ(same.study_date, "2019-04-07");
  EXPECT_EQ(same.body_part, "CHEST");
  add("2", "20190408", "ABDOMEN");
  const Provenance other = OpenPicture(folder_.path(), choice).image.provenance;
  EXPECT_EQ(other.study_date, "");
  EXPECT_EQ(other.body_part, "");
}

TEST_F(DicomSeries, OneSliceOrAllSideBySide) {
  for (int i = 1; i <= 5; ++i) AddSlice(fmt::format("{}.dcm", i), i, i, "1.2");
  const OpenedPicture middle = OpenPicture(folder_.path());
  EXPECT_EQ(middle.image.provenance.window, "0..1003");
  EXPECT_THAT(middle.image.provenance.notes, Contains("slice 3 of 5"));
  PictureChoice choice;
  choice.slice = 5;
  EXPECT_EQ(OpenPicture(folder_.path(), choice).image.provenance.window, "0..1005");
  choice.slice = 6;
  ROENTGEN_EXPECT_ERROR(OpenPicture(folder_.path(), choice), "slice 6 was asked for, there are 5");
  choice.slice.reset();
  choice.sheet = 4;
  const OpenedPicture sheet = OpenPicture(folder_.path(), choice);
  EXPECT_EQ(sheet.image.size(), (Size{1024, 1024}));
  EXPECT_THAT(sheet.image.provenance.notes, Contains("4 of 5 slices side by side"));
  EXPECT_NE(sheet.sha256, middle.sha256);
  ROENTGEN_EXPECT_ERROR(OpenPicture(folder_.path() / "1.dcm", choice), "slices are of a folder");
}

TEST_F(DicomSeries, AFolderWithoutPicturesSaysSo) {
  WriteFile(folder_.path() / "notes.txt", "no picture");
  ROENTGEN_EXPECT_ERROR(FindDicomSeries(folder_.path()), "a folder without a DICOM picture");
}

TEST_F(DicomSeries, AnExportOfFoldersGivesItsOneSeries) {  // D15
  for (int i = 1; i <= 3; ++i) AddSlice(fmt::format("病人/STU/SER/IM{}", 4 - i), i, i, "1.2");
  AddSlice("病人/STU/SER/deeper/IM0", 0, 0, "1.2");
  EXPECT_THAT(Names(), ElementsAre("IM0", "IM3", "IM2", "IM1"));
  EXPECT_THAT(OpenPicture(folder_.path()).image.provenance.notes, Contains("slice 3 of 4"));
}

TEST_F(DicomSeries, AnExportOfSeveralSeriesNamesTheirFolders) {  // D15
  AddSlice("PAT/a/IM1", 1, 0, "1.1");
  for (int i = 1; i <= 3; ++i) AddSlice(fmt::format("PAT/b/IM{}", i), i, i, "1.2");
  const std::string pat = (folder_.path() / "PAT").string();
  ROENTGEN_EXPECT_ERROR(OpenPicture(folder_.path()),
                        folder_.path().string() + ": 2 series lie in folders below");
  ROENTGEN_EXPECT_ERROR(OpenPicture(folder_.path() / "PAT"), pat + "/b (3), " + pat + "/a (1)");
  // What lies in the folder itself comes first.
  AddSlice("IM", 1, 0, "1.3");
  EXPECT_THAT(Names(), ElementsAre("IM"));
}

TEST_F(DicomSeries, ADicomdirIsAnIndex) {  // D15
  for (int i = 1; i <= 3; ++i) AddSlice(fmt::format("PT0/ST0/SE0/IM{}", i), i, i, "1.2");
  DicomWriter index;
  index.Text(0x00020002, "UI", "1.2.840.10008.1.3.10").Text(0x00041130, "CS", "DISC");
  WriteFile(folder_.path() / "DICOMDIR", index.bytes());
  EXPECT_THAT(Names(), ElementsAre("IM1", "IM2", "IM3"));
  ROENTGEN_EXPECT_ERROR(OpenPicture(folder_.path() / "DICOMDIR"),
                        "DICOMDIR: a DICOMDIR, the index of the DICOM files in " +
                            folder_.path().string() + ", not an image");
}

TEST(SpreadSlices, AreInTheMiddleOfEqualParts) {
  EXPECT_THAT(SpreadSlices(10, 2), ElementsAre(2, 7));
  EXPECT_THAT(SpreadSlices(3, 9), ElementsAre(0, 1, 2));
  EXPECT_THAT(SpreadSlices(9, 3), ElementsAre(1, 4, 7));
}

}  // namespace
}  // namespace roentgen
