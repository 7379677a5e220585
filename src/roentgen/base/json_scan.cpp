#include "roentgen/base/json_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace roentgen {

JsonScan::Excess JsonScan::Follow(std::string_view bytes) {
  while (!bytes.empty()) {
    if (inside_) {
      bytes.remove_prefix(FollowText(bytes));
      if (text_bytes_ > limits_.text_bytes) return Excess::kText;
      continue;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    ++position_;
    if (c == '"') {
      inside_ = true;
      text_bytes_ = 0;
    } else if (c == '[' || c == '{') {
      if (++depth_ > limits_.depth) return Excess::kDepth;
      ++values_;
    } else if (c == ']' || c == '}') {
      depth_ -= depth_ > 0 ? 1 : 0;
    } else if (c == ',') {
      ++values_;
    }
    if (values_ > limits_.values) return Excess::kValues;
  }
  return Excess::kNone;
}

/// Up to the end of the text, its quote included; the number of bytes.
size_t JsonScan::FollowText(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size() && inside_) {
    if (escaped_) {  // whatever follows a backslash
      escaped_ = false;
      ++at;
      continue;
    }
    at = std::min(bytes.find_first_of("\"\\", at), bytes.size());
    if (at == bytes.size()) break;
    escaped_ = bytes[at] == '\\';
    inside_ = escaped_;
    ++at;
  }
  position_ += at;
  text_bytes_ += at;
  return at;
}

std::string PlaceInText(std::string_view text, size_t byte) {
  text = text.substr(0, byte);
  const auto line = std::count(text.begin(), text.end() - (text.empty() ? 0 : 1), '\n') + 1;
  // The last byte may be a line's end: it is the last column of that line.
  const size_t end = text.size() < 2 ? std::string_view::npos : text.rfind('\n', text.size() - 2);
  const std::string_view rest = text.substr(end == std::string_view::npos ? 0 : end + 1);
  const auto column = std::count_if(rest.begin(), rest.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not the inside of a character
  });
  return fmt::format("line {}, column {}", line, std::max<long>(column, 1));
}

}  // namespace roentgen
