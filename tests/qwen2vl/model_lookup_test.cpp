#include "roentgen/qwen2vl/model_lookup.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"
#include "roentgen/hub/manifest.h"
#include "roentgen/hub/placement.h"
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
    WriteFile(root() / repository / "refs" / "main", commit + "\n");
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

TEST_F(ModelLookup, AModelThatWasPulledIsFoundByItsWholeName) {
  const fs::path pulled = MakeModel("data/roentgen/models/Qwen2-VL-2B-Instruct");
  EXPECT_EQ(ResolveModel("Qwen/Qwen2-VL-2B-Instruct").folder, pulled);
  const fs::path cached = MakeCached(".cache/huggingface/hub", "c0ffee");
  EXPECT_EQ(ResolveModel("Qwen/Qwen2-VL-2B-Instruct").folder, cached) << "its owner is known";
}

TEST_F(ModelLookup, AModelOfAnEarlierVersionHasANote) {
  MakeModel("data/roentgen/models/Qwen2-VL-2B-Instruct");
  EXPECT_THAT(ResolveModel("Qwen/Qwen2-VL-2B-Instruct").note,
              testing::HasSubstr("did not keep whose it is; taken for Qwen/Qwen2-VL-2B-Instruct"));
  EXPECT_EQ(ResolveModel("Qwen2-VL-2B-Instruct").note, "");
  ROENTGEN_EXPECT_ERROR(ResolveModel("Qwen/Qwen2-VL-2B-Instruct@v2"), "revision v2");
}

TEST_F(ModelLookup, PulledModelsAreFoundByOwnerNameAndRevision) {
  const std::string commit(40, 'c');
  const auto pulled = [&](const ModelOnHub& model, const std::string& told = "") {
    const fs::path folder = MakeModel(PlaceOf(model).lexically_relative(root()));
    PullManifest manifest{model, told, "test", "2026-11-30T17:30:00Z", {}};
    manifest.files.push_back({"config.json", fs::file_size(folder / "config.json"), ""});
    manifest.Write(folder);
    return folder;
  };
  const fs::path main = pulled({"https://huggingface.co", "A", "m", "main"}, commit);
  EXPECT_EQ(ResolveModel({}).folder, main);
  EXPECT_EQ(ResolveModel({}).spec, "A/m");
  const fs::path pr = pulled({"https://huggingface.co", "A", "m", "refs/pr/1"});
  const fs::path scope = pulled({"https://modelscope.cn", "A", "s", "master"});
  const fs::path mirror = pulled({"https://hf-mirror.com", "B", "m", "main"});

  for (const char* spec : {"A/m", "A/m@main"}) EXPECT_EQ(ResolveModel(spec).folder, main) << spec;
  EXPECT_EQ(ResolveModel("A/m@" + commit).folder, main);
  EXPECT_EQ(ResolveModel("A/m", {commit, {}}).folder, main);
  EXPECT_EQ(ResolveModel("A/m@refs/pr/1").folder, pr);
  EXPECT_EQ(ResolveModel("A/m", {"refs/pr/1", {}}).folder, pr);
  EXPECT_EQ(ResolveModel("A/s").folder, scope);
  EXPECT_EQ(ResolveModel("s").folder, scope);
  EXPECT_EQ(ResolveModel("A/s@master").folder, scope);
  EXPECT_EQ(ResolveModel("B/m").folder, mirror);
  EXPECT_EQ(ResolveModel(pr.string()).folder, pr);
  ROENTGEN_EXPECT_ERROR(ResolveModel("m"), "several models of that name were pulled");
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), "holds several models: A/m, A/m@refs/pr/1, A/s, B/m");
  ROENTGEN_EXPECT_ERROR(ResolveModel("A/m@v2"),
                        "revision v2 of it was not pulled; there are: A/m@main, A/m@refs/pr/1");
  ROENTGEN_EXPECT_ERROR(ResolveModel("C/m"), "no such folder");
  pulled({"https://hf-mirror.com", "A", "m", "main"});
  ROENTGEN_EXPECT_ERROR(ResolveModel("A/m"), "several models of that name");

  // A folder that is being made is none; one that is not whole any more is an error.
  fs::create_directories(pr.parent_path() / ".v3.pulling");
  PullManifest{}.Write(pr.parent_path() / ".v3.pulling");
  ROENTGEN_EXPECT_ERROR(ResolveModel("A/m@v3"), "revision v3 of it was not pulled");
  fs::remove(scope / "config.json");
  ROENTGEN_EXPECT_ERROR(ResolveModel("A/s"), "config.json: missing; it was pulled");
  ROENTGEN_EXPECT_ERROR(ResolveModel(scope.string()), "config.json: missing; it was pulled");
}

TEST_F(ModelLookup, ARevisionInANameIsTakenFromIt) {
  HubPlace hub;
  EXPECT_EQ(TakeRevision("A/m", hub), "A/m");
  EXPECT_EQ(TakeRevision("/models/a@b", hub), "/models/a@b");
  EXPECT_EQ(hub.revision, "main");
  EXPECT_EQ(TakeRevision("A/m@v2", hub), "A/m");
  EXPECT_EQ(hub.revision, "v2");
  EXPECT_EQ(TakeRevision("A/m@v2", hub), "A/m");
  ROENTGEN_EXPECT_ERROR(TakeRevision("A/m@v3", hub), "another revision is named beside it, v2");
}

TEST_F(ModelLookup, AdaptersAreFoundByFolderAndName) {
  const auto make = [&](const fs::path& relative) {
    fs::create_directories(root() / relative);
    WriteFile(root() / relative / "adapter_config.json", "{}");
    return root() / relative;
  };
  const fs::path repository = ".cache/huggingface/hub/models--someone--an-adapter";
  const fs::path cached = make(repository / "snapshots/abc");
  fs::create_directories(root() / repository / "refs");
  WriteFile(root() / repository / "refs/main", "abc");
  const fs::path pulled = make("data/roentgen/models/adapter");
  const fs::path local = make("here/lora");

  EXPECT_EQ(ResolveAdapter("someone/an-adapter").folder, cached);
  EXPECT_EQ(ResolveAdapter("someone/an-adapter").name, "someone/an-adapter");
  const fs::path second = make(repository / "snapshots/def");
  WriteFile(root() / repository / "refs/v2", "def");
  EXPECT_EQ(ResolveAdapter("someone/an-adapter", {"v2", {}}).folder, second);
  EXPECT_EQ(ResolveAdapter("adapter").folder, pulled);
  EXPECT_EQ(ResolveAdapter("A/adapter").folder, pulled);
  EXPECT_EQ(ResolveAdapter(local.string()).folder, local);
  EXPECT_EQ(ResolveAdapter(local.string()).name, "lora");
  EXPECT_EQ(ResolveAdapter(local.string() + "/").name, "lora");
  EXPECT_EQ(ResolveAdapter((root() / "here").string()).name, "here") << "told when it is read";
  for (const char* name : {"someone/other", "none", "", "a/../adapter", "/adapter"}) {
    ROENTGEN_EXPECT_ERROR(ResolveAdapter(name), "no such folder, and no adapter of that name in");
  }
  ROENTGEN_EXPECT_ERROR(ResolveModel("someone/an-adapter"), "no config.json there");
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), "no model found");  // an adapter is none
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

TEST_F(ModelLookup, M4ARevisionIsABranchATagOrACommit) {
  const std::string name = "Qwen/Qwen2-VL-2B-Instruct";
  const fs::path cache = ".cache/huggingface/hub";
  const fs::path main = MakeCached(cache, "c0ffee");
  const fs::path repository = root() / cache / "models--Qwen--Qwen2-VL-2B-Instruct";
  const fs::path v2 = MakeModel(repository.lexically_relative(root()) / "snapshots" / "beef");
  fs::create_directories(repository / "refs" / "pr");
  WriteFile(repository / "refs" / "v2", "beef");
  WriteFile(repository / "refs" / "pr" / "1", "beef");
  EXPECT_EQ(ResolveModel(name).folder, main);
  for (const char* revision : {"v2", "pr/1", "beef"}) {
    EXPECT_EQ(ResolveModel(name, {revision, {}}).folder, v2) << revision;
  }
  for (const char* revision : {"v3", "", "../../refs", "/"}) {
    ROENTGEN_EXPECT_ERROR(ResolveModel(name, {revision, {}}), "revision ");
  }
  // A download of which nobody knows the revision does not stand for one that is named.
  MakeModel("data/roentgen/models/" + name);
  EXPECT_EQ(ResolveModel(name, {"v2", {}}).folder, v2);
  // A folder is what it is.
  EXPECT_EQ(ResolveModel(main.string(), {"v2", {}}).folder, main);

  const fs::path elsewhere = MakeCached("elsewhere", "d0d0");
  EXPECT_EQ(ResolveModel(name, {"d0d0", root() / "elsewhere"}).folder, elsewhere);
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

/// What lies where a model was expected, and what an Error says of it.
class NotAModel : public ModelLookup {
 protected:
  /// A folder with these files, the first with config.json or without.
  fs::path Make(const std::string& name, const std::vector<std::string>& files) const {
    fs::create_directories(root() / name);
    for (const std::string& file : files) WriteFile(root() / name / file, "{}");
    return root() / name;
  }

  static void Expect(const fs::path& spec, const std::string& problem, const std::string& hint) {
    try {
      const ModelLocation model = ResolveModel(spec.string());
      ThreadPool pool(1);
      OpenTensors(model, ModelConfig::Load(model.folder), pool);
      ADD_FAILURE() << spec;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(problem)) << spec;
      EXPECT_THAT(error.hint(), testing::HasSubstr(hint)) << spec;
      EXPECT_THAT(error.hint(), testing::Not(testing::HasSubstr("procedural"))) << spec;
    }
  }
};

TEST_F(NotAModel, AnAdapterNamesItsBase) {
  const fs::path adapter = Make("adapter", {"adapter_model.safetensors", "adapter_config.json"});
  Expect(adapter, "no config.json there", "give its base model as the model, and this folder");
  test::WriteJson(adapter / "adapter_config.json",
                  {{"base_model_name_or_path", "Qwen/Qwen2-VL-2B-Instruct"}});
  Expect(adapter, "adapter: no config.json there",
         "give its base model (Qwen/Qwen2-VL-2B-Instruct) as the model");
  test::WriteJson(adapter / "config.json", test::TinyConfigJson());
  Expect(adapter, "no *.safetensors of a model here", "This is an adapter");
  Make("data/roentgen/models/pulled", {"adapter_config.json"});
  Expect("pulled", "--model pulled: no config.json there", "This is an adapter");
}

TEST_F(NotAModel, OtherFormatsAreNamedAndNoRandomWeightsOffered) {
  const struct {
    std::vector<std::string> files;
    std::string says;
    std::string hint;
  } cases[] = {
      {{"pytorch_model.bin"}, "pytorch_model.bin are a PyTorch pickle", "save_pretrained"},
      {{"pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json", "training_args.bin"},
       "pytorch_model-00001-of-00002.bin are a PyTorch pickle",
       "AutoProcessor"},
      {{"consolidated.00.pth"}, "consolidated.00.pth are a PyTorch pickle", "save_pretrained"},
      {{"qwen2-vl-q4_k_m.gguf", "mmproj.gguf"}, "mmproj.gguf are GGUF", "--quant q4"},
      {{"tf_model.h5"}, "TensorFlow", "save_pretrained"},
      {{"flax_model.msgpack"}, "Flax", "save_pretrained"},
      {{"model.onnx"}, "ONNX", "save_pretrained"},
  };
  for (const auto& [files, says, hint] : cases) {
    const fs::path folder = Make("of-" + files[0], files);
    Expect(folder, says, hint);
    Expect(folder / files[0], files[0] + " are ", hint);  // the file itself
    test::WriteJson(folder / "config.json", test::TinyConfigJson());
    Expect(folder, says, hint);
  }
}

TEST_F(NotAModel, FilesAndFoldersOfFolders) {
  const fs::path folder = Make("model", {"config.json", "model.safetensors"});
  Expect(folder / "model.safetensors", "a file where a model's folder was expected",
         "Give the folder that the file is in");
  Make("runs/checkpoint-4", {"adapter_config.json"});
  Make("runs/merged", {"config.json"});
  Make("runs/images", {});
  Expect(root() / "runs", "no config.json there",
         "Give one of the folders in it: "
         "checkpoint-4, merged");
  Expect(Make("empty", {"training_args.bin"}), "no config.json there", "preprocessor_config.json");
}

TEST_F(ModelLookup, AnUnfinishedDownloadIsNoModel) {
  fs::remove(MakeCached(".cache/huggingface/hub", "c0ffee") / "config.json");
  ROENTGEN_EXPECT_ERROR(ResolveModel({}), "no model found");
}

}  // namespace
}  // namespace roentgen
