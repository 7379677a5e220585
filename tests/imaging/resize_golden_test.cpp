#include <gmock/gmock.h>

#include "imaging/golden_tensors.h"
#include "roentgen/base/error.h"
#include "roentgen/imaging/llamafactory.h"
#include "roentgen/imaging/resize.h"
#include "support/paths.h"

namespace roentgen {
namespace {

TEST(ResizeGolden, SmartResize) {
  ROENTGEN_NEED(test::GoldenRoot() / "vision" / "smart_resize.jsonl");
  for (const auto& folder : test::GoldenFolders("vision", "smart_resize.jsonl")) {
    for (const Json& row : test::GoldenRows(folder / "smart_resize.jsonl")) {
      SCOPED_TRACE(row.dump());
      const Size size = {row[1].get<int>(), row[0].get<int>()};
      const auto resize = [&] {
        return SmartResize(size, row[2].get<int>(), row[3].get<int64_t>(), row[4].get<int64_t>());
      };
      if (row[5].is_string()) {
        EXPECT_THROW(resize(), Error);
      } else {
        EXPECT_EQ(resize(), (Size{row[5][1].get<int>(), row[5][0].get<int>()}));
      }
    }
  }
}

TEST(ResizeGolden, Bicubic) {
  ROENTGEN_NEED(test::GoldenRoot() / "vision" / "bicubic.safetensors");
  for (const auto& folder : test::GoldenFolders("vision", "bicubic.safetensors")) {
    const test::GoldenTensors golden(folder / "bicubic.safetensors");
    for (const std::string& name : golden.Names()) {
      if (!name.ends_with(".in")) continue;
      SCOPED_TRACE(name);
      const std::string stem = name.substr(0, name.size() - 3);
      const std::vector<uint8_t> pixels = golden.Values(name);
      const auto resize = [&](PassOrder order) {
        return ResizeBicubic(std::span<const uint8_t>(pixels), golden.ImageSize(name), 3,
                             golden.ImageSize(stem + ".out"), order);
      };
      EXPECT_EQ(resize(PassOrder::kPillow13), golden.Values(stem + ".out"));
      const std::string older = stem + ".out_pillow12";
      EXPECT_EQ(resize(PassOrder::kPillow12),
                golden.Values(golden.Has(older) ? older : stem + ".out"));
    }
  }
}

TEST(ResizeGolden, LlamaFactorySizes) {
  ROENTGEN_NEED(test::GoldenRoot() / "vision" / "llamafactory_sizes.jsonl");
  for (const auto& folder : test::GoldenFolders("vision", "llamafactory_sizes.jsonl")) {
    for (const Json& row : test::GoldenRows(folder / "llamafactory_sizes.jsonl")) {
      SCOPED_TRACE(row.dump());
      const JsonObject json(row, "row");
      const LlamaFactoryLimits limits = {json.Get<int64_t>("image_max_pixels"),
                                         json.Get<int64_t>("image_min_pixels")};
      Size size = {json.Get<int>("width"), json.Get<int>("height")};
      if (json.Has("error")) {
        EXPECT_THROW(
            {
              const LlamaFactoryResizes plan = PlanLlamaFactoryResizes(size, limits);
              for (const Size& step : plan.own_mode) size = step;
              for (const Size& step : plan.rgb) size = step;
              SmartResize(size, 28, 3136, 12845056);
            },
            Error);
        continue;
      }
      const LlamaFactoryResizes plan = PlanLlamaFactoryResizes(size, limits);
      std::vector<std::vector<int>> steps;
      for (const auto* part : {&plan.own_mode, &plan.rgb}) {
        for (const Size& step : *part) {
          steps.push_back({step.width, step.height});
          size = step;
        }
      }
      EXPECT_EQ(Json(steps), row.at("resizes"));
      EXPECT_EQ(json.Get<std::vector<int>>("result"), (std::vector<int>{size.width, size.height}));
      const Size processed = SmartResize(size, 28, 3136, 12845056);
      EXPECT_EQ(json.Get<std::vector<int>>("processor_size"),
                (std::vector<int>{processed.width, processed.height}));
    }
  }
}

/// The picture of a LLaMA-Factory pixel case, rebuilt from the tensors.
RawImage RawCase(const test::GoldenTensors& golden, const JsonObject& json) {
  const std::string name = json.Get<std::string>("name");
  const std::string mode = json.Get<std::string>("mode");
  const auto size = json.Get<std::vector<int>>("size");
  RawImage image;
  image.width = size[0];
  image.height = size[1];
  if (mode == "I;16") {
    image.mode = PixelMode::kGrey16;
    for (const int32_t value : golden.Values<int32_t>(name + ".in_i32")) {
      image.grey16.push_back(static_cast<uint16_t>(value));
    }
  } else if (mode == "P") {
    image.mode = PixelMode::kPalette;
    image.samples = golden.Values(name + ".index");
    const std::vector<uint8_t> colours = golden.Values(name + ".palette");
    for (size_t i = 0; i < colours.size() / 3; ++i) {
      image.palette[i] = {colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], 255};
    }
  } else {
    image.mode = mode == "1"      ? PixelMode::kBilevel
                 : mode == "L"    ? PixelMode::kGrey
                 : mode == "LA"   ? PixelMode::kGreyAlpha
                 : mode == "RGBA" ? PixelMode::kRgba
                                  : PixelMode::kRgb;
    image.samples = golden.Values(name + ".in");
    if (mode == "1") {
      for (uint8_t& sample : image.samples) sample = sample != 0 ? 255 : 0;
    }
  }
  return image;
}

TEST(ResizeGolden, LlamaFactoryPixels) {
  ROENTGEN_NEED(test::GoldenRoot() / "vision" / "llamafactory_pixels.json");
  for (const auto& folder : test::GoldenFolders("vision", "llamafactory_pixels.json")) {
    const test::GoldenTensors golden(folder / "llamafactory_pixels.safetensors");
    for (const Json& row : ReadJsonFile(folder / "llamafactory_pixels.json", 1 << 20)) {
      const JsonObject json(row, "llamafactory_pixels.json");
      SCOPED_TRACE(row.dump());
      const LlamaFactoryLimits limits = {json.Get<int64_t>("image_max_pixels"),
                                         json.Get<int64_t>("image_min_pixels")};
      const Image image = PrepareForLlamaFactory(RawCase(golden, json), limits, Grey16::kClip);
      EXPECT_EQ(json.Get<std::vector<int>>("result"),
                (std::vector<int>{image.width, image.height}));
      EXPECT_EQ(image.rgb, golden.Values(json.Get<std::string>("name") + ".out"));
    }
  }
}

}  // namespace
}  // namespace roentgen
