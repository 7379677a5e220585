#include "roentgen/data/name_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

template <class Form>
std::string Join(const std::vector<std::string>& names, std::string_view between, Form form) {
  constexpr size_t kShown = 20;
  std::string list;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    if (i > 0) list += between;
    list += form(names[i]);
  }
  if (names.size() > kShown) list += fmt::format(" and {} more", names.size() - kShown);
  return list;
}

}  // namespace

std::string Shortened(std::string_view text, size_t characters) {
  size_t end = 0;
  for (size_t i = 0; i < characters && end < text.size(); ++i) end += ReadUtf8(text, end).length;
  return end < text.size() ? std::string(text.substr(0, end)) + "…" : std::string(text);
}

std::string ShortName(std::string_view name) {
  constexpr size_t kCharacters = 64;
  return Shortened(name, kCharacters);
}

std::string QuotedName(std::string_view name) {
  return fmt::format("\"{}\"", ShortName(name));
}

std::string ListOf(const std::vector<std::string>& names, std::string_view between) {
  return Join(names, between, ShortName);
}

std::string QuotedListOf(const std::vector<std::string>& names, std::string_view between) {
  return Join(names, between, QuotedName);
}

}  // namespace roentgen
