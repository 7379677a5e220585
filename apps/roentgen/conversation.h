#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "interrupt.h"
#include "model_options.h"
#include "roentgen/assistant/audit_log.h"
#include "roentgen/assistant/dialogue.h"
#include "roentgen/assistant/pasted_text.h"
#include "roentgen/assistant/replay.h"
#include "roentgen/assistant/report.h"
#include "roentgen/assistant/transcript.h"
#include "roentgen/inference/memory_need.h"
#include "roentgen/inference/picture_encoder.h"
#include "roentgen/inference/session.h"

namespace roentgen::app {

/// A picture that the user named, ready for the model.
struct AttachedImage {
  std::filesystem::path path;
  PreparedPicture picture;

  /// "chest.png: PNG 1024×1024 → 756×756, 729 tokens".
  std::string Describe() const;
};

/// Everything that `ask`, `chat` and `report` share: the loaded model and the dialogue with it.
class Conversation {
 public:
  struct Options {
    ModelOptions model;
    PixelOptions pixels;
    SamplingFlags sampling;
    SessionOptions session;
    std::filesystem::path cache_folder;  // empty: nothing is kept on disk
    size_t cache_megabytes = 1024;
    std::string audit;     // a file, or "none"; empty: the usual one where it is audited
    bool audited = false;  // also when no file was named
    bool attribute =
        true;  // answers carry the hashes of what gave them; computing these takes time

    void AddTo(CLI::App& command);
  };
  using OnText = std::function<void(std::string_view)>;

  /// Loads the model; says on standard error which, unless it was named by --model.
  explicit Conversation(const Options& options);

  /// Reads and prepares an image, and begins to encode it. Throws Error as OpenNamed.
  AttachedImage Attach(const NamedImage& image, const PictureChoice& choice = {});

  /// Asks with the pictures in their places. Text goes to on_text as it comes. Ctrl-C stops it.
  /// Says on standard error when what was computed cannot be kept on disk as was asked for.
  Answer Ask(std::vector<ChatPart> parts, std::vector<AttachedImage> images, const OnText& on_text);
  Answer Regenerate(const OnText& on_text);
  /// A report about a study, apart from this conversation.
  RadiologyReport Report(ImagingStudy study, Language language, const ReportProgress& on_step);
  /// Asks again what a transcript holds, apart from this conversation.
  std::vector<ReplayedAnswer> Replay(std::span<const Exchange> exchanges, ReplayModels models,
                                     const OnReplayed& on_answer);
  /// Goes on behind these exchanges, under the system prompt of the last of them. When that fails,
  /// the conversation is what it was.
  void Continue(std::vector<Exchange> exchanges);
  /// Dialogue::TellPatients.
  void TellPatients(std::optional<bool> different) { dialogue_->TellPatients(different); }
  /// Takes the last question about this study back, and returns it.
  Exchange Undo() { return dialogue_->Undo(); }
  /// Dialogue::BeginStudy and ReopenStudy.
  void BeginStudy() { dialogue_->BeginStudy(); }
  void ReopenStudy();
  /// The exchanges about the current study.
  std::span<const Exchange> study() const { return dialogue_->study(); }
  /// A picture that was shown, to be shown again.
  PreparedPicture PrepareAgain(const ShownPicture& shown) const {
    return roentgen::PrepareAgain(shown, preprocessor_, model_.config.vision);
  }
  /// Forgets the conversation, and from then on has another system prompt, if one is given.
  void Restart(std::optional<std::string> system_prompt = std::nullopt);

  const std::vector<Exchange>& exchanges() const { return dialogue_->exchanges(); }
  GenerationOptions& generation() { return generation_; }
  /// What answers depend on; the weights are hashed when it is asked for first.
  const RunFacts& Facts();
  /// The most that it will take: a report has a context of its own beside the conversation's.
  MemoryNeed Memory() {
    MemoryNeed need =
        EstimateMemory(model_, session_->options().context_tokens, preprocessor_.max_pixels);
    need.conversation *= 2;
    return need;
  }
  const Session& session() const { return *session_; }
  const Model& model() const { return model_; }
  InterruptWatch& interrupts() { return interrupts_; }

 private:
  /// Runs work with callbacks and a token that Ctrl-C triggers, the pictures being encoded before;
  /// how long that took is in waited_seconds_.
  template <class Work>
  auto Interruptibly(const OnText& on_text, const Work& work);
  /// What reports and replays are asked of. The token stops the hashing of the weights.
  ReportModel ModelForReports(const std::stop_token& stop);
  void OpenAudit();
  /// FingerprintOfSettings.
  const std::string& Settings();
  /// Adds an answer's facts to it and to the audit.
  void RecordLast();
  void Record(const Exchange& exchange);

  const Options options_;
  InterruptWatch interrupts_;  // before the threads, which inherit its signal mask
  ProgressLine progress_;
  ThreadPool pool_;
  Model model_;
  Tokenizer tokenizer_;
  PreprocessorConfig preprocessor_;
  GenerationOptions generation_;
  std::optional<BlobStore> store_;
  ImageFeatureCache features_;
  PrefixCache prefixes_;
  PictureEncoder encoder_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Dialogue> dialogue_;
  std::optional<AuditLog> audit_;
  std::optional<std::string> model_sha256_;
  std::optional<std::string> settings_sha256_;
  std::vector<std::string> adapters_sha256_;
  RunFacts facts_;
  double waited_seconds_ = 0;
};

/// Whether DICOM files name different patients. Those that name none are anybody's.
bool AreOfDifferentPatients(std::span<const DicomIdentity> identities);

/// Where answers are recorded under these options; empty: nowhere.
std::filesystem::path AuditOf(const Conversation::Options& options);

/// The files and folders that a conversation under these options reads, or keeps things in: no
/// other output may replace one of them.
std::vector<std::filesystem::path> FilesOf(const Conversation::Options& options);

/// What was typed as the model gets it, with places for so many pictures before it that were
/// attached otherwise.
std::vector<ChatPart> PartsOf(const PastedText& text, size_t pictures_before);

/// A line on what the answer took: "58 tokens read, first after 2.1 s, then 8.9 tokens/s".
std::string DescribeCost(const Answer& answer);

/// SplitPastedText that knows the bare names of pictures that are attached, in the order in which
/// the model sees them (one without a name has an empty path), in any case and width where nothing
/// else has such a name.
PastedText SplitBeside(std::span<const std::filesystem::path> attached, std::string_view line);

/// Throws Error when the line names something that cannot be opened: nothing may be answered then.
void RefuseUnreadable(const PastedText& text);

/// Opens what a line or an option names: a path, or an image written out as data:…;base64,….
/// Throws Error as OpenPicture does, and for addresses in the network, which are not fetched.
OpenedPicture OpenNamed(const NamedImage& image, const PictureChoice& choice = {});

}  // namespace roentgen::app
