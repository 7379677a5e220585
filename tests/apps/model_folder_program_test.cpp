// What is written as a model folder opens, and what cannot be opened as one is explained.

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/program.h"
#include "support/nested_names.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::ReadAll;
using test::RunProgram;
using testing::HasSubstr;

class ModelFolderProgram : public testing::Test {
 protected:
  /// A copy of the model in the repository, for one test to change.
  std::string CopyOfModel(const std::string& name) const {
    fs::copy(model_, Path(name));
    return Path(name);
  }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  static std::string Ask(const std::string& model) {
    const Outcome outcome = RunProgram({"ask", "--model", model, "--audit", "none", "--temperature",
                                        "0", "--max-new-tokens", "12", "What is a chest X-ray?"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.out;
  }

  const std::string model_ = (test::SourceDir() / "models" / "phantom").string();
  const std::string adapter_ = (test::SourceDir() / "models" / "phantom-radiology").string();
  test::TemporaryFolder folder_;
};

TEST_F(ModelFolderProgram, ABaseWithNestedNamesIsMergedAsAFlatOne) {
  const std::string nested = CopyOfModel("nested");
  test::NestNames(nested + "/model.safetensors");
  EXPECT_EQ(Ask(nested), Ask(model_));
  for (const auto& [base, out] : {std::pair(model_, "flat-merged"), {nested, "nested-merged"}}) {
    const Outcome merged =
        RunProgram({"merge", "--model", base, "--adapter", adapter_, "--out", Path(out)});
    ASSERT_EQ(merged.status, 0) << merged.err;
  }
  const std::string weights = ReadAll(Path("nested-merged/model.safetensors"));
  EXPECT_EQ(weights, ReadAll(Path("flat-merged/model.safetensors")));
  EXPECT_NE(weights.substr(weights.size() / 2),
            ReadAll(model_ + "/model.safetensors").substr(weights.size() / 2));
}

TEST_F(ModelFolderProgram, AShapeIsShownFromItsConfigurationAlone) {
  fs::create_directory(Path("shape"));
  fs::copy(test::SourceDir() / "tests/field/M1/phantom-by-4.49.json", Path("shape/config.json"));
  const Outcome shown = RunProgram({"inspect", "model", "--model", "procedural:" + Path("shape")});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("generated from seed"));
}

TEST_F(ModelFolderProgram, M1AConfigurationThatLeavesOutDefaults) {
  const std::string model = CopyOfModel("m1");
  fs::copy(test::SourceDir() / "tests/field/M1/phantom-by-4.49.json", model + "/config.json",
           fs::copy_options::overwrite_existing);
  EXPECT_EQ(Ask(model), Ask(model_));
}

TEST_F(ModelFolderProgram, M2WhatIsWrittenOpensByItself) {
  const std::string model = CopyOfModel("m2");
  fs::remove(model + "/preprocessor_config.json");
  fs::remove(model + "/chat_template.json");
  for (const char* file : {"processor_config.json", "chat_template.jinja"}) {
    fs::copy(test::SourceDir() / "tests/field/M2" / file, model);
  }
  const std::vector<std::vector<std::string>> commands = {
      {"merge", "--adapter", adapter_, "--model", model, "--out", Path("merged")},
      {"quantize", "--quant", "q8", "--model", model, "--out", Path("q8")}};
  for (const std::vector<std::string>& command : commands) {
    const Outcome outcome = RunProgram(command);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_FALSE(Ask(command.back()).empty());
    for (const char* file : {"/processor_config.json", "/chat_template.jinja"}) {
      EXPECT_EQ(ReadAll(command.back() + file), ReadAll(model + file));
    }
  }
}

TEST_F(ModelFolderProgram, M2ABaseThatSaysNothingOfImagesIsRefusedFirst) {
  const std::string model = CopyOfModel("m2");
  fs::remove(model + "/preprocessor_config.json");
  const std::vector<std::vector<std::string>> commands = {
      {"merge", "--adapter", adapter_, "--model", model, "--out", Path("out")},
      {"quantize", "--quant", "q8", "--model", model, "--out", Path("out")}};
  for (const std::vector<std::string>& command : commands) {
    const Outcome outcome = RunProgram(command);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr("neither preprocessor_config.json nor"));
    EXPECT_THAT(outcome.err, HasSubstr("Copy preprocessor_config.json from the model"));
    EXPECT_FALSE(FileExists(Path("out")));
  }
}

TEST_F(ModelFolderProgram, WhatIsNoModelIsExplained) {
  const auto expect = [](const std::string& model, const std::string& says,
                         const std::string& hint) {
    const Outcome outcome = RunProgram({"ask", "--model", model, "Hello"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.err, HasSubstr(says));
    EXPECT_THAT(outcome.err, HasSubstr(hint));
    EXPECT_THAT(outcome.err, testing::Not(HasSubstr("procedural")));
  };
  expect(adapter_, "no config.json there", "This is an adapter");  // M9
  const std::string model = CopyOfModel("model");
  const std::string config = ReadAll(model + "/config.json");
  nlohmann::ordered_json quantised = nlohmann::ordered_json::parse(config);
  quantised["quantization_config"] = {{"quant_method", "awq"}, {"bits", 4}};
  WriteFile(model + "/config.json", quantised.dump());
  expect(model, "quantization_config: quantised by awq", "--quant q4");  // M8
  WriteFile(model + "/config.json", config);
  fs::rename(model + "/model.safetensors", model + "/pytorch_model.bin");
  expect(model, "PyTorch pickle", "save_pretrained");  // M10
  fs::rename(model + "/pytorch_model.bin", model + "/model.gguf");
  expect(model, "GGUF", "Download the model");
}

}  // namespace
}  // namespace roentgen
