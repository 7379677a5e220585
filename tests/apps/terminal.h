#pragma once

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen::test {

/// The program at a terminal of its own, with a home of its own: what a user types, and sees.
class Terminal {
 public:
  struct Options {
    std::filesystem::path home;
    std::filesystem::path folder;  // where it starts
    std::string term = "xterm-256color";
    size_t max_file_bytes = 0;  // 0: no limit
    bool colour = false;        // without NO_COLOR
    unsigned short columns = 80;
  };

  Terminal(const std::vector<std::string>& arguments, const Options& options) {
    winsize size{24, options.columns, 0, 0};
    child_ = ::forkpty(&master_, nullptr, nullptr, &size);
    if (child_ == 0) Become(arguments, options);
  }
  ~Terminal() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void Type(std::string_view keys) {
    while (!keys.empty()) {
      Read(0);  // a program that echoes must not wait for its reader
      pollfd room{master_, POLLOUT, 0};
      if (::poll(&room, 1, 2000) <= 0) return;
      const ssize_t count = ::write(master_, keys.data(), std::min<size_t>(keys.size(), 512));
      if (count <= 0) return;
      keys.remove_prefix(static_cast<size_t>(count));
    }
  }
  /// As a terminal hands over what was pasted.
  void Paste(std::string_view text) { Type("\x1b[200~" + std::string(text) + "\x1b[201~"); }

  /// Waits until the text is shown, behind what was waited for before. False when it is not within
  /// half a minute, or the program has ended.
  bool WaitFor(std::string_view text) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
      const size_t at = shown_.find(text, seen_);
      if (at != std::string::npos) {
        seen_ = at + text.size();
        return true;
      }
      if (!Read(100)) return shown_.find(text, seen_) != std::string::npos;
    }
    return false;
  }

  void Resize(unsigned short columns) {
    winsize size{24, columns, 0, 0};
    ::ioctl(master_, TIOCSWINSZ, &size);
  }

  /// The exit status, once the program has ended by itself; -1 when it does not within half a
  /// minute.
  int Wait() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (Read(100)) {
      if (std::chrono::steady_clock::now() > end) return -1;
    }
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  const std::string& shown() const { return shown_; }

 private:
  /// False when nothing comes any more.
  bool Read(int milliseconds) {
    pollfd input{master_, POLLIN, 0};
    if (::poll(&input, 1, milliseconds) <= 0) return true;
    char bytes[4096];
    const ssize_t count = ::read(master_, bytes, sizeof(bytes));
    if (count <= 0) return false;
    shown_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  [[noreturn]] static void Become(const std::vector<std::string>& arguments,
                                  const Options& options) {
    ::setenv("HOME", options.home.c_str(), 1);
    ::setenv("TERM", options.term.c_str(), 1);
    ::setenv("LANG", "C.UTF-8", 1);
    ::setenv("NO_COLOR", "1", 1);
    if (options.colour) ::unsetenv("NO_COLOR");
    for (const char* variable : {"XDG_STATE_HOME", "XDG_DATA_HOME", "COLORTERM", "LC_ALL"}) {
      ::unsetenv(variable);
    }
    if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(126);
    if (options.max_file_bytes > 0) {
      const rlimit limit{options.max_file_bytes, options.max_file_bytes};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      std::signal(SIGXFSZ, SIG_IGN);  // as on a full disk: an error of write
    }
    std::vector<char*> argv{const_cast<char*>(ROENTGEN_PROGRAM)};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.data()));
    argv.push_back(nullptr);
    ::execv(ROENTGEN_PROGRAM, argv.data());
    ::_exit(127);
  }

  int master_ = -1;
  pid_t child_ = -1;
  std::string shown_;
  size_t seen_ = 0;
};

}  // namespace roentgen::test
