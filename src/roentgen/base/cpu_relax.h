#pragma once

#include <thread>

namespace roentgen {

/// What a thread does in each turn of a loop that waits for another one for moments.
inline void CpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace roentgen
