#include "roentgen/text/byte_alphabet.h"

#include <array>
#include <cstdint>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

// One past the last character that the alphabet uses.
constexpr char32_t kAlphabetEnd = 0x100 + 68;

struct Alphabet {
  std::array<std::string, 256> symbols;
  std::array<int16_t, kAlphabetEnd> bytes;  // -1: no character of the alphabet
};

const Alphabet& TheAlphabet() {
  static const Alphabet alphabet = [] {
    Alphabet made;
    made.bytes.fill(-1);
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool printable =
          (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte != 0xad && byte <= 0xff);
      const char32_t symbol = printable ? byte : next++;
      AppendUtf8(symbol, made.symbols[byte]);
      made.bytes[symbol] = static_cast<int16_t>(byte);
    }
    return made;
  }();
  return alphabet;
}

}  // namespace

const std::string& ByteSymbol(unsigned char byte) {
  return TheAlphabet().symbols[byte];
}

std::optional<std::string> BytesOfSymbols(std::string_view symbols) {
  const Alphabet& alphabet = TheAlphabet();
  std::string bytes;
  for (size_t at = 0; at < symbols.size();) {
    const Utf8Step step = ReadUtf8(symbols, at);
    const int byte = step.code_point < kAlphabetEnd ? alphabet.bytes[step.code_point] : -1;
    if (byte < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
    at += step.length;
  }
  return bytes;
}

}  // namespace roentgen
