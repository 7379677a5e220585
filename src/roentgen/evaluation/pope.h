#pragma once

#include <string_view>

namespace roentgen {

/// Whether POPE takes an answer for a yes: unless its first sentence, up to a full stop, has the
/// word "No", "no" or "not". An empty answer, "NO" and "none" are a yes to it (Li et al. 2023).
bool PopeSaysYes(std::string_view answer);

}  // namespace roentgen
