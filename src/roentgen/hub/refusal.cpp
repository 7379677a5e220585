#include "roentgen/hub/refusal.h"

#include <fmt/format.h>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

std::string TokenAdvice(const HubAccess& access, bool sent) {
  if (access.modelscope) {
    return "Models that need an account are not fetched from ModelScope: fetch it with its own "
           "program, and name the folder.";
  }
  if (!access.withheld.empty()) return access.withheld;
  return sent ? "HF_TOKEN was sent: look whether it is still valid and may read this."
              : "If it is private, set HF_TOKEN to a token that may read it.";
}

std::string Advice(long status, const char* what, const HubAccess& access,
                   const std::string& token) {
  const std::string page = access.page.empty() ? "" : fmt::format(" ({})", access.page);
  switch (status) {
    case 401:
      // Hugging Face says 401, not 404, of what does not exist, to those who are not logged in.
      return fmt::format(
          "There is no such {}, or it is not open to everybody. Check its name, and on its page{} "
          "whether terms must be accepted. {}",
          what, page, token);
    case 403:
      return fmt::format("The {} is there, but its terms must be accepted first, on its page{}. {}",
                         what, page, token);
    case 404:
      return fmt::format(
          "There is no such {}, or no such revision of it. Check the name and "
          "--revision. {}",
          what, token);
    default:
      return "This is not the answer of a hub; check its address (--from, HF_ENDPOINT).";
  }
}

bool MayPass(long status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

}  // namespace

void ThrowRefusal(const std::string& url, const HttpHead& head, const char* what,
                  const HubAccess& access) {
  // The server's own words, where it has some (Hugging Face's X-Error-Message).
  const std::string words = head.error_message.empty() ? "" : ": " + head.error_message;
  if (MayPass(head.status)) {
    const char* meaning = head.status == 429 ? " (too many requests)" : " (the server fails)";
    throw ConnectionError(fmt::format("status {}{}{}", head.status, meaning, words),
                          head.retry_after);
  }
  throw Error(fmt::format("{}: status {}{}", url, head.status, words),
              Advice(head.status, what, access, TokenAdvice(access, access.token.MayGoTo(url))));
}

void ThrowWebPage(const std::string& url) {
  throw Error(
      fmt::format("{}: the answer is a web page, not what was asked for", url),
      "A network that wants a login answers so, and an address that is no hub's. Open it in "
      "a browser, and check the address of the hub (--from, HF_ENDPOINT).");
}

}  // namespace roentgen
