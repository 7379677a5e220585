#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The alphabet in which byte-level tokenizer files write bytes (GPT-2's bytes_to_unicode): the
/// printable characters of Latin-1 stand for themselves, the other 68 bytes, rising, for U+0100 on.
/// " the" is written "Ġthe". Returns the one character for the byte.
const std::string& ByteSymbol(unsigned char byte);

/// The bytes that a token of valid UTF-8 stands for. Empty when a character is none of the
/// alphabet.
std::optional<std::string> BytesOfSymbols(std::string_view symbols);

}  // namespace roentgen
