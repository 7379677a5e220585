#pragma once

#include <optional>
#include <string_view>

namespace roentgen {

/// Whether an answer says yes (true), no (false), in English or Chinese, and nothing else.
std::optional<bool> YesOrNo(std::string_view answer);

}  // namespace roentgen
