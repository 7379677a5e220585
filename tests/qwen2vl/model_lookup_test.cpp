#include "roentgen/qwen2vl/model_lookup.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {
namespace fs = std::filesystem;

/// An environment whose every path that the lookup reads lies in a temporary folder.
class ModelLookup : public testing::Test {
 protected:
  ModelLookup() {
    for (const char* name : {"ROENTGEN_MODEL", "HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"}) {
      ::unsetenv(name);
    }
    ::setenv("HOME", root().c_str(), 1);
    ::setenv("XDG_DATA_HOME", (root() / "data").c_str(), 1);
  }

  fs::path root() const { return folder_.path(); }

  fs::path MakeModel(const fs::path& relative) const {
    fs::path folder = root() / relative;
    fs::create_directories(folder);
    test::WriteJson(folder / "config.json", test::TinyConfigJson());
    return folder;
  }

  fs::path MakeCached(const fs::path& cache, const std::string& commit) const {
    const fs::path repository = cache / "models--Qwen--Qwen2-VL-2B-Instruct";
    fs::create_directories(root() / repository / "refs");
    WriteFileAtomically(root() / repository / "refs" / "main", commit + "\n");
    return MakeModel(repository / "snapshots" / commit);
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(ModelLookup, FlagThenEnvironmentThenDataFolderThenCache) {
  const fs::path cached = MakeCached(".cache/huggingface/hub", "c0ffee");
  EXPECT_EQ(ResolveModel({}).folder, cached);
  EXPECT_EQ(ResolveModel({}).found_by, "Hugging Face cache");

  const fs::path own = MakeModel("data/roentgen/models/own");
  fs::create_directories(root() / "data/roentgen/models/no-model");
  EXPECT_EQ(ResolveModel({}).folder, own);
  EXPECT_EQ(ResolveModel({}).spec, "own");

  const fs::path named = MakeModel("named");
  ::setenv("ROENTGEN_MODEL", named.c_str(), 1);
  EXPECT_EQ(ResolveModel({}).folder, named);
  EXPECT_EQ(ResolveModel({}).found_by, "ROENTGEN_MODEL");

  EXPECT_EQ(ResolveModel("own").folder, own);
  EXPECT_EQ(ResolveModel("Qwen/Qwen2-VL-2B-Instruct").folder, cached);
  EXPECT_EQ(ResolveModel("Qwen/Qwen2-VL-2B-Instruct").found_by, "--model");
  EXPECT_EQ(ResolveModel("own").seed, std::nullopt);
}

TEST_F(ModelLookup, TheCacheIsFoundAsTheHubFindsIt) {
  const fs::path in_cache_home = MakeCached("xdg/huggingface/hub", "a");
  const fs::path in_hf_home = MakeCached("hf/hub", "b");
  const fs::path in_hub_cache = MakeCached("hub", "c");
  ::setenv("XDG_CACHE_HOME", (root() / "xdg").c_str(), 1);
  EXPECT_EQ(ResolveModel({}).folder, in_cache_home);
  ::setenv("HF_HOME", (root() / "hf").c_str(), 1);
  EXPECT_EQ(ResolveModel({}).folder, in_hf_home);
  ::setenv("HF_HUB_CACHE", (root() / "hub").c_str(), 1);
  EXPECT_EQ(ResolveModel({}).folder, in_hub_cache);
}

TEST_F(ModelLookup, ProceduralSpecs) {
  const std::string folder = MakeModel("shape#1").string();
  EXPECT_EQ(ResolveModel("procedural:" + folder).seed, "roentgen-2b");
  EXPECT_EQ(ResolveModel("procedural:" + folder + "#own").seed, "own");
  EXPECT_EQ(ResolveModel("procedural:" + folder + "#own").folder, folder);
  test::WriteJson(fs::path(folder) / "seed.json", {{"seed", "from-file"}});
  const ModelLocation model = ResolveModel("procedural:" + folder);
  EXPECT_EQ(model.seed, "from-file");

  ThreadPool pool(1);
  const ModelConfig config = ModelConfig::Load(model.folder);
  EXPECT_EQ(OpenTensors(model, config, pool)->Describe(), "procedural weights, seed from-file");
  ROENTGEN_EXPECT_ERROR(OpenTensors(ResolveModel(folder), config, pool), "no *.safetensors here");
}

TEST_F(ModelLookup, FailuresListWhereItLooked) {
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), "no model found: --model and ROENTGEN_MODEL");
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), (root() / "data/roentgen/models").string());
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), (root() / ".cache/huggingface/hub").string());
  ROENTGEN_EXPECT_ERROR(ResolveModel("none"), "--model none: no such folder, and no model of that");
  ROENTGEN_EXPECT_ERROR(ResolveModel(""), "no such folder");
  ROENTGEN_EXPECT_ERROR(ResolveModel(root().string()), "no config.json there");
  ROENTGEN_EXPECT_ERROR(ResolveModel("procedural:none"), "no config.json in none");
  MakeModel("data/roentgen/models/b");
  MakeModel("data/roentgen/models/a");
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), "holds several models: a, b");
}

TEST_F(ModelLookup, AnUnfinishedDownloadIsNoModel) {
  fs::remove(MakeCached(".cache/huggingface/hub", "c0ffee") / "config.json");
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), "no model found");
}

}  // namespace
}  // namespace roentgen
