#include "roentgen/evaluation/comparison_page.h"

#include <gmock/gmock.h>

namespace roentgen {
namespace {

using testing::HasSubstr;
using testing::Not;

Example Ask(std::string id, std::string reference, std::string prediction) {
  Example example;
  example.id = std::move(id);
  example.question = "Is <b>it</b> there?";
  example.reference = std::move(reference);
  example.prediction = std::move(prediction);
  example.fields["question_type"] = {"PRES"};
  return example;
}

RunComparison SomeComparison() {
  RunComparison comparison;
  comparison.before.name = "base";
  comparison.after.name = "lora <1>";
  for (int i = 0; i < 6; ++i) {
    const std::string id = std::to_string(i);
    comparison.before.examples.push_back(Ask(id, i % 2 == 0 ? "Yes" : "No", "Yes"));
    comparison.after.examples.push_back(Ask(id, i % 2 == 0 ? "Yes" : "No", i < 4 ? "No" : "Yes"));
  }
  comparison.before.description = {{"model", {{"fingerprint", "abc"}}}};
  comparison.after.description = {{"model", {{"fingerprint", "def"}}}, {"work", {{"seconds", 3}}}};
  comparison.after.image_use = {"the answers depend on the image: yes"};
  comparison.loss_curve = "<svg id=\"curve\"></svg>";
  ThreadPool pool(2);
  comparison.rows =
      CompareRuns(comparison.before.examples, comparison.after.examples, {200, 42, 0.95}, pool);
  return comparison;
}

TEST(ComparisonPage, NeedsNothingElseAndHoldsEverything) {
  const std::string html = ComparisonToHtml(SomeComparison(), 100);
  EXPECT_THAT(html, HasSubstr("findings invented"));
  EXPECT_THAT(html, HasSubstr("model.fingerprint</td><td>abc</td><td>def"));
  EXPECT_THAT(html, HasSubstr("work.seconds"));
  EXPECT_THAT(html, HasSubstr("id=\"curve\""));
  EXPECT_THAT(html, HasSubstr("the answers depend on the image: yes"));
  EXPECT_THAT(html, HasSubstr("data-outcome=\"mended\" data-type=\"PRES\""));
  EXPECT_THAT(html, HasSubstr("data-outcome=\"broken\""));
  EXPECT_THAT(html, HasSubstr("For research. Not a medical device."));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("<b>it</b>")));
  EXPECT_THAT(html, Not(HasSubstr("lora <1>")));
}

TEST(ComparisonPage, OutcomesTakeTurnsInASmallGallery) {
  const std::string html = ComparisonToHtml(SomeComparison(), 3);
  EXPECT_THAT(html, HasSubstr("3 of 6 questions"));
  EXPECT_THAT(html, HasSubstr("data-outcome=\"mended\""));
  EXPECT_THAT(html, HasSubstr("data-outcome=\"broken\""));
  EXPECT_THAT(html, HasSubstr("data-outcome=\"still right\""));
}

TEST(ComparisonPage, JsonAndMarkdownSayTheSame) {
  const RunComparison comparison = SomeComparison();
  const nlohmann::ordered_json json = ComparisonToJson(comparison);
  EXPECT_EQ(json["measures"].size(), comparison.rows.size());
  EXPECT_EQ(json["outcomes"]["mended"], 2);
  EXPECT_EQ(json["outcomes"]["broken"], 2);
  EXPECT_EQ(json["runs"][1]["name"], "lora <1>");
  const std::string text = ComparisonToMarkdown(comparison);
  for (const auto& measure : json["measures"]) {
    EXPECT_THAT(text, HasSubstr(measure["measure"].get<std::string>()));
  }
  EXPECT_THAT(text, HasSubstr("For research."));
}

}  // namespace
}  // namespace roentgen
