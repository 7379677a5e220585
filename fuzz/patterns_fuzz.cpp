// Bytes as what files say in small languages: an adapter's regular expression (up to the first zero
// byte, the rest is a module's name) and the rows that an entry of dataset_info.json takes.

#include <cstdlib>
#include <string>

#include "roentgen/base/error.h"
#include "roentgen/base/python_regex.h"
#include "roentgen/data/row_selection.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t end = text.find('\0');
  try {
    const roentgen::PythonRegex regex(text.substr(0, end));
    regex.FitsStartOf(end == std::string::npos ? "model.layers.0.self_attn.q_proj"
                                               : text.substr(end + 1));
  } catch (const roentgen::Error&) {
  }
  try {
    size_t last = 0;
    for (const auto& [from, to] : roentgen::RowSelection(text).Ranges(1000)) {
      if (from >= to || to > 1000) std::abort();
      last = to;
    }
    if (last == 0) std::abort();
  } catch (const roentgen::Error&) {
    // Refused, as broken texts should be.
  }
  return 0;
}
