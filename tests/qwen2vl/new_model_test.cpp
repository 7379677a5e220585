#include "roentgen/qwen2vl/new_model.h"

#include <gmock/gmock.h>

#include <cmath>

#include "roentgen/base/error.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/qwen2vl/model.h"
#include "roentgen/tensor/safetensors.h"
#include "roentgen/text/bpe_trainer.h"
#include "roentgen/text/tokenizer.h"
#include "support/paths.h"

namespace roentgen {
namespace {

class NewModelTest : public testing::Test {
 protected:
  NewModelTest() {
    BpeTrainer trainer;
    trainer.Add("Is there a nodule? 有结节吗？ Is there a nodule? 有结节吗？");
    vocabulary_ = trainer.Learn(300);
    shape_.hidden_size = 64;
    shape_.intermediate_size = 96;
    shape_.num_hidden_layers = 2;
    shape_.num_attention_heads = 2;
    shape_.num_key_value_heads = 1;
    shape_.vision_depth = 1;
    shape_.vision_embed_dim = 32;
  }
  void Write() { WriteNewModel(folder_.path(), shape_, vocabulary_, pool_); }

  test::TemporaryFolder folder_;
  ThreadPool pool_{2};
  NewModelShape shape_;
  TokenizerDefinition vocabulary_;
};

TEST_F(NewModelTest, LoadsAsAnyModel) {
  Write();
  const Model model =
      LoadModel({"new", folder_.path(), {}, "test"}, {}, AdapterMode::kBeside, pool_);
  EXPECT_EQ(model.config.hidden_size, 64u);
  EXPECT_TRUE(model.weights.unused.empty());
  const Tokenizer tokenizer = Tokenizer::Load(folder_.path());
  EXPECT_EQ(static_cast<size_t>(tokenizer.id_limit()), model.config.vocab_size);
  EXPECT_EQ(tokenizer.Special("<|image_pad|>"), model.config.image_token_id);
  EXPECT_EQ(tokenizer.Decode(tokenizer.Encode("有结节吗？"), false), "有结节吗？");
  EXPECT_EQ(PreprocessorConfig::Load(folder_.path()).max_pixels, shape_.max_pixels);
  EXPECT_TRUE(model.generation.eos_token_ids.size() == 2);
}

TEST_F(NewModelTest, WeightsAreAsTransformersBegins) {
  Write();
  const Safetensors file(folder_.path() / "model.safetensors");
  const std::vector<float> matrix = ToFloats(file.At("model.layers.0.mlp.gate_proj.weight"));
  double squares = 0;
  for (const float value : matrix) squares += value * value;
  // Five standard errors of a deviation estimated from so many values.
  const double n = static_cast<double>(matrix.size());
  EXPECT_NEAR(std::sqrt(squares / n), 0.02, 5 * 0.02 / std::sqrt(2 * n));
  EXPECT_THAT(ToFloats(file.At("model.norm.weight")), testing::Each(1.0f));
  EXPECT_THAT(ToFloats(file.At("visual.blocks.0.attn.qkv.bias")), testing::Each(0.0f));
}

TEST_F(NewModelTest, TheSeedDecides) {
  Write();
  const std::string first = ReadFile(folder_.path() / "model.safetensors", 1 << 24);
  Write();
  EXPECT_EQ(ReadFile(folder_.path() / "model.safetensors", 1 << 24), first);
  shape_.seed = 2;
  Write();
  EXPECT_NE(ReadFile(folder_.path() / "model.safetensors", 1 << 24), first);
}

TEST_F(NewModelTest, SizesThatDoNotGoTogetherAreRefused) {
  shape_.num_attention_heads = 3;
  ROENTGEN_EXPECT_ERROR(Write(), "3 heads do not divide a width of 64");
  shape_.num_attention_heads = 4;
  shape_.num_key_value_heads = 3;
  EXPECT_THROW(Write(), Error);
  EXPECT_FALSE(FileExists(folder_.path() / "config.json"));
}

}  // namespace
}  // namespace roentgen
