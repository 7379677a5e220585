#pragma once

#include <functional>
#include <stop_token>
#include <string>

namespace roentgen {

struct RetryOptions {
  int tries = 5;             ///< that achieve nothing, one after the other, before it gives up
  double pause_seconds = 1;  ///< before the second try; doubles each time
  /// No pause is longer. A server that asks for a longer one is given up at once.
  double max_pause_seconds = 120;
  /// In all, however much each of them achieves: a server that gives a little each time is given
  /// up.
  int all_tries = 200;
  /// Spent in tries that achieve nothing, one after the other, pauses not counted.
  double seconds = 120;
  double all_pauses_seconds = 600;  ///< together, whoever asked for them
  /// Told before each pause: what went wrong and how long it takes.
  std::function<void(const std::string& reason, double seconds)> on_pause = {};
};

enum class Attempt {
  kDone,
  kProgress,  ///< not done, but much further than before: the tries are counted anew
  kNothing,   ///< not much further
};

/// Calls attempt until it is done. What throws ConnectionError is tried again after a pause, which
/// is as long as the server asked for (Retry-After) where it did; so is what returns kNothing.
/// Throws the last ConnectionError when it gives up, which it does in bounded time where each
/// attempt ends; Cancelled, and what else attempt throws.
void TryUntilDone(const std::function<Attempt()>& attempt, const RetryOptions& options,
                  const std::stop_token& stop);

}  // namespace roentgen
