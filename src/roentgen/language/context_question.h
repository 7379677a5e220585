#pragma once

#include <string_view>

namespace roentgen {

/// Whether what a question asks hangs on what was said before it, since it points back ("Is it
/// large?", 它在哪里？) or names nothing itself ("Which side?", 多大？, 左侧呢？). English and
/// Chinese; other questions stand alone.
bool HangsOnContext(std::string_view question);

}  // namespace roentgen
