#include "roentgen/text/utf8.h"

#include <cstring>

namespace roentgen {
namespace {

/// What a first byte says about its character: the length, and the range of the second byte, which
/// alone keeps out overlong forms, surrogates and what is above U+10FFFF (Unicode 15, table 3-7).
struct Lead {
  uint32_t length;  // 0: no character begins with this byte
  uint8_t second_min;
  uint8_t second_max;
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0xc2) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte < 0xf0) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte < 0xf4) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

/// The offset of the first byte at or after `at` that is not ASCII, or within 7 bytes before it.
size_t SkipAscii(std::string_view text, size_t at) {
  while (text.size() - at >= sizeof(uint64_t)) {
    uint64_t eight;
    std::memcpy(&eight, text.data() + at, sizeof(eight));
    if ((eight & 0x8080808080808080ull) != 0) break;
    at += sizeof(eight);
  }
  return at;
}

}  // namespace

Utf8Step ReadMultibyteUtf8(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const uint8_t first = byte(0);
  const Lead lead = LeadOf(first);
  if (lead.length == 0) return {kReplacementCharacter, 1, false};
  char32_t code_point = first & (0x7fu >> lead.length);
  for (uint32_t i = 1; i < lead.length; ++i) {
    const uint8_t min = i == 1 ? lead.second_min : 0x80;
    const uint8_t max = i == 1 ? lead.second_max : 0xbf;
    if (at + i >= text.size() || byte(i) < min || byte(i) > max) {
      return {kReplacementCharacter, i, false};
    }
    code_point = code_point << 6 | (byte(i) & 0x3fu);
  }
  return {code_point, lead.length, true};
}

std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    at = SkipAscii(text, at);
    if (at == text.size()) break;
    const Utf8Step step = ReadUtf8(text, at);
    if (!step.valid) return at;
    at += step.length;
  }
  return std::nullopt;
}

std::string ToValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t bad = at + FindInvalidUtf8(text.substr(at)).value_or(text.size() - at);
    valid.append(text, at, bad - at);
    if (bad == text.size()) break;
    AppendUtf8(kReplacementCharacter, valid);
    at = bad + ReadUtf8(text, bad).length;
  }
  return valid;
}

void AppendUtf8(char32_t code_point, std::string& text) {
  const auto append = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  const auto continuation = [&](int shift) { append(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) {
    append(code_point);
  } else if (code_point < 0x800) {
    append(0xc0 | code_point >> 6);
    continuation(0);
  } else if (code_point < 0x10000) {
    append(0xe0 | code_point >> 12);
    continuation(6);
    continuation(0);
  } else {
    append(0xf0 | code_point >> 18);
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace roentgen
