#pragma once

#include <string_view>

namespace roentgen {

// What our own measures take answers for, by the reader of their question:
//
// - the side that an answer takes (SideTaken) where the reference is only yes or no, "True" or
//   "False";
// - the letter that it chooses (ChoiceTaken) where the reference is a choice: "B", "B. liver", of
//   which the text stands for its letter too;
// - else whether it Says what the reference does, or agrees with it (AnswersAgree): "The left
//   lung." and "left lung", 在左肺 and 左肺, "50 mm" and "5 cm".
//
// Twins, image use, paraphrases and the comparison of runs all ask here.

/// Whether an answer is right: it IsGiven, and its reader finds in it what the reference says.
/// question  as of Refuses
bool IsRight(std::string_view answer, std::string_view reference, std::string_view question = {});

/// Whether two answers to a question say the same to its reader: they take the same side or choice,
/// are both right, agree, or say each other both ways.
bool SameAnswer(std::string_view a, std::string_view b, std::string_view reference);

/// Whether an answer says something that could be right: it takes a side where one is asked for, is
/// neither empty nor a placeholder, an apology or an error (IsNoAnswer) and does not refuse
/// (Refuses), even where that would happen to be right: 图片是灰色的 for "yes". "None" and 无 name
/// nothing where the reference does. What the reference says word by word is given.
bool IsGiven(std::string_view answer, std::string_view question, std::string_view reference);

}  // namespace roentgen
