// Adapters made with PEFT on models/phantom, and what PEFT computes with them.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "roentgen/base/json.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/qwen2vl/names.h"
#include "roentgen/qwen2vl/vision_tower.h"
#include "support/paths.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

constexpr double kRounding = 5.1e-5;  // the file has four decimals

std::vector<fs::path> Adapters() {
  std::vector<fs::path> folders;
  for (const char* kind : {"M6", "M7"}) {
    for (const auto& entry : fs::directory_iterator(test::SourceDir() / "tests/field" / kind)) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

class AdapterField : public testing::TestWithParam<fs::path> {};

TEST_P(AdapterField, ComputesWhatPeftDoes) {
  const Json says = ReadJsonFile(GetParam() / "peft-says.json", 1 << 20);
  ThreadPool pool(2);
  Model model = LoadModel(ResolveModel((test::SourceDir() / "models/phantom").string()),
                          std::vector<fs::path>{GetParam()}, AdapterMode::kBeside, pool);

  const Json& scales = says.at("scaling by module (r, scale)");
  VisitLinears(model.weights, [&](const std::string& name, const Linear& linear) {
    const auto at = scales.find(NestedName(name));
    ASSERT_EQ(at != scales.end(), !linear.lora.empty()) << name;
    if (at == scales.end()) return;
    EXPECT_EQ(linear.lora.front().a->rows(), at->at(0)) << name;
    EXPECT_FLOAT_EQ(linear.lora.front().scale, at->at(1)) << name;
  });

  Sequence sequence(model, pool);
  sequence.Append(says.at("input_ids").get<std::vector<int32_t>>(), {});
  for (const auto& item : says.at("top 5 of the last position").items()) {
    EXPECT_NEAR(sequence.logits()[std::stoul(item.key())], item.value().get<double>(), kRounding);
  }

  // Pictures see what is saved whole in the tower and its merger.
  if (!says.contains("features of sin(0.37 i)")) return;
  const VisionConfig& vision = model.config.vision;
  OwnedMatrix patches(16, vision.patch_values());
  for (size_t i = 0; i < patches.size(); ++i) {
    patches.data()[i] = static_cast<float>(std::sin(static_cast<double>(i) * 0.37));
  }
  const GridThw grid{1, 4, 4};
  const OwnedMatrix features =
      EncodeVision(model.weights.vision, vision, patches, {&grid, 1}, pool);
  const auto expected = says.at("features of sin(0.37 i)").get<std::vector<double>>();
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(features.data()[i], expected[i], kRounding) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Peft, AdapterField, testing::ValuesIn(Adapters()),
                         [](const testing::TestParamInfo<fs::path>& adapter) {
                           std::string name = adapter.param.filename().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace roentgen
