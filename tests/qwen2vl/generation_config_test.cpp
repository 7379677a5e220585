#include "roentgen/qwen2vl/generation_config.h"

#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

class Generation : public testing::Test {
 protected:
  Generation() { test::WriteJson(folder_.path() / "config.json", test::TinyConfigJson()); }

  GenerationDefaults Load() const {
    return GenerationDefaults::Load(folder_.path(), test::ParseConfig(test::TinyConfigJson()));
  }
  GenerationDefaults LoadWith(const Json& json) const {
    test::WriteJson(folder_.path() / "generation_config.json", json);
    return Load();
  }

  test::TemporaryFolder folder_;
};

TEST_F(Generation, WithoutTheFileGreedyUntilTheModelsEnd) {
  const GenerationDefaults defaults = Load();
  EXPECT_FALSE(defaults.do_sample);
  EXPECT_EQ(defaults.repetition_penalty, 1.0);
  EXPECT_THAT(defaults.eos_token_ids, testing::ElementsAre(3));
  test::WriteJson(folder_.path() / "config.json", test::NestedConfigJson());
  EXPECT_THAT(Load().eos_token_ids, testing::ElementsAre(3));
}

TEST_F(Generation, ReadsTheFile) {
  const GenerationDefaults defaults = LoadWith({{"do_sample", true},
                                                {"temperature", 0.01},
                                                {"top_k", 1},
                                                {"top_p", 0.001},
                                                {"min_p", 0.1},
                                                {"repetition_penalty", 1.05},
                                                {"eos_token_id", {5, 6}}});
  EXPECT_TRUE(defaults.do_sample);
  EXPECT_EQ(defaults.temperature, 0.01);
  EXPECT_EQ(defaults.top_k, 1);
  EXPECT_EQ(defaults.top_p, 0.001);
  EXPECT_EQ(defaults.min_p, 0.1);
  EXPECT_EQ(defaults.repetition_penalty, 1.05);
  EXPECT_THAT(defaults.eos_token_ids, testing::ElementsAre(5, 6));
}

TEST_F(Generation, AbsentKeysHaveTheDefaultsOfTransformers) {
  const GenerationDefaults defaults = LoadWith({{"top_k", nullptr}, {"eos_token_id", 7}});
  EXPECT_EQ(defaults.top_k, 50);
  EXPECT_EQ(defaults.top_p, 1.0);
  EXPECT_THAT(defaults.eos_token_ids, testing::ElementsAre(7));
  EXPECT_THAT(LoadWith(Json::object()).eos_token_ids, testing::ElementsAre(3));
}

TEST_F(Generation, ValuesAreChecked) {
  ROENTGEN_EXPECT_ERROR(LoadWith({{"temperature", 0}}),
                        "generation_config.json: temperature: 0 must be above 0");
  ROENTGEN_EXPECT_ERROR(LoadWith({{"top_p", 1.5}}), "top_p: 1.5 must be above 0 and at most 1");
  ROENTGEN_EXPECT_ERROR(LoadWith({{"top_p", 0}}), "top_p: 0 must be");
  ROENTGEN_EXPECT_ERROR(LoadWith({{"min_p", -0.1}}), "min_p: -0.1 must be at least 0");
  ROENTGEN_EXPECT_ERROR(LoadWith({{"top_k", -1}}), "top_k: -1 is negative");
  ROENTGEN_EXPECT_ERROR(LoadWith({{"repetition_penalty", 0}}), "repetition_penalty: 0 must be");
  ROENTGEN_EXPECT_ERROR(LoadWith({{"eos_token_id", 40}}), "40 is not below vocab_size 40");
  ROENTGEN_EXPECT_ERROR(LoadWith({{"eos_token_id", "x"}}), "eos_token_id: expected a whole number");
  Json config = test::TinyConfigJson();
  config.erase("eos_token_id");
  test::WriteJson(folder_.path() / "config.json", config);
  ROENTGEN_EXPECT_ERROR(LoadWith(Json::object()), "config.json: eos_token_id: missing");
}

}  // namespace
}  // namespace roentgen
