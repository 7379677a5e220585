#include "roentgen/hub/model_on_hub.h"

#include <algorithm>

namespace roentgen {
namespace {

constexpr size_t kLongestName = 96;  // of Hugging Face
constexpr size_t kLongestRevision = 200;

bool IsNamePart(std::string_view part) {
  return !part.empty() && part.size() <= kLongestName && part[0] != '.' && part[0] != '-' &&
         part.find("..") == part.npos && std::all_of(part.begin(), part.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace

bool IsRevision(std::string_view revision) {
  static constexpr std::string_view kForbidden = " ~^:?*[\\\x7f";
  if (revision.empty() || revision.size() > kLongestRevision || revision[0] == '-' ||
      revision[0] == '/' || revision.back() == '/' || revision.find("..") != revision.npos ||
      revision.find("//") != revision.npos || revision.find("@{") != revision.npos ||
      revision[0] == '.' || revision.find("/.") != revision.npos) {
    return false;
  }
  return std::none_of(revision.begin(), revision.end(), [](unsigned char c) {
    return c < ' ' || kForbidden.find(static_cast<char>(c)) != kForbidden.npos;
  });
}

std::optional<ModelName> ModelName::Parse(std::string_view text) {
  ModelName parsed;
  if (const size_t at = text.find('@'); at != text.npos) {
    parsed.revision = text.substr(at + 1);
    if (!IsRevision(parsed.revision)) return std::nullopt;
    text = text.substr(0, at);
  }
  const size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  parsed.owner = text.substr(0, slash);
  parsed.name = text.substr(slash + 1);
  if (!IsNamePart(parsed.owner) || !IsNamePart(parsed.name)) return std::nullopt;
  return parsed;
}

}  // namespace roentgen
