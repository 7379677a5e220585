#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>

#include "roentgen/hub/access_token.h"
#include "roentgen/hub/http_head.h"

namespace roentgen {

struct HttpText {
  std::string text;
  HttpHead head;
};

/// The connection broke off, or the server cannot answer now: trying again may help.
class ConnectionError : public std::runtime_error {
 public:
  /// retry_after: seconds that the server asks to wait; 0: it does not say.
  explicit ConnectionError(const std::string& message, double retry_after = 0)
      : std::runtime_error(message), retry_after_(retry_after) {}

  double retry_after() const noexcept { return retry_after_; }

 private:
  double retry_after_;
};

/// What a request may take at most; then ConnectionError.
struct HttpLimits {
  long connect_seconds = 30;
  /// A server that sends less than this on average of so many seconds is as good as gone.
  long bytes_per_second = 1024;
  long slow_seconds = 30;
  long text_seconds = 60;                 ///< of GetText, from the connection to the last byte
  size_t head_bytes = size_t{256} << 10;  ///< those of redirections counted (Error)
};

/// Which bytes of a resource are wanted.
struct HttpRange {
  uint64_t from = 0;
  /// Only where it is still of this ETag; otherwise all of it, from the beginning. Empty: whatever
  /// it is now.
  std::string if_etag;
};

/// One request after the other, over HTTP or HTTPS (libcurl), redirections followed. Certificates
/// are checked. Not for several threads at once.
class HttpClient {
 public:
  /// The token of access is sent as a bearer's where AccessToken::MayGoTo allows it, and never to
  /// another host that its own redirects to.
  explicit HttpClient(HubAccess access = {}, const HttpLimits& limits = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  const HubAccess& access() const { return access_; }

  /// The text of an answer of at most max_bytes. what: as in ThrowRefusal, which it throws by for
  /// another status than 200; Error for a web page; ConnectionError when the connection breaks or
  /// is too slow, Cancelled.
  HttpText GetText(const std::string& url, size_t max_bytes, const char* what,
                   std::stop_token stop = {});

  /// Streams a resource from a byte on. on_head is told first, and returns whether the bytes are
  /// wanted; then on_bytes gets them, and returns false to end early. Errors as GetText, but what
  /// the status means is up to on_head.
  void Stream(const std::string& url, const HttpRange& range,
              const std::function<bool(const HttpHead&)>& on_head,
              const std::function<bool(std::string_view)>& on_bytes, std::stop_token stop = {});

 private:
  struct Request;
  void Perform(Request& request, const std::string& url, const HttpRange& range, long max_seconds);
  [[noreturn]] void ThrowFailure(const Request& request, const std::string& url, int code,
                                 const std::string& problem) const;

  HubAccess access_;
  HttpLimits limits_;
  void* handle_ = nullptr;  // CURL
};

}  // namespace roentgen
