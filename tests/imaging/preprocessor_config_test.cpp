#include "roentgen/imaging/preprocessor_config.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/imaging/patches.h"
#include "support/paths.h"

namespace roentgen {
namespace {

PreprocessorConfig Parse(const char* text) {
  return PreprocessorConfig::Parse({ParseJson(text, "p.json"), "p.json"});
}

TEST(PreprocessorConfig, BothFormsOfTheLimits) {
  const auto flat = Parse(R"({"min_pixels": 784, "max_pixels": 50176})");
  EXPECT_EQ(flat.min_pixels, 784);
  EXPECT_EQ(flat.max_pixels, 50176);
  const auto nested = Parse(R"({"size": {"shortest_edge": 784, "longest_edge": 50176}})");
  EXPECT_EQ(nested.min_pixels, 784);
  EXPECT_EQ(nested.max_pixels, 50176);
  EXPECT_EQ(Parse("{}").max_pixels, 1003520);  // the default of the class, not of the checkpoint
}

TEST(PreprocessorConfig, NonsenseNamesItsKey) {
  ROENTGEN_EXPECT_ERROR(Parse(R"({"max_pixels": 5000, "size": {"longest_edge": 6000}})"),
                        "p.json: max_pixels: 5000 contradicts 6000");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"min_pixels": 9000, "max_pixels": 5000})"), "min_pixels: 9000");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"min_pixels": 0})"), "min_pixels: 0 is not between");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"max_pixels": 1e15})"), "max_pixels: 1000000000000000 is not");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"patch_size": 0})"), "patch_size: 0");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"merge_size": -2})"), "merge_size: -2");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"image_std": [0.2, 0, 0.2]})"), "image_std: 0 is no");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"image_mean": [0.5]})"), "image_mean: expected 3 values");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"rescale_factor": 255})"), "rescale_factor: 255");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"do_resize": false})"), "do_resize: only true");
  ROENTGEN_EXPECT_ERROR(Parse(R"({"resample": 2})"), "resample: only 3");
}

TEST(PreprocessorConfig, TheNewerFileComesFirst) {
  const test::TemporaryFolder folder;
  ROENTGEN_EXPECT_ERROR(PreprocessorConfig::Load(folder.path()), "preprocessor_config.json");
  WriteFile(folder.path() / "preprocessor_config.json", R"({"max_pixels": 10000})");
  EXPECT_EQ(PreprocessorConfig::Load(folder.path()).max_pixels, 10000);
  WriteFile(folder.path() / "processor_config.json", R"({"processor_class": "x"})");
  EXPECT_EQ(PreprocessorConfig::Load(folder.path()).max_pixels, 10000);
  WriteFile(folder.path() / "processor_config.json",
            R"({"image_processor": {"size": {"longest_edge": 20000}}})");
  EXPECT_EQ(PreprocessorConfig::Load(folder.path()).max_pixels, 20000);
}

TEST(PreprocessorConfig, L14AFolderWithoutEitherSaysWhatToDo) {
  const test::TemporaryFolder folder;
  const auto expect = [&] {
    try {
      PreprocessorConfig::Load(folder.path());
      ADD_FAILURE() << "expected an Error";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("neither preprocessor_config.json nor"));
      EXPECT_THAT(error.hint(), testing::HasSubstr("Copy preprocessor_config.json from the model"));
    }
  };
  expect();
  WriteFile(folder.path() / "processor_config.json", "{}");  // of the texts alone
  expect();
}

TEST(Patches, OrderWithinAndAmongPatches) {
  // 28 × 56 pixels: two blocks of 2 × 2 patches side by side. The red byte tells the place.
  Image image = {56, 28, std::vector<uint8_t>(56 * 28 * 3), {}};
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 56; ++x) {
      image.rgb[static_cast<size_t>(y * 56 + x) * 3] = static_cast<uint8_t>(y / 14 * 4 + x / 14);
    }
  }
  PreprocessorConfig config;
  config.min_pixels = 28 * 56;
  const Patches patches = MakePatches(image, config);
  ASSERT_EQ(patches.grid, (GridThw{1, 2, 4}));
  const int expected[] = {0, 1, 4, 5, 2, 3, 6, 7};
  for (size_t patch = 0; patch < 8; ++patch) {
    const auto byte = static_cast<double>(expected[patch]);
    const float value =
        (static_cast<float>(byte * (1.0 / 255)) - config.image_mean[0]) / config.image_std[0];
    for (size_t i = 0; i < 2 * 14 * 14; ++i) {  // both temporal copies of red
      ASSERT_EQ(patches.values[patch * 1176 + i], value);
    }
  }
}

TEST(Patches, AnExtremeShapeNamesTheFile) {
  Image image = {201, 1, std::vector<uint8_t>(201 * 3), {}};
  image.provenance.source = "strip.png";
  ROENTGEN_EXPECT_ERROR(MakePatches(image, {}), "strip.png: a picture of 201 × 1 pixels");
}

}  // namespace
}  // namespace roentgen
