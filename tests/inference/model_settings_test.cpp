#include "roentgen/inference/model_settings.h"

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/json.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

class ModelSettings : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path published = test::SourceDir() / "models/phantom";
    for (const char* file : kFiles) fs::copy(published / file, folder_.path() / file);
  }

  std::string Fingerprint() const {
    Model model;
    model.location.folder = folder_.path();
    model.config = ModelConfig::Load(folder_.path());
    model.generation = GenerationDefaults::Load(folder_.path(), model.config);
    return FingerprintOfSettings(model);
  }
  Json Read(const std::string& file) const {
    return ReadJsonFile(folder_.path() / file, size_t{16} << 20);
  }
  void Change(const std::string& file, const std::function<void(Json&)>& change) const {
    Json json = Read(file);
    change(json);
    WriteFile(folder_.path() / file, json.dump());
  }
  /// Of the files with one of them changed; they are as they were afterwards.
  std::string With(const std::string& file, const std::function<void(Json&)>& change) const {
    const std::string before = ReadFile(folder_.path() / file, size_t{16} << 20);
    Change(file, change);
    std::string fingerprint = Fingerprint();
    WriteFile(folder_.path() / file, before);
    return fingerprint;
  }

  static constexpr const char* kFiles[] = {
      "config.json", "generation_config.json", "preprocessor_config.json",
      "vocab.json",  "tokenizer_config.json",  "merges.txt"};
  test::TemporaryFolder folder_;
};

TEST_F(ModelSettings, WhatDecidesAnAnswerCounts) {
  std::set<std::string> all = {Fingerprint()};
  const auto expect_other = [&](const std::string& fingerprint) {
    EXPECT_TRUE(all.insert(fingerprint).second);
  };
  expect_other(With("config.json", [](Json& json) { json["rms_norm_eps"] = 1e-5; }));
  expect_other(With("config.json", [](Json& json) { json["rope_theta"] = 1e5; }));
  expect_other(With("config.json", [](Json& json) {
    json["rope_scaling"]["mrope_section"] = {8, 8, 8};
  }));
  expect_other(With("preprocessor_config.json", [](Json& json) { json["image_mean"][1] = 0.5; }));
  expect_other(With("preprocessor_config.json", [](Json& json) { json["image_std"][2] = 0.25; }));
  expect_other(With("preprocessor_config.json", [](Json& json) { json["max_pixels"] = 40000; }));
  expect_other(With("generation_config.json", [](Json& json) { json["eos_token_id"] = 1026; }));
  expect_other(With("vocab.json", [](Json& json) { std::swap(json["a"], json["b"]); }));
  expect_other(With("tokenizer_config.json",
                    [](Json& json) { json["added_tokens_decoder"]["1026"]["special"] = false; }));
  std::string merges = ReadFile(folder_.path() / "merges.txt", size_t{16} << 20);
  merges.erase(merges.find_last_of('\n', merges.size() - 2) + 1);
  WriteFile(folder_.path() / "merges.txt", merges);
  expect_other(Fingerprint());
}

TEST_F(ModelSettings, HowTheFilesAreWrittenDoesNot) {
  const std::string fingerprint = Fingerprint();
  for (const char* file : kFiles) {
    if (std::string(file) == "merges.txt") continue;
    const Json json = Read(file);
    WriteFile(folder_.path() / file, json.dump(4));  // keys in another order, too
  }
  EXPECT_EQ(Fingerprint(), fingerprint);
  // Keys that nothing is read from, and a default that is spelled out.
  EXPECT_EQ(With("config.json", [](Json& json) { json["transformers_version"] = "5"; }),
            fingerprint);
  EXPECT_EQ(
      With("preprocessor_config.json", [](Json& json) { json["rescale_factor"] = 1.0 / 255; }),
      fingerprint);
  EXPECT_EQ(With("generation_config.json",
                 [](Json& json) {
                   json["eos_token_id"] = {1024, 1026};
                 }),
            fingerprint);
  // How answers are sampled is told of each answer.
  EXPECT_EQ(With("generation_config.json", [](Json& json) { json["temperature"] = 0.5; }),
            fingerprint);
}

}  // namespace
}  // namespace roentgen
