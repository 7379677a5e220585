#include "conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "roentgen/base/error.h"
#include "roentgen/kernels/machine_peak.h"
#include "roentgen/qwen2vl/fingerprint.h"
#include "roentgen/qwen2vl/weight_recipe.h"

namespace roentgen::app {
namespace {

Model LoadInterruptibly(const ModelOptions& options, InterruptWatch& interrupts, ThreadPool& pool,
                        ProgressLine& progress) {
  const InterruptWatch::Work work(interrupts);
  const ThreadPool::CancelScope scope(pool, work.token());
  Model model = options.Load(pool, progress.AsProgress());
  progress.Clear();
  if (!options.model) {
    fmt::print(
        stderr, "{}\n",
        Dim(fmt::format("model {} ({})", model.location.folder.string(), model.location.found_by)));
  }
  if (model.location.seed) {
    fmt::print(stderr, "{}\n", Dim("the weights are generated, not trained: answers mean nothing"));
  }
  return model;
}

/// Of everything but pictures and text that a result depends on: weights, adapters, how both are
/// held, and the instruction set, whose roundings are its own.
std::string KeyOfResults(const Model& model, const ModelOptions& options, ThreadPool& pool,
                         const Progress& progress) {
  std::string key = model.location.seed
                        ? model.location.folder.string() + "#" + *model.location.seed
                        : FingerprintOfTensors(*model.weights.source, pool, progress);
  for (const AdapterInfo& adapter : model.adapters) {
    key += " " + FingerprintOfAdapter(adapter.folder);
  }
  key += fmt::format(" {} {} {} {}", DescribeRecipe(RecipeOf(model.weights)),
                     options.merge ? "merged" : "", KeyValueTypeName(model.key_value_type),
                     InstructionSet());
  return key;
}

void CheckVocabulary(const Tokenizer& tokenizer, const ModelConfig& config) {
  if (static_cast<size_t>(tokenizer.id_limit()) > config.vocab_size) {
    throw Error(fmt::format("the tokenizer has ids up to {}, the model's vocab_size is {}",
                            tokenizer.id_limit() - 1, config.vocab_size),
                "Tokenizer and weights are of different models.");
  }
}

/// The words of a text that end like the name of a picture file. The extension may be followed by
/// anything but a letter or digit: people write "a.png这张图里有什么？".
std::vector<std::string_view> PictureNames(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kExtensions = {
      ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".dcm"};
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  const auto is_alnum = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::string_view> names;
  for (const std::string_view extension : kExtensions) {
    for (size_t at = lower.find(extension); at != std::string::npos;
         at = lower.find(extension, at + 1)) {
      const size_t end = at + extension.size();
      if (at == 0 || is_space(lower[at - 1])) continue;  // ".png" alone is a word like any other
      if (end < lower.size() && is_alnum(lower[end])) continue;
      const size_t blank = text.find_last_of(" \t\n'\"", at - 1);
      const size_t begin = blank == std::string_view::npos ? 0 : blank + 1;
      names.push_back(text.substr(begin, end - begin));
    }
  }
  return names;
}

}  // namespace

std::string AttachedImage::Describe() const {
  std::string text =
      fmt::format("{}: {} {}×{} → {}×{}, {} tokens", path.filename().string(), provenance.format,
                  provenance.stored.width, provenance.stored.height, patches.resized.width,
                  patches.resized.height, tokens);
  if (!provenance.modality.empty()) text += ", " + provenance.modality;
  if (provenance.frames > 1) {
    text += fmt::format(", frame {} of {}", provenance.frame, provenance.frames);
  }
  if (!provenance.window.empty()) text += ", window " + provenance.window;
  if (provenance.orientation != 1) text += ", turned upright";
  for (const std::string& note : provenance.notes) text += ", " + note;
  return text;
}

void Conversation::Options::AddTo(CLI::App& command) {
  model.AddTo(command);
  pixels.AddTo(command);
  sampling.AddTo(command);
  command.add_option("--system", session.system_prompt, "The system prompt");
  command
      .add_option("--context", session.context_tokens,
                  "The most tokens that a conversation may have (default 8192)")
      ->check(CLI::Range(size_t{64}, size_t{1} << 20));
  command.add_option("--cache", cache_folder,
                     "Keep what was computed of pictures in this folder, for the next start.\n"
                     "It shows what was in them to whoever can read it");
  command.add_option("--cache-size", cache_megabytes, "The most of it, in MiB (default 1024)")
      ->check(CLI::Range(size_t{1}, size_t{1} << 24));
}

Conversation::Conversation(const Options& options)
    : pool_(options.model.threads),
      model_(LoadInterruptibly(options.model, interrupts_, pool_, progress_)),
      tokenizer_(Tokenizer::Load(model_.location.folder)),
      preprocessor_(
          options.pixels.Apply(PreprocessorConfig::Load(model_.location.folder), model_.adapters)),
      generation_(options.sampling.Resolve(model_.generation)),
      features_(model_.config, model_.weights),
      encoder_(features_, pool_),
      session_(std::make_unique<Session>(model_, tokenizer_, features_, prefixes_, pool_,
                                         options.session)) {
  CheckVocabulary(tokenizer_, model_.config);
  if (options.cache_folder.empty()) return;
  store_.emplace(options.cache_folder, options.cache_megabytes << 20);
  const std::string key = KeyOfResults(model_, options.model, pool_, progress_.AsProgress());
  progress_.Clear();
  features_.KeepIn(*store_, key);
  prefixes_.KeepIn(*store_, key);
}

AttachedImage Conversation::Attach(const std::filesystem::path& path, const PictureChoice& choice) {
  OpenedPicture opened = OpenPicture(path, choice);
  AttachedImage attached;
  attached.path = path;
  attached.sha256 = std::move(opened.sha256);
  attached.provenance = opened.image.provenance;
  attached.patches = MakePatches(opened.image, preprocessor_);
  attached.tokens = MergedTokens(attached.patches.grid, model_.config.vision);
  encoder_.Add(attached.patches);
  return attached;
}

Answer Conversation::Ask(const std::string& question, std::vector<AttachedImage> images,
                         const std::function<void(std::string_view)>& on_text) {
  UserTurn turn;
  for (AttachedImage& image : images) {
    turn.parts.push_back({ChatPart::Kind::kImage, ""});
    turn.images.push_back(std::move(image.patches));
  }
  turn.parts.push_back({ChatPart::Kind::kText, question});
  const InterruptWatch::Work work(interrupts_);
  AnswerCallbacks callbacks;
  callbacks.progress = progress_.AsProgress();
  callbacks.on_text = [&](std::string_view text) {
    progress_.Clear();
    on_text(text);
  };
  encoder_.Wait(callbacks.progress, work.token());
  Answer answer = session_->Ask(turn, generation_, callbacks, work.token());
  progress_.Clear();
  if (store_ && !store_->problem().empty()) {
    fmt::print(stderr, "{}\n", Dim("not kept on disk: " + store_->problem()));
  }
  return answer;
}

std::string DescribeCost(const Answer& answer) {
  std::string text = fmt::format("{} tokens read", answer.prompt_tokens);
  if (answer.image_seconds > 0) text += fmt::format(", picture {:.2f} s", answer.image_seconds);
  text += fmt::format(", first token {:.2f} s", answer.image_seconds + answer.prompt_seconds);
  if (answer.ids.size() > 1) {
    text += fmt::format(", then {:.1f} tokens/s",
                        static_cast<double>(answer.ids.size() - 1) / answer.answer_seconds);
  }
  if (answer.finish == Answer::Finish::kLength) text += "; cut off at --max-new-tokens";
  if (answer.finish == Answer::Finish::kInterrupted) text += "; interrupted";
  return text;
}

void RefuseMentionedImage(std::string_view question,
                          std::span<const std::filesystem::path> attached, const std::string& how) {
  for (const std::string_view word : PictureNames(question)) {
    const std::string name = std::filesystem::path(word).filename().string();
    const bool known = std::any_of(attached.begin(), attached.end(), [&](const auto& path) {
      return path.filename().string() == name;
    });
    if (!known) throw Error(fmt::format("\"{}\" names a picture that was not attached", word), how);
  }
}

}  // namespace roentgen::app
