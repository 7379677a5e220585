#include "conversation.h"
#include "terminal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "roentgen/assistant/path_forms.h"
#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/user_folders.h"
#include "roentgen/imaging/load.h"
#include "roentgen/inference/model_settings.h"
#include "roentgen/kernels/instruction_set.h"
#include "roentgen/qwen2vl/fingerprint.h"
#include "roentgen/qwen2vl/model_folder.h"
#include "roentgen/qwen2vl/weight_recipe.h"
#include "roentgen/qwen2vl/weights.h"
#include "roentgen/text/display_width.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen::app {
namespace {

Model LoadInterruptibly(const ModelOptions& options, InterruptWatch& interrupts, ThreadPool& pool,
                        ProgressLine& progress) {
  const InterruptWatch::Work work(interrupts);
  const ThreadPool::CancelScope scope(pool, work.token());
  Model model = options.Load(pool, progress.AsProgress());
  progress.Clear();
  if (!options.model) {
    PrintAside(
        fmt::format("model {} ({})", model.location.folder.string(), model.location.found_by));
  }
  if (model.location.seed) {
    PrintAside("the weights are generated, not trained: answers mean nothing");
  }
  return model;
}

/// Of everything but pictures and text that a result depends on: weights, the model's settings,
/// adapters, how they are held, and the instruction set, whose roundings are its own.
std::string KeyOfResults(const Model& model, const std::string& settings_sha256,
                         const ModelOptions& options, ThreadPool& pool, const Progress& progress) {
  std::string key = model.location.seed
                        ? model.location.folder.string() + "#" + *model.location.seed
                        : FingerprintOfTensors(*model.base, pool, progress);
  key += " " + settings_sha256;
  for (const AdapterInfo& adapter : model.adapters) {
    key += " " + FingerprintOfAdapter(adapter.folder);
  }
  key += fmt::format(" {} {} {} {}", DescribeRecipe(RecipeOf(model.weights)),
                     options.merge ? "merged" : "", KeyValueTypeName(model.key_value_type),
                     InstructionSet());
  return key;
}

/// What generated weights depend on besides their seed.
std::string NamesOfShapes(const ModelConfig& config) {
  std::string text;
  for (const TensorSpec& spec : ExpectedTensors(config)) {
    text += fmt::format("{}[{}] ", spec.name, fmt::join(spec.shape, ","));
  }
  return text;
}

/// The last component, also of "series/".
std::filesystem::path NameOf(const std::filesystem::path& path) {
  return path.has_filename() ? path.filename() : path.parent_path().filename();
}

/// The bare names of pictures that are attached.
class AttachedNames {
 public:
  explicit AttachedNames(std::span<const std::filesystem::path> attached)
      : count_(attached.size()) {
    for (size_t i = 0; i < attached.size(); ++i) {
      const auto first = std::find(attached.begin(), attached.end(), attached[i]);
      if (attached[i].empty() || first != attached.begin() + static_cast<ptrdiff_t>(i)) continue;
      const std::filesystem::path name = NameOf(attached[i]);
      Add(name, i + 1);
      if (name.stem() != name) Add(name.stem(), i + 1);  // "IM000001" of IM000001.dcm
    }
  }

  PathKind Look(const std::filesystem::path& path) const {
    if (path.has_parent_path()) return LookAtPath(path);
    if (names_.contains(path)) return PathKind::kKnown;
    const PathKind kind = LookAtPath(path);
    const bool known = kind == PathKind::kAbsent && looks_.contains(LookOf(path));
    return known ? PathKind::kKnown : kind;
  }

  /// As NumbersOf has them.
  std::vector<size_t> Numbers(const std::filesystem::path& path) const {
    if (count_ < 2) return {};
    const auto exact = names_.find(path);
    if (exact != names_.end()) return exact->second;
    const auto like = looks_.find(LookOf(path));
    return like != looks_.end() ? like->second : std::vector<size_t>();
  }

 private:
  /// As it may be typed: "Ａ.JPG" for a.jpg.
  static std::string LookOf(const std::filesystem::path& name) {
    return FoldLookalikes(name.string(), /*fold_case=*/true);
  }

  void Add(const std::filesystem::path& name, size_t number) {
    names_[name].push_back(number);
    looks_[LookOf(name)].push_back(number);
  }

  size_t count_;
  std::map<std::filesystem::path, std::vector<size_t>> names_;
  std::map<std::string, std::vector<size_t>> looks_;
};

/// What was typed, for a message. It may be a book, and it may hold escape codes.
std::string ForMessage(std::string_view text) {
  constexpr size_t kShown = 200;  // cells
  std::string shown = FitToWidth(OneLine(ToValidUtf8(text)), kShown);
  shown.erase(shown.find_last_not_of(' ') + 1);
  return shown;
}

std::string HintForMissing(const UnreadableName& name) {
  constexpr size_t kNamed = 3;
  if (name.near.empty()) {
    const bool has_ending = name.text.find('.') != std::string::npos;
    return std::string("Nothing was answered. Check the path, or write it ") +
           (has_ending ? "without its extension" : "with a blank in it") + " if it is none.";
  }
  std::string near;
  for (size_t i = 0; i < std::min(name.near.size(), kNamed); ++i) {
    near += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", ForMessage(name.near[i].string()));
  }
  return "Nothing was answered. There is " + near + ", whose name is nearly the same.";
}

/// An address is shown whole: a part of it would lead elsewhere.
[[noreturn]] void ThrowAddress(std::string_view address, std::string_view others = "") {
  throw Error(fmt::format("\"{}\" is an address, and nothing is fetched from the network{}",
                          OneLine(ToValidUtf8(address)), others),
              "Nothing was answered. Download the image and name its file.");
}

[[noreturn]] void ThrowDamagedData(std::string_view kind, std::string_view others = "") {
  throw Error(
      fmt::format("a data address ({}) holds no image in base 64{}", ForMessage(kind), others),
      "Nothing was answered. Save the image and name its file.");
}

/// Under which these exchanges go on; nothing where there are none.
std::optional<std::string> SystemPromptOf(const std::vector<Exchange>& exchanges) {
  if (exchanges.empty()) return std::nullopt;
  return exchanges.back().facts.run.system_prompt;
}

std::vector<PreparedPicture> Pictures(std::vector<AttachedImage> images) {
  std::vector<PreparedPicture> pictures;
  for (AttachedImage& image : images) pictures.push_back(std::move(image.picture));
  return pictures;
}

/// Takes a progress line away at the end of what it tells of, also where that is given up.
struct ClearsAtEnd {
  ProgressLine& line;
  ~ClearsAtEnd() { line.Clear(); }
};

/// Where answers are recorded unless --audit says otherwise; a conversation goes on when that
/// cannot be written.
std::string DefaultAudit() {
  return (StateFolder() / "audit.jsonl").string();
}

}  // namespace

std::string AttachedImage::Describe() const {
  return fmt::format("{}: {}", OneLine(NameOf(path).string()), picture.shown.facts);
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
  command.add_option("--audit", audit,
                     fmt::format("Add a line for every answer to this file, all by hashes: which\n"
                                 "model, pictures, question, settings; none: nowhere\n"
                                 "(default: {})",
                                 audited ? "audit.jsonl in ~/.local/state/roentgen" : "none"));
}

Conversation::Conversation(const Options& options)
    : options_(options),
      pool_(options.model.threads),
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
  dialogue_ = std::make_unique<Dialogue>(*session_, tokenizer_, preprocessor_);
  OpenAudit();
  if (options.cache_folder.empty()) return;
  store_.emplace(options.cache_folder, options.cache_megabytes << 20);
  const std::string key =
      KeyOfResults(model_, Settings(), options.model, pool_, progress_.AsProgress());
  progress_.Clear();
  features_.KeepIn(*store_, key);
  prefixes_.KeepIn(*store_, key);
}

AttachedImage Conversation::Attach(const NamedImage& image, const PictureChoice& choice) {
  AttachedImage attached{
      image.path, PreparePicture(OpenNamed(image, choice), preprocessor_, model_.config.vision)};
  encoder_.Add(attached.picture.patches);
  return attached;
}

void Conversation::OpenAudit() {
  const bool given = !options_.audit.empty();
  if (options_.audit == "none" || (!given && !options_.audited)) return;
  try {
    audit_.emplace(given ? options_.audit : DefaultAudit());
  } catch (const Error& error) {
    if (given) throw;  // somebody counts on it
    PrintAside(fmt::format("answers are not recorded: {}", error.what()));
  }
}

template <class Work>
auto Conversation::Interruptibly(const OnText& on_text, const Work& work) {
  const InterruptWatch::Work stoppable(interrupts_);
  AnswerCallbacks callbacks;
  callbacks.progress = progress_.AsProgress();
  callbacks.on_text = [&](std::string_view text) {
    progress_.Clear();
    on_text(text);
  };
  const ClearsAtEnd clears{progress_};  // whatever is said next, also that it was interrupted
  waited_seconds_ = encoder_.Wait(callbacks.progress, stoppable.token());
  auto result = work(callbacks, stoppable.token());
  progress_.Clear();
  if (store_ && !store_->problem().empty()) {
    PrintAside("not kept on disk: " + store_->problem());
  }
  return result;
}

Answer Conversation::Ask(std::vector<ChatPart> parts, std::vector<AttachedImage> images,
                         const OnText& on_text) {
  Answer answer = Interruptibly(on_text, [&](const AnswerCallbacks& callbacks, auto stop) {
    return dialogue_->Ask(std::move(parts), Pictures(std::move(images)), generation_, callbacks,
                          stop);
  });
  answer.image_seconds += waited_seconds_;
  RecordLast();
  return answer;
}

Answer Conversation::Regenerate(const OnText& on_text) {
  Answer answer = Interruptibly(on_text, [&](const AnswerCallbacks& callbacks, auto stop) {
    return dialogue_->Regenerate(generation_, callbacks, stop);
  });
  answer.image_seconds += waited_seconds_;
  RecordLast();
  return answer;
}

ReportModel Conversation::ModelForReports(const std::stop_token& stop) {
  const ThreadPool::CancelScope scope(pool_, stop);
  return {model_,    tokenizer_, preprocessor_,       features_,
          prefixes_, pool_,      session_->options(), Facts()};
}

RadiologyReport Conversation::Report(ImagingStudy study, Language language,
                                     const ReportProgress& on_step) {
  RadiologyReport report =
      Interruptibly([](std::string_view) {},
                    [&](const AnswerCallbacks& callbacks, auto stop) {
                      return MakeReport(ModelForReports(stop), std::move(study), language,
                                        generation_, callbacks, on_step, stop);
                    });
  for (const Exchange& exchange : report.exchanges) Record(exchange);
  return report;
}

std::vector<ReplayedAnswer> Conversation::Replay(std::span<const Exchange> exchanges,
                                                 ReplayModels models, const OnReplayed& on_answer) {
  return Interruptibly([](std::string_view) {},
                       [&](const AnswerCallbacks& callbacks, auto stop) {
                         return roentgen::Replay(
                             ModelForReports(stop), exchanges, models, callbacks,
                             [&](const ReplayedAnswer& answer) {
                               progress_.Clear();
                               on_answer(answer);
                             },
                             stop);
                       });
}

void Conversation::Continue(std::vector<Exchange> exchanges) {
  const std::string system_before = session_->options().system_prompt;
  std::vector<Exchange> before = dialogue_->exchanges();
  try {
    Restart(SystemPromptOf(exchanges));
    Interruptibly([](std::string_view) {},
                  [&](const AnswerCallbacks& callbacks, auto stop) {
                    dialogue_->Continue(std::move(exchanges), callbacks, stop, Settings());
                    return true;
                  });
  } catch (...) {
    Restart(system_before);
    dialogue_->Continue(std::move(before), {}, {}, Settings());
    throw;
  }
}

void Conversation::ReopenStudy() {
  Interruptibly([](std::string_view) {},
                [&](const AnswerCallbacks& callbacks, auto stop) {
                  dialogue_->ReopenStudy(callbacks, stop);
                  return true;
                });
}

void Conversation::Restart(std::optional<std::string> system_prompt) {
  SessionOptions options = session_->options();
  if (system_prompt) options.system_prompt = std::move(*system_prompt);
  dialogue_.reset();
  session_ = std::make_unique<Session>(model_, tokenizer_, features_, prefixes_, pool_,
                                       std::move(options));
  dialogue_ = std::make_unique<Dialogue>(*session_, tokenizer_, preprocessor_);
}

void Conversation::RecordLast() {
  if (options_.attribute || audit_) dialogue_->Attribute(Facts());
  Record(exchanges().back());
}

void Conversation::Record(const Exchange& exchange) {
  if (!audit_) return;
  try {
    audit_->Add(exchange);
  } catch (const Error& error) {
    if (!options_.audit.empty()) throw;
    audit_.reset();
    Tell("\n");
    PrintAside(fmt::format("answers are no longer recorded: {}", error.what()));
  }
}

const std::string& Conversation::Settings() {
  if (!settings_sha256_) settings_sha256_ = FingerprintOfSettings(model_);
  return *settings_sha256_;
}

const RunFacts& Conversation::Facts() {
  facts_ = DescribeRun(model_, session_->options(), generation_, preprocessor_.max_pixels);
  if (!model_sha256_) {
    encoder_.Wait();  // it works with the same team
    const ModelLocation& location = model_.location;
    model_sha256_ =
        location.seed
            ? Sha256Hex(fmt::format("{}#{}", NamesOfShapes(model_.config), *location.seed))
            : FingerprintOfTensors(*model_.base, pool_, progress_.AsProgress());
    for (const AdapterInfo& adapter : model_.adapters) {
      adapters_sha256_.push_back(FingerprintOfAdapter(adapter.folder));
    }
    progress_.Clear();
  }
  facts_.adapters_merged = options_.model.merge && !model_.adapters.empty();
  facts_.model_sha256 = *model_sha256_;
  facts_.settings_sha256 = Settings();
  for (size_t i = 0; i < facts_.adapters.size(); ++i) {
    facts_.adapters[i].sha256 = adapters_sha256_[i];
  }
  return facts_;
}

bool AreOfDifferentPatients(std::span<const DicomIdentity> identities) {
  for (size_t i = 0; i < identities.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (AreDifferentPatients(identities[i], identities[j])) return true;
    }
  }
  return false;
}

std::filesystem::path AuditOf(const Conversation::Options& options) {
  if (!options.audit.empty()) return options.audit == "none" ? "" : options.audit;
  return options.audited ? DefaultAudit() : "";
}

std::vector<std::filesystem::path> FilesOf(const Conversation::Options& options) {
  std::vector<std::filesystem::path> files = options.model.Folders();
  files.push_back(options.cache_folder);
  files.push_back(AuditOf(options));
  return files;
}

std::vector<ChatPart> PartsOf(const PastedText& text, size_t pictures_before) {
  std::vector<ChatPart> parts(pictures_before, {ChatPart::Kind::kImage, ""});
  for (const PastedPart& part : text.parts) {
    const bool picture = part.kind == PastedPart::Kind::kPicture;
    parts.push_back({picture ? ChatPart::Kind::kImage : ChatPart::Kind::kText, part.text});
  }
  return parts;
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

PastedText SplitBeside(std::span<const std::filesystem::path> attached, std::string_view line) {
  const AttachedNames names(attached);
  return SplitPastedText(
      line, [&](const auto& path) { return names.Look(path); }, NamesInFolder,
      [&](const auto& path) { return names.Numbers(path); });
}

void RefuseUnreadable(const PastedText& text) {
  if (text.unreadable.empty()) return;
  const UnreadableName& first = text.unreadable.front();
  std::string others;
  if (text.unreadable.size() > 1) {
    others = fmt::format(", and {} more", text.unreadable.size() - 1);
  }
  switch (first.reason) {
    case UnreadableName::Reason::kMissing:
      throw Error(fmt::format("\"{}\" reads as the path of a picture, but leads to none{}",
                              ForMessage(first.text), others),
                  HintForMissing(first));
    case UnreadableName::Reason::kAddress:
      ThrowAddress(first.text, others);
    case UnreadableName::Reason::kDataAddress:
      ThrowDamagedData(first.text, others);
    case UnreadableName::Reason::kTooMany:
      throw Error("the line names more paths than can be looked for",
                  "Nothing was answered. Name the images apart from the text.");
  }
}

OpenedPicture OpenNamed(const NamedImage& image, const PictureChoice& choice) {
  const std::string name = image.path.string();
  std::string bytes = image.bytes;
  if (bytes.empty() && IsDataAddress(name)) {
    std::optional<std::string> decoded = DecodeDataAddress(name);
    if (!decoded) ThrowDamagedData(KindOfDataAddress(name));
    bytes = std::move(*decoded);
  }
  if (!bytes.empty()) {
    LoadOptions options;
    options.view = choice.view;
    const std::span<const uint8_t> view(reinterpret_cast<const uint8_t*>(bytes.data()),
                                        bytes.size());
    return {DecodeImage(view, "the image in the data address", options), Sha256Hex(view),
            HashDicomIdentity(view)};
  }
  if (AddressLength(name) == name.size()) ThrowAddress(name);
  return OpenPicture(image.path, choice);
}

}  // namespace roentgen::app
