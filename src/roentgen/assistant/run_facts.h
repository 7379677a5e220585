#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "roentgen/base/json.h"
#include "roentgen/inference/session.h"
#include "roentgen/qwen2vl/model.h"

namespace roentgen {

/// What everything that leaves the program says about how it came about.
inline constexpr const char* kResearchNotice =
    "For research use only. Made by a program, not a diagnosis.";
inline constexpr const char* kResearchNoticeZh = "仅供研究使用。由程序生成，不构成诊断。";

/// What stands beside an answer when neither its question nor one before it had an image.
inline constexpr const char* kNoImageNotice =
    "no image was given: this answer rests on the question alone";

/// RunFacts::weights of a model that is held as it was published.
inline constexpr const char* kAsPublished = "as published";

/// What an answer depends on besides the question and the pictures. Names of folders are not in it:
/// they can hold people's names.
struct RunFacts {
  std::string program;          ///< "roentgen 0.1.0"
  std::string model;            ///< "Qwen/Qwen2-VL-2B-Instruct", or the name of its folder
  std::string model_sha256;     ///< of the weights
  std::string settings_sha256;  ///< FingerprintOfSettings; empty: not recorded
  struct Adapter {
    std::string name;
    std::string sha256;
  };
  std::vector<Adapter> adapters;
  bool adapters_merged = false;  ///< added into the weights: other roundings than beside them
  std::string weights;           ///< kAsPublished, or the bits of each part
  std::string key_values;        ///< type of the key-value cache: "f32", "bf16", "q8"
  std::string instruction_set;   ///< InstructionSet(): each has its own roundings
  std::string system_prompt;
  GenerationOptions generation;
  size_t context_tokens = 0;  ///< the most that the conversation could grow to
  int64_t max_pixels = 0;     ///< that an image could keep
};

/// What a model is called: "Qwen/Qwen2-VL-2B-Instruct", or the name of its folder.
std::string NameOf(const ModelLocation& location);

/// All but the hashes, which take time, and adapters_merged, which a model does not tell.
RunFacts DescribeRun(const Model& model, const SessionOptions& session,
                     const GenerationOptions& generation, int64_t max_pixels);

/// In the order of the struct.
nlohmann::ordered_json ToJson(const RunFacts& facts);

/// What ToJson wrote. A key that is not there leaves its value empty or zero: "not recorded".
/// Throws Error for a value that no run can have. Names are taken as one line (OneLine).
RunFacts ReadRunFacts(const JsonObject& json);

/// A setting, or a part of the model, that two runs differ in.
struct FactDifference {
  std::string name;    ///< "model", "adapter", "temperature"
  std::string then;    ///< printable, on one line; "not recorded", "none"
  std::string now;     ///< likewise
  bool model = false;  ///< it is about what answers: model, adapters, how both are held

  bool operator==(const FactDifference&) const = default;
};

/// All that `now` differs in from `then`, in the order of the struct. A model that is only called
/// otherwise is the same.
std::vector<FactDifference> DifferencesOf(const RunFacts& then, const RunFacts& now);

/// "temperature: 0.7 then, 0 now".
std::string Describe(const FactDifference& difference);

/// "roentgen 0.1.0".
std::string ProgramName();

/// "2026-11-27T08:31:02Z".
std::string UtcNow();

}  // namespace roentgen
