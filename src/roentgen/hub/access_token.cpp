#include "roentgen/hub/access_token.h"

namespace roentgen {

bool AccessToken::MayGoTo(const std::string& url) const {
  if (value.empty()) return false;
  const std::optional<std::string> to = OriginOf(url);
  return to && to->starts_with("https://") && *to == origin;
}

}  // namespace roentgen
