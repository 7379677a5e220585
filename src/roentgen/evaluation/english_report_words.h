#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "roentgen/evaluation/report_labels.h"

namespace roentgen {

/// What a phrase does in an English sentence.
enum class PhraseRole : uint8_t {
  kFinding,      ///< is there unless something else says otherwise
  kWeakFinding,  ///< uncertain at best: "vascular congestion"
  kStructure,    ///< says something only with its state: "heart size"
  kOther,        ///< abnormal, without a label of its own
  kNormal,       ///< state of a structure
  kAbnormal,
  kUnsure,      ///< "stable": as it was, whatever that is
  kNotBefore,   ///< denies what follows
  kNotAfter,    ///< denies what precedes
  kPastBefore,  ///< what follows, up to a comma, was once or is something else
  kMaybeBefore,
  kMaybeAfter,
  kMaybeEither,  ///< what follows in the clause, else what precedes: "possible"
  kAffirmAfter,  ///< "is seen": a list that began with "no" does not reach it
  kElsewhere,    ///< a place outside the chest: its edema or mass is abnormal without a label
  kOr,           ///< between two findings: one of them
  kAnd,
  kComma,
  kStop,     ///< no scope passes
  kNothing,  ///< hides the phrases in it: "not without"
};

/// A phrase in FoldText's form, one blank between words. A '*' at its end stands for the rest of
/// the word; else it ends where a word ends.
struct ReportPhrase {
  std::string_view text;
  PhraseRole role;
  ReportLabel label = ReportLabel::kNoFinding;  ///< of findings and structures
};
std::span<const ReportPhrase> EnglishReportPhrases();

/// Words without which a phrase says the same: "not (yet completely) resolved".
std::span<const std::string_view> EnglishReportFillers();

/// Words that say nothing of any observation, with blanks between them; a '*' as in ReportPhrase. A
/// sentence is understood when it has no others.
std::string_view EnglishNeutralWords();

}  // namespace roentgen
