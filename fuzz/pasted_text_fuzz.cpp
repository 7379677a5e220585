// Bytes as a line that somebody pasted. What lies at a path is a matter of its name here, so that
// every answer of a disk occurs.

#include <cstdlib>
#include <functional>
#include <string>

#include "roentgen/assistant/pasted_text.h"
#include "roentgen/text/utf8.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string line(reinterpret_cast<const char*>(data), size);
  if (roentgen::FindInvalidUtf8(line)) return 0;  // refused by the console before
  size_t looks = 0;
  const roentgen::PastedText pasted = roentgen::SplitPastedText(
      line,
      [&](const std::filesystem::path& path) {
        ++looks;
        Require(path.native().find('\0') == std::string::npos);
        return static_cast<roentgen::PathKind>(std::hash<std::string>()(path.string()) % 5);
      },
      [](const std::filesystem::path&) {
        return std::vector<std::string>{"a b.png", "a\u202fb.png", "M\u00fcller"};
      });
  Require(looks <= 20'000);
  for (const roentgen::PastedPart& part : pasted.parts) {
    Require((part.kind == roentgen::PastedPart::Kind::kText) == part.image.path.empty());
    Require(!roentgen::FindInvalidUtf8(part.text));
  }
  Require(!roentgen::FindInvalidUtf8(pasted.Words()));
  return 0;
}
