#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>

namespace roentgen {

/// What a server says before the bytes come.
struct HttpHead {
  long status = 0;
  /// First byte and whole size of a part (status 206), as Content-Range states them.
  std::optional<uint64_t> part_begin;
  std::optional<uint64_t> whole_size;
};

/// The connection broke off: trying again may help.
class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One request after the other, over HTTP or HTTPS (libcurl), redirections followed. Certificates
/// are checked. Not for several threads at once.
class HttpClient {
 public:
  /// token: sent as a bearer's to the host that is asked, to no other that it redirects to.
  explicit HttpClient(std::string token = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// The text of a page of at most max_bytes. Throws Error for another status than 200, naming it;
  /// ConnectionError when the connection breaks, Cancelled.
  std::string GetText(const std::string& url, size_t max_bytes, std::stop_token stop = {});

  /// Streams a resource from a byte on. on_head is told first, and returns whether the bytes are
  /// wanted; then on_bytes gets them, and returns false to end early. Errors as GetText, but what
  /// the status means is up to on_head.
  void Stream(const std::string& url, uint64_t from,
              const std::function<bool(const HttpHead&)>& on_head,
              const std::function<bool(std::string_view)>& on_bytes, std::stop_token stop = {});

 private:
  struct Request;
  void Perform(Request& request, const std::string& url, uint64_t from);

  std::string token_;
  void* handle_ = nullptr;  // CURL
};

}  // namespace roentgen
