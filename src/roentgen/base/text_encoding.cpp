#include "roentgen/base/text_encoding.h"

#include "roentgen/base/error.h"

namespace roentgen {

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

void ThrowNotUtf8(const std::string& where) {
  throw Error(where + ": not UTF-8 but perhaps GBK",
              "Convert it, for example with: iconv -f GB18030 -t UTF-8");
}

}  // namespace roentgen
