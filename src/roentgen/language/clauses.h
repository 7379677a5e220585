#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "roentgen/language/cues.h"

namespace roentgen {

/// A cue, or what stands between two of them.
struct ClauseWord {
  const Cue* cue = nullptr;  ///< nullptr: content
  std::string_view text;

  bool Is(CueKind kind) const { return cue != nullptr && cue->Is(kind); }
  bool IsEnglish() const { return cue != nullptr && cue->language == CueLanguage::kEnglish; }
};

/// What stands between two marks that part statements.
struct Clause {
  std::vector<ClauseWord> words;
  bool asks = false;   ///< ends with a question mark or 吗
  bool heads = false;  ///< ends with a colon: what follows is said of it
  bool parts = false;  ///< ends with a slash: what follows may stand in its place
};

/// A text in FoldText's form in which English contractions are written out: isn't as is not, can't
/// as cannot.
std::string WithoutContractions(std::string folded);

/// FoldText in which English contractions are written out (isn't as is not) and hyphens inside
/// words are blanks.
std::string ClauseForm(std::string_view text);

/// The clauses of a text in ClauseForm, which must outlive them; none is empty. A comma parts them,
/// a colon, a slash and the end of a line do; the mark of a Chinese enumeration (、), quotes and
/// brackets are blanks. One of very many words is several.
std::vector<Clause> SplitClauses(std::string_view form);

}  // namespace roentgen
