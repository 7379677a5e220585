// `roentgen quantize`: a model in 8 or 4 bits, as a folder of its own.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "commands.h"
#include "interrupt.h"
#include "model_options.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/save_model.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAsItIs = "none";

struct QuantizeFlags {
  ModelOptions model;
  std::string decoder;
  std::string vision;
  std::string head;
  fs::path out;
};

void Choose(const std::string& flag, std::optional<BlockScheme>& part) {
  if (!flag.empty()) part = flag == kAsItIs ? std::nullopt : ParseBlockScheme(flag);
}

WeightRecipe RecipeOf(const QuantizeFlags& flags) {
  WeightRecipe recipe = WeightRecipe::Of(*ParseBlockScheme(flags.model.quant));
  Choose(flags.decoder, recipe.decoder);
  Choose(flags.vision, recipe.vision);
  Choose(flags.head, recipe.head);
  return recipe;
}

/// What config.json says of the weights. Transformers, which would start from random ones where it
/// finds none under the names it knows, refuses a model with a method that it does not know.
Json ConfigEntry(const WeightRecipe& recipe) {
  const auto name = [](const std::optional<BlockScheme>& scheme) {
    return scheme ? std::string(BlockSchemeName(*scheme)) : kAsItIs;
  };
  return {{"quantization_config",
           {{"quant_method", "roentgen"},
            {"decoder", name(recipe.decoder)},
            {"vision", name(recipe.vision)},
            {"head", name(recipe.head)}}}};
}

int RunQuantize(QuantizeFlags flags) {
  const WeightRecipe recipe = RecipeOf(flags);
  flags.model.quant.clear();  // the parts' own flags count too: it is done here
  if (!flags.model.adapters.empty() && !flags.model.merge) {
    throw UsageError("an --adapter is quantised with the weights it is merged into: add --merge");
  }
  OutputFolder out = MakeModelFolder(flags.out, "quantize", flags.model.Folders());
  InterruptWatch interrupt;
  ThreadPool pool(flags.model.threads);
  const InterruptWatch::Work work(interrupt);
  const ThreadPool::CancelScope cancel(pool, work.token());
  ProgressLine progress;
  Model model = flags.model.Load(pool, progress.AsProgress());
  CheckSettingsOf(model.location.folder);
  const size_t before = MatrixBytes(model.weights);
  QuantizeByRecipe(model.weights, recipe, pool, progress.AsProgress());
  SaveModel(model, out.staging(), {.config = ConfigEntry(recipe)}, progress.AsProgress());
  CommitModelFolder(out);
  progress.Clear();
  Print("{}: {} instead of {}; it took {} of memory\n", flags.out.string(),
        SizeText(MatrixBytes(model.weights)), SizeText(before), SizeText(PeakMemory()));
  return kDone;
}

}  // namespace

void AddQuantize(CLI::App& app, Run& run) {
  auto flags = std::make_shared<QuantizeFlags>();
  CLI::App* command =
      app.add_subcommand("quantize", "Make a model smaller and faster: 8 or 4 bits a weight");
  flags->model.AddTo(*command);
  command->remove_option(command->get_option("--kv-cache"));
  command->get_option("--quant")->description("Weights in 8 or 4 bits: q8 or q4")->required();
  const auto part = [&](const char* name, std::string& value, const char* what) {
    command->add_option(name, value, what)->check(CLI::IsMember({"q8", "q4", kAsItIs}));
  };
  part("--decoder", flags->decoder, "The decoder's layers, if not as --quant has them");
  part("--vision", flags->vision, "The vision tower and its merger");
  part("--head", flags->head, "The embedding and the vocabulary head");
  command
      ->add_option("--out", flags->out,
                   "Folder for the model: a new one, an empty one, or one that this command made")
      ->required();
  command->callback([flags, &run] { run = [flags] { return RunQuantize(*flags); }; });
}

}  // namespace roentgen::app
