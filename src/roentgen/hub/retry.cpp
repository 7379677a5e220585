#include "roentgen/hub/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "roentgen/base/error.h"
#include "roentgen/hub/http.h"

namespace roentgen {
namespace {

void Pause(double seconds, const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (stop.stop_requested()) throw Cancelled();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

void TryUntilDone(const std::function<Attempt()>& attempt, const RetryOptions& options,
                  const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  int failures = 0;
  double paused = 0;
  std::chrono::duration<double> lost{};
  for (int tries = 1;; ++tries) {
    ConnectionError problem("the connection ended early");
    Attempt result = Attempt::kNothing;
    const auto begin = Clock::now();
    try {
      result = attempt();
    } catch (const ConnectionError& error) {
      problem = error;
    }
    if (result == Attempt::kDone) return;
    if (tries >= options.all_tries) throw problem;
    if (result == Attempt::kProgress) {
      failures = 0;
      lost = {};
      continue;
    }
    lost += Clock::now() - begin;
    if (++failures >= options.tries || lost.count() >= options.seconds) throw problem;
    double pause =
        std::min(options.pause_seconds * std::exp2(failures - 1), options.max_pause_seconds);
    if (problem.retry_after() > 0) pause = problem.retry_after();
    if (pause > options.max_pause_seconds) {
      throw ConnectionError(fmt::format("{}, and asks to wait for {:.0f} minutes", problem.what(),
                                        std::ceil(pause / 60)));
    }
    paused += pause;
    if (paused > options.all_pauses_seconds) throw problem;
    if (options.on_pause) options.on_pause(problem.what(), pause);
    Pause(pause, stop);
  }
}

}  // namespace roentgen
