#include "roentgen/data/image_places.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "data/generated_set.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "roentgen/data/dataset_manifest.h"
#include "roentgen/data/dataset_writer.h"
#include "roentgen/data/sample_source.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

class ImagePlacesTest : public testing::Test {
 protected:
  ImagePlacesTest() {
    for (const char* folder : {"set/images", "set2", "elsewhere/胸片"}) {
      fs::create_directories(Path(folder));
      test::PutImage(Path(folder), "a.png");
    }
    fs::create_directory_symlink(Path("elsewhere"), Path("set/link"));
    fs::create_symlink(Path("elsewhere/胸片/a.png"), Path("set/images/link.png"));
    fs::create_symlink(Path("set/images/a.png"), Path("set/images/inner.png"));
  }

  fs::path Path(const std::string& name) const { return folder_.path() / name; }
  void Put(const std::string& name, const std::string& text) const { WriteFile(Path(name), text); }

  /// The rows of a ShareGPT file in set/ whose rows have one image each.
  std::vector<SourceSample> Rows(const std::vector<std::string>& images,
                                 const ImageOptions& options = {}) const {
    std::string lines;
    for (const std::string& image : images) {
      lines += Json{{"messages",
                     {{{"role", "user"}, {"content", "<image>这是什么？"}},
                      {{"role", "assistant"}, {"content", "CT"}}}},
                    {"images", {image}}}
                   .dump() +
               "\n";
    }
    Put("set/rows.jsonl", lines);
    return test::ReadAll(*OpenShareGpt(Path("set/rows.jsonl"), options));
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(ImagePlacesTest, ImagesInsideAreRead) {
  for (const std::string& image :
       {std::string("images/a.png"), Path("set/images/a.png").string(),
        std::string("images/../images/./a.png"), std::string("images/inner.png"),
        std::string("images/none.png"), (Path("set2") / "../set/images/a.png").string()}) {
    EXPECT_FALSE(Rows({image}).at(0).flaw) << image;
  }
}

TEST_F(ImagePlacesTest, ImagesOutsideAreRefusedWithWhatToAdd) {
  const std::string good = "images/a.png";
  for (const std::string& image :
       {std::string("../set2/a.png"), Path("set2/a.png").string(), std::string("/etc/passwd"),
        std::string("images/link.png"), std::string("link/胸片/a.png"), std::string("/dev/zero"),
        std::string("../nobody/knows.png"), std::string("images/../../set2/a.png"),
        Path("set").string() + "2/a.png"}) {
    const std::vector<SourceSample> rows = Rows({good, image, good});
    ASSERT_THAT(rows, SizeIs(3)) << image;
    ASSERT_TRUE(rows[1].flaw) << image;
    EXPECT_TRUE(rows[1].flaw->outside) << image;
    EXPECT_EQ(rows[1].sample.source.file, rows[0].sample.source.file) << image;
    EXPECT_EQ(rows[1].sample.source.row, 2u) << image;
    EXPECT_THAT(rows[1].flaw->reason,
                AllOf(HasSubstr("images: "), HasSubstr("lies outside of the set's folder"),
                      HasSubstr("--allow-outside"), HasSubstr("allow_outside: true")))
        << image;
    EXPECT_FALSE(rows[0].flaw || rows[2].flaw) << image;
    EXPECT_FALSE(Rows({good, image}, ImageOptions({}, true)).at(1).flaw) << image;
  }
  ROENTGEN_EXPECT_ERROR(Rows({"/etc/passwd"}), "rows.jsonl: row 1: images: /etc/passwd");
}

TEST_F(ImagePlacesTest, TheMediaFolderIsOneOfThem) {
  const ImageOptions media(Path("elsewhere"));
  EXPECT_FALSE(Rows({"胸片/a.png"}, media).at(0).flaw);
  EXPECT_FALSE(Rows({Path("elsewhere/胸片/a.png").string()}, media).at(0).flaw);
  EXPECT_FALSE(Rows({Path("set/link/胸片/a.png").string()}, media).at(0).flaw);
  EXPECT_FALSE(Rows({Path("set/images/a.png").string()}, media).at(0).flaw);
  EXPECT_TRUE(Rows({"胸片/a.png", "../set2/a.png"}, media).at(1).flaw);
}

TEST_F(ImagePlacesTest, TablesFollowTheSameRule) {
  Put("set/t.csv", fmt::format("image,question,answer\nimages/a.png,?,是\n{},?,!\n{},?,!\n",
                               Path("set/images/a.png").string(), Path("set2/a.png").string()));
  CsvOptions options;
  const auto rows = test::ReadAll(*OpenCsv(Path("set/t.csv"), options));
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_FALSE(rows[0].flaw || rows[1].flaw);
  EXPECT_THAT(rows[2].flaw.value().reason, HasSubstr("--allow-outside"));
  options.allow_outside = true;
  for (const SourceSample& row : test::ReadAll(*OpenCsv(Path("set/t.csv"), options))) {
    EXPECT_FALSE(row.flaw);
    EXPECT_TRUE(FileExists(row.sample.images.at(0)));
  }
}

// An import that does not copy images names them where they are; what it wrote can be trained on.
TEST_F(ImagePlacesTest, WhatAnImportOfThisProgramFoundIsKnown) {
  OutputOptions output;
  output.folder = Path("out");
  output.name = "d";
  DatasetWriter writer(output);
  Sample sample;
  sample.id = "1";
  sample.split = kTrain;
  sample.turns = {{Role::kUser, "<image>?"}, {Role::kAssistant, "!"}};
  sample.images = {Path("elsewhere/胸片/a.png").string()};
  writer.Add(sample);
  writer.Finish();
  const auto read = [](const fs::path& folder) {
    return test::ReadAll(*OpenLlamaFactory(folder, {"d_train"}));
  };
  if (IdentityOf(Path("out")).empty()) GTEST_SKIP() << "this file system tells no time of birth";
  EXPECT_FALSE(read(Path("out")).at(0).flaw);
  // Somebody else's folder with the same manifest proves nothing.
  fs::copy(Path("out"), Path("copy"), fs::copy_options::recursive);
  ROENTGEN_EXPECT_ERROR(read(Path("copy")), "lies outside of the set's folder");
  // Nor does the manifest speak for other folders or files.
  const std::string rows = ReadFile(Path("out/d_train.json"), 1 << 20);
  Put("out/d_train.json", std::string(rows).replace(rows.find("elsewhere/"),
                                                    std::string("elsewhere/胸片").size(), "set2"));
  ROENTGEN_EXPECT_ERROR(read(Path("out")), "lies outside of the set's folder");
  Put("out/d_train.json", rows);
  Put("out/x.json", rows);
  ROENTGEN_EXPECT_ERROR(test::ReadAll(*OpenShareGpt(Path("out/x.json"))), "lies outside");
}

}  // namespace
}  // namespace roentgen
