#pragma once

#include <string_view>

namespace roentgen {

// What our own measures take answers for, by the reader of their question: the side that an answer
// takes (SideTaken) where the reference is only yes or no, the letter that it chooses (ChoiceTaken)
// where the reference is only a letter of choice, else its words in MeasureForm.

/// Whether an answer is right, as twins and image use count it: its reader finds in it what the
/// reference says. 是，有骨折 is right for 有, "The answer is B." for "B".
bool IsRight(std::string_view answer, std::string_view reference);

/// Whether two answers to a question say the same to its reader. Where neither takes a side or
/// chooses, their words count.
bool SameAnswer(std::string_view a, std::string_view b, std::string_view reference);

/// Whether an answer can be read: takes a side, chooses, or has a word at all.
bool IsReadable(std::string_view answer, std::string_view reference);

/// Whether an answer says something that could be right: it IsReadable and does not refuse
/// (Refuses in language/refusal.h), unless that is right.
bool IsGiven(std::string_view answer, std::string_view question, std::string_view reference);

}  // namespace roentgen
