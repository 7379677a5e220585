#pragma once

#include <cstdint>
#include <vector>

#include "roentgen/base/thread_pool.h"
#include "roentgen/imaging/image.h"
#include "roentgen/phantom/patient.h"

namespace roentgen {

/// Small pictures side by side, in 8-bit grey.
struct ContactSheet {
  Size size;
  std::vector<uint8_t> pixels;
};

/// One picture a patient, in rows of so many; side: of each, in pixels.
ContactSheet DrawContactSheet(const std::vector<Patient>& patients, size_t columns, int side,
                              ThreadPool& pool);

}  // namespace roentgen
