#pragma once

#include <cstddef>

namespace roentgen {

/// The 97.5 % point of Student's t distribution, by which a 95 % interval is made: 12.706 for one
/// degree of freedom, 1.96 for infinitely many. Relative error below 1e-9. Throws Error for 0
/// degrees.
double StudentT975(size_t degrees);

}  // namespace roentgen
