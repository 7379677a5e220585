#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat_input.h"
#include "chat_turns.h"

namespace roentgen::app {

/// What a line of a chat may be besides a question: "/name arguments", and the words that other
/// consoles, and Chinese, have for it.
class ChatCommands {
 public:
  /// Both must live as long.
  ChatCommands(ChatTurns& chat, ChatInput& input) : chat_(chat), input_(input) {}

  /// Does what the line says, where it is a command. Throws Error for one that there is not, and
  /// when it fails.
  bool Run(const std::string& line);
  /// The user has had enough.
  bool done() const { return done_; }

  /// "/help", "/image", …
  static std::vector<std::string_view> Names();

 private:
  struct Command;
  static const std::vector<Command>& All();

  bool IsPicturesAlone(const std::string& text) const;
  std::vector<AttachedImage> OpenAll(std::string_view command, const std::string& arguments);

  std::vector<std::filesystem::path> FilesInUse() const;

  void Help(const std::string&);
  void HelpInChinese(const std::string&);
  void AttachNamed(const std::string& arguments);
  void AddNamed(const std::string& arguments);
  void New(const std::string& arguments);
  void ListImages(const std::string&);
  void Indication(const std::string& arguments);
  void Report(const std::string& arguments);
  void System(const std::string& arguments);
  void Set(const std::string& arguments);
  void ShowSettings(const std::string&);
  void Save(const std::string& arguments);
  void Load(const std::string& arguments);
  void Regenerate(const std::string&);
  void Undo(const std::string&);
  void Stats(const std::string&);
  void Clear(const std::string&);
  void Exit(const std::string&) { done_ = true; }

  ChatTurns& chat_;
  ChatInput& input_;
  bool done_ = false;
};

}  // namespace roentgen::app
