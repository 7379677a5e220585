#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// The bytes in base 64 (RFC 4648, with padding), for a data: address.
std::string Base64(std::string_view bytes);

}  // namespace roentgen
