#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interrupt.h"
#include "model_options.h"
#include "roentgen/imaging/image.h"
#include "roentgen/inference/memory_need.h"
#include "roentgen/inference/picture_encoder.h"
#include "roentgen/inference/session.h"

namespace roentgen::app {

/// A picture that the user named, ready for the model.
struct AttachedImage {
  std::filesystem::path path;
  std::string sha256;  // of the file
  Provenance provenance;
  Patches patches;
  size_t tokens = 0;

  /// "chest.png: PNG 1024×1024 → 756×756, 729 tokens".
  std::string Describe() const;
};

/// Everything that `ask` and `chat` share: the loaded model and the session with it.
class Conversation {
 public:
  struct Options {
    ModelOptions model;
    PixelOptions pixels;
    SamplingFlags sampling;
    SessionOptions session;
    std::filesystem::path cache_folder;  // empty: nothing is kept on disk
    size_t cache_megabytes = 1024;

    void AddTo(CLI::App& command);
  };

  /// Loads the model; says on standard error which, unless it was named by --model.
  explicit Conversation(const Options& options);

  /// Reads and prepares a picture, and begins to encode it. Throws Error when it is none.
  AttachedImage Attach(const std::filesystem::path& path, const PictureChoice& choice = {});

  /// Asks with the pictures before the question. Text goes to on_text as it comes. Ctrl-C stops it.
  /// Says on standard error when what was computed cannot be kept on disk as was asked for.
  Answer Ask(const std::string& question, std::vector<AttachedImage> images,
             const std::function<void(std::string_view)>& on_text);

  void Clear() { session_->Clear(); }
  /// The most that it will take.
  MemoryNeed Memory() {
    return EstimateMemory(model_, session_->options().context_tokens, preprocessor_.max_pixels);
  }
  const Model& model() const { return model_; }

 private:
  InterruptWatch interrupts_;  // first: threads that start later inherit its signal mask
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
};

/// A line on what the answer took: "58 tokens read, first after 2.1 s, then 8.9 tokens/s".
std::string DescribeCost(const Answer& answer);

/// Throws Error when the question names a picture file that is none of those attached: an answer
/// would come from its name. how: what the user can do instead.
void RefuseMentionedImage(std::string_view question,
                          std::span<const std::filesystem::path> attached, const std::string& how);

}  // namespace roentgen::app
