#include "roentgen/assistant/replay.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "assistant/dialogue_set_up.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "roentgen/base/random.h"
#include "support/long_checks.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = ReplayedAnswer::Outcome;

class ReplayTest : public test::DialogueSetUp {
 protected:
  RunFacts Facts(const GenerationOptions& generation = {}) const {
    RunFacts facts = DescribeRun(model_, session_.options(), generation, preprocessor_.max_pixels);
    facts.model = "demo";
    facts.model_sha256 = std::string(64, 'a');
    return facts;
  }
  void Tell(const std::string& question, std::vector<PreparedPicture> pictures = {}) {
    Ask(question, std::move(pictures));
    dialogue_.Attribute(Facts());
  }

  std::vector<Exchange> Stored(const Dialogue& dialogue) const {
    WriteFile(path_, TranscriptLines(dialogue.exchanges()));
    return ReadTranscript(path_).exchanges;
  }

  std::vector<ReplayedAnswer> AskAgain(std::span<const Exchange> exchanges, const RunFacts& opened,
                                       ReplayModels models = ReplayModels::kRecorded) {
    ImageFeatureCache images(model_.config, model_.weights);
    PrefixCache prefixes;
    const ReportModel model{model_, tokenizer_, preprocessor_, images, prefixes, pool_, {}, opened};
    return Replay(model, exchanges, models);
  }
  static std::vector<Outcome> OutcomesOf(const std::vector<ReplayedAnswer>& answers) {
    std::vector<Outcome> outcomes;
    for (const ReplayedAnswer& answer : answers) outcomes.push_back(answer.outcome);
    return outcomes;
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "a.jsonl";
};

TEST_F(ReplayTest, AnAnswerThatDiffersIsShownAndTheNextIsAskedAfterTheRecordedOne) {
  Tell("one", {Picture(1)});
  Tell("two");
  std::vector<Exchange> exchanges = Stored(dialogue_);
  EXPECT_THAT(OutcomesOf(AskAgain(exchanges, Facts())),
              ElementsAre(Outcome::kEqual, Outcome::kEqual));
  exchanges[0].tokens[2] = exchanges[0].tokens[2] == 'x' ? 'y' : 'x';
  exchanges[0].answer = tokenizer_.Decode(exchanges[0].tokens, true);
  const std::vector<ReplayedAnswer> answers = AskAgain(exchanges, Facts());
  EXPECT_EQ(answers[0].outcome, Outcome::kDiffers);
  EXPECT_EQ(answers[0].equal_tokens, 2u);
  EXPECT_FALSE(AreEqual(answers));
  EXPECT_THAT(Describe(answers[0]), HasSubstr("  1  differs  from token 3 on, of 6\n     then: "));
}

TEST_F(ReplayTest, AnEditedAnswerIsNamed) {
  Tell("one", {Picture(1)});
  Tell("two");
  std::vector<Exchange> exchanges = Stored(dialogue_);
  exchanges[0].answer = "clear lungs";
  const std::vector<ReplayedAnswer> answers = AskAgain(exchanges, Facts());
  EXPECT_THAT(OutcomesOf(answers), ElementsAre(Outcome::kEdited, Outcome::kEqual));
  EXPECT_THAT(Describe(answers[0]), HasSubstr("then: clear lungs"));
  EXPECT_EQ(Summarise(answers), "1 of 2 answers equal, token by token; 1 changed in the file");
}

TEST_F(ReplayTest, AnInterruptedAnswerIsEqualAsFarAsItCame) {
  std::stop_source stop;
  AnswerCallbacks callbacks;
  size_t texts = 0;
  options_.max_new_tokens = 40;
  callbacks.on_text = [&](std::string_view) {
    if (++texts == 3) stop.request_stop();
  };
  const Answer answer = dialogue_.Ask({Text("one")}, {}, options_, callbacks, stop.get_token());
  ASSERT_EQ(answer.finish, Answer::Finish::kInterrupted);
  dialogue_.Attribute(Facts());
  Tell("two");
  const std::vector<ReplayedAnswer> answers = AskAgain(Stored(dialogue_), Facts());
  EXPECT_TRUE(AreEqual(answers));
  EXPECT_TRUE(answers[0].interrupted);
  EXPECT_THAT(Describe(answers[0]), HasSubstr("then it was interrupted"));
}

TEST_F(ReplayTest, AnotherModelIsRefusedOrSaid) {
  RunFacts then = Facts();
  then.adapters = {{"chest", std::string(64, 'b')}};
  Ask("one");
  dialogue_.Attribute(then);
  const std::vector<Exchange> exchanges = Stored(dialogue_);
  const std::vector<std::pair<std::function<void(RunFacts&)>, const char*>> changes = {
      {[](RunFacts& facts) { facts.model_sha256 = std::string(64, '0'); },
       "answer 1: model: demo (aaaaaaaaaaaa) then, demo (000000000000) now"},
      {[](RunFacts& facts) { facts.adapters.clear(); },
       "answer 1: adapter: chest (bbbbbbbbbbbb) then, none now"},
      {[](RunFacts& facts) { facts.adapters[0].sha256 = std::string(64, '0'); },
       "answer 1: adapter: chest (bbbbbbbbbbbb) then, chest (000000000000) now"},
      {[](RunFacts& facts) { facts.adapters_merged = true; },
       "answer 1: adapters: beside them then, merged into the weights now"},
      {[](RunFacts& facts) { facts.weights = "decoder q8"; },
       "answer 1: weights: as published then, decoder q8 now"},
      {[](RunFacts& facts) { facts.key_values = "q8"; },
       "answer 1: key-value cache: f32 then, q8 now"},
  };
  for (const auto& [change, message] : changes) {
    RunFacts opened = then;
    change(opened);
    ROENTGEN_EXPECT_ERROR(AskAgain(exchanges, opened), message);
    const std::vector<ReplayedAnswer> answers = AskAgain(exchanges, opened, ReplayModels::kAny);
    EXPECT_THAT(answers[0].differences, SizeIs(1));
    EXPECT_THAT(DescribeReplay(exchanges, opened), ElementsAre(message));
  }
  // These change no answer's own settings: they are said, and the answers asked.
  RunFacts opened = then;
  opened.program = "roentgen 99";
  opened.generation.seed = 77;
  opened.context_tokens = 100;
  EXPECT_TRUE(AreEqual(AskAgain(exchanges, opened)));
  EXPECT_THAT(DescribeReplay(exchanges, opened), ElementsAre(HasSubstr("program: ")));
}

/// A conversation of many turns drawn at random: settings change, studies begin, turns are taken
/// back and asked again, and it is kept and goes on.
class RandomConversation {
 public:
  RandomConversation(uint64_t seed, GenerationOptions& options)
      : random_(seed), options_(options) {}

  size_t Below(size_t bound) { return static_cast<size_t>(random_.NextBits() % bound); }

  void ChangeSettings() {
    options_.seed = Below(1000);
    options_.max_new_tokens = 1 + Below(9);
    options_.sampling.temperature = Below(2) == 0 ? 0.0 : 0.5 * static_cast<double>(1 + Below(8));
    options_.sampling.top_k = Below(2) == 0 ? 0 : static_cast<int64_t>(1 + Below(40));
    options_.sampling.repetition_penalty = Below(2) == 0 ? 1.0 : 1.3;
  }

 private:
  Random random_;
  GenerationOptions& options_;
};

TEST_F(ReplayTest, TranscriptsReproduceTokenByToken) {
  for (uint64_t seed = 0; seed < test::Trials(8, 200); ++seed) {
    SCOPED_TRACE(seed);
    RandomConversation random(seed, options_);
    const KeyValueType types[] = {KeyValueType::kF32, KeyValueType::kBF16, KeyValueType::kQ8};
    model_.key_value_type = types[seed % 3];
    SessionOptions session_options;
    if (random.Below(2) == 0) session_options.system_prompt = "Answer briefly. 请简短回答。";
    PrefixCache prefixes;
    Session session(model_, tokenizer_, images_, prefixes, pool_, session_options);
    Dialogue dialogue(session, tokenizer_, preprocessor_);
    const auto attribute = [&] {
      dialogue.Attribute(DescribeRun(model_, session.options(), {}, preprocessor_.max_pixels));
    };
    const auto take_step = [&] {
      const size_t kind = random.Below(9);
      if (kind < 5 || dialogue.study().empty()) {
        random.ChangeSettings();
        std::vector<PreparedPicture> pictures;
        for (size_t i = random.Below(3); i > 0; --i) {
          pictures.push_back(Picture(1 + static_cast<int>(random.Below(5))));
        }
        Ask(dialogue, random.Below(2) == 0 ? "what?" : "这是什么？", std::move(pictures));
        attribute();
      } else if (kind == 5) {
        random.ChangeSettings();
        dialogue.Regenerate(options_);
        attribute();
      } else if (kind == 6) {
        dialogue.Undo();
      } else if (kind == 7) {
        dialogue.BeginStudy();
        if (random.Below(3) == 0) dialogue.ReopenStudy();
      } else {
        dialogue.Continue(Stored(dialogue));
      }
    };
    try {
      for (int step = 0; step < 12; ++step) take_step();
    } catch (const Error&) {  // the model drew the token of an image, behind which nobody can ask
    }
    if (dialogue.exchanges().empty()) continue;
    const std::vector<Exchange> exchanges = Stored(dialogue);
    const RunFacts opened = DescribeRun(model_, {}, {}, 0);
    const std::vector<ReplayedAnswer> answers = AskAgain(exchanges, opened);
    EXPECT_THAT(DescribeReplay(exchanges, opened), IsEmpty());
    for (const ReplayedAnswer& answer : answers) {
      EXPECT_EQ(answer.outcome, Outcome::kEqual) << Describe(answer);
      EXPECT_EQ(answer.equal_tokens, answer.tokens);
    }
  }
}

}  // namespace
}  // namespace roentgen
