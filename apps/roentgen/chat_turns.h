#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "chat_files.h"
#include "chat_settings.h"
#include "conversation.h"
#include "study_desk.h"

namespace roentgen::app {

/// A conversation as somebody has it who types: questions with images, answers that appear as they
/// are given, files that it is kept in. Commands (chat_commands.h) work on its parts.
class ChatTurns {
 public:
  struct Options {
    Conversation::Options conversation;
    ChoiceOptions choice;
    std::vector<std::filesystem::path> images;  ///< for the first question
    std::filesystem::path save;
    std::filesystem::path load;
    std::string preview = "auto";
  };

  /// Loads the model, goes on with a conversation that was kept, and takes images in.
  explicit ChatTurns(const Options& options);

  AttachedImage Open(const NamedImage& image);
  /// Takes images into the current study, or begins another with them.
  void Attach(std::vector<AttachedImage> images);
  /// A line that is no command: images, and a question about them. Throws Error, and attaches none,
  /// when one of its images cannot be opened.
  void Take(const std::string& line);
  void Regenerate();
  /// Goes on with a conversation that was kept.
  void Load(const std::string& path);
  /// Begins with the pictures of a line that is still being typed.
  void Foresee(std::string_view line);
  /// All files and folders that were read: the model's, images of every study.
  const std::vector<std::filesystem::path>& read() const { return read_; }
  /// There is somebody who looks at what an answer took.
  void TellCosts() { tell_costs_ = true; }

  ChatFiles files;  // first: it looks at them before a model is loaded
  Conversation conversation;
  ChatSettings settings;
  StudyDesk desk;

 private:
  void Ask(const PastedText& pasted, size_t images);
  Conversation::OnText ToStream();
  void Finish(const Answer& answer);
  void Show(const AttachedImage& image) const;
  /// How many turns there are, and of the study that goes on.
  void SayHowFar() const;

  std::vector<std::filesystem::path> read_;
  AnswerStream stream_;
  bool tell_costs_ = false;
};

/// "1 turn", "2 turns".
std::string CountTurns(size_t turns);

}  // namespace roentgen::app
