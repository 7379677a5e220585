#include "roentgen/evaluation/run_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/made_by.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/answered_run.h"
#include "support/paths.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

class RunFolderTest : public testing::Test {
 protected:
  static OrderedJson Description() {
    return {{"model", {{"name", "base"}, {"sha256", "abc"}}},
            {"settings", {{"images", {"true", "blank"}}, {"max_new_tokens", 8}}}};
  }
  static Prediction Answer(const std::string& id, const std::string& text) {
    Prediction prediction;
    prediction.id = id;
    prediction.prompt = "Is it there?";
    prediction.predict = text;
    prediction.label = "yes\n";
    return prediction;
  }
  fs::path Path(const std::string& name) const { return folder_.path() / "run" / name; }
  RunFolder Open() const { return {folder_.path() / "run", Description()}; }

  /// A run that is complete.
  void MakeRun() const {
    RunFolder run = Open();
    run.Finish(ShownImages::kTrue, std::vector{Answer("1", "yes"), Answer("2", "no")});
    run.Finish(ShownImages::kBlank, std::vector{Answer("1", "no"), Answer("2", "")});
    run.Describe({{"seconds", 3}});
  }

  test::TemporaryFolder folder_;
};

TEST_F(RunFolderTest, KeepsAnswersLineByLineAndThenInOrder) {
  RunFolder run = Open();
  EXPECT_FALSE(run.finished());
  EXPECT_THAT(run.Answered(ShownImages::kTrue), testing::IsEmpty());
  run.Add(ShownImages::kTrue, Answer("2", "no"));
  run.Add(ShownImages::kTrue, Answer("1", "yes"));
  EXPECT_EQ(Open().Answered(ShownImages::kTrue).size(), 2u);
  run.Finish(ShownImages::kTrue, std::vector{Answer("1", "yes"), Answer("2", "no")});
  EXPECT_FALSE(FileExists(Path("generated_predictions.jsonl.partial")));
  EXPECT_EQ(Open().Answered(ShownImages::kTrue)[0].id, "1");
}

TEST_F(RunFolderTest, WhatWasCutShortInALineIsRemoved) {
  Open().Add(ShownImages::kTrue, Answer("1", "yes"));
  const fs::path partial = Path("generated_predictions.jsonl.partial");
  AppendToFile(partial, R"({"prompt": "Is it th)");
  ASSERT_EQ(Open().Answered(ShownImages::kTrue).size(), 1u);
  Open().Add(ShownImages::kTrue, Answer("2", "no"));
  EXPECT_EQ(Open().Answered(ShownImages::kTrue).size(), 2u);
  WriteFile(partial, R"({"prompt")");  // nothing else was in it
  EXPECT_THAT(Open().Answered(ShownImages::kTrue), testing::IsEmpty());
}

TEST_F(RunFolderTest, AnotherRunIsRefusedAndAnotherNameIsNot) {
  MakeRun();
  OrderedJson other = Description();
  other["model"]["name"] = "the same under another name";
  EXPECT_TRUE(RunFolder(folder_.path() / "run", other).finished());
  other["model"]["sha256"] = "def";
  ROENTGEN_EXPECT_ERROR(RunFolder(folder_.path() / "run", other),
                        "model.sha256 is \"abc\" there, \"def\" here");
  other = Description();
  other["settings"]["seed"] = 1;
  ROENTGEN_EXPECT_ERROR(RunFolder(folder_.path() / "run", other),
                        "settings.seed is null there, 1 here");
}

TEST_F(RunFolderTest, M11AnotherRunIsRemovedWhereThatIsWanted) {
  MakeRun();
  WriteFile(Path("evaluation.json"), "{}");
  WriteFile(Path("adapter_model.safetensors"), "kept");
  // The same run is gone on with.
  EXPECT_TRUE(RunFolder(folder_.path() / "run", Description(), {true, "output_dir"}).finished());
  OrderedJson other = Description();
  other["settings"]["seed"] = 1;
  try {
    RunFolder(folder_.path() / "run", other, {false, "output_dir"});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "Name another folder with output_dir, or ask for the same.");
  }
  const RunFolder run(folder_.path() / "run", other, {true, "output_dir"});
  EXPECT_FALSE(run.finished());
  EXPECT_THAT(run.Answered(ShownImages::kTrue), testing::IsEmpty());
  EXPECT_THAT(run.Answered(ShownImages::kBlank), testing::IsEmpty());
  EXPECT_FALSE(FileExists(Path("evaluation.json")));
  EXPECT_TRUE(FileExists(Path("adapter_model.safetensors")));
  fs::remove(Path("run.json"));  // LLaMA-Factory's have none
  run.Finish(ShownImages::kTrue, std::vector{Answer("1", "yes")});
  EXPECT_FALSE(RunFolder(folder_.path() / "run", other, {true, "output_dir"}).finished());
  EXPECT_FALSE(FileExists(Path("generated_predictions.jsonl")));
}

TEST_F(RunFolderTest, WhatOthersMadeIsNotReplaced) {
  for (const char* name :
       {"evaluation.json", "all_results.json", "predict_results.json",
        "generated_predictions_blank.jsonl", "generated_predictions.jsonl.partial"}) {
    fs::remove_all(Path(""));
    fs::create_directories(Path(""));
    WriteFile(Path(name), R"({"mine": 1})");
    ROENTGEN_EXPECT_ERROR(Open(), fmt::format("{} is there already", name));
    EXPECT_EQ(ReadFile(Path(name), 100), R"({"mine": 1})");
    EXPECT_FALSE(FileExists(Path("run.json")));
    RunFolder(folder_.path() / "run", Description(), {.overwrite = true});
    EXPECT_TRUE(FileExists(Path("run.json")));
  }
  for (const std::string& name : RunFiles()) {
    if (name == "run.json") continue;
    WriteFile(Path(name), "");
    EXPECT_NO_THROW(Open()) << name;
  }
}

TEST_F(RunFolderTest, ARunOfBeforeFoldersWereMarkedIsGoneOnWith) {
  MakeRun();
  fs::remove(Path(FolderMark::kName));
  EXPECT_TRUE(Open().finished());
  EXPECT_TRUE(FolderMark(folder_.path() / "run").Has("evaluation.json"));
}

TEST_F(RunFolderTest, PredictionsWithoutADescriptionAreNotOverwritten) {
  MakeRun();
  fs::remove(Path("run.json"));
  ROENTGEN_EXPECT_ERROR(Open(), "predictions that nothing is known of");
}

TEST_F(RunFolderTest, AFinishedRunIsReadBack) {
  MakeRun();
  const RecordedRun run = ReadRun(folder_.path() / "run");
  EXPECT_EQ(run.description["work"]["seconds"], 3);
  EXPECT_EQ(run.predictions.size(), 2u);
  EXPECT_EQ(run.others.at(ShownImages::kBlank)[1].predict, "");
}

TEST_F(RunFolderTest, AQuestionWithoutAnAnswerInTheSetIsLeftOut) {
  RunFolder run = Open();
  std::vector<Prediction> shown = {Answer("1", "yes"), Answer("2", "没有"), Answer("3", "yes")};
  shown[1].label.reset();
  run.Finish(ShownImages::kTrue, shown);
  run.Finish(ShownImages::kBlank, shown);
  run.Describe({{"seconds", 3}});
  ThreadPool pool(1);
  std::vector<std::string> notes;
  const AnsweredRun read = ReadAnsweredRun(folder_.path() / "run", pool, {},
                                           [&](const std::string& note) { notes.push_back(note); });
  EXPECT_EQ(read.examples.size(), 2u);
  EXPECT_EQ(read.image_use.at(ShownImages::kBlank).examples, 2u);
  EXPECT_THAT(notes, testing::Contains(testing::HasSubstr("1 of 3 rows have no reference")));
}

TEST_F(RunFolderTest, WhatIsMissingOrDamagedIsNamed) {
  MakeRun();
  const fs::path folder = folder_.path() / "run";
  const std::string blank = ReadFile(Path("generated_predictions_blank.jsonl"), 1 << 20);
  WriteFile(Path("generated_predictions_blank.jsonl"), blank.substr(0, blank.find('\n') + 1));
  ROENTGEN_EXPECT_ERROR(ReadRun(folder),
                        "answer 2 is to nothing, with the true images it is to \"2\"");
  fs::remove(Path("generated_predictions_blank.jsonl"));
  ROENTGEN_EXPECT_ERROR(ReadRun(folder), "generated_predictions_blank.jsonl");
  WriteFile(Path("generated_predictions.jsonl"), "{\"predict\": \"x\"}\n{\n");
  ROENTGEN_EXPECT_ERROR(ReadRun(folder), "line 2");
  WriteFile(Path("generated_predictions.jsonl"), "{\"predict\": \"x\"}\n");
  ROENTGEN_EXPECT_ERROR(ReadRun(folder), "row 1: no id");
  WriteFile(Path("run.json"), Description().dump());
  ROENTGEN_EXPECT_ERROR(ReadRun(folder), "the run was not finished");
  WriteFile(Path("run.json"), "{");
  ROENTGEN_EXPECT_ERROR(ReadRun(folder), "run.json");
  fs::remove(Path("run.json"));
  ROENTGEN_EXPECT_ERROR(ReadRun(folder), "run.json");
}

}  // namespace
}  // namespace roentgen
