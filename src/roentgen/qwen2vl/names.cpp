#include "roentgen/qwen2vl/names.h"

#include <array>

namespace roentgen {
namespace {

struct Prefixes {
  std::string_view published;
  std::string_view nested;
};

constexpr std::array<Prefixes, 2> kPrefixes{{
    {"visual.", "model.visual."},
    {"model.", "model.language_model."},
}};

std::string ReplacePrefix(std::string_view name, std::string_view old_prefix,
                          std::string_view new_prefix) {
  return std::string(new_prefix).append(name.substr(old_prefix.size()));
}

}  // namespace

std::string PublishedName(std::string_view name) {
  for (const Prefixes& prefix : kPrefixes) {
    if (name.starts_with(prefix.nested)) {
      return ReplacePrefix(name, prefix.nested, prefix.published);
    }
  }
  return std::string(name);
}

std::string NestedName(std::string_view published) {
  for (const Prefixes& prefix : kPrefixes) {
    if (published.starts_with(prefix.published)) {
      return ReplacePrefix(published, prefix.published, prefix.nested);
    }
  }
  return std::string(published);
}

}  // namespace roentgen
