#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// Whether a sentence of a report says, in English or Chinese, that something cannot be told, or is
/// no answer: "cannot be assessed", "Nondiagnostic study", 心影观察受限, "N/A". It may say more.
bool Abstains(std::string_view sentence);

/// What a sentence that abstains says of findings and structures besides, its pieces joined by
/// commas: "there is a large effusion" of "The heart is difficult to assess, but there is a large
/// effusion"; 右肺肿块 of 右肺肿块性质待定. Empty: nothing. In FoldText's form.
std::string StatedBeside(std::string_view sentence);

}  // namespace roentgen
