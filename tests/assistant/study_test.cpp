// Studies, in conversations and in reports.

#include "roentgen/assistant/study.h"

#include <gmock/gmock.h>

#include "assistant/dialogue_set_up.h"
#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/report.h"
#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StudyTest : public test::DialogueSetUp {
 protected:
  RadiologyReport Report(ImagingStudy study, Language language = Language::kEnglish,
                         const ReportProgress& progress = {}, std::stop_token stop = {}) {
    return MakeReport(maker_, std::move(study), language, options_, {}, progress, std::move(stop));
  }

  static std::vector<std::string> AnswersOf(const RadiologyReport& report) {
    std::vector<std::string> answers;
    for (const ReportAnswer& answer : report.answers) answers.push_back(answer.answer);
    return answers;
  }

  ReportModel maker_{model_, tokenizer_, preprocessor_, images_, prefixes_, pool_, {}, {}};
};

TEST_F(StudyTest, IsNamedByItsImagesInTheirOrder) {
  EXPECT_THAT(StudyOf({1}).Id(), SizeIs(64));
  EXPECT_EQ(StudyOf({1, 2}).Id(), StudyOf({1, 2}).Id());
  EXPECT_NE(StudyOf({1, 2}).Id(), StudyOf({2, 1}).Id());
  EXPECT_NE(StudyOf({1}).Id(), StudyOf({1, 1}).Id());
  ImagingStudy study = StudyOf({1});
  study.images[0].pixels_sha256 = std::string(64, '0');  // another frame of the file
  EXPECT_NE(study.Id(), StudyOf({1}).Id());
  EXPECT_EQ(ImagingStudy().Id(), "");
}

TEST_F(StudyTest, HasTheDateOfItsFilesOrNone) {
  ImagingStudy study = StudyOf({1, 2, 3});
  EXPECT_EQ(study.Date(), "");
  study.images[1].study_date = "2019-04-07";
  EXPECT_EQ(study.Date(), "2019-04-07");
  study.images[2].study_date = "2019-04-07";
  EXPECT_EQ(study.Date(), "2019-04-07");
  study.images[0].study_date = "2020-04-07";
  EXPECT_EQ(study.Date(), "");
}

TEST_F(StudyTest, AReportAsksEveryStepOfTheProtocolOnce) {
  ROENTGEN_EXPECT_ERROR(Report({}), "a report needs a picture");
  std::vector<std::string> topics;
  const RadiologyReport report =
      Report(StudyOf({1}), Language::kEnglish,
             [&](size_t, size_t, std::string_view topic) { topics.emplace_back(topic); });
  EXPECT_THAT(topics,
              ElementsAre("Examination", "Organs", "Abnormal findings", "Bones", "Impression"));
  ASSERT_THAT(report.answers, SizeIs(5));
  ASSERT_THAT(report.exchanges, SizeIs(5));
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(report.exchanges[i].Question(),
              report.answers[i].step.QuestionIn(Language::kEnglish));
    EXPECT_EQ(report.answers[i].facts.images, HashesOf(report.study.images));
    EXPECT_EQ(StudyId(report.answers[i].facts.images), report.study.Id());
  }
  EXPECT_EQ(report.study.Id(), StudyOf({1}).Id());
}

TEST_F(StudyTest, AReportIsThatOfItsStudyAloneWhateverWasSaidBefore) {
  const std::vector<std::string> alone = AnswersOf(Report(StudyOf({2})));
  Ask("What is this?", {Picture(1)});
  const size_t context = session_.context_used();
  const RadiologyReport first = Report(StudyOf({1}));
  Ask("And this?", {Picture(2)});
  const RadiologyReport second = Report(StudyOf({2}));
  EXPECT_EQ(AnswersOf(second), alone);
  EXPECT_THAT(second.study.images, SizeIs(1));
  EXPECT_NE(first.study.Id(), second.study.Id());
  EXPECT_GT(session_.context_used(), context);
  EXPECT_THAT(dialogue_.exchanges(), SizeIs(2));  // reports are no part of the conversation
}

TEST_F(StudyTest, AReportThatIsStoppedThrows) {
  std::stop_source stop;
  const auto stop_at_third = [&](size_t number, size_t, std::string_view) {
    if (number == 3) stop.request_stop();
  };
  EXPECT_THROW(Report(StudyOf({1}), Language::kChinese, stop_at_third, stop.get_token()),
               Cancelled);
}

TEST_F(StudyTest, ACutAnswerIsAskedAgainWithMoreRoomAndMarked) {
  const RadiologyReport report = Report(StudyOf({1}));  // the model never ends an answer
  for (size_t i = 0; i < report.answers.size(); ++i) {
    const size_t room = i == 0 ? 64 : 24;  // what is asked next hangs on the first
    EXPECT_EQ(report.answers[i].finish, Answer::Finish::kLength);
    EXPECT_EQ(report.answers[i].facts.run.generation.max_new_tokens, room);
    EXPECT_THAT(report.exchanges[i].tokens, SizeIs(room));
  }
  EXPECT_EQ(report.facts.generation.max_new_tokens, 6u);
  EXPECT_EQ(report.study.examination.source, Examination::Source::kUnknown);
  EXPECT_TRUE(report.sentences.back().marks.cut);
}

TEST_F(StudyTest, WhereThereIsNoRoomACutAnswerStaysAsItIs) {
  maker_.session.context_tokens = 1100;
  options_.max_new_tokens = 30;
  const RadiologyReport report = Report(StudyOf({1}));
  EXPECT_THAT(report.answers, SizeIs(5));
  EXPECT_EQ(report.answers[0].facts.run.generation.max_new_tokens, 120u);
  for (const ReportAnswer& answer : report.answers) {
    EXPECT_GE(answer.facts.run.generation.max_new_tokens, 30u);
    EXPECT_EQ(answer.finish, Answer::Finish::kLength);
  }
}

TEST_F(StudyTest, TheExaminationThatIsGivenOrInTheFilesChoosesTheQuestions) {
  ImagingStudy study = StudyOf({1, 2});
  study.images[0].modality = "CT";
  study.images[0].body_part = "ABDOMEN";
  const RadiologyReport of_files = Report(study);
  EXPECT_EQ(of_files.answers[1].step.key, "liver");
  EXPECT_EQ(of_files.study.examination.source, Examination::Source::kDicom);
  study.examination = {ReportSubject::kHead, Examination::Source::kGiven, ""};
  const RadiologyReport given = Report(study, Language::kChinese);
  EXPECT_EQ(given.answers[1].step.key, "brain");
  EXPECT_EQ(given.study.examination.source, Examination::Source::kGiven);
  EXPECT_EQ(given.answers[0].step.key, "technique");
}

TEST_F(StudyTest, TheIndicationStandsBeforeTheFirstQuestion) {
  ImagingStudy study = StudyOf({1});
  study.indication = "cough";
  const RadiologyReport report = Report(study);
  EXPECT_THAT(report.exchanges[0].Question(), testing::StartsWith("Indication: cough\n"));
  EXPECT_EQ(report.exchanges[1].Question(), report.answers[1].step.QuestionIn(Language::kEnglish));
  EXPECT_THAT(Report(study, Language::kChinese).exchanges[0].Question(),
              testing::StartsWith("临床资料：cough\n"));
}

TEST_F(StudyTest, AnotherStudyIsAskedAboutAsIfNothingWasSaid) {
  const Answer alone = Ask("What is this?", {Picture(2)});
  dialogue_.Clear();
  Ask("What is this?", {Picture(1)});
  Ask("And the heart?");
  dialogue_.BeginStudy();
  EXPECT_EQ(session_.context_used(), 0u);
  EXPECT_THAT(dialogue_.study(), IsEmpty());
  ROENTGEN_EXPECT_ERROR(dialogue_.Undo(), "no turn to take back");
  ROENTGEN_EXPECT_ERROR(dialogue_.Regenerate(options_), "no answer to give again");
  EXPECT_EQ(Ask("What is this?", {Picture(2)}).ids, alone.ids);
  EXPECT_THAT(dialogue_.exchanges(), SizeIs(3));
  EXPECT_THAT(dialogue_.study(), SizeIs(1));
  EXPECT_TRUE(dialogue_.exchanges()[2].begins_study);
  EXPECT_EQ(dialogue_.exchanges()[2].facts.images, HashesOf(StudyOf({2}).images));
  EXPECT_EQ(dialogue_.exchanges()[1].facts.images, HashesOf(StudyOf({1}).images));
}

TEST_F(StudyTest, WithoutItsImageAnotherStudysAnswerIsMarked) {
  Ask("What is this?", {Picture(1)});
  dialogue_.BeginStudy();
  Ask("And this?");
  EXPECT_FALSE(dialogue_.exchanges()[1].image_reached);
}

TEST_F(StudyTest, AStudyThatIsReopenedGoesOnWhereItWas) {
  Ask("What is this?", {Picture(1)});
  dialogue_.BeginStudy();
  Ask("And this?", {Picture(2)});
  const Answer next = Ask("And the heart?");
  dialogue_.Undo();
  dialogue_.BeginStudy();
  dialogue_.BeginStudy();
  dialogue_.ReopenStudy();
  EXPECT_THAT(dialogue_.study(), SizeIs(1));
  EXPECT_EQ(Ask("And the heart?").ids, next.ids);
  ROENTGEN_EXPECT_ERROR(dialogue_.ReopenStudy(), "was asked about");
}

TEST_F(StudyTest, AStoredConversationGoesOnInItsLastStudy) {
  Ask("What is this?", {Picture(1)});
  dialogue_.BeginStudy();
  Ask("And this?", {Picture(2)});
  Session session(model_, tokenizer_, images_, prefixes_, pool_);
  Dialogue other(session, tokenizer_, preprocessor_);
  other.Continue(dialogue_.exchanges());
  EXPECT_THAT(other.study(), SizeIs(1));
  EXPECT_EQ(session.context_used(), session_.context_used());
}

TEST_F(StudyTest, WhatIsTakenBackComesBack) {
  Ask("one", {Picture(1)});
  const Answer answer = Ask("two", {Picture(2)});
  const Exchange undone = dialogue_.Undo();
  EXPECT_EQ(undone.Question(), "two");
  ASSERT_THAT(undone.pictures, SizeIs(1));
  EXPECT_EQ(undone.pictures[0].sha256, Picture(2).shown.sha256);
  EXPECT_EQ(Ask("two", {PrepareAgain(undone.pictures[0], preprocessor_, model_.config.vision)}).ids,
            answer.ids);
}

TEST_F(StudyTest, AnAnswerHasTheSettingsItWasGivenBy) {
  Ask("one", {Picture(1)});
  options_.seed = 7;
  options_.sampling.temperature = 2;
  Ask("two");
  RunFacts run;
  run.model = "tiny";
  run.generation.seed = 99;
  dialogue_.Attribute(run);
  const auto& exchanges = dialogue_.exchanges();
  EXPECT_EQ(exchanges[0].facts.run.generation.seed, 0u);
  EXPECT_EQ(exchanges[1].facts.run.generation.seed, 7u);
  EXPECT_EQ(exchanges[1].facts.run.generation.sampling.temperature, 2);
  EXPECT_EQ(exchanges[1].facts.run.model, "tiny");
  EXPECT_EQ(exchanges[0].facts.conversation, exchanges[1].facts.conversation);
  const std::string id = exchanges[0].facts.conversation;
  dialogue_.Clear();
  Ask("one");
  EXPECT_NE(dialogue_.exchanges()[0].facts.conversation, id);
}

}  // namespace
}  // namespace roentgen
