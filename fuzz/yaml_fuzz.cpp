// Bytes as the settings of a training run: as YAML of any kind, as what LLaMA-Factory calls its
// keys, and as one key=value of a command line.

#include <string>

#include "process_folder.h"
#include "roentgen/base/error.h"
#include "roentgen/base/yaml.h"
#include "roentgen/training/arguments.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ProcessFolder folder("yaml_fuzz");
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = folder.Put("run.yaml", text);
  try {
    for (const roentgen::YamlSetting& setting : roentgen::ReadYamlSettings(file)) {
      try {
        setting.List();
      } catch (const roentgen::Error&) {
      }
    }
    roentgen::ReadTrainingArguments(file, {});
  } catch (const roentgen::Error&) {
    // Refused, as broken files should be.
  }
  try {
    roentgen::ParseYamlOverride(text);
  } catch (const roentgen::Error&) {
  }
  return 0;
}
