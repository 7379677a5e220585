#include "interrupt.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

#include "commands.h"

namespace roentgen::app {
namespace {

sigset_t InterruptSet() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

InterruptWatch::InterruptWatch() {
  const sigset_t set = InterruptSet();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { Wait(); });
}

InterruptWatch::~InterruptWatch() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  pthread_kill(thread_.native_handle(), SIGINT);
  thread_.join();
}

void InterruptWatch::Wait() {
  const sigset_t set = InterruptSet();
  while (true) {
    int signal = 0;
    sigwait(&set, &signal);
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    const bool stopped = work_ != nullptr && work_->source_.request_stop();
    const bool patient =
        work_ == nullptr ? keep_when_idle_.load() : work_->again_ == Work::Again::kIgnored;
    if (!stopped && !patient) {
      // The prompt's line ends.
      constexpr std::string_view kMessage = "\nroentgen: interrupted\n";
      if (::write(STDERR_FILENO, kMessage.data(), kMessage.size()) < 0) ::_exit(kInterrupted);
      ::_exit(kInterrupted);
    }
  }
}

InterruptWatch::Work::Work(InterruptWatch& watch, Again again) : watch_(watch), again_(again) {
  const std::lock_guard lock(watch_.mutex_);
  watch_.work_ = this;
}

InterruptWatch::Work::~Work() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.work_ = nullptr;
}

}  // namespace roentgen::app
