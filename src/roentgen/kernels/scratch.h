#pragma once

#include <cstddef>

#include "roentgen/tensor/buffer.h"

namespace roentgen {

/// Memory that a kernel keeps from one call to the next, so that packing does not pay for fresh
/// pages every time. Meant to be thread_local: it grows to the largest request and stays with its
/// thread.
class Scratch {
 public:
  /// At least count floats, aligned for vectors, with undefined content.
  float* Floats(size_t count) {
    if (bytes_.size() < count * sizeof(float)) bytes_ = AlignedBytes(count * sizeof(float));
    return reinterpret_cast<float*>(bytes_.data());
  }

 private:
  AlignedBytes bytes_;
};

}  // namespace roentgen
