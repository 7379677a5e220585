#pragma once

#include <sys/resource.h>

#include <chrono>

namespace roentgen::app {

/// Seconds since it was made, by the wall and of the whole process's processor time. Where other
/// programs share the processor, the second tells better what an idle machine would do.
class ProcessorClock {
 public:
  double WallSeconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
  }
  double ProcessorSeconds() const { return Processor() - processor_; }

 private:
  static double Processor() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }

  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  double processor_ = Processor();
};

}  // namespace roentgen::app
