#include "terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "roentgen/base/user_folders.h"
#include "roentgen/text/display_width.h"
#include "roentgen/text/printable.h"
#include "roentgen/training/training_log.h"
#include "styled_text.h"

namespace roentgen::app {
namespace {

constexpr std::chrono::milliseconds kQuiet{400};
constexpr std::chrono::milliseconds kRedraw{100};
constexpr size_t kBarCells = 20;
constexpr std::array<std::string_view, 10> kSpinner = {"⠋", "⠙", "⠹", "⠸", "⠼",
                                                       "⠴", "⠦", "⠧", "⠇", "⠏"};

/// Lines, those after the first behind two blanks, each with its end.
std::string Indented(std::string_view text) {
  std::string indented;
  for (const char c : Printable(text)) {
    indented += c;
    if (c == '\n') indented += "  ";
  }
  return indented + "\n";
}

std::string TimeText(double seconds) {
  return seconds < 100 ? fmt::format("{:.0f} s", seconds) : DurationText(seconds);
}

/// The text in a style of ECMA-48, where the descriptor is a terminal that may show it.
std::string Styled(std::string_view text, int descriptor, int style) {
  const bool plain = !TakesEscapeCodes(descriptor) || Environment("NO_COLOR");
  return plain ? std::string(text) : fmt::format("\x1b[{}m{}\x1b[0m", style, text);
}

/// What a terminal on standard error shows without breaking words.
std::string Fitted(std::string_view text) {
  return StderrIsTerminal() ? WrapLines(text, TerminalColumns()) : std::string(text);
}

/// A message says what a file holds, which may be of any length: only both ends of a long one.
std::string WithoutMiddle(std::string_view text) {
  constexpr size_t kEach = 2000;  // bytes
  if (text.size() <= 2 * kEach) return std::string(text);
  const auto within = [&](size_t at) { return (text[at] & 0xC0) == 0x80; };  // a character
  size_t end = kEach;
  size_t begin = text.size() - kEach;
  while (end > 0 && within(end)) --end;
  while (begin < text.size() && within(begin)) ++begin;
  return fmt::format("{} … {}", text.substr(0, end), text.substr(begin));
}

}  // namespace

bool StderrIsTerminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

bool TakesEscapeCodes(int descriptor) {
  const std::string term = Environment("TERM").value_or("dumb");
  return term != "dumb" && ::isatty(descriptor) == 1;
}

size_t TerminalColumns() {
  constexpr size_t kLeast = 40;
  constexpr size_t kMost = 1000;
  constexpr size_t kOtherwise = 100;
  size_t columns = 0;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  const char* told = std::getenv("COLUMNS");
  if (columns == 0 && told != nullptr) columns = std::strtoul(told, nullptr, 10);
  return columns == 0 ? kOtherwise : std::clamp(columns, kLeast, kMost);
}

std::string SizeText(uint64_t bytes) {
  constexpr uint64_t kSmall = 100'000'000;
  return bytes < kSmall ? fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6)
                        : fmt::format("{:.2f} GB", static_cast<double>(bytes) * 1e-9);
}

std::string ShellWord(const std::string& word) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::strchr("/._-+=:,@", c) != nullptr;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void PrintText(std::string_view text) {
  PrintStyled(stdout, Printable(text));
}

void TellText(std::string_view text) {
  PrintStyled(stderr, Fitted(Printable(text)));
}

void PrintAside(std::string_view text) {
  PrintStyled(stderr, Dim(Fitted(OneLine(text))) + "\n");
}

void PrintError(std::string_view message, std::string_view hint) {
  TellText("roentgen: " + Indented(WithoutMiddle(message)));
  if (!hint.empty()) TellText("  " + Indented(WithoutMiddle(hint)));
}

void PrintJsonText(std::string_view json) {
  PrintStyled(stdout, PrintableJson(json) + "\n");
}

void AnswerStream::Add(std::string_view text) {
  if (text.empty()) return;
  if (after_return_ && text.front() == '\n') text.remove_prefix(1);
  after_return_ = text.ends_with('\r');
  PrintText(text);
  std::fflush(stdout);
}

void PrintStyled(std::FILE* stream, std::string_view text) {
  fmt::print(stream, "{}", text);
}

std::string Dim(std::string_view text) {
  return Styled(text, STDERR_FILENO, 2);
}

std::string Faint(std::string_view text) {
  return Styled(text, STDOUT_FILENO, 2);
}

std::string Bold(std::string_view text) {
  return Styled(text, STDOUT_FILENO, 1);
}

void ProgressLine::Update(std::string_view stage, size_t done, size_t total) {
  if (!TakesEscapeCodes(STDERR_FILENO) || total == 0) return;
  const Clock::time_point now = Clock::now();
  if (stage != stage_) {
    Clear();
    stage_ = stage;
    stage_start_ = now;
  }
  if (done >= total) {
    Clear();
    stage_.clear();
    return;
  }
  if (now - stage_start_ < kQuiet || now - last_drawn_ < kRedraw) return;
  const size_t filled = kBarCells * done / total;
  std::string bar;
  for (size_t i = 0; i < kBarCells; ++i) bar += i < filled ? "━" : "╌";
  const double elapsed = std::chrono::duration<double>(now - stage_start_).count();
  std::string left;
  if (done > 0) {
    const double seconds = elapsed * static_cast<double>(total - done) / static_cast<double>(done);
    left = ", " + TimeText(seconds) + " left";
  }
  Show(fmt::format("{} {} {} {}%, {}{}", kSpinner[draws_++ % kSpinner.size()], stage_, bar,
                   100 * done / total, TimeText(elapsed), left));
  last_drawn_ = now;
}

void ProgressLine::Show(std::string_view text) {
  if (!TakesEscapeCodes(STDERR_FILENO)) return;
  std::string fitted = FitToWidth(OneLine(text), TerminalColumns() - 1);
  fitted.erase(fitted.find_last_not_of(' ') + 1);
  PrintStyled(stderr, "\r" + Dim(fitted) + "\x1b[K");
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::Clear() {
  if (!drawn_) return;
  PrintStyled(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace roentgen::app
