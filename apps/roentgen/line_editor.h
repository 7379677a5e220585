#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interrupt.h"

namespace roentgen::app {

/// Reads lines at a terminal: editing as in a shell, history, completion, Chinese widths, pastes
/// taken whole. Prompt and echo go to standard error, where they do not mix with answers.
class LineEditor {
 public:
  struct Hooks {
    /// What may stand in place of the last word of the line up to the cursor, each whole.
    std::function<std::vector<std::string>(std::string_view before_cursor)> complete;
    /// Told the line when the user has stopped typing for a moment.
    std::function<void(std::string_view line)> on_pause;
  };
  enum class Outcome { kLine, kEnd, kDropped };

  LineEditor(InterruptWatch& interrupts, Hooks hooks);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// kEnd at Ctrl-D, or when the terminal is gone; kDropped at Ctrl-C.
  Outcome Read(const std::string& prompt, std::string& line);
  /// A line for the arrow keys.
  void Remember(std::string_view line);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The word that completion works on: where the last one begins in the line, and what it means
/// without quotes and escapes.
struct WordBeforeCursor {
  size_t begin = 0;
  std::string text;
};
WordBeforeCursor LastWord(std::string_view before_cursor);

/// Files and folders that the last word may become, each as a whole word with blanks escaped;
/// folders end in "/".
std::vector<std::string> CompletePath(std::string_view before_cursor);

}  // namespace roentgen::app
