#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "commands.h"
#include "conversation.h"
#include "roentgen/base/error.h"
#include "roentgen/imaging/open_picture.h"
#include "roentgen/imaging/patches.h"
#include "roentgen/inference/memory_need.h"
#include "roentgen/qwen2vl/key_value_cache.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

using OrderedJson = nlohmann::ordered_json;

struct InspectOptions {
  ModelOptions model;
  PixelOptions pixels;
  ChoiceOptions choice;
  std::filesystem::path image;
  std::string text;
  bool json = false;
};

/// "key: value" lines with the values in one column.
void PrintTable(const OrderedJson& json) {
  size_t width = 0;
  for (const auto& [key, value] : json.items()) width = std::max(width, key.size());
  for (const auto& [key, value] : json.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    Print("{:<{}}  {}\n", key, width, text);
  }
}

/// A token's bytes as text in quotes, with what is no character written as \x..
std::string Quoted(const std::string& bytes) {
  const bool valid = nlohmann::json(bytes).dump(-1, ' ', false, Json::error_handler_t::ignore) ==
                     nlohmann::json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (valid) return nlohmann::json(bytes).dump();
  std::string text = "\"";
  for (const char byte : bytes) text += fmt::format("\\x{:02x}", static_cast<uint8_t>(byte));
  return text + "\"";
}

int InspectTokenize(const InspectOptions& options) {
  const Tokenizer tokenizer = Tokenizer::Load(options.model.Locate().folder);
  std::string text = options.text;
  if (text.empty()) text.assign(std::istreambuf_iterator<char>(std::cin), {});
  const std::vector<int32_t> ids = tokenizer.Encode(text);
  if (options.json) {
    PrintJson(OrderedJson{{"tokens", ids}, {"count", ids.size()}});
    return kDone;
  }
  for (const int32_t id : ids) {
    Print("{:>7}  {}\n", id, Quoted(tokenizer.DecodeBytes({&id, 1}, /*skip_special=*/false)));
  }
  Print("{} tokens\n", ids.size());
  return kDone;
}

int InspectPixels(const InspectOptions& options) {
  const PreprocessorConfig config =
      options.pixels.Apply(PreprocessorConfig::Load(options.model.Locate().folder), {});
  const Image image = OpenPicture(options.image, options.choice.Resolve()).image;
  const Patches patches = MakePatches(image, config);
  const Provenance& provenance = image.provenance;
  const auto size = [](int width, int height) { return fmt::format("{}×{}", width, height); };
  const double bytes = static_cast<double>(image.rgb.size());
  const double mean = std::accumulate(image.rgb.begin(), image.rgb.end(), 0.0) / bytes;
  const double sum = std::accumulate(patches.values.begin(), patches.values.end(), 0.0);
  const auto [low, high] = std::minmax_element(patches.values.begin(), patches.values.end());
  const int merged = config.merge_size * config.merge_size;
  OrderedJson json;
  json["file"] = provenance.source;
  json["format"] = provenance.format;
  if (!provenance.modality.empty()) json["modality"] = provenance.modality;
  if (provenance.frames > 1) {
    json["frame"] = fmt::format("{} of {}", provenance.frame, provenance.frames);
  }
  if (!provenance.window.empty()) json["window"] = provenance.window;
  json["stored size"] = size(provenance.stored.width, provenance.stored.height);
  json["EXIF orientation"] = provenance.orientation;
  json["decoded size"] = size(image.width, image.height);
  if (!provenance.notes.empty()) json["notes"] = provenance.notes;
  json["RGB mean"] = std::round(mean * 1e4) / 1e4;
  json["resized to"] = size(patches.resized.width, patches.resized.height);
  json["patches"] = fmt::format("{}×{}×{} of {} values", patches.grid.t, patches.grid.h,
                                patches.grid.w, config.PatchValues());
  json["image tokens"] = patches.grid.t * patches.grid.h * patches.grid.w / merged;
  json["pixel values"] = fmt::format("{:.4f} to {:.4f}, sum {:.3f}", *low, *high, sum);
  options.json ? PrintJson(json) : PrintTable(json);
  return kDone;
}

int InspectModel(const InspectOptions& options) {
  ThreadPool pool(options.model.threads);
  ProgressLine progress;
  Model model = options.model.Load(pool, progress.AsProgress());
  progress.Clear();
  const ModelConfig& config = model.config;
  const VisionConfig& vision = config.vision;
  size_t parameters = 0;
  size_t vision_parameters = 0;
  for (const TensorSpec& spec : ExpectedTensors(config)) {
    const size_t count =
        std::accumulate(spec.shape.begin(), spec.shape.end(), size_t{1}, std::multiplies<>());
    parameters += count;
    if (spec.name.starts_with("visual.")) vision_parameters += count;
  }
  std::map<std::string, size_t> bytes_by_type;
  for (const std::string& name : model.weights.source->Names()) {
    const TensorView& tensor = *model.weights.source->Find(name);
    bytes_by_type[std::string(DTypeName(tensor.dtype))] += tensor.data.size();
  }
  std::string types;
  for (const auto& [type, bytes] : bytes_by_type) {
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", type, SizeText(bytes));
  }
  const std::string held = DescribeRecipe(RecipeOf(model.weights));
  const KeyValueCache cache(config.num_hidden_layers, model.KeyValues());
  OrderedJson json;
  json["model"] = model.location.folder.string();
  json["found by"] = model.location.found_by;
  json["weights"] = model.location.seed ? "generated from seed " + *model.location.seed : types;
  if (!held.empty()) {
    json["held as"] = fmt::format("{}: {}", held, SizeText(MatrixBytes(model.weights)));
  }
  json["parameters"] =
      fmt::format("{:.1f} M, vision tower {:.1f} M", static_cast<double>(parameters) * 1e-6,
                  static_cast<double>(vision_parameters) * 1e-6);
  json["decoder"] =
      fmt::format("{} layers of {}, {} heads of {}, {} key/value heads, MLP {}, vocabulary {}{}",
                  config.num_hidden_layers, config.hidden_size, config.num_attention_heads,
                  config.head_dim(), config.num_key_value_heads, config.intermediate_size,
                  config.vocab_size, config.tie_word_embeddings ? " (tied)" : "");
  json["vision tower"] =
      fmt::format("{} blocks of {}, {} heads of {}, patches of {}×{}, merged {}×{}", vision.depth,
                  vision.embed_dim, vision.num_heads, vision.head_dim(), vision.patch_size,
                  vision.patch_size, vision.spatial_merge_size, vision.spatial_merge_size);
  json["key-value cache"] = fmt::format("{} for 8192 tokens", SizeText(cache.BytesFor(8192)));
  // config.json alone is enough for a shape (procedural:FOLDER); the class's limits hold then.
  const PreprocessorConfig preprocessor = PixelOptions().Apply(
      model.location.seed
          ? PreprocessorConfig::Find(model.location.folder).value_or(PreprocessorConfig())
          : PreprocessorConfig::Load(model.location.folder),
      model.adapters);
  const MemoryNeed need =
      EstimateMemory(model, SessionOptions().context_tokens, preprocessor.max_pixels);
  json["memory at most"] =
      fmt::format("{}: weights {}, conversation {}, pictures kept {}, work {}",
                  SizeText(need.total()), SizeText(need.weights), SizeText(need.conversation),
                  SizeText(need.caches), SizeText(need.work));
  for (const AdapterInfo& adapter : model.adapters) {
    std::string text = fmt::format("rank {} on {} linears", adapter.rank, adapter.linears);
    if (!adapter.whole.empty()) {
      text += fmt::format(", {} tensors whole: {}", adapter.whole.size(),
                          fmt::join(adapter.whole, ", "));
    }
    json["adapter " + adapter.name] = text;
  }
  options.json ? PrintJson(json) : PrintTable(json);
  return kDone;
}

}  // namespace

void AddInspect(CLI::App& app, Run& run) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand("inspect", "Look at what goes into the model");
  command->require_subcommand(1);

  CLI::App* tokenize = command->add_subcommand("tokenize", "The tokens of a text");
  tokenize->add_option("text", options->text, "The text (default: standard input)");
  tokenize->add_option("--model", options->model.model, "The model whose tokenizer is used");
  tokenize->callback([options, &run] { run = [options] { return InspectTokenize(*options); }; });

  CLI::App* pixels = command->add_subcommand("pixels", "What becomes of a picture");
  pixels->add_option("image", options->image, "The picture file")->required();
  pixels->add_option("--model", options->model.model, "The model whose preparation is used");
  options->pixels.AddTo(*pixels);
  options->choice.AddTo(*pixels);
  pixels->callback([options, &run] { run = [options] { return InspectPixels(*options); }; });

  CLI::App* model = command->add_subcommand("model", "Shape, size and adapters of a model");
  options->model.AddTo(*model);
  model->callback([options, &run] { run = [options] { return InspectModel(*options); }; });

  AddParity(*command, run);
  for (CLI::App* each : {tokenize, pixels, model}) {
    each->add_flag("--json", options->json, "Print JSON");
  }
}

}  // namespace roentgen::app
