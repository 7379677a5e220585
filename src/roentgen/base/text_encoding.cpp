#include "roentgen/base/text_encoding.h"

#include <cstddef>
#include <cstdint>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

/// Whether a text in GBK or Big5 is rather Big5: more of its characters are common ones there. Both
/// have their common characters in one block, GBK those of GB 2312's first level (B0A1 to D7FE),
/// and Big5 its own first level (A440 to C67E).
bool LooksLikeBig5(std::string_view bytes) {
  size_t gbk = 0;
  size_t big5 = 0;
  for (size_t at = 0; at + 1 < bytes.size(); ++at) {
    const auto lead = static_cast<uint8_t>(bytes[at]);
    if (lead <= 0x80) continue;
    const auto trail = static_cast<uint8_t>(bytes[++at]);
    if (lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1) ++gbk;
    if (lead >= 0xa4 && lead <= 0xc6 && ((trail >= 0x40 && trail <= 0x7e) || trail >= 0xa1)) ++big5;
  }
  return big5 > gbk;
}

}  // namespace

bool BeginsAsUtf16(std::string_view bytes) {
  const bool mark = bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
  return mark || bytes.substr(0, 2).find('\0') != std::string_view::npos;
}

bool SaysNotUtf8(std::string_view parser_message) {
  return parser_message.find("ill-formed UTF-8") != std::string_view::npos;
}

void ThrowUtf16(const std::string& where) {
  throw Error(where + ": not UTF-8 but perhaps UTF-16",
              "Convert it, for example with: iconv -f UTF-16 -t UTF-8");
}

void ThrowNotUtf8(const std::string& where, std::string_view bytes) {
  if (LooksLikeBig5(bytes)) {
    throw Error(
        where + ": not UTF-8 but perhaps Big5",
        "Convert it, for example with: iconv -f BIG5 -t UTF-8 (if it is GBK after all, with: "
        "iconv -f GB18030 -t UTF-8)");
  }
  throw Error(where + ": not UTF-8 but perhaps GBK",
              "Convert it, for example with: iconv -f GB18030 -t UTF-8 (if it is Big5, with: iconv "
              "-f BIG5 -t UTF-8)");
}

}  // namespace roentgen
