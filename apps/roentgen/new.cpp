// `roentgen new`: a small untrained Qwen2-VL, whose tokenizer is learned from a question set.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "commands.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/new_model.h"
#include "roentgen/qwen2vl/weights.h"
#include "roentgen/text/bpe_trainer.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

struct NewFlags {
  fs::path out;
  std::vector<fs::path> texts;
  size_t vocab_size = 1024;
  NewModelShape shape;
};

TokenizerDefinition LearnVocabulary(const NewFlags& flags) {
  BpeTrainer trainer;
  for (const fs::path& folder : flags.texts) {
    const auto source = OpenLlamaFactory(folder, {}, ImageOptions({}, true));  // none is opened
    for (const std::string& note : source->Notes()) PrintAside(note);
    source->ForEach([&](const SourceSample& row) {
      for (const Turn& turn : row.sample.turns) {
        std::string_view text = turn.text;
        while (text.starts_with(kImagePlaceholder)) text.remove_prefix(kImagePlaceholder.size());
        trainer.Add(text);
      }
    });
  }
  return trainer.Learn(flags.vocab_size);
}

int RunNew(const NewFlags& flags) {
  OutputFolder out = MakeModelFolder(flags.out, "new");
  ThreadPool pool(PhysicalCores());
  const TokenizerDefinition vocabulary = LearnVocabulary(flags);
  WriteNewModel(out.staging(), flags.shape, vocabulary, pool);
  CommitModelFolder(out);
  size_t parameters = 0;
  for (const TensorSpec& spec : ExpectedTensors(ModelConfig::Load(flags.out))) {
    size_t count = 1;
    for (const size_t size : spec.shape) count *= size;
    parameters += count;
  }
  Print("{}: {} tokens, {:.2f} million parameters, untrained\n", flags.out.string(),
        vocabulary.vocab.size(), static_cast<double>(parameters) / 1e6);
  return kDone;
}

}  // namespace

void AddNew(CLI::App& app, Run& run) {
  auto flags = std::make_shared<NewFlags>();
  NewModelShape& shape = flags->shape;
  CLI::App* command = app.add_subcommand(
      "new", "Make a small untrained model, its tokenizer learned from a question set");
  command
      ->add_option(
          "--out", flags->out,
          "Folder for the checkpoint: a new one, an empty one, or one that this command made")
      ->required();
  command
      ->add_option("--texts", flags->texts,
                   "Folders with dataset_info.json, whose texts the tokenizer learns")
      ->required();
  command->add_option("--vocab-size", flags->vocab_size, "Tokens, without the 14 added ones")
      ->capture_default_str();
  const auto size = [&](const char* name, size_t& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::Range(1, 65'536))->capture_default_str();
  };
  size("--hidden-size", shape.hidden_size, "Width of the decoder");
  size("--intermediate-size", shape.intermediate_size, "Width of its MLPs");
  size("--layers", shape.num_hidden_layers, "Layers of the decoder");
  size("--heads", shape.num_attention_heads, "Its attention heads");
  size("--key-value-heads", shape.num_key_value_heads, "Its heads of keys and values");
  size("--vision-depth", shape.vision_depth, "Blocks of the vision tower");
  size("--vision-embed-dim", shape.vision_embed_dim, "Its width");
  size("--vision-heads", shape.vision_num_heads, "Its attention heads");
  command->add_option("--max-pixels", shape.max_pixels, "Pixels that it keeps of an image")
      ->check(CLI::Range(3136, 12'845'056))
      ->capture_default_str();
  command->add_option("--seed", shape.seed, "Of the weights")->capture_default_str();
  command->callback([flags, &run] { run = [flags] { return RunNew(*flags); }; });
}

}  // namespace roentgen::app
