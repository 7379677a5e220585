#include "roentgen/assistant/narrow_text.h"

#include <algorithm>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr char32_t kWideShift = 0xfee0;

bool IsWideInNames(char32_t c) {
  return (c >= U'０' && c <= U'９') || (c >= U'Ａ' && c <= U'Ｚ') || (c >= U'ａ' && c <= U'ｚ') ||
         c == U'＿' || c == U'－' || c == U'．';
}

}  // namespace

NarrowText::NarrowText(std::string_view written) : written_(written) {
  text_.reserve(written.size());
  places_.reserve(written.size() + 1);
  for (size_t at = 0; at < written.size();) {
    const Utf8Step step = ReadUtf8(written, at);
    if (IsWideInNames(step.code_point)) {
      text_ += static_cast<char>(step.code_point - kWideShift);
      places_.push_back(at);
      differs_ = true;
    } else {
      text_ += written.substr(at, step.length);
      for (size_t i = 0; i < step.length; ++i) places_.push_back(at + i);
    }
    at += step.length;
  }
  places_.push_back(written.size());
}

size_t NarrowText::At(size_t written) const {
  const auto place = std::lower_bound(places_.begin(), places_.end(), written);
  return static_cast<size_t>(place - places_.begin());
}

std::string_view NarrowText::AsWritten(size_t at, size_t length) const {
  return written_.substr(places_[at], places_[at + length] - places_[at]);
}

}  // namespace roentgen
