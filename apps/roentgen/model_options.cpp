#include "model_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "commands.h"
#include "roentgen/base/error.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

/// By which --quant weights are told as this; nothing: by none.
std::optional<BlockScheme> SchemeOf(const std::string& weights) {
  for (const char* name : {"q8", "q4"}) {
    const std::optional<BlockScheme> scheme = ParseBlockScheme(name);
    if (scheme && DescribeRecipe(WeightRecipe::Of(*scheme)) == weights) return scheme;
  }
  return std::nullopt;
}

}  // namespace

void ModelOptions::AddTo(CLI::App& command) {
  command.add_option(
      "--model", model,
      "A Hugging Face folder, OWNER/NAME or OWNER/NAME@REVISION of what was pulled or is in the\n"
      "Hugging Face cache, or procedural:FOLDER\n"
      "(default: ROENTGEN_MODEL, else the one that is installed)");
  command
      .add_option("--adapter", adapters,
                  "A PEFT adapter: a folder, or a name as of --model; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--merge", merge, "Add the adapters into the weights instead of beside them");
  command
      .add_option("--quant", quant,
                  "Weights in 8 or 4 bits, made when the model is loaded: q8 or q4\n"
                  "(`roentgen quantize` makes them once)")
      ->check(CLI::IsMember({"q8", "q4"}));
  command
      .add_option("--kv-cache", key_values,
                  "Keys and values of the conversation: f32, bf16 or q8\n"
                  "(default: f32; bf16 with quantised weights)")
      ->check(CLI::IsMember({"f32", "bf16", "q8"}));
  command.add_option("--threads", threads, "Threads (default: the physical cores)")
      ->check(CLI::Range(1, 1024));
}

std::vector<std::filesystem::path> ModelOptions::Folders() const {
  std::vector<std::filesystem::path> folders = {Locate().folder};
  for (const std::filesystem::path& adapter : adapters) {
    folders.push_back(ResolveAdapter(adapter.string()).folder);
  }
  return folders;
}

Model ModelOptions::Load(ThreadPool& pool, const Progress& progress) const {
  const AdapterMode mode = merge ? AdapterMode::kMerged : AdapterMode::kBeside;
  Model loaded = LoadModel(Locate(), adapters, mode, pool, progress);
  if (!loaded.location.note.empty()) Tell("note: {}\n", loaded.location.note);
  for (const AdapterInfo& adapter : loaded.adapters) {
    for (const std::string& note : adapter.notes) Tell("note: {}\n", note);
  }
  std::optional<BlockScheme> scheme = ParseBlockScheme(quant);
  if (!scheme && DescribeRecipe(RecipeOf(loaded.weights)).empty()) scheme = SchemeOf(like_weights);
  if (scheme) {
    QuantizeByRecipe(loaded.weights, WeightRecipe::Of(*scheme), pool, progress);
    loaded.key_value_type = KeyValueType::kBF16;
  }
  loaded.key_value_type = ParseKeyValueType(key_values).value_or(loaded.key_value_type);
  return loaded;
}

void PixelOptions::AddTo(CLI::App& command) {
  command
      .add_option("--max-pixels", max_pixels,
                  "The most pixels that a picture keeps: a number, or \"checkpoint\"\n"
                  "(default: 589824 = 768×768, or what the adapter was trained with)")
      ->check([](const std::string& value) -> std::string {
        if (value == "checkpoint") return "";
        const bool digits =
            !value.empty() && value.size() < 12 &&
            std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
        return digits && std::stoll(value) >= 3136
                   ? ""
                   : "must be a number of at least 3136 (56×56), or \"checkpoint\"";
      });
}

PreprocessorConfig PixelOptions::Apply(PreprocessorConfig config,
                                       const std::vector<AdapterInfo>& adapters) const {
  if (max_pixels == "checkpoint") return config;
  if (!max_pixels.empty()) {
    config.max_pixels = std::stoll(max_pixels);
  } else {
    int64_t limit = kDefaultMaxPixels;
    for (const AdapterInfo& adapter : adapters) {
      if (adapter.image_max_pixels) limit = *adapter.image_max_pixels;
    }
    config.max_pixels = std::min(config.max_pixels, limit);
  }
  config.min_pixels = std::min(config.min_pixels, config.max_pixels);
  return config;
}

void ChoiceOptions::AddTo(CLI::App& command) {
  command.add_option("--frame", frame, "Which frame of a DICOM file, from 1")
      ->check(CLI::Range(size_t{1}, size_t{1} << 20));
  command.add_option("--window", window,
                     "Width/level of grey DICOM, as 400/40, or lung, soft, bone, brain, liver\n"
                     "(default: the file's own)");
  command
      .add_option("--slice", slice, "Which slice of a folder with a series (default: the middle)")
      ->check(CLI::Range(size_t{1}, size_t{1} << 20));
  command.add_option("--sheet", sheet, "So many slices of a series side by side instead")
      ->check(CLI::Range(size_t{2}, size_t{64}));
}

PictureChoice ChoiceOptions::Resolve() const {
  PictureChoice choice;
  choice.view.frame = frame;
  if (!window.empty()) {
    choice.view.window = ReadArgument([&] { return ParseDicomWindow(window); });
  }
  if (slice > 0) choice.slice = slice;
  choice.sheet = sheet;
  return choice;
}

void SamplingFlags::AddTo(CLI::App& command) {
  command.add_option("--temperature", temperature,
                     "Randomness of the answer; 0 is greedy\n"
                     "(default of this and the next four: the model's own)");
  command.add_option("--top-k", top_k, "Draw from the k most likely tokens; 0 is off");
  command.add_option("--top-p", top_p, "Draw from the likeliest tokens that make up p");
  command.add_option("--min-p", min_p, "Leave out tokens below this share of the likeliest");
  command.add_option("--repetition-penalty", repetition_penalty,
                     "Above 1: say less of what was said");
  // JSON, in which a conversation is kept, is read up to this.
  command.add_option("--seed", seed, "Of the random draws (default 0)")
      ->check(CLI::Range(uint64_t{0}, static_cast<uint64_t>(INT64_MAX)));
  command.add_option("--max-new-tokens", max_new_tokens, "Longest answer (default 512)")
      ->check(CLI::Range(size_t{1}, size_t{1} << 20));
}

GenerationOptions SamplingFlags::Resolve(const GenerationDefaults& defaults) const {
  GenerationOptions options;
  SamplingOptions& sampling = options.sampling;
  // Asking for a kind of drawing turns drawing on where the checkpoint is greedy.
  const bool asked = temperature || top_k || top_p || min_p;
  if (defaults.do_sample || asked) {
    sampling.temperature = temperature.value_or(defaults.temperature);
    sampling.top_k = top_k.value_or(defaults.top_k);
    sampling.top_p = top_p.value_or(defaults.top_p);
    sampling.min_p = min_p.value_or(defaults.min_p);
  }
  sampling.repetition_penalty = repetition_penalty.value_or(defaults.repetition_penalty);
  ReadArgument([&] { sampling.Check(); });
  options.seed = seed;
  options.max_new_tokens = max_new_tokens;
  return options;
}

}  // namespace roentgen::app
