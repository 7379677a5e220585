#include "roentgen/qwen2vl/checkpoint.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

constexpr float kValues[] = {1.0f, 2.0f};

TensorView Pair() {
  return {DType::kF32, {2}, std::as_bytes(std::span(kValues))};
}

/// A folder with tensors x and y in a shard each, and the index.
class Checkpoint : public testing::Test {
 protected:
  Checkpoint() {
    SaveSafetensors(path() / "model-1.safetensors", {{"x", Pair()}});
    SaveSafetensors(path() / "model-2.safetensors", {{"y", Pair()}, {"unlisted", Pair()}});
    WriteIndex({{"x", "model-1.safetensors"}, {"y", "model-2.safetensors"}});
  }

  void WriteIndex(const Json& weight_map) {
    test::WriteJson(path() / "model.safetensors.index.json", {{"weight_map", weight_map}});
  }
  std::filesystem::path path() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(Checkpoint, ShardsAreFoundThroughTheIndex) {
  const auto source = OpenCheckpoint(path());
  EXPECT_THAT(source->Names(), testing::ElementsAre("x", "y"));
  EXPECT_EQ(ToFloats(*source->Find("y")), (std::vector<float>{1.0f, 2.0f}));
  EXPECT_EQ(source->Find("unlisted"), nullptr);
  EXPECT_EQ(source->Describe(), path().string());
}

TEST_F(Checkpoint, TheSingleFileComesFirst) {
  SaveSafetensors(path() / "model.safetensors", {{"z", Pair()}});
  EXPECT_THAT(OpenCheckpoint(path())->Names(), testing::ElementsAre("z"));
}

TEST_F(Checkpoint, WithoutIndexAllFilesAreTaken) {
  std::filesystem::remove(path() / "model.safetensors.index.json");
  SaveSafetensors(path() / "adapter_model.safetensors", {{"x", Pair()}});
  EXPECT_THAT(OpenCheckpoint(path())->Names(), testing::ElementsAre("unlisted", "x", "y"));
  SaveSafetensors(path() / "other.safetensors", {{"x", Pair()}});
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()),
                        "other.safetensors: tensor x is in model-1.safetensors too");
}

TEST_F(Checkpoint, NamesOfTransformers5BecomeThePublishedOnes) {
  SaveSafetensors(path() / "model-1.safetensors", {{"model.visual.x", Pair()}});
  SaveSafetensors(path() / "model-2.safetensors",
                  {{"model.language_model.layers.0.y", Pair()}, {"lm_head.weight", Pair()}});
  WriteIndex({{"model.visual.x", "model-1.safetensors"},
              {"model.language_model.layers.0.y", "model-2.safetensors"},
              {"lm_head.weight", "model-2.safetensors"}});
  const auto source = OpenCheckpoint(path());
  EXPECT_THAT(source->Names(),
              testing::ElementsAre("lm_head.weight", "model.layers.0.y", "visual.x"));
  EXPECT_NE(source->Find("visual.x"), nullptr);
  EXPECT_EQ(source->Find("model.visual.x"), nullptr);
}

TEST_F(Checkpoint, TwoNamesOfOneParameterAreRefused) {
  SaveSafetensors(path() / "model-1.safetensors", {{"visual.x", Pair()}});
  SaveSafetensors(path() / "model-2.safetensors", {{"model.visual.x", Pair()}});
  const std::string both =
      "model-1.safetensors: tensor visual.x is the same parameter as model.visual.x in "
      "model-2.safetensors";
  WriteIndex({{"visual.x", "model-1.safetensors"}, {"model.visual.x", "model-2.safetensors"}});
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()), both);
  std::filesystem::remove(path() / "model.safetensors.index.json");
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()),
                        "model-2.safetensors: tensor model.visual.x is the same parameter as");
  SaveSafetensors(path() / "model.safetensors", {{"visual.x", Pair()}, {"model.visual.x", Pair()}});
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()), "is the same parameter as");
}

TEST_F(Checkpoint, MissingShardsAreNamed) {
  std::filesystem::remove(path() / "model-2.safetensors");
  try {
    OpenCheckpoint(path());
    ADD_FAILURE() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the shard model-2.safetensors is missing"));
    EXPECT_THAT(error.hint(), testing::HasSubstr("incomplete"));
  }
}

TEST_F(Checkpoint, TruncatedShardsAreNamed) {
  const auto shard = path() / "model-1.safetensors";
  std::filesystem::resize_file(shard, std::filesystem::file_size(shard) - 1);
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()), "model-1.safetensors: tensor x ends at byte");
}

TEST_F(Checkpoint, IndexFlaws) {
  WriteIndex({{"x", "model-2.safetensors"}});
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()), "model-2.safetensors has no such tensor");
  for (const char* outside : {"../model-1.safetensors", "/etc/passwd", "a/../../m", ""}) {
    WriteIndex({{"x", outside}});
    ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()), "is no file of this folder");
  }
  WriteIndex({{"x", 1}});
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()), "weight_map: x: expected a text, found 1");
  WriteFile(path() / "model.safetensors.index.json", "{");
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(path()), "model.safetensors.index.json: not valid JSON");
}

TEST(CheckpointFolder, WithoutWeightsSaysWhatToDo) {
  const test::TemporaryFolder folder;
  const auto hint_of = [](const std::filesystem::path& path) {
    try {
      OpenCheckpoint(path);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("no *.safetensors"));
      return error.hint();
    }
    return std::string("no Error");
  };
  EXPECT_THAT(hint_of(folder.path()), testing::HasSubstr("model.safetensors"));
  test::WriteJson(folder.path() / "config.json", {});
  EXPECT_THAT(hint_of(folder.path()), testing::HasSubstr("procedural:"));
  test::WriteJson(folder.path() / "adapter_config.json", {});
  EXPECT_THAT(hint_of(folder.path()), testing::HasSubstr("--adapter"));
  ROENTGEN_EXPECT_ERROR(OpenCheckpoint(folder.path() / "none"),
                        "none: cannot read the folder: No such file");
}

}  // namespace
}  // namespace roentgen
