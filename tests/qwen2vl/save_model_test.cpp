#include "roentgen/qwen2vl/save_model.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/qwen2vl/merge.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "roentgen/tensor/safetensors.h"
#include "support/nested_names.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kWeights = "model.safetensors";
constexpr const char* kEmbeddings = "model.embed_tokens.weight";

/// Copies of the model in the repository are bases; one of them has the names of Transformers 5.
class SaveModelTest : public testing::Test {
 protected:
  SaveModelTest() {
    for (const char* name : {"flat", "nested"}) {
      fs::copy(test::SourceDir() / "models" / "phantom", Path(name));
    }
    test::NestNames(Path("nested") / kWeights);
  }

  fs::path Path(const std::string& name) const { return folder_.path() / name; }

  Model Load(const std::string& name, const std::vector<fs::path>& adapters = {}) {
    return LoadModel({name, Path(name), {}, "test"}, adapters, AdapterMode::kBeside, pool_);
  }

  std::string Weights(const std::string& name) const {
    return ReadFile(Path(name) / kWeights, size_t{1} << 28);
  }

  void Write(const fs::path& file, const std::string& content) const {
    fs::create_directories((folder_.path() / file).parent_path());
    WriteFile(folder_.path() / file, content);
  }

  /// Writes the base's weights again after a change.
  template <class Change>
  void Rewrite(const std::string& name, const Change& change) {
    const fs::path path = Path(name) / kWeights;
    std::vector<std::pair<std::string, TensorView>> tensors;
    const Safetensors file(path);
    for (const auto& [tensor, view] : file.tensors()) tensors.emplace_back(tensor, view);
    change(tensors);
    SaveSafetensors(path, tensors);
  }

  const std::vector<fs::path> adapter_ = {test::SourceDir() / "models" / "phantom-radiology"};
  test::TemporaryFolder folder_;
  ThreadPool pool_{2};
};

TEST_F(SaveModelTest, ABaseWithNestedNamesIsMergedAsAFlatOne) {
  size_t linears = 0;
  for (const char* base : {"flat", "nested"}) {
    Model model = Load(base, adapter_);
    linears = model.adapters.at(0).linears;
    MergeAdapters(model.weights, MergedType::kLikeBase, pool_);
    SaveModel(model, Path(std::string("merged-") + base));
  }
  EXPECT_EQ(Weights("merged-flat"), Weights("merged-nested"));

  const Safetensors before(Path("flat") / kWeights);
  const Safetensors after(Path("merged-nested") / kWeights);
  ASSERT_EQ(after.tensors().size(), before.tensors().size());
  size_t changed = 0;
  for (const auto& [name, tensor] : before.tensors()) {
    const TensorView& merged = after.At(name);
    ASSERT_EQ(merged.dtype, tensor.dtype) << name;
    ASSERT_EQ(merged.shape, tensor.shape) << name;
    if (!std::ranges::equal(merged.data, tensor.data)) ++changed;
  }
  EXPECT_EQ(changed, linears);
  EXPECT_GT(changed, 0u);
}

TEST_F(SaveModelTest, ABaseWithNestedNamesIsQuantisedAsAFlatOne) {
  for (const char* base : {"flat", "nested"}) {
    Model model = Load(base);
    QuantizeByRecipe(model.weights, {.decoder = BlockScheme::kQ4}, pool_);
    SaveModel(model, Path(std::string("q-") + base),
              {.config = {{"quantization_config", {{"quant_method", "roentgen"}}}}});
  }
  EXPECT_EQ(Weights("q-flat"), Weights("q-nested"));
  EXPECT_EQ(DescribeRecipe(RecipeOf(Load("q-nested").weights)), "decoder q4");
}

TEST_F(SaveModelTest, WhatIsMergedIsUnderPublishedNames) {
  SaveModel(Load("nested"), Path("out"));
  const Safetensors written(Path("out") / kWeights);
  const Safetensors flat(Path("flat") / kWeights);
  for (const auto& [name, tensor] : flat.tensors()) {
    EXPECT_TRUE(std::ranges::equal(written.At(name).data, tensor.data)) << name;
  }
}

// An adapter that is still beside its weight would be lost.
TEST_F(SaveModelTest, AnAdapterThatIsNotMergedIsRefused) {
  ROENTGEN_EXPECT_ERROR(SaveModel(Load("flat", adapter_), Path("out")),
                        "its adapter is not merged into the weights");
  EXPECT_FALSE(FileExists(Path("out")));
}

TEST_F(SaveModelTest, WhatLoadingNeedsIsCopiedByRule) {
  fs::remove(Path("flat/chat_template.json"));
  fs::rename(Path("flat/preprocessor_config.json"), Path("flat/video_preprocessor_config.json"));
  const fs::path field = test::SourceDir() / "tests/field/M2";
  fs::copy(field / "processor_config.json", Path("flat"));
  fs::copy(field / "chat_template.jinja", Path("flat"));
  Write("flat/additional_chat_templates/tool_use.jinja", "{{ messages }}");
  for (const char* kept : {"added_tokens.json", "special_tokens_map.json", "LICENSE", "NOTICE.md",
                           "tokenizer.model", "processing_own.py"}) {
    Write(fs::path("flat") / kept, "{}");
  }
  for (const char* left :
       {"README.md", "model.safetensors.index.json", "trainer_state.json", "training_args.bin",
        "all_results.json", "eval_results.json", "adapter_config.json", "optimizer.pt",
        "trainer_log.jsonl", "training_loss.png", ".gitattributes", "seed.json"}) {
    Write(fs::path("flat") / left, "{}");
  }
  Write("flat/images.json", "");  // a dataset that somebody left there, without content on the disk
  fs::resize_file(Path("flat/images.json"), kMaxSettingsBytes + 1);
  SaveModel(Load("flat"), Path("out"));
  std::vector<std::string> written;
  for (const auto& entry : fs::recursive_directory_iterator(Path("out"))) {
    if (entry.is_regular_file()) {
      written.push_back(fs::relative(entry.path(), Path("out")).string());
    }
  }
  EXPECT_THAT(written,
              testing::UnorderedElementsAre(
                  "LICENSE", "NOTICE.md", "added_tokens.json",
                  "additional_chat_templates/tool_use.jinja", "chat_template.jinja", "config.json",
                  "generation_config.json", "merges.txt", "model.safetensors", "processing_own.py",
                  "processor_config.json", "special_tokens_map.json", "tokenizer.model",
                  "tokenizer_config.json", "video_preprocessor_config.json", "vocab.json"));
  EXPECT_EQ(ReadFile(Path("out/chat_template.jinja"), 1 << 20),
            ReadFile(field / "chat_template.jinja", 1 << 20));
  EXPECT_EQ(ModelSettings::Load(Path("out")).preprocessor.max_pixels, 50'176);
}

TEST_F(SaveModelTest, ABaseThatLacksSomethingIsRefusedBeforeAnythingIsWritten) {
  const Model model = Load("flat");
  const auto expect = [&](const char* file, const char* problem) {
    const fs::path path = Path("flat") / file;
    const std::string content = ReadFile(path, 1 << 20);
    fs::remove(path);
    ROENTGEN_EXPECT_ERROR(SaveModel(model, Path("out")), problem);
    WriteFile(path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n");
    ROENTGEN_EXPECT_ERROR(SaveModel(model, Path("out")), "a Git LFS pointer");
    WriteFile(path, content);
  };
  expect("preprocessor_config.json", "neither preprocessor_config.json nor processor_config.json");
  expect("merges.txt", "neither tokenizer.json nor merges.txt is there");
  expect("tokenizer_config.json", "neither tokenizer.json nor tokenizer_config.json is there");
  Write("flat/chat_template.jinja", "version https://git-lfs.github.com/spec/v1\n");
  ROENTGEN_EXPECT_ERROR(CheckSettingsOf(Path("flat")), "chat_template.jinja: a Git LFS pointer");
  ROENTGEN_EXPECT_ERROR(SaveModel(model, Path("out")), "chat_template.jinja: a Git LFS pointer");
  EXPECT_FALSE(FileExists(Path("out")));
}

TEST_F(SaveModelTest, OtherSettingsInTheFolderAreNoticed) {
  Write("out/processor_config.json", R"({"image_processor": {"max_pixels": 401408}})");
  ROENTGEN_EXPECT_ERROR(SaveModel(Load("flat"), Path("out")), "its settings read differently");
}

TEST_F(SaveModelTest, WhatWouldBecomePartOfTheModelIsRefusedBeforeAnyWork) {
  for (const char* file :
       {"chat_template.jinja", "added_tokens.json", "model.safetensors.index.json",
        "model-00001-of-00002.safetensors", "adapter_config.json", "tokenizer.model",
        "additional_chat_templates/tool_use.jinja"}) {
    SCOPED_TRACE(file);
    fs::remove_all(Path("out"));
    Write(fs::path("out") / file, "HELLO");
    ROENTGEN_EXPECT_ERROR(CheckOutputFolder(Path("out"), Path("flat")),
                          std::string(file) + ": it would become part of the model");
    ROENTGEN_EXPECT_ERROR(CheckOutputFolder(Path("out")), "it would become part of the model");
  }
}

TEST_F(SaveModelTest, WhatIsNotReadOrIsOverwrittenMayLieThere) {
  for (const char* file :
       {"out/vocab.json", "out/model.safetensors", "out/README.md", "out/run.yaml",
        "out/trainer_log.jsonl", "out/all_results.json", "out/影像.png"}) {
    Write(file, "a write that stopped half-way, or something else");
  }
  EXPECT_NO_THROW(CheckOutputFolder(Path("out"), Path("flat")));
  EXPECT_NO_THROW(CheckOutputFolder(Path("flat"), Path("flat")));
}

TEST_F(SaveModelTest, AModelGetsItsPlaceWhole) {
  const std::vector<fs::path> inputs = {Path("flat")};
  const auto make = [&](const char* base, const char* command = "merge") {
    OutputFolder folder = MakeModelFolder(Path("out"), command, inputs);
    SaveModel(Load(base), folder.staging());
    EXPECT_FALSE(fs::equivalent(folder.staging(), Path("flat")));
    CommitModelFolder(folder);
  };
  for (const char* wrong : {"flat", "flat/inside", "."}) {
    ROENTGEN_EXPECT_ERROR(MakeModelFolder(Path(wrong), "merge", inputs), "is read from");
  }
  Write("mine/notes.txt", "mine");
  ROENTGEN_EXPECT_ERROR(MakeModelFolder(Path("mine"), "merge", inputs), "is not empty");
  make("flat");
  SaveModel(Load("flat"), Path("beside"));
  EXPECT_TRUE(Weights("out") == Weights("beside"));
  make("nested");  // its own is replaced
  ROENTGEN_EXPECT_ERROR(make("flat", "quantize"), "was made by this program's merge");
  Write("out/notes.dat", "mine");
  make("flat");
  EXPECT_TRUE(FileExists(Path("out/notes.dat")));
  Write("out/added_tokens.json", "{}");
  ROENTGEN_EXPECT_ERROR(make("flat"), "it would become part of the model");
  EXPECT_TRUE(FileExists(Path("out/config.json")));
}

TEST_F(SaveModelTest, AFolderThatCannotBeMadeIsRefusedBeforeAnyWork) {
  Write("影像.txt", "a file");
  fs::create_symlink(Path("nowhere"), Path("link"));
  fs::create_directories(Path("empty"));
  const auto refuses = [this](const char* folder, const char* problem) {
    ROENTGEN_EXPECT_ERROR(CheckOutputFolder(Path(folder), Path("flat")), problem);
  };
  refuses("影像.txt", "影像.txt is no folder");
  refuses("影像.txt/model", "影像.txt is no folder");
  refuses("link", "link is a link to nothing");
  refuses("link/model/", "link is a link to nothing");
  for (const char* folder : {"empty", "empty/", "new", "新/a/b/"}) {
    EXPECT_NO_THROW(CheckOutputFolder(Path(folder), Path("flat"))) << folder;
  }
  EXPECT_FALSE(FileExists(Path("new")));
  if (::geteuid() == 0) return;  // who may write everywhere
  fs::permissions(Path("empty"), fs::perms::owner_read | fs::perms::owner_exec);
  refuses("empty/model", "empty cannot be written to");
  fs::permissions(Path("empty"), fs::perms::owner_all);
}

TEST_F(SaveModelTest, TiedEmbeddingsStoredAsTheHeadAreWrittenAsEmbeddings) {
  Rewrite("nested", [](auto& tensors) {
    for (auto& [name, tensor] : tensors) {
      if (name == "model.language_model.embed_tokens.weight") name = "lm_head.weight";
    }
  });
  SaveModel(Load("nested"), Path("out"));
  const Safetensors written(Path("out") / kWeights);
  EXPECT_EQ(written.Find("lm_head.weight"), nullptr);
  EXPECT_TRUE(std::ranges::equal(written.At(kEmbeddings).data,
                                 Safetensors(Path("flat") / kWeights).At(kEmbeddings).data));
}

// Transformers 4 would tie them again otherwise.
TEST_F(SaveModelTest, EmbeddingsThatDifferAreUntied) {
  std::vector<std::byte> head;
  Rewrite("flat", [&](auto& tensors) {
    for (const auto& [name, tensor] : tensors) {
      if (name == kEmbeddings) head.assign(tensor.data.begin(), tensor.data.end());
    }
    head[1] ^= std::byte{1};
    tensors.emplace_back("lm_head.weight", TensorView{DType::kBF16, {1038, 192}, head});
  });
  SaveModel(Load("flat"), Path("out"));
  EXPECT_FALSE(ModelConfig::Load(Path("out")).tie_word_embeddings);
  const Model saved = Load("out");
  EXPECT_FALSE(SameMemory(saved.weights.embed_tokens, saved.weights.lm_head));
  EXPECT_TRUE(
      std::ranges::equal(Safetensors(Path("out") / kWeights).At("lm_head.weight").data, head));
}

TEST_F(SaveModelTest, TypesAreRoundedToAsAskedFor) {
  SaveModel(Load("flat"), Path("f32"), {.type = [](const std::string& name) {
              return name.starts_with("visual.") ? std::optional(DType::kF32) : std::nullopt;
            }});
  const Safetensors wide(Path("f32") / kWeights);
  EXPECT_EQ(wide.At("visual.merger.mlp.0.weight").dtype, DType::kF32);
  EXPECT_EQ(wide.At("visual.merger.ln_q.bias").dtype, DType::kF32);
  EXPECT_EQ(wide.At("model.norm.weight").dtype, DType::kBF16);
  SaveModel(Load("f32"), Path("back"), {.type = [](const std::string&) { return DType::kBF16; }});
  SaveModel(Load("flat"), Path("as-it-is"));
  EXPECT_EQ(Weights("back"), Weights("as-it-is"));
}

TEST_F(SaveModelTest, TensorsThatAreNoParametersStay) {
  const std::vector<float> values = {1, 2};
  const std::string name = "model.layers.0.self_attn.rotary_emb.inv_freq";
  Rewrite("flat", [&](auto& tensors) {
    tensors.emplace_back(name, TensorView{DType::kF32, {2}, std::as_bytes(std::span(values))});
  });
  SaveModel(Load("flat"), Path("out"));
  EXPECT_EQ(ToFloats(Safetensors(Path("out") / kWeights).At(name)), values);
}

TEST_F(SaveModelTest, ADifferenceOnTheDiskIsFound) {
  const Model model = Load("flat");
  SaveModel(model, Path("out"));
  CheckSavedModel(Path("out"), model.config, model.weights);
  for (const char* damaged : {"model.layers.3.mlp.down_proj.weight", "visual.merger.ln_q.bias"}) {
    std::vector<std::byte> values;
    Rewrite("out", [&](auto& tensors) {
      for (auto& [name, tensor] : tensors) {
        if (name != damaged) continue;
        values.assign(tensor.data.begin(), tensor.data.end());
        values.back() ^= std::byte{1};
        tensor.data = values;
      }
    });
    ROENTGEN_EXPECT_ERROR(CheckSavedModel(Path("out"), model.config, model.weights),
                          std::string("tensor ") + damaged + " is not as the model");
    fs::copy(Path("flat") / kWeights, Path("out") / kWeights, fs::copy_options::overwrite_existing);
  }
  ModelConfig other = model.config;
  other.rope_theta = 5;
  ROENTGEN_EXPECT_ERROR(CheckSavedModel(Path("out"), other, model.weights),
                        "not the configuration of this model");
}

}  // namespace
}  // namespace roentgen
