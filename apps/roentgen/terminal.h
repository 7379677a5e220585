#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "roentgen/base/progress.h"

namespace roentgen::app {

/// Standard error is a terminal: the place for progress and asides.
bool StderrIsTerminal();

/// The descriptor is a terminal that understands escape codes (ECMA-48): TERM is set and not
/// "dumb". Every place that writes such codes asks this; styles also ask NO_COLOR.
bool TakesEscapeCodes(int descriptor);

/// Columns of the terminal on standard output; where it is none, what COLUMNS says, else 100. At
/// least 40.
size_t TerminalColumns();

/// "7.9 MB", from 100 MB on "1.23 GB".
std::string SizeText(uint64_t bytes);

/// A word as a shell takes it: in quotes where it needs them.
std::string ShellWord(const std::string& word);

// The one way to print. Text that came from outside (answers, names of files, headers, settings of
// models) may stand anywhere in what the program says, so all of it is made printable here
// (text/printable.h), and nothing prints otherwise. What goes to a terminal on standard error is
// broken into lines between words.

/// Writes to standard output.
void PrintText(std::string_view text);
template <class... Values>
void Print(fmt::format_string<Values...> format, Values&&... values) {
  PrintText(fmt::format(format, std::forward<Values>(values)...));
}

/// Writes to standard error.
void TellText(std::string_view text);
template <class... Values>
void Tell(fmt::format_string<Values...> format, Values&&... values) {
  TellText(fmt::format(format, std::forward<Values>(values)...));
}

/// Writes the text as a dimmed line to standard error.
void PrintAside(std::string_view text);

/// Says on standard error what went wrong, and what to do about it. Lines that the texts have
/// themselves are indented: none can pass for a message of the program.
void PrintError(std::string_view message, std::string_view hint);

/// Writes JSON and a newline to standard output, with PrintableJson's escapes.
void PrintJsonText(std::string_view json);
template <class Json>
void PrintJson(const Json& json, int indent = 2) {
  PrintJsonText(json.dump(indent, ' ', false, Json::error_handler_t::replace));
}

/// An answer's text, which goes to standard output as it comes.
class AnswerStream {
 public:
  void Add(std::string_view text);

 private:
  bool after_return_ = false;  // the text so far ends in CR: an LF is part of the same end of line
};

/// Writes text with escape codes of the program's own. Whatever else it holds is Printable already.
void PrintStyled(std::FILE* stream, std::string_view text);

/// The text dimmed for a terminal on standard error that takes escape codes; as it is elsewhere or
/// with NO_COLOR set. For PrintStyled.
std::string Dim(std::string_view text);

/// The same for standard output.
std::string Faint(std::string_view text);

/// The text bold for a terminal on standard output that takes escape codes; as it is elsewhere or
/// with NO_COLOR set. For PrintStyled.
std::string Bold(std::string_view text);

/// A line on standard error that shows what is being done, how far it is, since when and how long
/// yet, once that has taken some tenths of a second; it vanishes when it is done. Silent when
/// standard error is no terminal, or one that cannot take a line away.
class ProgressLine {
 public:
  ProgressLine() = default;
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Update(std::string_view stage, size_t done, size_t total);
  /// Draws this text instead, at once.
  void Show(std::string_view text);
  void Clear();
  Progress AsProgress() {
    return
        [this](std::string_view stage, size_t done, size_t total) { Update(stage, done, total); };
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::string stage_;
  Clock::time_point stage_start_;
  Clock::time_point last_drawn_;
  size_t draws_ = 0;
  bool drawn_ = false;
};

}  // namespace roentgen::app
