#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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

/// What an answer depends on besides the question and the pictures. Names of folders are not in it:
/// they can hold people's names.
struct RunFacts {
  std::string program;  ///< "roentgen 0.1.0"
  std::string model;    ///< "Qwen/Qwen2-VL-2B-Instruct", or the name of its folder
  std::string model_sha256;
  struct Adapter {
    std::string name;
    std::string sha256;
  };
  std::vector<Adapter> adapters;
  std::string weights;     ///< "as published", or the bits of each part
  std::string key_values;  ///< type of the key-value cache: "f32", "bf16", "q8"
  std::string system_prompt;
  GenerationOptions generation;
  int64_t max_pixels = 0;
};

/// All but the hashes, which take time.
RunFacts DescribeRun(const Model& model, const SessionOptions& session,
                     const GenerationOptions& generation, int64_t max_pixels);

/// In the order of the struct.
nlohmann::ordered_json ToJson(const RunFacts& facts);

/// "2026-11-27T08:31:02Z".
std::string UtcNow();

}  // namespace roentgen
