#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history_file.h"
#include "line_editor.h"

namespace roentgen::app {

/// A line that is longer is no question; nothing of it is answered.
inline constexpr size_t kMaxLineBytes = size_t{1} << 20;
/// Begins and ends a question of several lines.
inline constexpr std::string_view kQuotes = "\"\"\"";

/// What is typed into a chat: at a terminal with editing and history, else the lines of standard
/// input.
class ChatInput {
 public:
  struct Hooks {
    std::vector<std::string_view> commands;  ///< that a line may begin with, "/help"
    /// Told a line that is still being typed, when its user has stopped for a moment; not the same
    /// one twice in a row.
    std::function<void(std::string_view line)> foresee;
  };

  ChatInput(InterruptWatch& interrupts, Hooks hooks);

  /// A question or a command, without the blanks around it; false at the end. Ctrl-C at the prompt
  /// drops what was typed.
  bool ReadTurn(std::string& line);

  /// Asks at a terminal for yes or no, in either language, until it is said. Throws Cancelled where
  /// the user will not say.
  bool AskYesOrNo(const std::string& question);

  /// Whether somebody is there to be asked.
  bool interactive() const { return editor_.has_value(); }

  /// The settings that a picture is read by have changed: what is being typed may be foreseen anew.
  void ForgetForeseen() { foreseen_.clear(); }

 private:
  bool ReadLine(const std::string& prompt, std::string& line);
  void Remember(const std::string& line);
  void Foresee(std::string_view line);
  std::vector<std::string> Complete(std::string_view before) const;

  Hooks hooks_;
  std::optional<LineEditor> editor_;
  HistoryFile history_;
  std::string foreseen_;
  bool told_of_history_ = false;
};

}  // namespace roentgen::app
