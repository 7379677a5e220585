// Tokens of samples as LLaMA-Factory 0.9.5 itself counted and cut them.

#include <gmock/gmock.h>

#include "data/generated_set.h"
#include "roentgen/data/image_facts.h"
#include "roentgen/data/token_budget.h"
#include "text/text_goldens.h"

namespace roentgen {
namespace {

constexpr int32_t kImagePad = 151655;

/// Image tokens among run-length coded ids, where [value, count] stands for a run.
size_t ImagePads(const Json& ids) {
  size_t pads = 0;
  for (const Json& id : ids) {
    if (id.is_array() && id[0] == kImagePad) pads += id[1].get<size_t>();
    if (id.is_number() && id == kImagePad) ++pads;
  }
  return pads;
}

class TokenBudgetGolden : public testing::Test {
 protected:
  void SetUp() override {
    ROENTGEN_NEED(folder_);
    ROENTGEN_NEED(test::QwenFolder());
    ROENTGEN_NEED(test::SharedRoot() / "data" / "vqa-rad");
  }

  void Compare(const std::string& dataset, const std::string& run, size_t cutoff_len,
               int64_t image_max_pixels = 512 * 512) const {
    const TokenCounter counter(test::QwenTokenizer(), cutoff_len);
    const auto rows =
        test::ReadAll(*OpenLlamaFactory(folder_ / "data", {dataset}, ImageOptions({}, true)));
    const auto reference = test::ReadJsonLines(folder_ / "tokenised" / (run + ".jsonl"));
    ASSERT_EQ(rows.size(), reference.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      std::vector<size_t> image_tokens;
      for (const std::string& image : rows[i].sample.images) {
        image_tokens.push_back(
            CountImageTokens(LookAtImage(image).size, {image_max_pixels, 32 * 32}, {}).value());
      }
      const TokenBudget budget = counter.Count(rows[i].sample, image_tokens);
      EXPECT_EQ(budget.kept, reference[i].Get<size_t>("length")) << run << ", row " << i;
      EXPECT_EQ(budget.cuts_images,
                ImagePads(reference[i].json()["input_ids"]) < budget.image_tokens)
          << run << ", row " << i;
    }
  }

  const std::filesystem::path folder_ = test::GoldenRoot() / "train" / "lf";
};

TEST_F(TokenBudgetGolden, QuestionsOfVqaRad) {
  Compare("vqa", "vqa", 1024);
}

TEST_F(TokenBudgetGolden, HardSamples) {
  Compare("edge", "edge", 1024);
  Compare("edge", "edge_cutoff_512", 512);
  Compare("edge", "edge_cutoff_64", 64);
  Compare("edge", "edge_small_images", 1024, 112 * 112);
}

}  // namespace
}  // namespace roentgen
