#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/weights.h"

namespace roentgen {

struct NotFinite {
  std::string name;   ///< of the parameter, as published; of an adapter's with "lora" behind it
  size_t values = 0;  ///< of it that are NaN or infinite
};

/// The first parameter of a model, its adapters' included, with values that are NaN or infinite: no
/// answer comes out of such a model. Reads all weights.
std::optional<NotFinite> FindNotFinite(const ModelWeights& weights, ThreadPool& pool);

}  // namespace roentgen
