#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "roentgen/qwen2vl/config.h"
#include "roentgen/training/arguments.h"

namespace roentgen {

/// Takes a published name: of a linear ("model.layers.0.mlp.up_proj") or of a tensor.
using NameFilter = std::function<bool(const std::string& name)>;

/// The linears that get adapters, as LLaMA-Factory chooses them (model/adapter.py,
/// model_utils/misc.py and visual.py): with lora_target "all" every linear of the parts that are
/// not frozen, but never the merger; else those whose names contain one of the targets.
NameFilter AdaptedLinears(const TrainingArguments& arguments);

/// The tensors that full or freeze tuning changes. Freeze tuning goes by ".LAYER." and
/// ".LAYER.MODULE" anywhere in a name, as there. Throws Error for a module that no layer has.
NameFilter TrainedTensors(const TrainingArguments& arguments, const ModelConfig& config);

/// What full or freeze tuning of these tensors holds in memory beside the model: values, gradients
/// and the optimiser's two moments, 16 bytes a parameter.
size_t TrainedBytes(const ModelConfig& config, const NameFilter& trained);

}  // namespace roentgen
