#pragma once

#include <ctime>

namespace roentgen::test {

/// Seconds of computing since it was made, of all threads of the process: other programs on the
/// machine do not add to them.
class ProcessorTime {
 public:
  double Seconds() const { return Now() - begin_; }

 private:
  static double Now() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  double begin_ = Now();
};

}  // namespace roentgen::test
