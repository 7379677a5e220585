#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// What a server says before the bytes come.
struct HttpHead {
  long status = 0;
  /// First byte and whole size of a part (status 206), as Content-Range states them.
  std::optional<uint64_t> part_begin;
  std::optional<uint64_t> whole_size;
  std::optional<uint64_t> content_length;
  /// What the bytes are a version of (ETag); empty where it is not said, or only weakly (W/"…"),
  /// which does not tell bytes apart.
  std::string etag;
  std::string next_link;      ///< Link with rel="next", as it stands there; empty: none
  bool is_web_page = false;   ///< Content-Type says HTML
  double retry_after = 0;     ///< seconds that it asks to wait (Retry-After); 0: it does not say
  std::string error_message;  ///< X-Error-Message of Hugging Face, without control characters

  /// A line as it was sent. One that begins another head ("HTTP/1.1 200"), as behind a redirection,
  /// takes the place of all before it; what is not understood says nothing.
  void TakeLine(std::string_view line);
};

}  // namespace roentgen
