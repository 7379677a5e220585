#pragma once

#include <optional>
#include <string_view>

namespace roentgen {

/// The letter, a to h, of the choice that an answer takes: B, "(b)", "B. liver", "The answer is
/// B.", "Option B", 选B, 答案：B。 Nothing for two of them ("A or B") and for other words: "A
/// mass".
std::optional<char> ChoiceTaken(std::string_view answer);

/// The letter of an answer that is a choice and nothing else: "B", "(B).".
std::optional<char> BareChoice(std::string_view answer);

}  // namespace roentgen
