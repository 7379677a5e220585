#include "roentgen/base/ascii.h"

namespace roentgen {

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string EndingOf(const std::filesystem::path& path) {
  return LowerAscii(path.extension().string());
}

}  // namespace roentgen
