#pragma once

#include <atomic>
#include <mutex>
#include <stop_token>
#include <thread>

namespace roentgen::app {

/// Turns Ctrl-C into a stop request for the work in hand. A second Ctrl-C during the same work, or
/// one while nothing is in hand, ends the program with status 130; during work that must not end
/// so, it does nothing.
///
/// Make one before any other thread: SIGINT is blocked in all of them and waited for in its own, so
/// that no work is done in a signal handler.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  /// From now on a Ctrl-C while nothing is in hand does nothing: between two prompts of a console
  /// it must not end what a moment before it would only have interrupted.
  void KeepWhenIdle() { keep_when_idle_ = true; }

  /// Work that can be stopped, for as long as it lives.
  class Work {
   public:
    enum class Again { kEnds, kIgnored };

    explicit Work(InterruptWatch& watch, Again again = Again::kEnds);
    ~Work();
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    std::stop_token token() const { return source_.get_token(); }

   private:
    friend class InterruptWatch;
    InterruptWatch& watch_;
    const Again again_;
    std::stop_source source_;
  };

 private:
  void Wait();

  std::mutex mutex_;
  Work* work_ = nullptr;
  bool closing_ = false;
  std::atomic<bool> keep_when_idle_ = false;
  std::thread thread_;
};

}  // namespace roentgen::app
