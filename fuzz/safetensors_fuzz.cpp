#include "roentgen/base/error.h"
#include "roentgen/tensor/safetensors.h"

/// Any bytes are either refused with an Error or give tensors whose every byte can be read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto content = roentgen::SafetensorsContent::Parse({data, size}, "input");
    unsigned sum = 0;
    for (const auto& [name, tensor] : content.tensors) {
      if (tensor.data.size() != tensor.elements() * DTypeSize(tensor.dtype)) __builtin_trap();
      for (const std::byte byte : tensor.data) sum += std::to_integer<unsigned>(byte);
    }
    [[maybe_unused]] static volatile unsigned sink;
    sink = sum;
  } catch (const roentgen::Error&) {
  }
  return 0;
}
