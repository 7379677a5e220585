#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// A secret that one hub gave to the user, and whose business it is.
///
/// It is sent to its own hub alone, and there over HTTPS alone: anyone on the way can read what
/// goes over plain HTTP, and a mirror is another party.
struct AccessToken {
  std::string value;   ///< empty: none
  std::string origin;  ///< of the hub that it belongs to, as OriginOf gives it

  /// Whether a request of this address may carry it.
  bool MayGoTo(const std::string& url) const;
};

/// What a hub may be told, and what advice about its refusals needs.
struct HubAccess {
  AccessToken token;
  std::string
      withheld;  ///< why the user's token is not sent to this hub; empty: nothing is held back
  bool modelscope = false;  ///< else Hugging Face or a mirror of it
};

/// "https://host:port" of an address, in lower case and with its port; nothing when it is no HTTP
/// or HTTPS address. What stands before an @ is no host.
std::optional<std::string> OriginOf(const std::string& url);

}  // namespace roentgen
