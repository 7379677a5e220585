#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The bytes in base 64 (RFC 4648, with padding), for a data: address.
std::string Base64(std::string_view bytes);

/// The bytes that Base64 made the text of; nothing when the text is none of its.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace roentgen
