// tests/golden/scorers: what the published programs themselves give for answers with odd case,
// contractions, tags and marks, in the order of our scorers' values; null where they give none. Run
// were LLaVA-Med's llava/eval/eval_metrics (e9972cf), MedEvalKit's utils/utils.py with MathRuler's
// extract_boxed_content, MedVLMBench's eval/metrics.py and POPE's evaluate.py.

#include <gmock/gmock.h>

#include <cmath>

#include "roentgen/evaluation/llava_med.h"
#include "roentgen/evaluation/scorers.h"
#include "support/json_lines.h"
#include "support/paths.h"

namespace roentgen {
namespace {

void ExpectAsPublished(const std::filesystem::path& file) {
  for (const Json& row : test::JsonLines(file)) {
    const auto prediction = row.at("prediction").get<std::string>();
    const auto reference = row.at("reference").get<std::string>();
    for (const char* name : {"llava-med", "medevalkit", "medvlmbench", "pope"}) {
      const Scorer& scorer = FindScorer(name);
      std::vector<double> scores(scorer.values.size());
      scorer.score({prediction, reference, row.at("closed").get<bool>()}, scores);
      const Json& published = row.at(name);
      ASSERT_EQ(published.size(), scores.size()) << name;
      for (size_t i = 0; i < scores.size(); ++i) {
        const double expected = published[i].is_null() ? kUndefined : published[i].get<double>();
        EXPECT_TRUE(std::isnan(expected) ? std::isnan(scores[i])
                                         : std::abs(scores[i] - expected) < 1e-12)
            << name << ' ' << scorer.values[i].name << ' ' << scores[i] << " for " << row;
      }
    }
  }
}

TEST(PublishedScorers, CaseContractionsTagsAndMarksAsInTheirPrograms) {
  ExpectAsPublished(test::SourceDir() / "tests" / "golden" / "scorers" / "cases.jsonl");
}

TEST(PublishedScorers, ContractionsGetTheirApostrophes) {
  EXPECT_EQ(LlavaMedForm("it isnt seen"), "it isn't seen");
  EXPECT_EQ(LlavaMedForm("it isn't seen"), "it isn't seen");
  EXPECT_EQ(LlavaMedForm("its dense, lets see"), "its dense lets see");  // in no table of theirs
  EXPECT_EQ(LlavaMedForm("y'all'dve"), "y'all'd've");
}

}  // namespace
}  // namespace roentgen
