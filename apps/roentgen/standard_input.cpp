#include "standard_input.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <string_view>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/text_encoding.h"
#include "roentgen/text/utf8.h"

namespace roentgen::app {
namespace {

constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";
constexpr std::string_view kUtf16Marks[] = {"\xff\xfe", "\xfe\xff"};

/// ASCII has a zero byte in each of its characters there; what is Chinese alone is hardly UTF-8.
bool LooksLikeUtf16(std::string_view text, bool begins) {
  for (const std::string_view mark : kUtf16Marks) {
    if (begins && text.starts_with(mark)) return true;
  }
  const auto zeros = static_cast<size_t>(std::count(text.begin(), text.end(), '\0'));
  return zeros > 0 && (zeros >= text.size() / 3 || FindInvalidUtf8(text));
}

void Check(std::string_view text, bool begins) {
  if (LooksLikeUtf16(text, begins)) {
    throw Error("standard input is not UTF-8: it looks like UTF-16",
                "Save it as UTF-8, or pipe it through iconv -f UTF-16 -t UTF-8.");
  }
  if (text.find('\0') != std::string_view::npos) {
    throw Error("standard input holds a zero byte, which no text has",
                "Pipe in text; name images by their paths.");
  }
  if (FindInvalidUtf8(text)) ThrowNotUtf8("standard input", text);
}

/// Nothing was read from standard input yet.
bool AtBeginning() {
  static bool read = false;
  return !std::exchange(read, true);
}

std::string Cleaned(std::string text, bool begins) {
  Check(text, begins);
  return begins ? WithoutByteOrderMark(std::move(text)) : std::move(text);
}

}  // namespace

bool ReadInputLine(std::string& line) {
  const bool begins = AtBeginning();
  if (!std::getline(std::cin, line)) return false;
  line = Cleaned(std::move(line), begins);
  return true;
}

std::string ReadInput() {
  const bool begins = AtBeginning();
  return Cleaned(std::string(std::istreambuf_iterator<char>(std::cin), {}), begins);
}

std::string WithoutByteOrderMark(std::string text) {
  if (text.starts_with(kUtf8Mark)) text.erase(0, kUtf8Mark.size());
  return text;
}

}  // namespace roentgen::app
