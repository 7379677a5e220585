#include "roentgen/hub/listing.h"

#include <fmt/format.h>

#include <chrono>

#include "roentgen/base/error.h"
#include "roentgen/base/json.h"
#include "roentgen/hub/refusal.h"

namespace roentgen {
namespace {

class Unreachable : public Error {
 public:
  using Error::Error;
};

/// A text of at most max_bytes, asked for again while the hub is busy.
HttpText GetText(HttpClient& client, const std::string& url, size_t max_bytes,
                 const RetryOptions& retry, const std::stop_token& stop) {
  HttpText answer;
  const auto ask = [&] {
    answer = client.GetText(url, max_bytes, "model", stop);
    return Attempt::kDone;
  };
  try {
    TryUntilDone(ask, retry, stop);
  } catch (const ConnectionError& error) {
    throw Unreachable(fmt::format("{}: {}", url, error.what()),
                      "Check the network, try again later, or name a mirror: --from https://…");
  }
  const size_t begin = answer.text.find_first_not_of(" \t\r\n");
  if (begin != std::string::npos && answer.text[begin] == '<') ThrowWebPage(url);
  return answer;
}

}  // namespace

std::vector<HubFile> FetchListing(HttpClient& client, const std::string& url, ListingFormat format,
                                  const RetryOptions& retry, const std::stop_token& stop,
                                  const ListingLimits& limits) {
  ListingPages listing(url, format, limits);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(limits.seconds);
  for (std::string page = url; !page.empty();) {
    if (std::chrono::steady_clock::now() > end) {
      throw Error(
          fmt::format("{}: the listing does not end within {:.0f} seconds", url, limits.seconds),
          kNoHub);
    }
    const HttpText answer = GetText(client, page, limits.page_bytes, retry, stop);
    page = listing.Add(answer.text, page, answer.head.next_link);
  }
  return listing.Take();
}

std::optional<std::string> FetchCommit(HttpClient& client, const std::string& url,
                                       const RetryOptions& retry, const std::stop_token& stop) {
  constexpr size_t kDigits = 40;
  try {
    const std::string text = GetText(client, url, ListingLimits().page_bytes, retry, stop).text;
    const auto commit = JsonObject(ParseJson(text, url), url).GetOr<std::string>("sha", "");
    const bool is_hash = commit.size() == kDigits &&
                         commit.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_hash ? std::optional(commit) : std::nullopt;
  } catch (const Unreachable&) {
    throw;
  } catch (const Cancelled&) {
    throw;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace roentgen
