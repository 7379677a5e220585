#pragma once

#include <span>
#include <string>

#include "roentgen/data/sample.h"

namespace roentgen {

/// SHA-256 over ids, conversations and image files of samples, in their order; where the files lie
/// does not count. Throws Error, naming the sample, when an image cannot be read.
std::string FingerprintOfSamples(std::span<const Sample> samples);

}  // namespace roentgen
