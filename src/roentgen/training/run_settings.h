#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/base/progress.h"
#include "roentgen/base/thread_pool.h"
#include "roentgen/training/prepared_run.h"

namespace roentgen {

/// As the YAML has it.
const char* NameOf(FinetuningType type);

/// What decides, beside their values, what trained weights mean: the base model (its name and a
/// hash of its weights), its quantisation, which modules are trained and how an adapter is scaled.
/// With others the same values compute something else. Keys are those of the YAML.
Json SettingsOfWeights(const PreparedRun& run, ThreadPool& pool, const Progress& progress = {});

/// What only decides how the steps change the weights: learning rate, batch size, seed, …
Json SettingsOfSteps(const TrainingArguments& arguments);

/// The settings that differ, each as "lora_alpha: 8 → 32". One that only one of both has is left
/// out: another version may have kept fewer.
std::vector<std::string> Differences(const Json& before, const Json& now);

/// Steps that ran with the same settings.
struct RunPart {
  size_t begin = 0;  ///< steps that were done before
  Json settings;     ///< SettingsOfSteps
};

Json ToJson(const std::vector<RunPart>& parts);
/// At least one. Throws Error naming where for a JSON of another form.
std::vector<RunPart> RunPartsOf(const Json& json, const std::string& where);

}  // namespace roentgen
