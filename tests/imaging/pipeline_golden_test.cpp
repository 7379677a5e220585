#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <numeric>

#include "imaging/golden_tensors.h"
#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/load.h"
#include "roentgen/imaging/patches.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

std::string HexHash(uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

/// Transformers' readings, 16-bit clipping included.
LoadOptions Reading(AlphaRule alpha, bool apply_exif) {
  LoadOptions options;
  options.alpha = alpha;
  options.apply_exif = apply_exif;
  options.grey16 = Grey16::kClip;
  return options;
}

const LoadOptions kPath = Reading(AlphaRule::kDropAlphaPaintKey, true);

PreprocessorConfig Limits(const JsonObject& row) {
  PreprocessorConfig config;
  config.min_pixels = row.Get<int64_t>("min_pixels");
  config.max_pixels = row.Get<int64_t>("max_pixels");
  return config;
}

/// One row of pipeline.jsonl about one file.
class PipelineCase {
 public:
  PipelineCase(const fs::path& folder, const test::GoldenTensors& golden, const Json& row)
      : golden_(golden),
        row_(row, "pipeline.jsonl"),
        path_(folder / row_.Get<std::string>("file")) {}

  void Check() {
    SCOPED_TRACE(path_.string());
    CheckReadings();
    CheckProvenance();
    const Image image = LoadImage(path_, kPath);
    if (row_.Has("error")) {
      ROENTGEN_EXPECT_ERROR(MakePatches(image, Limits(row_)), "more than 200 times");
      return;
    }
    CheckResized(image);
    CheckPixelValues(MakePatches(image, Limits(row_)));
  }

 private:
  std::string Tensor(const std::string& kind) const {
    return path_.filename().string() + "." + kind;
  }

  void ExpectPixels(const Image& image, const std::string& kind) const {
    ASSERT_TRUE(golden_.Has(Tensor(kind)));
    EXPECT_EQ(image.size(), golden_.ImageSize(Tensor(kind))) << kind;
    EXPECT_TRUE(image.rgb == golden_.Values(Tensor(kind))) << kind;
  }

  void CheckReadings() const {
    const Image rgb = LoadImage(path_, Reading(AlphaRule::kIgnore, true));
    ExpectPixels(rgb, "rgb");
    EXPECT_EQ(HexHash(Fnv1a64(test::BytesOf(rgb.rgb))), row_.Get<std::string>("rgb_fnv1a64"));
    EXPECT_EQ((std::vector<int>{rgb.width, rgb.height}), row_.Get<std::vector<int>>("rgb_size"));
    ExpectPixels(LoadImage(path_, kPath), golden_.Has(Tensor("model_rgb")) ? "model_rgb" : "rgb");
    const Image plain = LoadImage(path_, Reading(AlphaRule::kIgnore, false));
    EXPECT_EQ(plain.rgb == rgb.rgb, row_.Get<std::string>("plain_convert") == "same");
    const Image over_white = LoadImage(path_, Reading(AlphaRule::kOverWhite, false));
    EXPECT_EQ(over_white.rgb == rgb.rgb, row_.Get<std::string>("pil_object_v5") == "same");
    if (golden_.Has(Tensor("rgb_pil_v5"))) ExpectPixels(over_white, "rgb_pil_v5");
  }

  void CheckProvenance() const {
    const RawImage raw = LoadRawImage(path_);
    EXPECT_EQ(raw.size(), (Size{row_.Get<int>("width"), row_.Get<int>("height")}));
    EXPECT_EQ(raw.orientation, row_.GetOr<int>("exif_orientation", 1));
    EXPECT_EQ(raw.colour_key.has_value() || raw.palette_has_alpha,
              row_.Get<bool>("has_transparency_info"));
    const std::string format = row_.Get<std::string>("format");
    EXPECT_EQ(raw.provenance.format, format == "WEBP" ? "WebP" : format);
    static const std::map<std::string, PixelMode> kModes = {
        {"1", PixelMode::kBilevel},   {"L", PixelMode::kGrey},    {"LA", PixelMode::kGreyAlpha},
        {"I;16", PixelMode::kGrey16}, {"P", PixelMode::kPalette}, {"RGB", PixelMode::kRgb},
        {"RGBA", PixelMode::kRgba},   {"CMYK", PixelMode::kCmyk}};
    EXPECT_EQ(raw.mode, kModes.at(row_.Get<std::string>("mode")));
    EXPECT_EQ(LoadImage(path_).provenance.orientation, raw.orientation);
  }

  void CheckResized(const Image& image) const {
    const auto size = row_.Get<std::vector<int>>("resized");
    const Image resized = ResizeBicubic(image, {size[0], size[1]});
    ExpectPixels(resized, "resized");
    EXPECT_EQ(HexHash(Fnv1a64(test::BytesOf(resized.rgb))),
              row_.Get<std::string>("resized_fnv1a64"));
    ExpectPixels(ResizeBicubic(image, {size[0], size[1]}, PassOrder::kPillow12),
                 golden_.Has(Tensor("resized_pillow12")) ? "resized_pillow12" : "resized");
  }

  void CheckPixelValues(const Patches& patches) const {
    const auto grid = row_.Get<std::vector<int>>("image_grid_thw");
    EXPECT_EQ(patches.grid, (GridThw{grid[0], grid[1], grid[2]}));
    EXPECT_EQ(patches.grid.h * patches.grid.w / 4, row_.Get<int>("tokens"));
    EXPECT_EQ(HexHash(Fnv1a64(test::BytesOf(patches.values))),
              row_.Get<std::string>("pixel_values_fnv1a64"));
    double sum = 0;
    double abs_sum = 0;
    for (const float value : patches.values) {
      sum += value;
      abs_sum += std::abs(value);
    }
    // The golden sums were added in another order: n terms of size abs_sum / n, in double.
    const double tolerance = 1e-12 * abs_sum;
    EXPECT_NEAR(sum, row_.Get<double>("pixel_values_sum"), tolerance);
    EXPECT_NEAR(abs_sum, row_.Get<double>("pixel_values_abs_sum"), tolerance);
    if (row_.GetOr<bool>("pixel_values_stored", false)) {
      EXPECT_EQ(patches.values, golden_.Values<float>(Tensor("pixel_values")));
    }
  }

  const test::GoldenTensors& golden_;
  JsonObject row_;
  fs::path path_;
};

/// The hash over the pixel values of several files in order, and their grids.
void CheckConcatenated(const fs::path& folder, const std::vector<std::string>& files,
                       const JsonObject& row) {
  uint64_t hash = kFnv1a64Offset;
  std::vector<std::vector<int>> grids;
  int rows = 0;
  for (const std::string& file : files) {
    const Patches patches = MakePatches(LoadImage(folder / file, kPath), {});
    hash = Fnv1a64(test::BytesOf(patches.values), hash);
    grids.push_back({patches.grid.t, patches.grid.h, patches.grid.w});
    rows += patches.grid.t * patches.grid.h * patches.grid.w;
  }
  EXPECT_EQ(HexHash(hash), row.Get<std::string>("pixel_values_fnv1a64"));
  EXPECT_EQ(Json(grids), row.json().at("image_grid_thw"));
  EXPECT_EQ(row.Get<std::vector<int>>("pixel_values_shape"), (std::vector<int>{rows, 1176}));
}

TEST(PipelineGolden, EveryFile) {
  ROENTGEN_NEED(test::GoldenRoot() / "vision" / "pipeline.jsonl");
  for (const auto& folder : test::GoldenFolders("vision", "pipeline.jsonl")) {
    const test::GoldenTensors golden(folder / "pipeline.safetensors");
    for (const Json& row : test::GoldenRows(folder / "pipeline.jsonl")) {
      if (row.contains("batch")) {
        CheckConcatenated(folder, row.at("batch"), JsonObject(row, "pipeline.jsonl"));
      } else {
        PipelineCase(folder, golden, row).Check();
      }
    }
  }
}

TEST(PipelineGolden, ProcessorPixelValues) {
  ROENTGEN_NEED(test::GoldenRoot() / "vision" / "processor.jsonl");
  for (const auto& folder : test::GoldenFolders("vision", "processor.jsonl")) {
    for (const Json& row : test::GoldenRows(folder / "processor.jsonl")) {
      CheckConcatenated(folder, row.at("files"), JsonObject(row, "processor.jsonl"));
    }
  }
}

TEST(PipelineGolden, ValueOfEveryByte) {
  ROENTGEN_NEED(test::GoldenRoot() / "vision" / "normalize_lut.safetensors");
  for (const auto& folder : test::GoldenFolders("vision", "normalize_lut.safetensors")) {
    const test::GoldenTensors golden(folder / "normalize_lut.safetensors");
    const auto expected = golden.Values<float>("pixel_value_of_u8");
    for (int byte = 0; byte < 256; ++byte) {
      const Image image = {
          56, 56, std::vector<uint8_t>(56 * 56 * 3, static_cast<uint8_t>(byte)), {}};
      const Patches patches = MakePatches(image, {});
      for (size_t c = 0; c < 3; ++c) {
        EXPECT_EQ(patches.values[c * 2 * 14 * 14], expected[static_cast<size_t>(byte) * 3 + c]);
      }
    }
  }
}

TEST(PipelineGolden, EveryVqaRadPictureDecodes) {
  const fs::path folder = test::SharedRoot() / "data" / "vqa-rad" / "VQA_RAD Image Folder";
  ROENTGEN_NEED(folder);
  int pictures = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const Image image = LoadImage(entry.path());
    EXPECT_GT(image.width, 100) << entry.path();
    ++pictures;
  }
  EXPECT_EQ(pictures, 315);
}

TEST(PipelineGolden, TinyRadReference) {
  const fs::path model = test::SharedRoot() / "models" / "tiny-rad";
  ROENTGEN_NEED(model / "reference.jsonl");
  const PreprocessorConfig config = PreprocessorConfig::Load(model);
  EXPECT_EQ(config.max_pixels, 50176);
  int checked = 0;
  for (const Json& line : test::GoldenRows(model / "reference.jsonl")) {
    const JsonObject row(line, "reference.jsonl");
    if (!row.Has("pixel_values_sum") || row.GetOr<std::string>("root", "") != "shared") continue;
    const fs::path path = test::SharedRoot() / row.Get<std::string>("image");
    SCOPED_TRACE(path.string());
    const Image image = LoadImage(path);
    const double mean = std::accumulate(image.rgb.begin(), image.rgb.end(), 0.0) /
                        static_cast<double>(image.rgb.size());
    EXPECT_NEAR(mean, row.Get<double>("rgb_mean"), 0.5e-4 + 1e-9);  // written with 4 decimals
    const Patches patches = MakePatches(image, config);
    const auto grid = row.Get<std::vector<int>>("image_grid_thw");
    EXPECT_EQ(patches.grid, (GridThw{grid[0], grid[1], grid[2]}));
    const double sum = std::accumulate(patches.values.begin(), patches.values.end(), 0.0);
    // Written with 3 decimals; the reference may have summed in f32.
    EXPECT_NEAR(sum, row.Get<double>("pixel_values_sum"), 1e-6 * std::abs(sum) + 1e-3);
    ++checked;
  }
  EXPECT_GT(checked, 0);
}

}  // namespace
}  // namespace roentgen
