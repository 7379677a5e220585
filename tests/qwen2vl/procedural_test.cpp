#include "roentgen/qwen2vl/procedural.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "roentgen/base/error.h"
#include "support/paths.h"
#include "support/tiny_model.h"

namespace roentgen {
namespace {

TEST(Procedural, AnyTeamGivesTheSameBits) {
  // Embeddings of more than one task's share, and not a multiple of it.
  Json json = test::TinyConfigJson();
  json["vocab_size"] = 70'001;
  const ModelConfig config = test::ParseConfig(json);
  ThreadPool one(1);
  ThreadPool three(3);
  const auto a = GenerateWeights(config, "s", one);
  const auto b = GenerateWeights(config, "s", three);
  const auto other = GenerateWeights(config, "t", three);
  ASSERT_EQ(a->Names(), b->Names());
  for (const std::string& name : a->Names()) {
    EXPECT_TRUE(std::ranges::equal(a->Find(name)->data, b->Find(name)->data)) << name;
    EXPECT_FALSE(std::ranges::equal(a->Find(name)->data, other->Find(name)->data)) << name;
  }
  EXPECT_EQ(a->Find("none"), nullptr);
  EXPECT_EQ(a->Describe(), "procedural weights, seed s");
}

TEST(Procedural, ValuesLieWhereTheirKindPutsThem) {
  const auto source = test::TinyWeights(test::ParseConfig(test::TinyConfigJson()));
  const auto range_of = [&](const char* name) {
    const std::vector<float> values = ToFloats(*source->Find(name));
    const auto [low, high] = std::ranges::minmax(values);
    return std::pair(low, high);
  };
  const auto within = [](float low, float high) {
    return testing::Pair(testing::Ge(low), testing::Le(high));
  };
  EXPECT_THAT(range_of("model.norm.weight"), within(0.75f, 1.25f));
  EXPECT_THAT(range_of("visual.merger.ln_q.weight"), within(0.75f, 1.25f));
  EXPECT_THAT(range_of("visual.merger.ln_q.bias"), within(-0.125f, 0.125f));
  EXPECT_THAT(range_of("model.embed_tokens.weight"), within(-0.0625f, 0.0625f));
  // √(3 / 16), rounded to bf16
  EXPECT_THAT(range_of("model.layers.0.self_attn.q_proj.weight"), within(-0.4336f, 0.4336f));
}

TEST(Procedural, ProgressEndsWithAllDone) {
  ThreadPool pool(1);
  size_t last = 0;
  size_t all = 1;
  GenerateWeights(test::ParseConfig(test::TinyConfigJson()), "s", pool,
                  [&](std::string_view, size_t done, size_t total) {
                    EXPECT_GT(done, last);
                    last = done;
                    all = total;
                  });
  EXPECT_EQ(last, all);
}

TEST(Procedural, SeedComesFromTheFolder) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(ProceduralSeed(folder.path()), "roentgen-2b");
  test::WriteJson(folder.path() / "seed.json", {{"seed", "other"}});
  EXPECT_EQ(ProceduralSeed(folder.path()), "other");
  test::WriteJson(folder.path() / "seed.json", {{"seed", 1}});
  ROENTGEN_EXPECT_ERROR(ProceduralSeed(folder.path()), "seed.json: seed: expected a text");
}

}  // namespace
}  // namespace roentgen
