#include "line_editor.h"

#include <histedit.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/text/printable.h"
#include "roentgen/text/utf8.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

namespace fs = std::filesystem;

constexpr int kPollMilliseconds = 50;
constexpr int kPauseMilliseconds = 200;
// A longer paste, one of several lines, and one with characters that cannot be shown stand in the
// line as a note of it: the editor is made for lines.
constexpr size_t kMaxShownBytes = 2000;
constexpr size_t kMaxPasteBytes = size_t{1} << 20;
constexpr int kHistoryLines = 1000;
constexpr size_t kMaxListed = 60;  // completions

// Terminals put these around what is pasted, when asked to (bracketed paste).
constexpr std::string_view kAskForBrackets = "\x1b[?2004h";
constexpr std::string_view kNoBrackets = "\x1b[?2004l";
constexpr std::string_view kPasteBegins = "\x1b[200~";
constexpr std::string_view kPasteEnds = "\x1b[201~";
// What the editor is given for a paste: a key that nobody types, bound to taking it.
constexpr wchar_t kPasteKey = 0x1d;

std::wstring Widen(std::string_view text) {
  std::wstring wide;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    wide += static_cast<wchar_t>(step.code_point);
    at += step.length;
  }
  return wide;
}

std::string Narrow(const wchar_t* begin, const wchar_t* end) {
  std::string text;
  for (; begin != end; ++begin) {
    const auto code = static_cast<char32_t>(*begin);
    const bool valid = code < 0x110000 && (code < 0xd800 || code > 0xdfff);
    AppendUtf8(valid ? code : kReplacementCharacter, text);
  }
  return text;
}

/// At once, with escape codes.
void Show(std::string_view text) {
  PrintStyled(stderr, text);
  std::fflush(stderr);
}

std::string CommonBeginning(const std::vector<std::string>& texts) {
  std::string common = texts[0];
  for (const std::string& text : texts) {
    const auto [end, unused] =
        std::mismatch(common.begin(), common.end(), text.begin(), text.end());
    common.erase(end, common.end());
  }
  // Not in the middle of a character.
  if (const auto invalid = FindInvalidUtf8(common)) common.resize(*invalid);
  return common;
}

}  // namespace

class LineEditor::Impl {
 public:
  Impl(InterruptWatch& interrupts, Hooks hooks)
      : interrupts_(interrupts), hooks_(std::move(hooks)) {
    // What the terminal shows is UTF-8 whatever the locale says; the editor asks the locale.
    std::setlocale(LC_CTYPE, "C.UTF-8");
    edit_ = ::el_init("roentgen", stdin, stderr, stderr);
    history_ = ::history_winit();
    if (edit_ == nullptr || history_ == nullptr) throw Error("the terminal cannot be edited on");
    HistEventW event;
    ::history_w(history_, &event, H_SETSIZE, kHistoryLines);
    ::history_w(history_, &event, H_SETUNIQUE, 1);
    ::el_wset(edit_, EL_CLIENTDATA, this);
    ::el_wset(edit_, EL_PROMPT, GetPrompt);
    ::el_wset(edit_, EL_EDITOR, L"emacs");
    ::el_wset(edit_, EL_HIST, ::history_w, history_);
    ::el_wset(edit_, EL_GETCFN, GetCharacter);
    ::el_wset(edit_, EL_ADDFN, L"complete", L"Complete the word", Complete);
    ::el_wset(edit_, EL_ADDFN, L"take-paste", L"Insert what was pasted", TakePaste);
    ::el_wset(edit_, EL_BIND, L"^I", L"complete", nullptr);
    ::el_wset(edit_, EL_BIND, L"^]", L"take-paste", nullptr);
    ::el_wset(edit_, EL_BIND, L"^R", L"em-inc-search-prev", nullptr);
    ::el_wset(edit_, EL_BIND, L"\\e[3~", L"ed-delete-next-char", nullptr);
    ::el_wset(edit_, EL_BIND, L"\\e[1~", L"ed-move-to-beg", nullptr);
    ::el_wset(edit_, EL_BIND, L"\\e[4~", L"ed-move-to-end", nullptr);
  }
  ~Impl() {
    if (edit_ != nullptr) ::el_end(edit_);
    if (history_ != nullptr) ::history_wend(history_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Outcome Read(const std::string& prompt, std::string& line) {
    prompt_ = Widen(prompt);
    // Ended here, the program would leave the terminal as the editor has it.
    const InterruptWatch::Work work(interrupts_, InterruptWatch::Work::Again::kIgnored);
    stop_ = work.token();
    at_end_ = false;
    // Where pastes are not marked, they arrive as if they were typed.
    const bool brackets = TakesEscapeCodes(STDERR_FILENO);
    if (brackets) Show(kAskForBrackets);
    ListenToKeys();
    int count = 0;
    const wchar_t* read = ::el_wgets(edit_, &count);
    if (brackets) Show(kNoBrackets);
    if (too_long_ > 0) {
      PrintAside(std::to_string(too_long_ >> 10) + " KiB of the paste were left out");
      too_long_ = 0;
    }
    if (stop_.stop_requested()) {
      ::el_reset(edit_);
      Show("^C\n");
      return Outcome::kDropped;
    }
    if (read == nullptr || count <= 0) {
      Show("\n");
      return Outcome::kEnd;
    }
    line = Expand(Narrow(read, read + count));
    return Outcome::kLine;
  }

  void Remember(std::string_view line) {
    HistEventW event;
    ::history_w(history_, &event, H_ENTER, Widen(line).c_str());
  }

 private:
  static Impl& Self(EditLine* edit) {
    void* self = nullptr;
    ::el_wget(edit, EL_CLIENTDATA, &self);
    return *static_cast<Impl*>(self);
  }

  static wchar_t* GetPrompt(EditLine* edit) { return Self(edit).prompt_.data(); }

  /// The next character for the editor: 1 when there is one, 0 at the end, -1 when interrupted.
  static int GetCharacter(EditLine* edit, wchar_t* character) {
    return Self(edit).NextCharacter(*character);
  }

  int NextCharacter(wchar_t& character) {
    while (true) {
      if (const std::optional<wchar_t> next = TakeFromInput()) {
        character = *next;
        return 1;
      }
      if (at_end_) return 0;
      if (stop_.stop_requested()) {
        errno = EINTR;
        return -1;
      }
      WaitForInput();
    }
  }

  /// The first whole character of what was read; nothing when more must be read for it.
  std::optional<wchar_t> TakeFromInput() {
    if (input_.empty()) return std::nullopt;
    if (kPasteBegins.starts_with(input_.substr(0, kPasteBegins.size())) && input_.size() > 1) {
      if (input_.size() < kPasteBegins.size()) return std::nullopt;
      return TakePasteFromInput();
    }
    const Utf8Step step = ReadUtf8(input_, 0);
    const bool cut_off = !step.valid && input_.size() < 4 && step.length == input_.size();
    if (cut_off && (input_[0] & 0xc0) == 0xc0 && !at_end_) return std::nullopt;
    input_.erase(0, step.length);
    // A Ctrl-D that was typed before the editor listened arrives as a zero.
    constexpr wchar_t kCtrlD = 4;
    return step.code_point == 0 ? kCtrlD : static_cast<wchar_t>(step.code_point);
  }

  std::optional<wchar_t> TakePasteFromInput() {
    const size_t end = input_.find(kPasteEnds);
    if (end == std::string::npos) {
      // Beyond the limit nothing is kept but what may be the end.
      const size_t most = kPasteBegins.size() + kMaxPasteBytes + kPasteEnds.size();
      if (input_.size() > most) {
        too_long_ += input_.size() - most;
        input_.erase(kPasteBegins.size() + kMaxPasteBytes, input_.size() - most);
      }
      return std::nullopt;
    }
    std::string text = ToValidUtf8(input_.substr(kPasteBegins.size(), end - kPasteBegins.size()));
    input_.erase(0, end + kPasteEnds.size());
    text.erase(text.find_last_not_of(" \r\n") + 1);
    std::replace(text.begin(), text.end(), '\t', ' ');
    // The name of a file that is dropped must stay what it is.
    const bool shown_whole = text.size() <= kMaxShownBytes && OneLine(text) == text;
    paste_ = Widen(shown_whole ? text + " " : NoteOf(std::move(text)));
    return kPasteKey;
  }

  /// Keeps a paste aside, and returns what stands for it in the line.
  std::string NoteOf(std::string text) {
    std::replace(text.begin(), text.end(), '\r', '\n');
    std::string note = "[paste " + std::to_string(long_pastes_.size() + 1) + ": " +
                       std::to_string(text.size()) + " bytes] ";
    long_pastes_.emplace_back(note, std::move(text));
    return note;
  }

  /// Puts the pastes in the places of their notes.
  std::string Expand(std::string line) {
    for (const auto& [note, text] : long_pastes_) {
      const std::string_view word = std::string_view(note).substr(0, note.size() - 1);
      const size_t at = line.find(word);
      if (at != std::string::npos) line.replace(at, word.size(), text);
    }
    long_pastes_.clear();
    return line;
  }

  /// The editor takes the terminal over only when it reads: what comes between its prompt and then
  /// would be edited by the terminal, which deletes Chinese by bytes.
  void ListenToKeys() {
    int edits = 0;
    ::el_wget(edit_, EL_EDITMODE, &edits);
    termios mode{};
    if (edits == 0 || ::tcgetattr(STDIN_FILENO, &mode) != 0) return;
    mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    mode.c_iflag &= ~static_cast<tcflag_t>(ICRNL);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
  }

  /// A window of another size is noticed here and not by a signal, which might arrive in any thread
  /// while the editor draws in this one.
  void FollowWindow() {
    const size_t columns = TerminalColumns();
    if (std::exchange(columns_, columns) != columns) ::el_resize(edit_);
  }

  void WaitForInput() {
    FollowWindow();
    pollfd input{STDIN_FILENO, POLLIN, 0};
    const int ready = ::poll(&input, 1, kPollMilliseconds);
    if (ready > 0) {
      char bytes[4096];
      const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof(bytes));
      if (count > 0) {
        input_.append(bytes, static_cast<size_t>(count));
        quiet_milliseconds_ = 0;
      } else if (count == 0 || errno != EINTR) {
        at_end_ = true;
      }
    } else if (ready == 0) {
      const int before =
          std::exchange(quiet_milliseconds_, quiet_milliseconds_ + kPollMilliseconds);
      if (before < kPauseMilliseconds && quiet_milliseconds_ >= kPauseMilliseconds) Pause();
    }
  }

  void Pause() {
    const LineInfoW* info = ::el_wline(edit_);
    const std::string line = Narrow(info->buffer, info->lastchar);
    if (hooks_.on_pause && !line.empty()) hooks_.on_pause(line);
  }

  static unsigned char TakePaste(EditLine* edit, int /*character*/) {
    Impl& self = Self(edit);
    if (self.paste_.empty()) return CC_NORM;
    const bool fits = ::el_winsertstr(edit, self.paste_.c_str()) == 0;
    self.paste_.clear();
    return fits ? CC_REFRESH : CC_ERROR;
  }

  static unsigned char Complete(EditLine* edit, int /*character*/) {
    return Self(edit).CompleteWord();
  }

  unsigned char CompleteWord() {
    const LineInfoW* info = ::el_wline(edit_);
    const std::string before = Narrow(info->buffer, info->cursor);
    const std::vector<std::string> choices =
        hooks_.complete ? hooks_.complete(before) : std::vector<std::string>();
    if (choices.empty()) return CC_ERROR;
    const std::string word = before.substr(LastWord(before).begin);
    std::string replacement = CommonBeginning(choices);
    if (choices.size() == 1 && !replacement.ends_with('/')) replacement += ' ';
    if (replacement.size() > word.size() || choices.size() == 1) {
      ::el_deletestr(edit_, static_cast<int>(Widen(word).size()));
      return ::el_winsertstr(edit_, Widen(replacement).c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    List(choices);
    return CC_REDISPLAY;
  }

  static void List(const std::vector<std::string>& choices) {
    std::string text = "\n";
    for (size_t i = 0; i < std::min(choices.size(), kMaxListed); ++i) {
      std::string_view name = choices[i];
      const size_t slash = name.substr(0, name.size() - 1).rfind('/');
      if (slash != std::string_view::npos && slash > 0) name.remove_prefix(slash + 1);
      text += (i == 0 ? "" : "  ") + OneLine(name);
    }
    if (choices.size() > kMaxListed) {
      text += "  … " + std::to_string(choices.size() - kMaxListed) + " more";
    }
    Show(text + "\n");
  }

  InterruptWatch& interrupts_;
  Hooks hooks_;
  EditLine* edit_ = nullptr;
  HistoryW* history_ = nullptr;
  std::wstring prompt_;
  std::stop_token stop_;
  std::string input_;  // read and not yet taken
  std::wstring paste_;
  std::vector<std::pair<std::string, std::string>> long_pastes_;  // note and text
  size_t columns_ = TerminalColumns();
  size_t too_long_ = 0;  // bytes of a paste that were not taken
  int quiet_milliseconds_ = 0;
  bool at_end_ = false;
};

LineEditor::LineEditor(InterruptWatch& interrupts, Hooks hooks)
    : impl_(std::make_unique<Impl>(interrupts, std::move(hooks))) {}
LineEditor::~LineEditor() = default;

LineEditor::Outcome LineEditor::Read(const std::string& prompt, std::string& line) {
  return impl_->Read(prompt, line);
}

void LineEditor::Remember(std::string_view line) {
  impl_->Remember(line);
}

WordBeforeCursor LastWord(std::string_view before_cursor) {
  WordBeforeCursor word;
  char quote = 0;
  for (size_t at = 0; at < before_cursor.size(); ++at) {
    const char c = before_cursor[at];
    if (quote == 0 && c == ' ') {
      word = {at + 1, ""};
    } else if (quote == 0 && (c == '\'' || c == '"') && word.text.empty()) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote == 0 && at + 1 < before_cursor.size()) {
      word.text += before_cursor[++at];
    } else {
      word.text += c;
    }
  }
  return word;
}

std::vector<std::string> CompletePath(std::string_view before_cursor) {
  const std::string typed = LastWord(before_cursor).text;
  const size_t slash = typed.rfind('/');
  const std::string shown_folder = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
  const std::string beginning = slash == std::string::npos ? typed : typed.substr(slash + 1);
  std::string folder = shown_folder.empty() ? "." : shown_folder;
  const char* home = std::getenv("HOME");
  if (folder.starts_with("~/") && home != nullptr) folder = home + folder.substr(1);
  std::vector<std::string> words;
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(beginning) || (beginning.empty() && name.starts_with('.'))) continue;
    if (OneLine(name) != name) continue;  // it can be neither typed nor shown
    std::string word = shown_folder;
    word += name;
    std::string escaped;
    for (const char c : word) {
      if (std::string_view(" '\"\\()&;").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
    std::error_code unreadable;
    words.push_back(escaped + (entry->is_directory(unreadable) ? "/" : ""));
  }
  std::sort(words.begin(), words.end());
  return words;
}

}  // namespace roentgen::app
