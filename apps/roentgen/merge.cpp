// `roentgen merge`: an adapter added into its base, as a checkpoint of its own.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "interrupt.h"
#include "model_options.h"
#include "roentgen/inference/sequence.h"
#include "roentgen/qwen2vl/merge.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/save_model.h"
#include "roentgen/text/chat_template.h"
#include "roentgen/text/tokenizer.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

struct MergeFlags {
  ModelOptions model;
  fs::path out;
};

/// The logits behind a short prompt.
std::vector<float> Probe(const Model& model, ThreadPool& pool) {
  const Tokenizer tokenizer = Tokenizer::Load(model.location.folder);
  const std::vector<ChatMessage> messages = {
      {"user", {{ChatPart::Kind::kText, "Describe the findings. 请描述影像表现。"}}}};
  const std::string prompt = RenderChat(messages, /*add_generation_prompt=*/true);
  Sequence sequence(model, pool);
  sequence.Append(tokenizer.Encode(prompt), {});
  return {sequence.logits().begin(), sequence.logits().end()};
}

size_t Top(const std::vector<float>& logits) {
  return static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

/// How far merging, which rounds to the base's type, moved the answer to the prompt.
void PrintParity(const std::vector<float>& beside, const std::vector<float>& merged) {
  double largest = 0;
  double squares = 0;
  double reference = 0;
  for (size_t i = 0; i < beside.size(); ++i) {
    const double difference = merged[i] - beside[i];
    largest = std::max(largest, std::abs(difference));
    squares += difference * difference;
    reference += static_cast<double>(beside[i]) * beside[i];
  }
  Print(
      "merged against unmerged: logits differ by at most {:.2g} ({:.2g} of their size); "
      "{} next token\n",
      largest, std::sqrt(squares / std::max(reference, 1e-30)),
      Top(beside) == Top(merged) ? "the same" : "another");
}

int RunMerge(const MergeFlags& flags) {
  if (flags.model.adapters.empty()) throw UsageError("no --adapter to merge");
  if (!flags.model.quant.empty()) {
    throw UsageError("--quant: a merged model is written as exact as its base",
                     fmt::format("Merge first, then make the result smaller: roentgen quantize "
                                 "--model {} --quant {} --out FOLDER",
                                 ShellWord(flags.out.string()), flags.model.quant));
  }
  OutputFolder out = MakeModelFolder(flags.out, "merge", flags.model.Folders());
  InterruptWatch interrupt;
  ThreadPool pool(flags.model.threads);
  const InterruptWatch::Work work(interrupt);
  const ThreadPool::CancelScope cancel(pool, work.token());
  ProgressLine progress;
  Model model = flags.model.Load(pool, progress.AsProgress());
  CheckSettingsOf(model.location.folder);
  const std::vector<float> beside = Probe(model, pool);
  MergeAdapters(model.weights, MergedType::kLikeBase, pool, progress.AsProgress());
  progress.Clear();
  PrintParity(beside, Probe(model, pool));
  SaveModel(model, out.staging(), {}, progress.AsProgress());
  CommitModelFolder(out);
  progress.Clear();
  Print("{}\n", flags.out.string());
  return kDone;
}

}  // namespace

void AddMerge(CLI::App& app, Run& run) {
  auto flags = std::make_shared<MergeFlags>();
  CLI::App* command =
      app.add_subcommand("merge", "Add an adapter into its base, as a checkpoint of its own");
  flags->model.AddTo(*command);
  command->remove_option(command->get_option("--merge"));  // that is what it does
  command->remove_option(command->get_option("--kv-cache"));
  command->get_option("--quant")->group("");  // out of the help: it is refused with what to do
  command
      ->add_option(
          "--out", flags->out,
          "Folder for the checkpoint: a new one, an empty one, or one that this command made")
      ->required();
  command->callback([flags, &run] { run = [flags] { return RunMerge(*flags); }; });
}

}  // namespace roentgen::app
