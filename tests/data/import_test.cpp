// The whole way from a set to files, and what of it is left when it stops half-way.

#include "roentgen/data/import.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <set>
#include <sstream>

#include "data/generated_set.h"
#include "roentgen/base/error.h"
#include "roentgen/base/made_by.h"
#include "roentgen/imaging/load.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ImportTest : public testing::Test {
 protected:
  ImportTest() {
    options_.output = OutputOptions{out(), "d", false, false};
    options_.missing_share = 1;  // what is tested is what becomes of each row
    int i = 0;
    for (const char* seed : {"rgb.png", "rgba.png", "baseline.jpg", "grey16.png", "bilevel.bmp"}) {
      test::PutImage(folder_.path(), Image(i++), seed);
    }
  }

  static std::string Image(int i) { return fmt::format("image-{}.png", i); }
  fs::path out() const { return folder_.path() / "out"; }

  Sample Asked(int image, const std::string& question, const std::string& answer,
               std::string_view split = kTrain) {
    Sample sample;
    sample.id = fmt::format("q{}", ++rows_);
    sample.images = {(folder_.path() / Image(image)).string()};
    sample.turns = {{Role::kUser, "<image>" + question}, {Role::kAssistant, answer}};
    sample.split = split;
    sample.source = {"memory", rows_};
    return sample;
  }

  void Apply(const std::vector<std::string>& rules) {
    for (const std::string& rule : rules) options_.rules.Set(rule + "=apply");
  }

  size_t Reported(const ImportSummary& summary, Rule rule) const {
    return summary.rules[static_cast<size_t>(rule)].reported;
  }

  /// The lines of the cleaning log.
  std::vector<Json> Log() const {
    std::vector<Json> lines;
    std::istringstream log(ReadFile(out() / "d_cleaning.jsonl", 1 << 20));
    for (std::string line; std::getline(log, line);) lines.push_back(ParseJson(line, "log"));
    return lines;
  }

  ImportSummary Run(std::vector<Sample> samples) {
    return Import(test::SamplesInMemory(std::move(samples)), options_, pool_);
  }

  std::vector<Sample> Written(const fs::path& folder) const {
    std::vector<Sample> samples;
    for (SourceSample& row : test::ReadAll(*OpenLlamaFactory(folder, {}))) {
      samples.push_back(std::move(row.sample));
    }
    return samples;
  }

  /// The ids of what is written.
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const Sample& sample : Written(out())) ids.push_back(sample.id);
    return ids;
  }

  size_t Dropped(const ImportSummary& summary, Rule rule) const {
    return summary.rules[static_cast<size_t>(rule)].dropped;
  }

  test::TemporaryFolder folder_;
  ThreadPool pool_{2};
  ImportOptions options_;
  size_t rows_ = 0;
};

TEST_F(ImportTest, RowsLikeOthersGoFromTrainingButNotFromATest) {
  Apply({"near-duplicate", "contradiction"});
  const ImportSummary summary = Run({
      Asked(0, "Is there a mass?", "Yes"),       // q1
      Asked(0, "Is there a mass?", "Yes"),       // q2: duplicate
      Asked(0, "is there mass", "yes."),         // q3: nearly
      Asked(1, "Is there a mass?", "Yes"),       // q4: another image
      Asked(2, "Which side?", "left"),           // q5: contradiction
      Asked(2, "Which side?", "right"),          // q6: contradiction
      Asked(3, "Which organ?", "liver"),         // q7: leak
      Asked(3, "Which organ?", "Liver", kTest),  // q8
      Asked(3, "Which organ?", "liver", kTest),  // q9: near duplicate, but of the test
  });
  EXPECT_EQ(Dropped(summary, Rule::kDuplicate), 1u);
  EXPECT_EQ(Dropped(summary, Rule::kNearDuplicate), 1u);
  EXPECT_EQ(Dropped(summary, Rule::kContradiction), 2u);
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 1u);
  EXPECT_EQ(summary.kept, 4u);
  EXPECT_THAT(Ids(), UnorderedElementsAre("q1", "q4", "q8", "q9"));
  EXPECT_EQ(summary.overlaps.at(0).shared, 1u);
}

TEST_F(ImportTest, AnswersThatAgreeAreNoContradiction) {
  const std::vector<std::pair<const char*, const char*>> agreeing = {
      {"没有", "无"},         {"是", "是的。"},      {"沒有", "没有"},     {"No", "没有"},
      {"磁共振", "核磁共振"}, {"MRI", "磁振造影"},   {"冠状面", "冠状位"}, {"矢状面", "矢状位"},
      {"X光", "Ｘ光"},        {"X线", "X光"},        {"CT", "電腦斷層"},   {"超声", "超音波"},
      {"左侧", "左边"},       {"left", "left side"}, {"＜5mm", "<5 mm"}};
  Apply({"near-duplicate", "contradiction"});
  std::vector<Sample> samples;
  for (size_t i = 0; i < agreeing.size(); ++i) {
    const std::string question = fmt::format("问题{}？", i);
    samples.push_back(Asked(0, question, agreeing[i].first));
    samples.push_back(Asked(0, question, agreeing[i].second));
  }
  const ImportSummary summary = Run(samples);
  EXPECT_EQ(Dropped(summary, Rule::kContradiction), 0u);
  EXPECT_EQ(Dropped(summary, Rule::kNearDuplicate), agreeing.size());
  const std::vector<Sample> written = Written(out());
  ASSERT_THAT(written, SizeIs(agreeing.size()));
  for (size_t i = 0; i < agreeing.size(); ++i) {  // the first of the two, as it was written
    EXPECT_EQ(written[i].turns[1].text, agreeing[i].first);
  }
}

TEST_F(ImportTest, AnswersThatDifferAreNoDuplicates) {
  const std::vector<std::pair<const char*, const char*>> differing = {
      {"（+）", "（-）"}, {"(+)", "(-)"},      {"<5mm", ">5mm"}, {"＜5mm", "＞5mm"},
      {"有", "没有"},     {"CT", "磁共振"},    {"左侧", "右侧"}, {"冠状面", "矢状面"},
      {"T1WI", "T2WI"},   {"3.5 cm", "35 cm"}, {"肝", "肾"}};
  Apply({"near-duplicate", "contradiction"});
  std::vector<Sample> samples;
  for (size_t i = 0; i < differing.size(); ++i) {
    const std::string question = fmt::format("问题{}？", i);
    samples.push_back(Asked(0, question, differing[i].first));
    samples.push_back(Asked(0, question, differing[i].second));
  }
  samples.push_back(Asked(1, "A?", "x"));
  ImportSummary summary = Run(samples);
  EXPECT_EQ(Dropped(summary, Rule::kNearDuplicate), 0u);
  EXPECT_EQ(Dropped(summary, Rule::kContradiction), 2 * differing.size());
  options_.rules.Set("contradiction=off");
  summary = Run(samples);
  EXPECT_EQ(summary.kept, samples.size());
}

TEST_F(ImportTest, OrgansAndSidesAreNotRewritten) {
  Apply({"label-spelling"});
  std::vector<Sample> samples;
  const auto add = [&](const char* organ, const char* modality) {
    samples.push_back(Asked(0, fmt::format("问题{}？", samples.size()), "有"));
    samples.back().organ = organ;
    samples.back().modality = modality;
  };
  for (int i = 0; i < 44; ++i) add("肝脏", "T2WI");
  add("肾脏", "T1WI");
  add("肝臟", "T2WI");
  Run(samples);
  std::map<std::string, int> organs;
  std::map<std::string, int> modalities;
  for (const Sample& sample : Written(out())) {
    ++organs[sample.organ];
    ++modalities[sample.modality];
  }
  EXPECT_THAT(organs, ElementsAre(testing::Pair("肝脏", 45), testing::Pair("肾脏", 1)));
  EXPECT_THAT(modalities, ElementsAre(testing::Pair("T1WI", 1), testing::Pair("T2WI", 45)));
}

TEST_F(ImportTest, AnAnswerOfIdeographicBlanksIsEmpty) {
  for (const char* rules : {"whitespace=apply", "whitespace=off"}) {
    options_.rules.Set(rules);
    const ImportSummary summary = Run({Asked(0, "有吗？", "\u3000"), Asked(0, "呢？", "有")});
    EXPECT_EQ(Dropped(summary, Rule::kEmptyText), 1u);
  }
}

TEST_F(ImportTest, ATestPartOfAnySpellingIsKeptApart) {
  std::string rows = "image,question,answer,split\n";
  for (const char* part : {"Test", "train", "验证集", "外部", "測試集", "ｖａｌ"}) {
    rows += fmt::format("{0},Q{1}?,A,{1}\n{0},Q{1}?,A,train\n", Image(1), part);
  }
  WriteFile(folder_.path() / "t.csv", rows);
  options_.output.reset();
  const ImportSummary summary = Import(*OpenCsv(folder_.path() / "t.csv"), options_, pool_);
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 4u);
  EXPECT_EQ(Dropped(summary, Rule::kDuplicate), 1u);
  EXPECT_THAT(summary.unknown_parts, ElementsAre("外部"));
  EXPECT_THAT(summary.notes,
              ElementsAre(testing::StartsWith("parts of unknown meaning: \"外部\":")));
}

TEST_F(ImportTest, WhatAPartIsIsAskedAndNeverTakenForTrain) {
  const std::vector<Sample> samples = {Asked(0, "A?", "1"), Asked(0, "A?", "1", "外部"),
                                       Asked(1, "B?", "1", "fold-2")};
  ROENTGEN_EXPECT_ERROR(Run(samples), "the set has parts of unknown meaning: \"外部\"");
  EXPECT_FALSE(FileExists(out() / "dataset_info.json"));
  options_.parts = {{"外部", "test"}};
  const ImportSummary summary = Run(samples);
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 1u);
  EXPECT_THAT(summary.written_parts,
              ElementsAre(testing::Pair("fold-2", 1), testing::Pair("test", 1)));
}

TEST_F(ImportTest, WhatRestsOnLikenessIsReportedWithBothRows) {
  Sample rare = Asked(4, "Organ?", "x");
  rare.organ = "abdomne";
  rare.question_types = {"SIZE, PRES"};
  std::vector<Sample> samples = {Asked(2, "Which side?", "left"), Asked(2, "which side", "right"),
                                 Asked(3, "Mass?", "yes"), Asked(3, "a mass?", "Yes."), rare};
  for (int i = 0; i < 30; ++i) {
    samples.push_back(Asked(i % 5, fmt::format("Q{}?", i), "x"));
    samples.back().organ = "abdomen";
  }
  const ImportSummary summary = Run(samples);
  EXPECT_EQ(summary.kept, summary.rows);
  EXPECT_EQ(Reported(summary, Rule::kContradiction), 2u);
  EXPECT_EQ(Reported(summary, Rule::kNearDuplicate), 1u);
  EXPECT_EQ(Reported(summary, Rule::kLabelSpelling), 1u);
  EXPECT_EQ(Reported(summary, Rule::kSeveralLabels), 1u);
  const std::vector<Json> log = Log();
  const auto line = std::find_if(log.begin(), log.end(),
                                 [](const Json& each) { return each["rule"] == "contradiction"; });
  ASSERT_NE(line, log.end());
  EXPECT_EQ((*line)["answer"], "left");
  EXPECT_EQ((*line)["other"]["answer"], "right");
  EXPECT_EQ((*line)["other"]["question"], "<image>which side");
  EXPECT_EQ((*line)["other"]["row"], 3);
  EXPECT_THAT(Written(out()), testing::Contains(testing::Field(&Sample::organ, "abdomne")));
}

TEST_F(ImportTest, TextsThatSpellAnImagesTokenAndAddressesAreDropped) {
  std::vector<std::string> reasons;
  options_.on_finding = [&](const Sample&, const CleaningFinding& finding) {
    reasons.push_back(finding.reason);
  };
  Sample address = Asked(0, "Where?", "there");
  address.images = {"https://x.org/a.png"};
  const ImportSummary summary =
      Run({Asked(0, "What is <|image_pad|>?", "CT"), Asked(1, "有吗？", "<|video_pad|>有"), address,
           Asked(2, "What?", "a < b | c")});
  EXPECT_EQ(Dropped(summary, Rule::kControlToken), 2u);
  EXPECT_EQ(Dropped(summary, Rule::kMissingImage), 1u);
  EXPECT_THAT(reasons,
              ElementsAre("the question spells <|image_pad|>, a control token of the model",
                          "the answer spells <|video_pad|>, a control token of the model",
                          HasSubstr("https://x.org/a.png: an address")));
}

/// The same picture in another file.
void PutAsBmp(const fs::path& file, const Image& image) {
  const auto width = static_cast<uint32_t>(image.width);
  const auto height = static_cast<uint32_t>(image.height);
  const uint32_t stride = (width * 3 + 3) / 4 * 4;
  std::string bytes = "BM";
  const auto number = [&](uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
  };
  number(54 + stride * height, 4);
  for (const uint32_t value : {0u, 54u, 40u, width, height}) number(value, 4);
  number(1, 2);
  number(24, 2);
  for (int i = 0; i < 6; ++i) number(0, 4);
  for (uint32_t y = height; y-- > 0;) {
    for (uint32_t x = 0; x < stride; ++x) {
      const size_t pixel = (size_t{y} * width + x / 3) * 3;
      bytes += x < width * 3 ? static_cast<char>(image.rgb[pixel + 2 - x % 3]) : '\0';
    }
  }
  WriteFile(file, bytes);
}

TEST_F(ImportTest, APictureIsTheSameWhateverItsFile) {
  const fs::path copy = folder_.path() / "copy.bmp";
  PutAsBmp(copy, LoadImage(folder_.path() / Image(0)));
  Sample leaked = Asked(0, "Which side?", "left");
  leaked.images = {copy.string()};
  Sample repeated = Asked(0, "Mass?", "no");
  repeated.images = {copy.string()};
  const ImportSummary summary = Run({leaked, Asked(0, "which side?", "left", kTest), repeated,
                                     Asked(0, "Mass?", "no"), Asked(1, "Mass?", "no")});
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 1u);
  EXPECT_EQ(Dropped(summary, Rule::kDuplicate), 1u);
  EXPECT_EQ(summary.parts.at("train").images, 2u);
}

/// A conversation about an image.
Sample Conversation(Sample sample, const std::vector<std::pair<std::string, std::string>>& more) {
  for (const auto& [question, answer] : more) {
    sample.turns.push_back({Role::kUser, question});
    sample.turns.push_back({Role::kAssistant, answer});
  }
  return sample;
}

TEST_F(ImportTest, EveryQuestionOfAConversationIsCountedAndCompared) {
  Sample closed = Conversation(Asked(0, "Mass?", "Yes"), {{"Fluid?", "No"}, {"Air?", "maybe"}});
  closed.answer_type = kClosed;
  const ImportSummary summary = Run(
      {closed,
       Conversation(Asked(1, "Which organ?", "liver"), {{"Which side is the mass on?", "left"}}),
       Asked(1, "which side is the mass on", "left", kTest),
       Conversation(Asked(2, "A?", "1"), {{"病灶在哪一侧？", "左侧"}, {"病灶多大？", "2 cm"}}),
       Conversation(Asked(2, "病灶多大？", "20 mm"), {{"病灶在哪一侧?", "右侧"}})});
  EXPECT_EQ(summary.questions, 11u);
  EXPECT_EQ(summary.parts.at("train").closed, 3u);
  EXPECT_EQ(summary.parts.at("train").yes, 1u);
  EXPECT_EQ(summary.parts.at("train").no, 1u);
  EXPECT_EQ(Reported(summary, Rule::kClosedNotYesNo), 1u);
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 1u);  // the second question of q2
  EXPECT_EQ(Reported(summary, Rule::kContradiction), 2u);
}

TEST_F(ImportTest, AQuestionThatHangsOnEarlierTurnsIsTheSameOnlyBehindThem) {
  const auto mass = [&](std::string_view part, const char* side) {
    return Conversation(Asked(0, "Is there a mass?", "Yes", part), {{"Which side?", side}});
  };
  const auto fluid = [&](std::string_view part, const char* side) {
    return Conversation(Asked(0, "是否有积液？", "有", part), {{"哪一侧？", side}});
  };
  ImportSummary summary =
      Run({mass(kTrain, "left"), fluid(kTest, "left"),
           Conversation(Asked(0, "Is there air?", "No"), {{"Which side?", "right"}}),
           Conversation(Asked(0, "有骨折吗？", "有"), {{"哪一侧？", "左侧"}})});
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 0u);
  EXPECT_EQ(Reported(summary, Rule::kContradiction), 0u);
  EXPECT_EQ(summary.kept, 4u);
  summary = Run({mass(kTrain, "left"), mass(kTest, "left"), fluid(kTrain, "左侧"),
                 fluid(kTrain, "右侧"), Asked(1, "A?", "x")});
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 1u);
  EXPECT_EQ(Reported(summary, Rule::kContradiction), 2u);
}

TEST_F(ImportTest, WhatValidationHasOfTheTestIsReportedAndStays) {
  const ImportSummary summary =
      Run({Asked(0, "Mass?", "Yes", kValidation), Asked(0, "mass", "yes", kTest),
           Asked(0, "Mass?", "Yes"), Asked(1, "A?", "x")});
  EXPECT_EQ(Dropped(summary, Rule::kTestLeak), 1u);
  EXPECT_EQ(Reported(summary, Rule::kTestLeak), 1u);
  EXPECT_EQ(summary.rules[static_cast<size_t>(Rule::kTestLeak)].actable, 0u);
  EXPECT_EQ(summary.kept, 3u);
  ASSERT_THAT(summary.overlaps, SizeIs(3));
  EXPECT_EQ(Describe(summary.overlaps[2]),
            "1 of 1 test images are in the validation part too: what is chosen by validation has "
            "seen the test.");
}

TEST_F(ImportTest, WhatATestAsksInOtherWordsIsReported) {
  const ImportSummary summary = Run(
      {Asked(0, "Is this a CT scan?", "Yes"),
       Asked(0, "Is this a computed tomography scan?", "Yes", kTest),
       Asked(1, "Is there oedema?", "No"), Asked(1, "Is there edema?", "No", kTest),
       Asked(2, "左肺有结节吗？", "有"), Asked(2, "右肺有结节吗？", "无", kTest),
       Asked(3, "Is this T2*-weighted?", "no"), Asked(3, "Is this T2-weighted?", "yes", kTest)});
  EXPECT_EQ(Reported(summary, Rule::kNearTestLeak), 2u);
  EXPECT_EQ(summary.kept, summary.rows);
}

TEST_F(ImportTest, WhatTwoFoldsHaveIsReportedAndStays) {
  const ImportSummary summary =
      Run({Asked(0, "Mass?", "Yes", "fold-1"), Asked(0, "mass", "yes", "fold-2"),
           Asked(1, "Mass?", "Yes", "fold-1"), Asked(2, "Mass?", "Yes", "fold-2")});
  EXPECT_EQ(Reported(summary, Rule::kTestLeak), 2u);
  EXPECT_EQ(summary.kept, 4u);
}

TEST_F(ImportTest, PatientsOfTwoOfficialPartsAreWarnedOf) {
  std::vector<Sample> samples = {Asked(0, "A?", "1", kTest), Asked(1, "B?", "2"),
                                 Asked(2, "C?", "3", kTest)};
  samples[0].extra["patient_id"] = samples[1].extra["patient_id"] = "P1";
  samples[2].extra["patient_id"] = "P2";
  const ImportSummary summary = Run(samples);
  ASSERT_THAT(summary.overlaps, SizeIs(1));
  EXPECT_THAT(Describe(summary.overlaps[0]),
              testing::StartsWith("1 of 2 test patients are in the training part too: "));
}

TEST_F(ImportTest, APartThatIsNotThereIsAnError) {
  options_.parts = {{"xx", "test"}};
  ROENTGEN_EXPECT_ERROR(Run({Asked(0, "A?", "1")}), "there is no part \"xx\"");
}

TEST_F(ImportTest, AnswersToOtherSystemPromptsDoNotContradict) {
  Sample brief = Asked(0, "Mass?", "left");
  brief.system = "Answer in one word.";
  const ImportSummary summary = Run({brief, Asked(0, "Mass?", "in the right lung")});
  EXPECT_EQ(Reported(summary, Rule::kContradiction), 0u);
}

TEST_F(ImportTest, ThePartOfARowThatGoesIsNotAskedAbout) {
  WriteFile(folder_.path() / "t.csv",
            fmt::format("image,question,answer,split\n{},Q?,A,train\n,,,\n", Image(0)));
  const ImportSummary summary = Import(*OpenCsv(folder_.path() / "t.csv"), options_, pool_);
  EXPECT_EQ(summary.kept, 1u);
  EXPECT_EQ(summary.rows, 2u);
}

TEST_F(ImportTest, JoiningRowsChangesNoCount) {
  std::vector<Sample> samples;
  for (int i = 0; i < 30; ++i) {
    samples.push_back(Asked(i % 3, fmt::format("Q{}?", i), i % 2 == 0 ? "Yes" : "big"));
    samples.back().answer_type = i % 4 == 0 ? kClosed : kOpen;
  }
  const ImportSummary apart = Run(samples);
  options_.conversations = true;
  const ImportSummary joined = Run(samples);
  EXPECT_EQ(joined.written, 3u);
  options_.conversations = false;
  options_.output->folder = folder_.path() / "again";
  const ImportSummary again = Import(*OpenLlamaFactory(out(), {}), options_, pool_);
  for (const ImportSummary* summary : {&joined, &again}) {
    EXPECT_EQ(summary->questions, 30u);
    EXPECT_EQ(summary->parts.at("train").closed, apart.parts.at("train").closed);
    EXPECT_EQ(summary->parts.at("train").yes, apart.parts.at("train").yes);
    EXPECT_EQ(summary->statistics.questions.at("train"), 30u);
  }
  EXPECT_EQ(again.rows, 3u);
}

TEST_F(ImportTest, ManyMissingImagesAreAnError) {
  options_.missing_share = 0.2;
  ROENTGEN_EXPECT_ERROR(Run({Asked(0, "A?", "1"), Asked(1, "A?", "1"), Asked(7, "A?", "1")}),
                        "1 of 3 images are missing, more than 20 %");
  EXPECT_FALSE(FileExists(out() / "dataset_info.json"));
  options_.missing_share = 0.34;
  EXPECT_EQ(Run({Asked(0, "A?", "1"), Asked(1, "A?", "1"), Asked(7, "A?", "1")}).kept, 2u);
}

TEST_F(ImportTest, NothingKeptIsAnErrorAndLeavesWhatWasThere) {
  Run({Asked(0, "A?", "Yes")});
  const std::string before = ReadFile(out() / "d_train.json", 1 << 20);
  ROENTGEN_EXPECT_ERROR(Run({Asked(0, "", "Yes"), Asked(7, "A?", "Yes")}),
                        "none of the 2 rows is kept: 1 by empty-text, 1 by missing-image");
  EXPECT_EQ(ReadFile(out() / "d_train.json", 1 << 20), before);
}

TEST_F(ImportTest, ACheckThatKeepsNothingNamesTheRows) {
  options_.output.reset();
  std::vector<std::string> found;
  options_.on_finding = [&](const Sample& sample, const CleaningFinding&) {
    found.push_back(sample.id);
  };
  const ImportSummary summary = Run({Asked(0, "", "有"), Asked(7, "A?", "Yes")});
  EXPECT_EQ(summary.kept, 0u);
  EXPECT_THAT(found, ElementsAre("q1", "q2"));
}

TEST_F(ImportTest, OneIdForVeryManyRowsIsNumberedOn) {
  options_.output.reset();
  std::vector<Sample> samples;
  for (int i = 0; i < 20'000; ++i) {
    samples.push_back(Asked(0, fmt::format("Question {}?", i), "有"));
    samples.back().id = i == 7 ? "肺-3" : "肺";
  }
  std::vector<std::string> given;
  options_.on_finding = [&](const Sample& sample, const CleaningFinding& finding) {
    if (finding.rule == Rule::kDuplicateId) given.push_back(sample.id);
  };
  Run(std::move(samples));
  ASSERT_THAT(given, SizeIs(19'998));
  EXPECT_EQ(given[0], "肺-2");
  EXPECT_EQ(given[1], "肺-4");
  EXPECT_EQ(given.back(), "肺-20000");
}

TEST_F(ImportTest, EveryRowIsKeptOrHasAReason) {
  const ImportSummary summary =
      Run({Asked(0, "A?", "Yes"), Asked(0, "A?", "Yes"), Asked(7, "B?", "Yes"), Asked(1, "", "Yes"),
           Asked(1, "C? ", "xray")});
  std::set<std::string> dropped;
  const std::string log = ReadFile(out() / "d_cleaning.jsonl", 1 << 20);
  size_t lines = 0;
  for (size_t begin = 0; begin < log.size();) {
    const size_t end = log.find('\n', begin);
    const Json line = ParseJson(log.substr(begin, end - begin), "log");
    if (line["action"] == "dropped") dropped.insert(line["id"]);
    EXPECT_THAT(line["reason"].get<std::string>(), testing::Not(IsEmpty()));
    ++lines;
    begin = end + 1;
  }
  EXPECT_EQ(lines, 5u);  // q5 has a blank and a synonym
  EXPECT_THAT(dropped, ElementsAre("q2", "q3", "q4"));
  EXPECT_THAT(Ids(), ElementsAre("q1", "q5"));
  EXPECT_EQ(summary.rows, 5u);
}

TEST_F(ImportTest, ImagesThatCannotBeReadAreNamed) {
  WriteFile(folder_.path() / Image(0), "no picture");
  WriteFile(folder_.path() / Image(1), "");
  std::vector<std::string> reasons;
  options_.on_finding = [&](const Sample&, const CleaningFinding& finding) {
    reasons.push_back(finding.reason);
  };
  const ImportSummary summary =
      Run({Asked(0, "A?", "Yes", kTest), Asked(1, "A?", "Yes"), Asked(2, "A?", "Yes")});
  EXPECT_EQ(Dropped(summary, Rule::kUnreadableImage), 2u);  // even from a test
  EXPECT_THAT(reasons, ElementsAre(HasSubstr("image-0.png"), HasSubstr("image-1.png")));
  EXPECT_EQ(summary.kept, 1u);
}

TEST_F(ImportTest, RulesThatAreOffDropNothing) {
  options_.rules = RuleModes::AllOff();
  const ImportSummary summary =
      Run({Asked(0, "A? ", "Yes"), Asked(0, "A? ", "Yes"), Asked(7, "B?", "No")});
  EXPECT_EQ(summary.kept, 3u);
  EXPECT_EQ(Written(out())[0].turns[0].text, "<image>A? ");
}

TEST_F(ImportTest, TheSameIdIsGivenOnce) {
  Sample second = Asked(1, "B?", "No");
  second.id = "q1";
  Sample third = Asked(2, "C?", "No");
  third.id = "q1-2";
  rows_ = 0;
  Run({Asked(0, "A?", "Yes"), second, third});
  EXPECT_THAT(Ids(), ElementsAre("q1", "q1-3", "q1-2"));
}

TEST_F(ImportTest, ASecondRunChangesNothing) {
  std::vector<Sample> samples;
  for (int i = 0; i < 60; ++i) {
    samples.push_back(Asked(i % 5, fmt::format(" Is  it {}?", i % 17), i % 3 == 0 ? "xray" : "no",
                            i % 4 == 0 ? kTest : kTrain));
    samples.back().question_types = {i % 7 == 0 ? "PRES, POS" : "PRES"};
  }
  Run(samples);
  options_.output->folder = folder_.path() / "again";
  const ImportSummary again = Import(*OpenLlamaFactory(out(), {}), options_, pool_);
  EXPECT_EQ(again.kept, again.rows);
  for (const char* file : {"d_train.json", "d_test.json", "dataset_info.json"}) {
    EXPECT_EQ(ReadFile(out() / file, 1 << 20), ReadFile(options_.output->folder / file, 1 << 20));
  }
}

TEST_F(ImportTest, NoImageIsInTwoParts) {
  constexpr uint64_t kUnitSeed = 5;
  constexpr uint64_t kFoldsSeed = 0;
  std::vector<Sample> samples;
  for (int i = 0; i < 40; ++i) samples.push_back(Asked(i % 5, fmt::format("Q{}?", i), "x", kTest));
  samples.push_back(Asked(0, "Both?", "x"));
  samples.back().turns[0].text = "<image><image>Both?";
  samples.back().images.push_back((folder_.path() / Image(1)).string());
  options_.rules = RuleModes::AllOff();
  for (const auto kind : {SplitPlan::Kind::kByUnit, SplitPlan::Kind::kFolds}) {
    // Of so few images not every seed gives every part some.
    options_.split = {kind, 0.3, 0.2, 3, kind == SplitPlan::Kind::kFolds ? kFoldsSeed : kUnitSeed};
    options_.output->folder = folder_.path() / fmt::format("out-{}", static_cast<int>(kind));
    const ImportSummary summary = Run(samples);
    EXPECT_EQ(summary.written_parts.size(), 3u);
    std::map<std::string, std::string> part_of;
    for (const Sample& sample : Written(options_.output->folder)) {
      for (const std::string& image : sample.images) {
        EXPECT_EQ(part_of.try_emplace(image, sample.split).first->second, sample.split);
      }
    }
    EXPECT_EQ(part_of.at((folder_.path() / Image(0)).string()),
              part_of.at((folder_.path() / Image(1)).string()));
  }
}

TEST_F(ImportTest, ConversationsJoinTheQuestionsAboutAnImage) {
  options_.conversations = true;
  options_.output->copy_images = true;
  const ImportSummary summary = Run(
      {Asked(0, "A?", "1"), Asked(1, "B?", "2"), Asked(0, "C?", "3"), Asked(0, "D?", "4", kTest)});
  EXPECT_EQ(summary.written, 3u);
  const std::vector<Sample> samples = Written(out());
  ASSERT_THAT(samples, SizeIs(3));
  const auto& joined = *std::find_if(samples.begin(), samples.end(),
                                     [](const Sample& sample) { return sample.id == "q1"; });
  EXPECT_THAT(joined.turns, ElementsAre(Turn{Role::kUser, "<image>A?"}, Turn{Role::kAssistant, "1"},
                                        Turn{Role::kUser, "C?"}, Turn{Role::kAssistant, "3"}));
  EXPECT_EQ(joined.images, std::vector{(out() / "images" / Image(0)).string()});
  EXPECT_TRUE(FileExists(joined.images[0]));
}

TEST_F(ImportTest, CopiedImagesOfOneNameStayApart) {
  options_.output->copy_images = true;
  std::vector<Sample> samples = {Asked(0, "A?", "1"), Asked(0, "B?", "2"), Asked(0, "C?", "3")};
  const char* seeds[] = {"rgb.png", "rgba.png", "grey16.png"};
  for (size_t i = 0; i < 3; ++i) {
    const std::string name = fmt::format("{}/scan/source.png", i);
    test::PutImage(folder_.path(), name, seeds[i]);
    samples[i].images = {(folder_.path() / name).string()};
  }
  Run(samples);
  std::set<std::string> contents;
  for (const Sample& sample : Written(out())) {
    contents.insert(ReadFile(sample.images.at(0), 1 << 20));
  }
  EXPECT_THAT(contents, SizeIs(3));
}

TEST_F(ImportTest, WhatIsStoppedLeavesNothing) {
  Run({Asked(0, "A?", "Yes")});
  const std::string before = ReadFile(out() / "d_train.json", 1 << 20);
  std::stop_source stop;
  options_.stop = stop.get_token();
  options_.on_finding = [&](const Sample&, const CleaningFinding&) { stop.request_stop(); };
  EXPECT_THROW(Run({Asked(0, " B?", "Yes"), Asked(1, "C?", "Yes")}), Cancelled);
  EXPECT_EQ(ReadFile(out() / "d_train.json", 1 << 20), before);
  for (const auto& entry : fs::directory_iterator(out())) {
    EXPECT_THAT((std::set<std::string>{".json", ".jsonl", ".html"}),
                testing::Contains(entry.path().extension()));
  }
}

TEST_F(ImportTest, WritesItsReportWithTheRest) {
  const ImportSummary summary = Run({Asked(0, "A?", "Yes"), Asked(0, "A?", "Yes"),
                                     Asked(1, "B?", "No", kTest), Asked(1, "C?", "No")});
  EXPECT_EQ(summary.statistics.samples.at("train"), 2u);
  EXPECT_EQ(ReadJsonFile(out() / "d_statistics.json", 1 << 20)["samples"]["test"], 1);
  const std::string page = ReadFile(out() / "d_report.html", 4 << 20);
  EXPECT_THAT(page, HasSubstr("3 of 4 rows are kept"));
  EXPECT_THAT(page, HasSubstr("1 of 1 test images are in the training part too"));
  EXPECT_THAT(page, HasSubstr("data:image/png;base64,"));
  EXPECT_THAT(summary.files, testing::Contains(out() / "d_report.html"));
  EXPECT_TRUE(IsMadeByThisProgram(out() / "d_report.html", FileKind::kStatistics));
  EXPECT_TRUE(IsMadeByThisProgram(out() / "d_cleaning.html", FileKind::kCleaning));
}

TEST_F(ImportTest, OtherDatasetsOfTheFolderStay) {
  fs::create_directories(out());
  WriteFile(out() / "dataset_info.json", R"({"mine": {"file_name": "mine.json"}})");
  Run({Asked(0, "A?", "Yes")});
  const Json info = ReadJsonFile(out() / "dataset_info.json", 1 << 20);
  EXPECT_TRUE(info.contains("mine"));
  EXPECT_EQ(info["d_train"]["file_name"], "d_train.json");
  WriteFile(out() / "dataset_info.json", "{]");
  ROENTGEN_EXPECT_ERROR(Run({Asked(0, "A?", "Yes")}), "dataset_info.json: not valid JSON");
}

TEST_F(ImportTest, ASetIsNotReplacedByWhatIsMadeOfIt) {
  Run({Asked(0, "A?", "Yes"), Asked(1, "有积液吗？", "有"), Asked(2, "A?", "No", kTest)});
  const std::string before = ReadFile(out() / "d_train.json", 1 << 20);
  const auto import = [&](const std::string& name, const std::vector<std::string>& entries) {
    options_.output->name = name;
    return Import(*OpenLlamaFactory(out(), entries, ImageOptions({}, true)), options_, pool_);
  };
  ROENTGEN_EXPECT_ERROR(import("d", {}), "d_test.json is read from");
  ROENTGEN_EXPECT_ERROR(import("d", {"d_test"}), "d_test.json is read from");
  fs::remove(out() / ".roentgen-manifest-d.json");  // as before there were manifests
  ROENTGEN_EXPECT_ERROR(import("d", {"d_train"}), "d_train.json is read from");
  fs::create_directory_symlink(out(), folder_.path() / "link");
  options_.output->folder = folder_.path() / "link";
  ROENTGEN_EXPECT_ERROR(import("d", {"d_train"}), "d_train.json is read from");
  EXPECT_EQ(ReadFile(out() / "d_train.json", 1 << 20), before);
  EXPECT_NO_THROW(import("e", {"d_train"}));
  EXPECT_EQ(ReadFile(out() / "d_train.json", 1 << 20), before);
}

TEST_F(ImportTest, APartThatIsNoFileNameIsRefused) {
  for (const char* split : {"../x", "", "a b", ".hidden"}) {
    ROENTGEN_EXPECT_ERROR(Run({Asked(0, "A?", "Yes", split)}), "parts of unknown meaning");
  }
}

TEST_F(ImportTest, AnEmptySetIsAnError) {
  ROENTGEN_EXPECT_ERROR(Run({}), "the set has no rows");
}

/// Any text: what JSON must escape, what looks like markup, several scripts.
rc::Gen<std::string> Text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "a", "\"", "\\", "\n", "\t", "图", "é", "<image", "{}", " ", "\x01", "😀", "/")),
      [](const std::vector<std::string>& pieces) {
        std::string text;
        for (const std::string& piece : pieces) text += piece;
        return text;
      });
}

TEST_F(ImportTest, RoundTripsLoseNothing) {
  options_.rules = RuleModes::AllOff();
  EXPECT_TRUE(rc::check([this] {
    std::vector<Sample> samples;
    const int count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
      Sample sample = Asked(i % 5, *Text(), *Text());
      for (int more = *rc::gen::inRange(0, 3); more > 0; --more) {
        sample.turns.push_back({Role::kUser, *Text()});
        sample.turns.push_back({Role::kAssistant, *Text()});
      }
      sample.system = *Text();
      sample.language = *rc::gen::element<std::string>("", "en", "zh");
      sample.modality = *Text();
      sample.organ = *Text();
      sample.question_types = *rc::gen::container<std::vector<std::string>>(Text());
      sample.answer_type = *Text();
      if (*rc::gen::arbitrary<bool>()) sample.boxes = {{*Text(), 1, 0.1, -3.25, 1e9}};
      sample.extra[*Text()] = *Text();
      sample.extra["n"] = *rc::gen::arbitrary<int64_t>();
      samples.push_back(std::move(sample));
    }
    options_.output->json_lines = *rc::gen::arbitrary<bool>();
    Run(samples);
    RC_ASSERT(Written(out()) == samples);
  }));
}

}  // namespace
}  // namespace roentgen
