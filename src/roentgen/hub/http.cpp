#include "roentgen/hub/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/hub/refusal.h"

namespace roentgen {
namespace {

constexpr long kConnectSeconds = 30;
// A server that sends less than a byte a second for so long is gone.
constexpr long kStallSeconds = 60;
constexpr long kMaxRedirections = 10;

void InitialiseCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// What a stranger's server says, fit for a terminal: no control characters, not long.
std::string PlainWords(std::string_view text) {
  constexpr size_t kLongest = 200;
  std::string words;
  for (const char c : text.substr(0, kLongest)) {
    if (c >= ' ' && c <= '~') words += c;
  }
  const size_t begin = words.find_first_not_of(' ');
  return begin == words.npos ? "" : words.substr(begin);
}

/// "bytes 100-199/1234" as 100 and 1234.
void ParseContentRange(std::string_view value, HttpHead& head) {
  const size_t digits = value.find_first_of("0123456789");
  const size_t slash = value.find('/');
  if (digits == value.npos || slash == value.npos || digits > slash) return;
  const auto number = [&](size_t at) -> std::optional<uint64_t> {
    uint64_t parsed = 0;
    const char* end = value.data() + value.size();
    const auto [stop, problem] = std::from_chars(value.data() + at, end, parsed);
    return problem == std::errc() ? std::optional(parsed) : std::nullopt;
  };
  head.part_begin = number(digits);
  if (slash + 1 < value.size()) head.whole_size = number(slash + 1);
}

}  // namespace

struct HttpClient::Request {
  std::function<bool(const HttpHead&)> on_head;
  std::function<bool(std::string_view)> on_bytes;
  std::stop_token stop;
  CURL* handle = nullptr;
  HttpHead head;
  bool head_told = false;
  bool ended = false;            // on_head or on_bytes wanted no more
  std::exception_ptr exception;  // that one of them threw

  bool TellHead() {
    if (head_told) return !ended;
    head_told = true;
    TakeInfo();
    ended = !on_head(head);
    return !ended;
  }

  void TakeInfo() {
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &head.status);
    curl_off_t number = 0;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &number);
    if (number >= 0) head.content_length = static_cast<uint64_t>(number);
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &number);
    head.retry_after = static_cast<double>(number);
    const char* type = nullptr;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    head.is_web_page = type != nullptr && Lower(type).starts_with("text/html");
  }

  /// Runs body, which must not throw through C.
  template <class Body>
  bool Guard(const Body& body) {
    try {
      return body();
    } catch (...) {
      exception = std::current_exception();
      return false;
    }
  }

  static size_t OnHeader(char* data, size_t size, size_t count, void* user) {
    auto& self = *static_cast<Request*>(user);
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) self.head = {};  // of a redirection before
    constexpr std::string_view kRange = "content-range:";
    constexpr std::string_view kMessage = "x-error-message:";
    if (Lower(line.substr(0, kRange.size())) == kRange) {
      ParseContentRange(line.substr(kRange.size()), self.head);
    }
    if (Lower(line.substr(0, kMessage.size())) == kMessage) {
      self.head.error_message = PlainWords(line.substr(kMessage.size()));
    }
    return size * count;
  }

  static size_t OnBody(char* data, size_t size, size_t count, void* user) {
    auto& self = *static_cast<Request*>(user);
    const bool wanted = self.Guard([&] {
      if (!self.TellHead()) return false;
      self.ended = !self.on_bytes({data, size * count});
      return !self.ended;
    });
    return wanted ? size * count : 0;
  }

  static int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Request*>(user)->stop.stop_requested() ? 1 : 0;
  }
};

HttpClient::HttpClient(HubAccess access) : access_(std::move(access)) {
  InitialiseCurl();
  handle_ = curl_easy_init();
  if (handle_ == nullptr) throw Error("libcurl cannot be used");
}

HttpClient::~HttpClient() {
  curl_easy_cleanup(handle_);
}

void HttpClient::Perform(Request& request, const std::string& url, uint64_t from) {
  CURL* curl = handle_;
  curl_easy_reset(curl);
  request.handle = curl;
  std::string problem(CURL_ERROR_SIZE, '\0');
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // What was asked for over HTTPS is not to come over anything less.
  const bool secure = Lower(url).starts_with("https:");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMaxRedirections);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "roentgen/" ROENTGEN_VERSION);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStallSeconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem.data());
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, Request::OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &request);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Request::OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &request);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, Request::OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &request);
  const std::string range = fmt::format("{}-", from);
  if (from > 0) curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());
  if (access_.token.MayGoTo(url)) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, access_.token.value.c_str());
  }
  const CURLcode code = curl_easy_perform(curl);
  if (request.exception) std::rethrow_exception(request.exception);
  if (request.stop.stop_requested()) throw Cancelled();
  if (request.ended) return;
  if (code == CURLE_TOO_MANY_REDIRECTS) {
    throw Error(
        fmt::format("{}: it redirects again and again, more than {} times", url, kMaxRedirections),
        "This is not the answer of a hub; check the address.");
  }
  if (code != CURLE_OK) {
    const size_t length = problem.find('\0');
    throw ConnectionError(length > 0 ? problem.substr(0, length) : curl_easy_strerror(code));
  }
  request.Guard([&] { return request.TellHead(); });  // of an answer without a body
  if (request.exception) std::rethrow_exception(request.exception);
}

std::string HttpClient::GetText(const std::string& url, size_t max_bytes, const char* what,
                                std::stop_token stop) {
  std::string text;
  Request request;
  request.stop = std::move(stop);
  request.on_head = [&](const HttpHead& head) {
    if (head.status != 200) ThrowRefusal(url, head, what, access_);
    if (head.is_web_page) ThrowWebPage(url);
    return true;
  };
  request.on_bytes = [&](std::string_view bytes) {
    if (text.size() + bytes.size() > max_bytes) {
      throw Error(fmt::format("{}: more than {} bytes", url, max_bytes));
    }
    text += bytes;
    return true;
  };
  Perform(request, url, 0);
  return text;
}

void HttpClient::Stream(const std::string& url, uint64_t from,
                        const std::function<bool(const HttpHead&)>& on_head,
                        const std::function<bool(std::string_view)>& on_bytes,
                        std::stop_token stop) {
  Request request;
  request.on_head = on_head;
  request.on_bytes = on_bytes;
  request.stop = std::move(stop);
  Perform(request, url, from);
}

}  // namespace roentgen
