#include "roentgen/evaluation/comparison_page.h"

#include <gmock/gmock.h>

#include "evaluation/some_comparison.h"

namespace roentgen {
namespace {

using test::SomeComparison;
using testing::HasSubstr;
using testing::Not;

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

TEST(ComparisonPage, ASmallGalleryShowsAsManyImagesAsItCan) {
  RunComparison comparison;
  for (int i = 0; i < 8; ++i) {
    Example example = test::Ask(std::to_string(i), "Yes", "Yes");
    example.images = {"image" + std::to_string(i / 4)};
    comparison.before.examples.push_back(example);
    comparison.after.examples.push_back(example);
  }
  comparison.before.examples[0].question = "First of one?";
  comparison.before.examples[4].question = "First of the other?";
  const std::string html = ComparisonToHtml(comparison, 2);
  EXPECT_THAT(html, HasSubstr("First of one?"));
  EXPECT_THAT(html, HasSubstr("First of the other?"));
}

TEST(ComparisonPage, JsonAndMarkdownSayTheSame) {
  const RunComparison comparison = SomeComparison();
  const nlohmann::ordered_json json = ComparisonToJson(comparison);
  EXPECT_EQ(json["measures"].size(), comparison.ablation.rows.size());
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
