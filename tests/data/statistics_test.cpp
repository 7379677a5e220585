#include "roentgen/data/statistics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "data/byte_tokenizer.h"
#include "data/generated_set.h"
#include "roentgen/data/statistics_report.h"
#include "roentgen/data/svg_chart.h"
#include "roentgen/text/display_width.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Sample Asked(const std::string& image, const std::string& question, const std::string& answer,
             std::string_view split = kTrain) {
  Sample sample;
  sample.id = question;
  sample.images = {image};
  sample.turns = {{Role::kUser, "<image>" + question}, {Role::kAssistant, answer}};
  sample.modality = "CT";
  sample.organ = "HEAD";
  sample.answer_type = answer == "Yes" || answer == "No" ? kClosed : kOpen;
  sample.split = split;
  sample.source = {"f.json", 7};
  return sample;
}

Statistics Count(const std::vector<Sample>& samples, const StatisticsOptions& options = {},
                 Size size = {448, 448}) {
  StatisticsCollector collector(options);
  for (const Sample& sample : samples) {
    collector.Add(sample, std::vector<Size>(sample.images.size(), size));
  }
  return collector.Finish();
}

const CountTable& TableOf(const Statistics& statistics, const std::string& name) {
  return *std::find_if(statistics.tables.begin(), statistics.tables.end(),
                       [&](const CountTable& table) { return table.name() == name; });
}

const Histogram& LengthOf(const Statistics& statistics, const std::string& name) {
  return std::find_if(statistics.lengths.begin(), statistics.lengths.end(),
                      [&](const LengthStatistics& length) { return length.name == name; })
      ->histogram;
}

// --- Counting

TEST(Histogram, QuantilesAreValuesThatCame) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), 0u);
  for (const size_t value : {5, 1, 3, 1, 100}) histogram.Add(value);
  EXPECT_EQ(histogram.count(), 5u);
  EXPECT_EQ(histogram.Mean(), 22);
  EXPECT_EQ(histogram.Quantile(0), 1u);
  EXPECT_EQ(histogram.Quantile(0.4), 1u);
  EXPECT_EQ(histogram.Quantile(0.5), 3u);
  EXPECT_EQ(histogram.Quantile(0.8), 5u);
  EXPECT_EQ(histogram.Quantile(0.81), 100u);
  EXPECT_EQ(histogram.Max(), 100u);
}

TEST(CountTable, FrequentLabelsComeFirstAndEndlessOnesEnd) {
  CountTable table("t", "T", 3);
  for (const char* label : {"b", "a", "c", "c", "d", "e", "a"}) table.Add(label, "train");
  EXPECT_THAT(table.Labels(), ElementsAre("(others)", "a", "c", "b"));
  EXPECT_THAT(table.SumFrom(2), ElementsAre(testing::Pair("train", 3u)));
  CountTable wide("t", "T", 3);
  wide.Add(std::string(119, 'x') + "肺", "train");  // not cut inside a character
  EXPECT_EQ(wide.Labels()[0], std::string(119, 'x'));
}

TEST(Statistics, CountsBySplit) {
  Sample joined = Asked("a.png", "Both?", "No", kTest);
  joined.turns.push_back({Role::kUser, "More?"});
  joined.turns.push_back({Role::kAssistant, "Yes"});
  joined.language = "en";
  joined.question_types = {"PRES", "POS"};
  const Statistics statistics =
      Count({joined, Asked("a.png", "A?", "Left"), Asked("b.png", "B?", "left.", "fold-1"),
             Asked("b.png", "C?", std::string(61, 'x'))});
  EXPECT_THAT(statistics.splits, ElementsAre("train", "test", "fold-1"));
  EXPECT_EQ(statistics.samples.at("train"), 2u);
  EXPECT_EQ(statistics.questions.at("test"), 2u);
  EXPECT_EQ(statistics.images.at("train"), 2u);
  EXPECT_EQ(statistics.all_images, 2u);
  EXPECT_EQ(TableOf(statistics, "modality").Total("CT"), 4u);
  EXPECT_EQ(TableOf(statistics, "language").Total("(not stated)"), 3u);
  EXPECT_EQ(TableOf(statistics, "question_type").Total("POS"), 1u);
  EXPECT_EQ(TableOf(statistics, "closed_answer").Total("yes"), 1u);
  EXPECT_EQ(TableOf(statistics, "questions_per_sample").Total("2"), 1u);
  EXPECT_EQ(TableOf(statistics, "answer").Total("Left"), 2u);
  EXPECT_EQ(statistics.longer_answers, 1u);
  EXPECT_EQ(LengthOf(statistics, "questions_per_image").Max(), 3u);
  EXPECT_EQ(LengthOf(statistics, "image_tokens").count(), 2u);
  EXPECT_EQ(LengthOf(statistics, "image_tokens").Max(), 256u);
  EXPECT_FALSE(statistics.has_tokens);
}

TEST(Statistics, AnswersAreShownAsTheyAreMostlyWritten) {
  std::vector<Sample> samples;
  for (const char* answer :
       {"両側", "X-Ray", "x ray", "X-Ray", "肝臟。", "肝臟。", "肝脏", "是。", "是", "是。",
        "（+）", "（-）", "（-）", "？", "二个结节", "2个结节", "二个结节"}) {
    samples.push_back(Asked("a", "?", answer));
  }
  const Statistics statistics = Count(samples);
  const CountTable& answers = TableOf(statistics, "answer");
  EXPECT_THAT(answers.Labels(), testing::UnorderedElementsAre("X-Ray", "二个结节", "是。", "肝臟。",
                                                              "（-）", "？", "両側", "（+）"));
  EXPECT_EQ(answers.Total("X-Ray"), 3u);
  EXPECT_EQ(answers.Total("肝臟。"), 3u);
  EXPECT_EQ(answers.Total("二个结节"), 3u);
  EXPECT_EQ(answers.Total("（-）"), 2u);
  EXPECT_EQ(answers.Total("（+）"), 1u);
}

TEST(Statistics, AnswersAreAsLongAsTheyLook) {
  std::string thirty;
  for (int i = 0; i < 30; ++i) thirty += "肺";
  const Statistics statistics = Count({Asked("a", "?", thirty), Asked("a", "?", thirty + "部"),
                                       Asked("a", "?", std::string(60, 'x'))});
  EXPECT_EQ(statistics.longer_answers, 1u);
  EXPECT_EQ(TableOf(statistics, "answer").Total(thirty), 1u);
}

TEST(Statistics, SamplesOverCutoffAreNamed) {
  const Tokenizer tokenizer = test::ByteTokenizer();
  StatisticsOptions options;
  options.tokenizer = &tokenizer;
  options.cutoff_len = 850;
  const std::vector<Sample> samples = {Asked("a", "Short?", "Yes"),
                                       Asked("a", "Long?", std::string(500, 'x'))};
  Statistics statistics = Count(samples, options);
  EXPECT_EQ(statistics.over_cutoff, 1u);
  EXPECT_EQ(statistics.images_cut, 0u);
  ASSERT_THAT(statistics.over_budget, SizeIs(1));
  EXPECT_EQ(statistics.over_budget[0].id, "Long?");
  EXPECT_EQ(statistics.over_budget[0].budget.image_tokens, 256u);
  EXPECT_THAT(TokenBudgetToText(statistics, 100), HasSubstr("Long? (f.json, row 7): "));
  options.cutoff_len = 200;
  statistics = Count(samples, options);
  EXPECT_EQ(statistics.over_cutoff, 2u);
  EXPECT_EQ(statistics.images_cut, 2u);
  EXPECT_THAT(TokenBudgetToText(statistics, 100), HasSubstr("2 would lose image tokens"));
  // Images alone are counted without a tokenizer.
  options.tokenizer = nullptr;
  EXPECT_EQ(Count(samples, options).images_cut, 2u);
  options.cutoff_len = 256;
  EXPECT_EQ(Count(samples, options).over_cutoff, 0u);
}

TEST(Statistics, AnImageOfUnknownSizeIsNotCounted) {
  const Statistics statistics = Count({Asked("a", "A?", "b")}, {}, {0, 0});
  EXPECT_EQ(statistics.all_images, 1u);
  EXPECT_EQ(StatisticsToJson(statistics)["lengths"].contains("image_tokens"), false);
}

TEST(Statistics, TheSheetHasAllKindsAndIsTheSameEveryTime) {
  std::vector<Sample> samples;
  for (int i = 0; i < 400; ++i) {
    samples.push_back(Asked("a", fmt::format("{}", i), "x"));
    samples.back().organ = fmt::format("organ {}", i % 7 == 0 ? 0 : i % 40);
  }
  samples.push_back(Asked("a", std::string(5000, 'x'), "too long to be shown", kTest));
  const Statistics statistics = Count(samples);
  EXPECT_THAT(statistics.contact_sheet, SizeIs(24));
  std::set<std::string> organs;
  for (const Sample& sample : statistics.contact_sheet) {
    organs.insert(sample.organ);
    EXPECT_EQ(sample.split, kTrain);
  }
  EXPECT_THAT(organs, SizeIs(24));  // one each, as there are more kinds than places
  EXPECT_EQ(statistics.contact_sheet, Count(samples).contact_sheet);
  const HtmlReport report = {"t", {}};
  EXPECT_EQ(StatisticsToHtml(statistics, report), StatisticsToHtml(Count(samples), report));
}

// --- In a terminal

class StatisticsText : public testing::TestWithParam<size_t> {};

TEST_P(StatisticsText, FitsTheTerminal) {
  std::vector<Sample> samples;
  for (int i = 0; i < 30; ++i) {
    samples.push_back(Asked("图.png", fmt::format("{}?", i),
                            fmt::format("第{}个很长的回答，肺部", i),
                            i % 2 == 0 ? kValidation : kTrain));
    samples.back().organ = "a long name of an organ that has 胸部 and more in it";
    samples.back().modality = "\x1b[31mred\nCT";
  }
  const std::string text = StatisticsToText(Count(samples), GetParam());
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("18 others"));
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    EXPECT_LE(DisplayWidth(text.substr(begin, end - begin)), GetParam());
    begin = end + 1;
  }
  EXPECT_EQ(text.find("validation") != std::string::npos, GetParam() >= 80);
}

TEST(StatisticsLabels, ThatDifferInABlankAreTold) {
  std::vector<Sample> samples;
  for (const char* modality : {"CT", "CT ", "胸片", "胸片 "}) {
    samples.push_back(Asked("a", modality, "x"));
    samples.back().modality = modality;
  }
  const std::string text = StatisticsToText(Count(samples), 100);
  for (const char* label : {"  CT ", "  \"CT \" ", "  胸片 ", "  \"胸片 \" "}) {
    EXPECT_THAT(text, HasSubstr(label));
  }
}

INSTANTIATE_TEST_SUITE_P(Columns, StatisticsText, testing::Values(40, 80, 100));

// --- As a page

TEST(Markup, HostileTextIsText) {
  EXPECT_EQ(EscapeMarkup("<script>alert('x')</script> & \"y\"\x01"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;");
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
}

TEST(StatisticsHtml, NothingHostileGetsThrough) {
  const std::string bad = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>'";
  Sample sample = Asked("/home/someone/secret/" + bad + ".png", bad, bad, bad);
  sample.modality = sample.organ = sample.language = sample.answer_type = bad;
  sample.question_types = {bad};
  Sample other = Asked("b", "B?", "b");
  const std::string html = StatisticsToHtml(Count({sample, other}), {bad, {bad}});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(html, Not(HasSubstr("secret")));  // file names only
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  for (const char* outside : {"http:", "https:", "url(", "<link", "@import"}) {
    EXPECT_THAT(html, Not(HasSubstr(outside))) << outside;
  }
}

TEST(StatisticsHtml, ShowsPicturesOrSaysWhyNot) {
  const test::TemporaryFolder folder;
  test::PutImage(folder.path(), "a.png");
  std::vector<Sample> samples = {Asked((folder.path() / "a.png").string(), "A?", "x"),
                                 Asked((folder.path() / "gone.png").string(), "B?", "y")};
  samples[1].organ = "CHEST";
  const std::string html = StatisticsToHtml(Count(samples), {"t", {"A note."}});
  EXPECT_THAT(html, HasSubstr("src=\"data:image/png;base64,iVBORw0KGgo"));
  EXPECT_THAT(html, HasSubstr("gone.png cannot be shown"));
  EXPECT_THAT(html, HasSubstr("A note."));
  EXPECT_THAT(html, HasSubstr("In all of them: Modality: CT"));
}

TEST(SvgChart, HistogramsCountEveryValueOnce) {
  std::map<size_t, size_t> counts;
  for (size_t value = 10; value <= 1010; value += 10) counts[value] = 1;
  const std::string svg = HistogramChart(counts);
  size_t sum = 0;
  for (size_t at = svg.find(": "); at != std::string::npos; at = svg.find(": ", at + 1)) {
    sum += std::stoul(svg.substr(at + 2));
  }
  EXPECT_EQ(sum, counts.size());
  EXPECT_THAT(HistogramChart({{7, 3}}), HasSubstr("<title>7: 3</title>"));
  EXPECT_THAT(HistogramChart({{0, 1}, {SIZE_MAX - 1, 1}}), HasSubstr("</svg>"));
  EXPECT_THAT(HistogramChart({}), IsEmpty());
}

}  // namespace
}  // namespace roentgen
