#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "roentgen/base/files.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen::test {

struct Outcome {
  int status = -1;  // the exit status; 128 + signal when killed
  std::string out;
  std::string err;
  size_t peak_memory = 0;  // bytes
};

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A run of the program with its streams in files.
class Program {
 public:
  using Prepare = void (*)();

  /// prepare is called in the new process before it becomes the program.
  explicit Program(
      const std::vector<std::string>& arguments, const std::string& input = "",
      Prepare prepare = [] {}) {
    WriteFile(folder_.path() / "in", input);
    pid_ = ::fork();
    if (pid_ == 0) Become(arguments, prepare);
  }

  void Interrupt() const { ::kill(pid_, SIGINT); }
  void Kill() const { ::kill(pid_, SIGKILL); }
  /// Where the program keeps what it remembers.
  std::filesystem::path state() const { return folder_.path() / "state/roentgen"; }
  std::string ErrSoFar() const { return ReadAll(folder_.path() / "err"); }

  Outcome Wait() {
    int status = 0;
    rusage usage{};
    ::wait4(pid_, &status, 0, &usage);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            ReadAll(folder_.path() / "out"), ReadAll(folder_.path() / "err"),
            static_cast<size_t>(usage.ru_maxrss) << 10};
  }

 private:
  [[noreturn]] void Become(const std::vector<std::string>& arguments, Prepare prepare) {
    const std::string folder = folder_.path().string();
    const bool ready = std::freopen((folder + "/in").c_str(), "r", stdin) != nullptr &&
                       std::freopen((folder + "/out").c_str(), "w", stdout) != nullptr &&
                       std::freopen((folder + "/err").c_str(), "w", stderr) != nullptr;
    std::vector<char*> argv{const_cast<char*>(ROENTGEN_PROGRAM)};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.data()));
    argv.push_back(nullptr);
    ::setenv("XDG_STATE_HOME", (folder + "/state").c_str(), 1);  // nothing of a test is remembered
    prepare();
    if (ready) ::execv(ROENTGEN_PROGRAM, argv.data());
    ::_exit(127);
  }

  test::TemporaryFolder folder_;
  pid_t pid_ = -1;
};

inline Outcome RunProgram(const std::vector<std::string>& arguments,
                          const std::string& input = "") {
  return Program(arguments, input).Wait();
}

}  // namespace roentgen::test
