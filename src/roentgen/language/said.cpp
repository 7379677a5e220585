#include "roentgen/language/said.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/language/answer.h"
#include "roentgen/language/clauses.h"
#include "roentgen/language/segments.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

using enum CueKind;

/// A word of a clause, cues and content alike.
struct Piece {
  std::string_view text;
  const Cue* cue;
  std::string form;  ///< ComparisonForm

  bool Is(CueKind kind) const { return cue != nullptr && cue->Is(kind); }
  bool IsDenial() const { return (Is(kDenial) || Is(kAbsence)) && !Is(kNoDenial); }
};

std::vector<Piece> PiecesOf(const Clause& clause) {
  std::vector<Piece> pieces;
  for (const ClauseWord& word : clause.words) {
    if (word.cue != nullptr) {
      pieces.push_back({word.text, word.cue, ComparisonForm(word.text)});
      continue;
    }
    for (const std::string_view part : SplitWords(word.text)) {
      pieces.push_back({part, nullptr, ComparisonForm(part)});
    }
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

/// What is looked for in an answer.
struct Wanted {
  Wanted(std::string_view text, size_t count)
      : named(HasSynonyms(text)),
        form(named ? AnswerForm(text) : ComparisonForm(text)),
        length(count) {}

  /// Whether pieces begin to end say it, under any name.
  bool IsSaid(const std::vector<Piece>& pieces, size_t begin, size_t end) const {
    const std::string_view text = TextOf(pieces, begin, end);
    if (named) return AnswerForm(text) == form;
    return form.starts_with(pieces[begin].form) && form.ends_with(pieces[end - 1].form) &&
           ComparisonForm(text) == form;
  }

  bool named;  ///< it has other names
  std::string form;
  size_t length;  ///< in pieces
};

/// A part of a reference.
struct Part {
  Wanted whole;
  std::optional<Wanted> denied;  ///< what it denies, where it begins with a denial
};

Part ReadPart(const Clause& clause) {
  const std::vector<Piece> pieces = PiecesOf(clause);
  const auto past = [&](size_t at, std::initializer_list<CueKind> kinds) {
    while (at < pieces.size() && std::any_of(kinds.begin(), kinds.end(),
                                             [&](CueKind kind) { return pieces[at].Is(kind); })) {
      ++at;
    }
    return at;
  };
  const auto from = [&](size_t begin) {
    return Wanted(TextOf(pieces, begin, pieces.size()), pieces.size() - begin);
  };
  Part part = {from(0), std::nullopt};
  const size_t denial = past(0, {kFiller, kPresence});
  if (denial == pieces.size() || !pieces[denial].IsDenial()) return part;
  const size_t object = past(denial + 1, {kFiller, kPresence, kModal});
  if (object < pieces.size()) part.denied = from(object);
  return part;
}

/// Whether a clause says the wanted somewhere, denied or not as it shall be.
bool ClauseSays(const std::vector<Piece>& pieces, const Wanted& wanted, bool denied) {
  constexpr size_t kLonger = 4;  // pieces that another name, or a form, may have more
  for (size_t begin = 0; begin < pieces.size(); ++begin) {
    const size_t last = std::min(pieces.size(), begin + wanted.length + kLonger);
    for (size_t end = begin + 1; end <= last; ++end) {
      if (!wanted.IsSaid(pieces, begin, end)) continue;
      if ((IsDeniedBefore(pieces, begin) || IsDeniedBehind(pieces, end)) == denied) return true;
    }
  }
  return false;
}

}  // namespace

bool Says(std::string_view answer, std::string_view reference) {
  const std::string reference_form = ClauseForm(reference);
  const std::string answer_form = ClauseForm(answer);
  std::vector<std::vector<Piece>> said;
  const bool known = !CannotTell(reference);
  for (const Clause& clause : SplitClauses(answer_form)) {
    std::vector<Piece> pieces = PiecesOf(clause);
    // 无法判断是否为肺炎 does not say 肺炎.
    if (clause.asks || (known && CannotTell(TextOf(pieces, 0, pieces.size())))) continue;
    said.push_back(std::move(pieces));
  }
  const std::vector<Clause> parts = SplitClauses(reference_form);
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const Clause& clause) {
    const Part part = ReadPart(clause);
    return std::any_of(said.begin(), said.end(), [&](const std::vector<Piece>& pieces) {
      return ClauseSays(pieces, part.whole, /*denied=*/false) ||
             (part.denied && ClauseSays(pieces, *part.denied, /*denied=*/true));
    });
  });
}

}  // namespace roentgen
