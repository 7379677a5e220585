#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// "https://host:port" of an address, in lower case and with its port; nothing when it is no HTTP
/// or HTTPS address. What stands before an @ is no host.
std::optional<std::string> OriginOf(const std::string& url);

/// A server's address as it is kept and compared: no user, no password, no port that goes without
/// saying, host in lower case, no slash at the end. "https://huggingface.co". Throws Error when it
/// is no HTTP or HTTPS address.
std::string ServerAddress(const std::string& url);

/// What a link on a page leads to; nothing when that is no HTTP or HTTPS address.
std::optional<std::string> FollowLink(const std::string& page, const std::string& link);

/// A text as one part of an address' path, or of a file's: slashes are escaped, too.
std::string EscapePart(std::string_view text);
/// What EscapePart made of it.
std::string UnescapePart(std::string_view escaped);

}  // namespace roentgen
