#include "eval_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/evaluation/example.h"
#include "roentgen/inference/model_settings.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

PredictRunOptions Resolve(const EvalRunFlags& flags) {
  PredictRunOptions options;
  options.images.clear();
  for (const std::string& name : flags.images) options.images.push_back(ShownImagesNamed(name));
  options.generation.max_new_tokens = flags.max_new_tokens;
  options.folder_use.overwrite = flags.replaces == Replaces::kAny;
  return options;
}

}  // namespace

void SayHowItWent(const PredictRunResult& result, const std::filesystem::path& folder) {
  std::string text = fmt::format("{} answers in {:.1f} s, {} pictures encoded", result.answers,
                                 result.seconds, result.work.encodings);
  if (result.answered_before > 0) {
    text += fmt::format(", {} answers were there already", result.answered_before);
  }
  PrintAside(text + "; " + folder.string());
}

void RunModelOverQuestions(const EvalRunFlags& flags, ThreadPool& pool, InterruptWatch& interrupt) {
  const PredictRunOptions options = Resolve(flags);  // before anything is read
  std::vector<Sample> samples =
      ReadSamples(flags.data, flags.split, PrintAside, flags.allow_outside);
  if (flags.max_samples > 0 && samples.size() > flags.max_samples) {
    samples.resize(flags.max_samples);
  }
  const InterruptWatch::Work work(interrupt);
  const ThreadPool::CancelScope scope(pool, work.token());
  ProgressLine progress;
  const Model model = flags.model.Load(pool, progress.AsProgress());
  const Tokenizer tokenizer = Tokenizer::Load(model.location.folder);
  const PreprocessorConfig preprocessor =
      flags.pixels.Apply(PreprocessorConfig::Load(model.location.folder), model.adapters);
  const nlohmann::ordered_json data = {{"path", flags.data.string()}, {"split", flags.split}};
  const PredictRunInput input = {
      model, tokenizer, preprocessor, samples, data, {}, FingerprintOfSettings(model)};
  const PredictRunResult result =
      PredictRun(input, options, flags.out, pool, progress.AsProgress());
  progress.Clear();
  SayHowItWent(result, flags.out);
}

}  // namespace roentgen::app
