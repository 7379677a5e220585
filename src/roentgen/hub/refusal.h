#pragma once

#include <string>

#include "roentgen/hub/access_token.h"
#include "roentgen/hub/http.h"

namespace roentgen {

/// Throws for an answer that does not bring what was asked for: ConnectionError for one that may
/// pass (408, 425, 429, 5xx), with the time that the server asks to wait; Error, with what to do
/// about it, for the others. what: "model" or "file", as it is named in the advice.
[[noreturn]] void ThrowRefusal(const std::string& url, const HttpHead& head, const char* what,
                               const HubAccess& access);

/// Throws Error for a web page that came instead of a list or a file: a login page, for instance.
[[noreturn]] void ThrowWebPage(const std::string& url);

}  // namespace roentgen
