#include <gmock/gmock.h>

#include "roentgen/assistant/report_document.h"
#include "roentgen/assistant/run_facts.h"

namespace roentgen {
namespace {

using testing::ElementsAre;

RunFacts Facts(const std::string& settings) {
  RunFacts facts;
  facts.program = "roentgen";
  facts.model = "demo";
  facts.model_sha256 = std::string(64, 'a');
  facts.settings_sha256 = settings;
  return facts;
}

RunFacts Reread(Json json) {
  return ReadRunFacts(JsonObject(std::move(json), "a.jsonl"));
}

TEST(ModelSettingsFacts, AreAPartOfTheModel) {
  const RunFacts then = Facts(std::string(64, 'b'));
  const RunFacts now = Facts(std::string(64, 'c'));
  EXPECT_THAT(DifferencesOf(then, now),
              ElementsAre(FactDifference{"model settings", "bbbbbbbbbbbb", "cccccccccccc", true}));
  EXPECT_THAT(DifferencesOf(then, then), ElementsAre());
  EXPECT_EQ(Reread(ToJson(then)).settings_sha256, std::string(64, 'b'));
}

TEST(ModelSettingsFacts, OfAnOlderTranscriptAreNotRecorded) {
  Json json = ToJson(Facts(std::string(64, 'b')));
  json.erase("settings_sha256");
  const RunFacts older = Reread(json);
  EXPECT_EQ(older.settings_sha256, "");
  EXPECT_THAT(DifferencesOf(older, Facts(std::string(64, 'c'))),
              ElementsAre(FactDifference{"model settings", "not recorded", "cccccccccccc", false}));
}

TEST(ModelSettingsFacts, StandInReportsInBothLanguages) {
  const RunFacts facts = Facts(std::string(64, 'b'));
  EXPECT_EQ(DescribeFacts(facts, Language::kEnglish)[2].name, "model settings");
  EXPECT_EQ(DescribeFacts(facts, Language::kChinese)[2].name, "模型设置");
  EXPECT_EQ(DescribeFacts(facts, Language::kChinese)[2].value, std::string(64, 'b'));
}

}  // namespace
}  // namespace roentgen
