#pragma once

#include "roentgen/base/thread_pool.h"
#include "roentgen/tensor/buffer.h"

namespace roentgen {

/// The best rate of f32 multiply-adds that the team reaches in the widest vector unit, with
/// operands in registers; two operations each, per second of the threads' processor time.
double MeasureFmaPeak(ThreadPool& pool);

/// Measures how fast the team reads memory, far more of it than the caches hold, from start to end.
class ReadBandwidthProbe {
 public:
  /// Takes 256 MiB for as long as it lives.
  ReadBandwidthProbe();

  /// Bytes per second of one pass, some milliseconds long. On a machine that shares its memory with
  /// others this moves a lot from one moment to the next: measure it between the work that it is to
  /// be compared with.
  double Measure(ThreadPool& pool) const;

 private:
  AlignedBytes memory_;
};

}  // namespace roentgen
