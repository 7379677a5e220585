#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/tensor_source.h"

namespace roentgen {

/// All tensors of a configuration with generated bf16 values, each a pure function of seed, tensor
/// name and index: a model of any size without a download, the same bit for bit everywhere. For
/// tests and for measuring speed; it knows nothing about medicine.
///
///   key   = FNV-1a 64 of "<seed>/<name>"
///   x     = SplitMix64(key + (index + 1) · kSplitMixGamma)
///   u     = (x >> 40) · 2⁻²³ − 1                                 uniform in [−1, 1)
///   value = bf16(offset + scale · u), in float
///
/// norm weights: offset 1, scale 1/4; biases 0, 1/8; embeddings 0, 1/16; other matrices 0,
/// √(3 / inputs), which keeps a layer's output as large as its input.
///
/// Takes two bytes of memory a parameter (4.4 GB for the 2B) and throws Error when they cannot be
/// had, Cancelled when the pool is told to stop.
std::shared_ptr<const TensorSource> GenerateWeights(const ModelConfig& config,
                                                    const std::string& seed, ThreadPool& pool,
                                                    const Progress& progress = {});

/// The seed that a configuration folder asks for: "seed" of its seed.json, else "roentgen-2b".
std::string ProceduralSeed(const std::filesystem::path& folder);

}  // namespace roentgen
