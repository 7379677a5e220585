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

TEST(ComparisonPage, TellsWhatOnlyOneRunKnowsOf) {
  RunComparison comparison = SomeComparison();
  EXPECT_TRUE(ComparisonToJson(comparison)["left_out"].empty());
  for (Example& example : comparison.after.examples) example.fields.clear();
  const auto json = ComparisonToJson(comparison);
  ASSERT_FALSE(json["left_out"].empty());
  for (const std::string note : json["left_out"]) {
    EXPECT_THAT(note, HasSubstr("which only one run says to be of the kind"));
    EXPECT_THAT(ComparisonToMarkdown(comparison), HasSubstr(note));
    EXPECT_THAT(ComparisonToHtml(comparison, 1), HasSubstr("<p>" + note));
  }
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

TEST(ComparisonPage, NamesAreTextInMarkdown) {
  RunComparison comparison = SomeComparison();
  comparison.after.name = "a|b <i>";
  const std::string text = ComparisonToMarkdown(comparison);
  EXPECT_THAT(text, HasSubstr(R"( → a\|b \<i>)"));
  EXPECT_THAT(text, HasSubstr(R"(a\|b \<i> | )"));
}

/// One run wrong, the other right, on so many images.
RunComparison AllMended(size_t images) {
  RunComparison comparison;
  comparison.before.name = "base";
  comparison.after.name = "tuned";
  for (size_t i = 0; i < images; ++i) {
    for (ComparedRun* run : {&comparison.before, &comparison.after}) {
      Example& example = run->examples.emplace_back(
          test::Ask(std::to_string(i), "Yes", run == &comparison.after ? "Yes" : "No"));
      example.images = {"image" + std::to_string(i)};
      example.probability_yes = run == &comparison.after ? 0.9 : 0.4;
    }
  }
  ThreadPool pool(1);
  comparison.ablation =
      CompareRuns(comparison.before.examples, comparison.after.examples, {}, pool);
  return comparison;
}

TEST(ComparisonPage, OneQuestionPrintsNoIntervalAndNoVerdict) {
  const RunComparison one = AllMended(1);
  const std::string text = ComparisonToMarkdown(one);
  EXPECT_THAT(text, HasSubstr("1 question, 1 image."));
  EXPECT_THAT(text, HasSubstr("too few images (1) to tell"));
  EXPECT_THAT(text, Not(HasSubstr(" to +")));
  EXPECT_THAT(text, Not(HasSubstr("| better")));
  EXPECT_THAT(ComparisonToHtml(one, 0), HasSubstr("too few images (1) to tell"));
  const auto measure = ComparisonToJson(one)["measures"][0];
  for (const char* absent : {"p", "p_holm", "lower", "upper"}) {
    EXPECT_FALSE(measure.contains(absent)) << absent;
  }
}

TEST(ComparisonPage, ManyQuestionsHaveNoPOfZero) {
  const RunComparison many = AllMended(1200);
  EXPECT_THAT(ComparisonToMarkdown(many), HasSubstr("< 0.001 | better"));
  EXPECT_GT(ComparisonToJson(many)["measures"][0]["p"].get<double>(), 0);
}

TEST(ComparisonPage, NamesThePrimaryMeasureTheCorrectionAndTheUnits) {
  const RunComparison comparison = AllMended(8);
  const std::string text = ComparisonToMarkdown(comparison);
  EXPECT_LT(text.find("Primary measure: answers right. The 2 other measures are tested together"),
            text.find("aspect"));
  EXPECT_THAT(text, HasSubstr("8 questions, 8 images."));
  EXPECT_THAT(ComparisonToHtml(comparison, 0), HasSubstr("Primary measure: answers right."));
  const auto json = ComparisonToJson(comparison);
  EXPECT_EQ(json["primary"], "answers right");
  EXPECT_EQ(json["units"], 8);
  EXPECT_EQ(json["correction"]["method"], "Holm");
  EXPECT_FALSE(json["measures"][0].contains("p_holm"));
  EXPECT_TRUE(json["measures"][1].contains("p_holm"));
}

TEST(ComparisonPage, ShowsTheCalibrationOfBothRuns) {
  const RunComparison comparison = AllMended(8);
  const std::string html = ComparisonToHtml(comparison, 0);
  EXPECT_THAT(html, HasSubstr("class=\"reliability\""));
  EXPECT_THAT(html, HasSubstr("expected error 60.0 % (a perfectly calibrated model: "));
  EXPECT_EQ(ComparisonToJson(comparison)["runs"][0]["calibration"]["count"], 8);
}

}  // namespace
}  // namespace roentgen
