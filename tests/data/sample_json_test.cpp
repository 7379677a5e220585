#include "roentgen/data/sample_json.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

/// What a reader of the file does: takes the conversation's columns, then the others.
Sample Read(const std::string& text) {
  Json row = Json::parse(text);
  Sample sample;
  for (const Json& message : row["messages"]) {
    sample.turns.push_back({message["role"] == "user" ? Role::kUser : Role::kAssistant,
                            message["content"].get<std::string>()});
  }
  sample.images = row["images"].get<std::vector<std::string>>();
  sample.system = row["system"].get<std::string>();
  for (const char* column : {"messages", "images", "system"}) row.erase(column);
  TakeSampleColumns(std::move(row), sample);
  return sample;
}

TEST(SampleJson, EverythingSurvives) {
  Sample sample;
  sample.id = "a-1";
  sample.images = {"图 1.png", "b\\c.png"};
  sample.turns = {{Role::kUser, "<image><image>哪一张？\n\"左\""}, {Role::kAssistant, "左"}};
  sample.system = "s";
  sample.language = "zh";
  sample.modality = "CT";
  sample.organ = "HEAD";
  sample.question_types = {"PRES", "POS"};
  sample.answer_type = kOpen;
  sample.split = kTest;
  sample.boxes = {{"肝", 1.5, 2, 30, 0.1}};
  sample.source = {"x.json", 7};
  sample.extra = {{"qid", 7}, {"nested", {{"a", nullptr}}}};
  EXPECT_EQ(Read(SampleToJson(sample)), sample);
  EXPECT_EQ(Read(SampleToJson(Sample{})), Sample{});
}

TEST(SampleJson, ColumnsOfOtherMeaningGoToExtra) {
  Sample sample;
  TakeSampleColumns({{"id", 5}, {"boxes", {{{"label", "a"}}}}, {"extra", "no JSON"}, {"new", 1}},
                    sample);
  EXPECT_EQ(sample.id, "");
  EXPECT_TRUE(sample.boxes.empty());
  EXPECT_EQ(sample.extra["id"], 5);
  EXPECT_EQ(sample.extra["extra"], "no JSON");
  EXPECT_EQ(sample.extra["new"], 1);
}

}  // namespace
}  // namespace roentgen
