#pragma once

#include <cstddef>
#include <cstdint>

#include "roentgen/qwen2vl/model.h"

namespace roentgen {

/// The most memory that answering takes, in bytes, told before anything is asked.
struct MemoryNeed {
  size_t weights = 0;
  size_t conversation = 0;  ///< keys and values of the whole context
  size_t caches = 0;        ///< pictures and beginnings of conversations that were there
  size_t work = 0;          ///< of one picture or 512 tokens of a prompt, and the program itself

  size_t total() const { return weights + conversation + caches + work; }
};

/// max_pixels: of a picture after resizing.
MemoryNeed EstimateMemory(Model& model, size_t context_tokens, int64_t max_pixels);

}  // namespace roentgen
