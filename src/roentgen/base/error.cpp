#include "roentgen/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace roentgen {

void ThrowSystemError(const std::string& path, const std::string& action) {
  const int code = errno;
  throw Error(
      fmt::format("{}: cannot {}: {}", path, action, std::generic_category().message(code)));
}

}  // namespace roentgen
