#pragma once

#include <cstddef>

namespace roentgen {

/// Bytes that this machine can still give away, as the system estimates them (MemAvailable).
size_t AvailableMemory();

/// Bytes of this process that are in memory now; 0 where the system does not say.
size_t ResidentMemory();

/// The most bytes that this process has had in memory so far.
size_t PeakMemory();

}  // namespace roentgen
