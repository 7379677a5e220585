// A run of models/tiny-rad over VQA-RAD's test part, beside the answers that Transformers gave:
// golden/metrics/tiny-rad. Every fourth question; `roentgen eval` does all of them in half a
// minute.

#include <gmock/gmock.h>

#include <sstream>

#include "evaluation/golden_metrics.h"
#include "roentgen/evaluation/answered_run.h"
#include "roentgen/evaluation/predict_run.h"
#include "support/json_lines.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr size_t kEvery = 4;

/// The stored references have one space where VQA-RAD has a run of white space.
std::string OneSpaced(const std::string& text) {
  std::istringstream words(text);
  std::string word;
  std::string spaced;
  while (words >> word) spaced += (spaced.empty() ? "" : " ") + word;
  return spaced;
}

TEST(PredictGolden, TinyRadAnswersVqaRadAsTransformersDid) {
  const fs::path stored = test::Metrics() / "tiny-rad" / "answers.jsonl";
  const fs::path folder = test::SharedRoot() / "models" / "tiny-rad";
  const fs::path data = test::SharedRoot() / "data" / "vqa-rad";
  ROENTGEN_NEED(stored);
  ROENTGEN_NEED(folder);
  ROENTGEN_NEED(data);
  std::vector<Sample> samples;
  std::vector<Json> rows;
  const std::vector<Sample> all = ReadSamples(data, "test");
  const std::vector<Json> all_rows = test::JsonLines(stored);  // VQA-RAD stands first
  for (size_t i = 0; i < all.size(); i += kEvery) {
    samples.push_back(all[i]);
    rows.push_back(all_rows.at(i));
  }
  ThreadPool pool(2);
  const Model model = LoadModel(ResolveModel(folder.string()), {}, AdapterMode::kBeside, pool);
  const Tokenizer tokenizer = Tokenizer::Load(folder);
  PredictRunOptions options;
  options.images = {ShownImages::kTrue, ShownImages::kBlank};
  options.generation.max_new_tokens = 48;
  const test::TemporaryFolder out;
  const PredictRunInput input = {
      model, tokenizer, PreprocessorConfig::Load(folder), samples, {{"path", "vqa-rad"}}};
  PredictRun(input, options, out.path() / "run", pool);

  const RecordedRun run = ReadRun(out.path() / "run");
  const std::vector<Prediction>& blank = run.others.at(ShownImages::kBlank);
  ASSERT_EQ(run.predictions.size(), rows.size());
  size_t different = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(run.predictions[i].question, rows[i].at("question"));
    ASSERT_EQ(OneSpaced(*run.predictions[i].label), rows[i].at("gold"));
    different += run.predictions[i].predict != rows[i].at("answer") ? 1 : 0;
    different += blank[i].predict != rows[i].at("answer_blank") ? 1 : 0;
  }
  // Near ties may fall otherwise: the golden's README allows one answer in a hundred.
  EXPECT_LE(different, 2 * rows.size() / 100);
}

}  // namespace
}  // namespace roentgen
