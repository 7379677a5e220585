#pragma once

#include <string>

#include "roentgen/hub/url.h"

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
  std::string page = {};    ///< of the model, where its terms can be read; empty: of none
};

}  // namespace roentgen
