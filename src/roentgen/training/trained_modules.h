#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "roentgen/qwen2vl/config.h"
#include "roentgen/training/arguments.h"

namespace roentgen {

/// Takes a published name: of a linear ("model.layers.0.mlp.up_proj") or of a tensor.
using NameFilter = std::function<bool(const std::string& name)>;

/// The linears that get adapters, as LLaMA-Factory chooses them (model/adapter.py,
/// model_utils/misc.py and visual.py): with lora_target "all" every linear of the parts that are
/// not frozen, but never the merger; else those whose names, of Transformers 4 or 5, contain one of
/// the targets. What is trained whole gets none.
NameFilter AdaptedLinears(const TrainingArguments& arguments);

/// Every lora_target must be part of some linear's name: Throws Error, naming the one that is not
/// and those that there are. Returns the targets that fit nothing but frozen linears.
std::vector<std::string> RequireLoraTargets(const TrainingArguments& arguments,
                                            const ModelConfig& config);

/// The tensors that are trained whole beside an adapter, as PEFT chooses them for its
/// modules_to_save: those of modules whose names end with an additional_target. Throws Error for
/// one that no module's name ends with, and for linears of a quantised base.
NameFilter WholeTensors(const TrainingArguments& arguments, const ModelConfig& config);

/// The tensors that full or freeze tuning changes. Freeze tuning goes by ".LAYER." and
/// ".LAYER.MODULE" anywhere in a name, by freeze_extra_modules, and by the merger where
/// freeze_multi_modal_projector is false, as there. Throws Error for a module that is not there.
NameFilter TrainedTensors(const TrainingArguments& arguments, const ModelConfig& config);

/// What full or freeze tuning of these tensors holds in memory beside the model: values, gradients
/// and the optimiser's two moments, 16 bytes a parameter.
size_t TrainedBytes(const ModelConfig& config, const NameFilter& trained);

}  // namespace roentgen
