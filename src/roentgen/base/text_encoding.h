#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// Whether a text's first bytes are those of UTF-16: its byte order mark, or an ASCII character in
/// two bytes. UTF-8 never has a zero byte there.
bool BeginsAsUtf16(std::string_view bytes);

/// Whether the JSON parser's message says that it met bytes that are not UTF-8.
bool SaysNotUtf8(std::string_view parser_message);

/// Throw the Error for a text that is not UTF-8, with how to convert it.
///
/// where  the file, and the place in it where that is known: "set.json: line 3, column 8"
/// bytes  some of the text, from the beginning of a character on, by which GBK and Big5 are told
///        apart; without any it is called GBK
[[noreturn]] void ThrowUtf16(const std::string& where);
[[noreturn]] void ThrowNotUtf8(const std::string& where, std::string_view bytes);

}  // namespace roentgen
