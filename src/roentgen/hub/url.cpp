#include "roentgen/hub/url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "roentgen/base/ascii.h"
#include "roentgen/base/error.h"

namespace roentgen {
namespace {

struct CleanUp {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};
using ParsedUrl = std::unique_ptr<CURLU, CleanUp>;

std::string Part(const ParsedUrl& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, CleanUp> owner(text);
  return text;
}

/// Null when it is no HTTP or HTTPS address.
ParsedUrl Parse(const std::string& url) {
  ParsedUrl parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return nullptr;
  const std::string scheme = LowerAscii(Part(parsed, CURLUPART_SCHEME));
  return scheme == "http" || scheme == "https" ? std::move(parsed) : nullptr;
}

}  // namespace

std::optional<std::string> OriginOf(const std::string& url) {
  const ParsedUrl parsed = Parse(url);
  if (!parsed) return std::nullopt;
  return fmt::format("{}://{}:{}", LowerAscii(Part(parsed, CURLUPART_SCHEME)),
                     LowerAscii(Part(parsed, CURLUPART_HOST)),
                     Part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

std::string ServerAddress(const std::string& url) {
  const ParsedUrl parsed = Parse(url);
  if (!parsed) {
    throw Error(fmt::format("{}: no address of a server", url),
                "Write the whole address: https://…");
  }
  std::string address = fmt::format("{}://{}", LowerAscii(Part(parsed, CURLUPART_SCHEME)),
                                    LowerAscii(Part(parsed, CURLUPART_HOST)));
  const std::string port = Part(parsed, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  if (!port.empty()) address += ":" + port;
  address += Part(parsed, CURLUPART_PATH);
  while (address.ends_with('/')) address.pop_back();
  return address;
}

std::optional<std::string> FollowLink(const std::string& page, const std::string& link) {
  const ParsedUrl parsed = Parse(page);
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, link.c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  std::string url = Part(parsed, CURLUPART_URL);
  return Parse(url) ? std::optional(std::move(url)) : std::nullopt;
}

std::string EscapePart(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~").find(c) != std::string_view::npos;
    escaped += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

std::string UnescapePart(std::string_view escaped) {
  std::string text;
  for (size_t i = 0; i < escaped.size(); ++i) {
    unsigned char byte = 0;
    const char* digits = escaped.data() + i + 1;
    if (escaped[i] == '%' && i + 2 < escaped.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      text += static_cast<char>(byte);
      i += 2;
    } else {
      text += escaped[i];
    }
  }
  return text;
}

}  // namespace roentgen
