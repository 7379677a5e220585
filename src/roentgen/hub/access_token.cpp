#include "roentgen/hub/access_token.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace roentgen {
namespace {

struct CleanUp {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

std::string Part(CURLU* url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, CleanUp> owner(text);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

std::optional<std::string> OriginOf(const std::string& url) {
  const std::unique_ptr<CURLU, CleanUp> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const std::string scheme = Part(parsed.get(), CURLUPART_SCHEME, 0);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  return fmt::format("{}://{}:{}", scheme, Part(parsed.get(), CURLUPART_HOST, 0),
                     Part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

bool AccessToken::MayGoTo(const std::string& url) const {
  if (value.empty()) return false;
  const std::optional<std::string> to = OriginOf(url);
  return to && to->starts_with("https://") && *to == origin;
}

}  // namespace roentgen
