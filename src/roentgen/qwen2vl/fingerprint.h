#pragma once

#include <filesystem>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// SHA-256 over the names, types, shapes and bytes of all tensors, whatever files they lie in: each
/// tensor is hashed on its own, several at a time, and then the list of hashes. Reads everything
/// once, as the model itself does (1.5 GB/s a core on processors with SHA instructions).
std::string FingerprintOfTensors(const TensorSource& source, ThreadPool& pool,
                                 const Progress& progress = {});

/// SHA-256 over the hashes of an adapter's configuration, weights and own settings.
std::string FingerprintOfAdapter(const std::filesystem::path& folder);

}  // namespace roentgen
