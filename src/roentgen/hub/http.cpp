#include "roentgen/hub/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/hub/refusal.h"
#include "roentgen/hub/url.h"

namespace roentgen {
namespace {

constexpr long kMaxRedirections = 10;
constexpr int kCurlTooLarge = 100;  // CURLE_TOO_LARGE, which older versions do not have

void InitialiseCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::string ReasonOf(int code, const std::string& problem) {
  return problem.empty() ? curl_easy_strerror(static_cast<CURLcode>(code)) : problem;
}

}  // namespace

struct HttpClient::Request {
  std::function<bool(const HttpHead&)> on_head;
  std::function<bool(std::string_view)> on_bytes;
  std::stop_token stop;
  CURL* handle = nullptr;
  size_t head_room = 0;  // for bytes of heads
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
    if (line.size() > self.head_room) return 0;
    self.head_room -= line.size();
    self.head.TakeLine(line);
    return line.size();
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

HttpClient::HttpClient(HubAccess access, const HttpLimits& limits)
    : access_(std::move(access)), limits_(limits) {
  InitialiseCurl();
  handle_ = curl_easy_init();
  if (handle_ == nullptr) throw Error("libcurl cannot be used");
}

HttpClient::~HttpClient() {
  curl_easy_cleanup(handle_);
}

void HttpClient::Perform(Request& request, const std::string& url, const HttpRange& range,
                         long max_seconds) {
  CURL* curl = handle_;
  curl_easy_reset(curl);
  request.handle = curl;
  request.head_room = limits_.head_bytes;
  std::string problem(CURL_ERROR_SIZE, '\0');
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // What was asked for over HTTPS is not to come over anything less.
  const bool plain = OriginOf(url).value_or("").starts_with("http:");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, plain ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMaxRedirections);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "roentgen/" ROENTGEN_VERSION);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, limits_.connect_seconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, limits_.bytes_per_second);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, limits_.slow_seconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, max_seconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem.data());
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, Request::OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &request);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Request::OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &request);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, Request::OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &request);
  const std::string from = fmt::format("{}-", range.from);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
  if (range.from > 0) {
    curl_easy_setopt(curl, CURLOPT_RANGE, from.c_str());
    if (!range.if_etag.empty()) {
      headers.reset(curl_slist_append(nullptr, ("If-Range: " + range.if_etag).c_str()));
      curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    }
  }
  if (access_.token.MayGoTo(url)) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, access_.token.value.c_str());
  }
  const CURLcode code = curl_easy_perform(curl);
  if (request.exception) std::rethrow_exception(request.exception);
  if (request.stop.stop_requested()) throw Cancelled();
  if (request.ended) return;
  if (code != CURLE_OK) ThrowFailure(request, url, code, problem.substr(0, problem.find('\0')));
  request.Guard([&] { return request.TellHead(); });  // of an answer without a body
  if (request.exception) std::rethrow_exception(request.exception);
}

void HttpClient::ThrowFailure(const Request& request, const std::string& url, int code,
                              const std::string& problem) const {
  const char* hint = "This is not the answer of a hub; check the address.";
  if (code == CURLE_TOO_MANY_REDIRECTS) {
    throw Error(
        fmt::format("{}: it redirects again and again, more than {} times", url, kMaxRedirections),
        hint);
  }
  if (code == CURLE_WRITE_ERROR && !request.head_told) {  // OnHeader wanted no more
    throw Error(
        fmt::format("{}: the head of its answer has more than {} bytes", url, limits_.head_bytes),
        hint);
  }
  // What libcurl says of a line of more than 100 KB.
  if (!request.head_told && (code == CURLE_OUT_OF_MEMORY || code == kCurlTooLarge)) {
    throw Error(fmt::format("{}: a line of the head of its answer is too long", url), hint);
  }
  if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT) {
    long redirections = 0;
    curl_easy_getinfo(request.handle, CURLINFO_REDIRECT_COUNT, &redirections);
    throw Error(fmt::format("{}: {}: {}", url,
                            redirections > 0 ? "it redirects to what is not fetched"
                                             : "it cannot be fetched",
                            ReasonOf(code, problem)),
                hint);
  }
  throw ConnectionError(ReasonOf(code, problem));
}

HttpText HttpClient::GetText(const std::string& url, size_t max_bytes, const char* what,
                             std::stop_token stop) {
  HttpText answer;
  Request request;
  request.stop = std::move(stop);
  request.on_head = [&](const HttpHead& head) {
    if (head.status != 200) ThrowRefusal(url, head, what, access_);
    if (head.is_web_page) ThrowWebPage(url);
    answer.head = head;
    return true;
  };
  request.on_bytes = [&](std::string_view bytes) {
    if (answer.text.size() + bytes.size() > max_bytes) {
      throw Error(fmt::format("{}: more than {} bytes", url, max_bytes));
    }
    answer.text += bytes;
    return true;
  };
  Perform(request, url, {}, limits_.text_seconds);
  return answer;
}

void HttpClient::Stream(const std::string& url, const HttpRange& range,
                        const std::function<bool(const HttpHead&)>& on_head,
                        const std::function<bool(std::string_view)>& on_bytes,
                        std::stop_token stop) {
  Request request;
  request.on_head = on_head;
  request.on_bytes = on_bytes;
  request.stop = std::move(stop);
  Perform(request, url, range, /*max_seconds=*/0);
}

}  // namespace roentgen
