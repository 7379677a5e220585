// Bytes as the JSON files of a model and of an adapter, and as any JSON.
//
// The first byte of the input says what the rest stands for: 0 a JSON text, 1 config.json, 2
// generation_config.json, 3 preprocessor_config.json, 4 adapter_config.json, 5 the index of shards.

#include <cstdlib>
#include <string>

#include "process_folder.h"
#include "roentgen/base/error.h"
#include "roentgen/base/json_text.h"
#include "roentgen/imaging/preprocessor_config.h"
#include "roentgen/qwen2vl/adapter_config.h"
#include "roentgen/qwen2vl/checkpoint.h"
#include "roentgen/qwen2vl/config.h"
#include "roentgen/qwen2vl/generation_config.h"
#include "roentgen/qwen2vl/weights.h"

namespace {

const ProcessFolder& Folder() {
  static const ProcessFolder folder("settings_fuzz");
  return folder;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

/// What is read is the same in either order of its keys, and survives being written.
void TryJson(const std::string& text) {
  const auto read = roentgen::TryParseJson(text);
  if (!read) {
    roentgen::ParseJson(text, "fuzz");  // says why
    std::abort();
  }
  Require(roentgen::Json::accept(text));
  const std::string written = read->dump();
  Require(roentgen::ParseJson(written, "fuzz") == *read);
  Require(roentgen::Json(roentgen::ParseOrderedJson(text, "fuzz")) == *read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 8) {
      case 0:
        TryJson(text);
        break;
      case 1:
        Folder().Put("config.json", text);
        roentgen::ExpectedTensors(roentgen::ModelConfig::Load(Folder().path()));
        break;
      case 2:
        Folder().Put("generation_config.json", text);
        roentgen::GenerationDefaults::Load(Folder().path(), {});
        break;
      case 3:
        Folder().Put("preprocessor_config.json", text);
        roentgen::PreprocessorConfig::Load(Folder().path());
        break;
      case 4: {
        Folder().Put("adapter_config.json", text);
        const auto config = roentgen::AdapterConfig::Load(Folder().path());
        config.ScaleOf("model.layers.0.self_attn.q_proj");
        break;
      }
      default:
        Folder().Put("model.safetensors.index.json", text);
        roentgen::OpenCheckpoint(Folder().path());
    }
  } catch (const roentgen::Error&) {
    // Refused, as broken files should be.
  }
  return 0;
}
