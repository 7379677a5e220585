#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The letter, a to h, of the choice that an answer takes: B, "(b)", "B. liver", "The answer is
/// B.", "Option B", 选B, 答案：B。 Where it says that it answers, that counts: "This is a chest
/// X-ray, so the answer is B." Nothing for two of them ("A or B") and for other words: "A mass",
/// "vitamin C", 选B超.
std::optional<char> ChoiceTaken(std::string_view answer);

/// The letter of an answer that is a choice and nothing else: "B", "(B).".
std::optional<char> BareChoice(std::string_view answer);

/// A choice with what it stands for.
struct Choice {
  char letter = 'a';
  std::string text;  ///< folded; empty for the letter alone
};

/// The choice that a reference is: "B", "B. liver", "(b) liver", B、肝脏. Nothing for "A mass" and
/// "A.P. view".
std::optional<Choice> ChoiceNamed(std::string_view reference);

}  // namespace roentgen
