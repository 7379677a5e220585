#include "roentgen/language/said.h"

#include <algorithm>
#include <string>
#include <vector>

#include "roentgen/language/clauses.h"
#include "roentgen/language/segments.h"
#include "roentgen/language/synonyms.h"

namespace roentgen {
namespace {

using enum CueKind;

/// A word of a clause, cues and content alike.
struct Piece {
  std::string_view text;
  const Cue* cue;

  bool Is(CueKind kind) const { return cue != nullptr && cue->Is(kind); }
  bool IsDenial() const { return (Is(kDenial) || Is(kAbsence)) && !Is(kNoDenial); }
};

std::vector<Piece> PiecesOf(const Clause& clause) {
  std::vector<Piece> pieces;
  for (const ClauseWord& word : clause.words) {
    if (word.cue != nullptr) {
      pieces.push_back({word.text, word.cue});
      continue;
    }
    for (const std::string_view part : SplitWords(word.text)) pieces.push_back({part, nullptr});
  }
  return pieces;
}

/// Pieces begin to end of a clause, with what stands between them.
std::string_view TextOf(const std::vector<Piece>& pieces, size_t begin, size_t end) {
  const char* first = pieces[begin].text.data();
  const std::string_view last = pieces[end - 1].text;
  return {first, static_cast<size_t>(last.data() + last.size() - first)};
}

/// Whether a denial before `at` governs it: 没有 and "no" all that follows, 不 and "not" the next
/// word. What is not excluded is not denied.
bool IsDeniedBefore(const std::vector<Piece>& pieces, size_t at) {
  bool adjacent = true;
  for (size_t i = at; i-- > 0;) {
    const Piece& piece = pieces[i];
    if (piece.Is(kNoDenial)) return false;
    if (piece.Is(kExclusion)) {
      return std::none_of(
          pieces.begin(), pieces.begin() + static_cast<ptrdiff_t>(i),
          [](const Piece& before) { return before.IsDenial() || before.Is(kInability); });
    }
    if (piece.Is(kAbsence) || (piece.IsDenial() && adjacent)) return true;
    const bool between = piece.Is(kFiller) || piece.Is(kModal) || piece.Is(kPresence) ||
                         piece.Is(kParticle) || piece.Is(kNormal);
    if (!between) adjacent = false;
  }
  return false;
}

/// Whether what ends at `at` is denied behind: 结节未见, "the nodule is not seen". A denial that
/// has an object of its own denies that: 结节未见钙化.
bool IsDeniedBehind(const std::vector<Piece>& pieces, size_t at) {
  bool denied = false;
  for (; at < pieces.size(); ++at) {
    const Piece& piece = pieces[at];
    if (piece.Is(kNoDenial)) return false;
    if (denied && piece.cue == nullptr) return false;
    const bool excluded = piece.Is(kExclusion) && !denied;
    const bool sight = piece.Is(kDenial) && at + 1 < pieces.size() && pieces[at + 1].Is(kPresence);
    denied = denied || piece.Is(kAbsence) || sight || excluded;
  }
  return denied;
}

/// What a part of a reference is looked for by: its words without a denial at its beginning.
struct Wanted {
  std::string form;   ///< AnswerForm of the part
  std::string core;   ///< AnswerForm of what it denies; empty where it affirms
  size_t length = 0;  ///< in pieces
};

Wanted ReadWanted(const Clause& clause) {
  const std::vector<Piece> pieces = PiecesOf(clause);
  Wanted wanted = {AnswerForm(TextOf(pieces, 0, pieces.size())), "", pieces.size()};
  size_t begin = 0;
  while (begin < pieces.size() && (pieces[begin].Is(kFiller) || pieces[begin].Is(kPresence))) {
    ++begin;
  }
  if (begin == pieces.size() || !pieces[begin].IsDenial()) return wanted;
  ++begin;
  while (begin < pieces.size() &&
         (pieces[begin].Is(kFiller) || pieces[begin].Is(kPresence) || pieces[begin].Is(kModal))) {
    ++begin;
  }
  if (begin < pieces.size()) wanted.core = AnswerForm(TextOf(pieces, begin, pieces.size()));
  return wanted;
}

/// Whether a clause says the wanted somewhere.
bool ClauseSays(const std::vector<Piece>& pieces, const Wanted& wanted) {
  constexpr size_t kLonger = 4;  // pieces that another name may have more
  for (size_t begin = 0; begin < pieces.size(); ++begin) {
    const size_t last = std::min(pieces.size(), begin + wanted.length + kLonger);
    for (size_t end = begin + 1; end <= last; ++end) {
      const std::string form = AnswerForm(TextOf(pieces, begin, end));
      const bool denied = IsDeniedBefore(pieces, begin) || IsDeniedBehind(pieces, end);
      if (form == wanted.form && !denied) return true;
      if (!wanted.core.empty() && form == wanted.core && denied) return true;
    }
  }
  return false;
}

}  // namespace

bool Says(std::string_view answer, std::string_view reference) {
  const std::string reference_form = ClauseForm(reference);
  const std::string answer_form = ClauseForm(answer);
  std::vector<std::vector<Piece>> said;
  for (const Clause& clause : SplitClauses(answer_form)) said.push_back(PiecesOf(clause));
  const std::vector<Clause> parts = SplitClauses(reference_form);
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const Clause& part) {
    const Wanted wanted = ReadWanted(part);
    return std::any_of(said.begin(), said.end(), [&](const std::vector<Piece>& pieces) {
      return ClauseSays(pieces, wanted);
    });
  });
}

}  // namespace roentgen
