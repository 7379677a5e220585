#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// What a clause says to be there, or not to be there, by the name that the clause itself has for
/// it: any noun phrase, known to us or not.
struct NamedFinding {
  std::string name;   ///< "bowel obstruction" of "No bowel obstruction is seen"; words in the
                      ///< singular, without sides
  std::string place;  ///< what stands behind it: "in spine"
  bool present = false;
  std::string clause;  ///< all of it, in ClauseForm
};

/// The named findings of a sentence, in English or Chinese. Clauses that ask, doubt, advise, call
/// something normal or speak of the rest have none, nor have parts of the body.
std::vector<NamedFinding> NamedFindings(std::string_view sentence);

/// What a sentence of one clause says to be so, without the sides: 气管移 of 气管右移. Empty where
/// it denies something, or has no named findings for another reason.
std::string WithoutSides(std::string_view sentence);

/// Whether what is denied is what is there: the same name, or that with words before it that say
/// more, as "aortic aneurysm" is an "aneurysm".
bool IsDenied(const NamedFinding& there, const NamedFinding& denied);

}  // namespace roentgen
