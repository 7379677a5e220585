// Models that full and freeze tuning write have each tensor in the type that the base has it in.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <deque>
#include <functional>
#include <vector>

#include "apps/small_model.h"
#include "roentgen/tensor/safetensors.h"

namespace roentgen {
namespace {

using test::Outcome;
using test::RunProgram;
using testing::HasSubstr;

class TrainedTypesProgram : public testing::Test {
 protected:
  void SetUp() override {
    test::MakePhantomsAndModel(folder_.path(), "4");
    WriteFile(Path("run.yaml"),
              fmt::format("model_name_or_path: {}\ndataset_dir: {}\ndataset: phantom_train\n"
                          "stage: sft\ndo_train: true\ntemplate: qwen2_vl\nmax_steps: 2\n"
                          "per_device_train_batch_size: 2\nlearning_rate: 1.0e-3\n",
                          Path("model"), Path("data")));
  }

  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  /// The base's layers in F32, its vision tower in F16, the rest in BF16 as it was.
  void MixTypes() const {
    const std::string path = Path("model/model.safetensors");
    std::deque<std::vector<std::byte>> bytes;
    std::vector<std::pair<std::string, TensorView>> tensors;
    const Safetensors file(path);
    for (const auto& [name, tensor] : file.tensors()) {
      TensorView view = tensor;
      if (name.starts_with("model.layers.")) view = As(DType::kF32, tensor, std::identity(), bytes);
      if (name.starts_with("visual.")) view = As(DType::kF16, tensor, ToFloat16, bytes);
      tensors.emplace_back(name, view);
    }
    SaveSafetensors(path, tensors, {{"format", "pt"}});
  }

  template <class Round>
  static TensorView As(DType type, const TensorView& tensor, const Round& round,
                       std::deque<std::vector<std::byte>>& bytes) {
    std::vector<std::byte>& out = bytes.emplace_back();
    for (const float value : ToFloats(tensor)) {
      const auto written = round(value);
      const auto* begin = reinterpret_cast<const std::byte*>(&written);
      out.insert(out.end(), begin, begin + sizeof(written));
    }
    return {type, tensor.shape, out};
  }

  test::TemporaryFolder folder_;
};

TEST_F(TrainedTypesProgram, EachTensorIsAsInTheBase) {
  MixTypes();
  for (const char* method : {"full", "freeze"}) {
    SCOPED_TRACE(method);
    const Outcome outcome =
        RunProgram({"train", Path("run.yaml"), "output_dir=" + Path(method),
                    std::string("finetuning_type=") + method, "freeze_trainable_layers=1"});
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const Safetensors base(Path("model/model.safetensors"));
    const Safetensors trained(Path(method) + "/model.safetensors");
    for (const auto& [name, tensor] : base.tensors()) {
      EXPECT_EQ(trained.At(name).dtype, tensor.dtype) << name;
    }
    // A norm near 1 moves by less than a step of BF16.
    const std::string norm = "model.layers.1.input_layernorm.weight";
    EXPECT_NE(ToFloats(trained.At(norm)), ToFloats(base.At(norm)));
  }
}

TEST_F(TrainedTypesProgram, WhatLiesInTheOutputFolderIsLookedAtFirst) {
  std::filesystem::create_directories(Path("out"));
  WriteFile(Path("out/added_tokens.json"), "{}");
  const Outcome outcome =
      RunProgram({"train", Path("run.yaml"), "output_dir=" + Path("out"), "finetuning_type=full"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("added_tokens.json: it would become part of the model"));
  EXPECT_THAT(outcome.err, HasSubstr("name an empty folder"));
}

}  // namespace
}  // namespace roentgen
