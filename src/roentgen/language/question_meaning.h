#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// What a question asks: equal for questions that ask the same in other words, by the tables in
/// which answers are read: names of modalities, planes and views (synonyms.h), quantities in any
/// unit (measures.h), singular and plural, British and American spelling (word_form.h), and without
/// instructions on how to answer ("Answer the question using a single word or phrase.").
///
/// Questions that differ in side, level, number, sequence, negation or organ stay different. It is
/// for reports, not for removing rows, and no text to show.
std::string QuestionMeaning(std::string_view question);

}  // namespace roentgen
