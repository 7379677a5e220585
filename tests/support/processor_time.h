#pragma once

#include <ctime>

namespace roentgen::test {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr double kSlowdown = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr double kSlowdown = 10;
#else
inline constexpr double kSlowdown = 1;
#endif
#else
inline constexpr double kSlowdown = 1;
#endif

/// Seconds of computing since it was made, of all threads of the process: other programs on the
/// machine do not add to them. With the address sanitizer, which takes four to nine times as long
/// (three of these tests, measured), a tenth of them.
class ProcessorTime {
 public:
  double Seconds() const { return (Now() - begin_) / kSlowdown; }

 private:
  static double Now() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }

  double begin_ = Now();
};

}  // namespace roentgen::test
