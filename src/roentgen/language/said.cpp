#include "roentgen/language/said.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "roentgen/language/answer_tokens.h"
#include "roentgen/language/clause_reading.h"
#include "roentgen/language/quantity_text.h"
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
  bool IsAny(std::initializer_list<CueKind> kinds) const {
    return std::any_of(kinds.begin(), kinds.end(), [&](CueKind kind) { return Is(kind); });
  }
  bool IsDenial() const { return (IsAny({kDenial, kAbsence}) && !Is(kNoDenial)) || text == "non"; }
};
using Pieces = std::vector<Piece>;

bool StartsWithAny(std::string_view text, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

/// The words of content. A side before a name is a word of its own, after which it is cut anew:
/// 右|肺结节, but not 右侧.
std::vector<std::string_view> ContentWords(std::string_view content) {
  static constexpr std::array<std::string_view, 4> kSides = {"右", "左", "双", "两"};
  static constexpr std::array<std::string_view, 7> kOfSides = {"侧", "边", "方", "面",
                                                               "个", "者", "右"};
  constexpr size_t kSide = 3;  // bytes
  std::vector<std::string_view> words;
  for (const std::string_view word : SplitWords(content)) {
    const bool cut = word.size() > kSide && StartsWithAny(word, kSides) &&
                     !StartsWithAny(word.substr(kSide), kOfSides);
    if (!cut) {
      words.push_back(word);
      continue;
    }
    words.push_back(word.substr(0, kSide));
    const auto behind = static_cast<size_t>(word.data() - content.data()) + kSide;
    const std::vector<std::string_view> rest = ContentWords(content.substr(behind));
    words.insert(words.end(), rest.begin(), rest.end());
    break;
  }
  return words;
}

/// A number with the sign that stands before it in the form: -5, <5mm. 3-5 is a range.
std::string_view WithSign(std::string_view form, std::string_view word) {
  if (word.empty() || word[0] < '0' || word[0] > '9') return word;
  const auto begin = static_cast<size_t>(word.data() - form.data());
  for (const std::string_view sign : {"<", ">", "≤", "≥", "±", "+", "-"}) {
    const std::string_view before = form.substr(0, begin);
    if (!before.ends_with(sign)) continue;
    const size_t at = begin - sign.size();
    const bool in_word = at > 0 && (form[at - 1] & 0x80) == 0 && std::isalnum(form[at - 1]) != 0;
    if (!in_word) return form.substr(at, sign.size() + word.size());
  }
  return word;
}

Pieces PiecesOf(const Clause& clause, std::string_view form) {
  Pieces pieces;
  for (const ClauseWord& word : clause.words) {
    if (word.cue != nullptr) {
      pieces.push_back({word.text, word.cue, ComparisonForm(word.text)});
      continue;
    }
    for (const std::string_view part : ContentWords(word.text)) {
      const std::string_view text = WithSign(form, part);
      pieces.push_back({text, nullptr, ComparisonForm(text)});
    }
  }
  return pieces;
}

/// Pieces begin to end of a clause, with what stands between them.
std::string_view TextOf(const Pieces& pieces, size_t begin, size_t end) {
  const char* first = pieces[begin].text.data();
  const std::string_view last = pieces[end - 1].text;
  return {first, static_cast<size_t>(last.data() + last.size() - first)};
}

/// What may stand between 不 or "not" and what it denies: 不在左侧, 未触及肿块, 这不是一张CT.
bool IsLink(const Piece& piece) {
  static constexpr std::array<std::string_view, 31> kLinks = {
      "measure", "在",   "位于", "居于", "处于", "见于", "支持", "像",     "似",     "伴",   "行",
      "做",      "触及", "发生", "诊断", "考虑", "累及", "侵犯", "触",     "及",     "形成", "on",
      "in",      "at",   "of",   "to",   "from", "into", "with", "within", "located"};
  if (piece.IsAny({kFiller, kModal, kPresence, kParticle, kNormal})) return true;
  return std::find(kLinks.begin(), kLinks.end(), piece.text) != kLinks.end() ||
         piece.text.starts_with("一");
}

/// Whether the absence at `denial` is that of a property of the noun at `at`: 没有钙化的肿块,
/// 无强化肿块.
bool IsOfModifier(const Pieces& pieces, size_t denial, size_t at) {
  size_t property = denial + 1;
  while (property < at && pieces[property].Is(kFiller)) ++property;
  if (property + 1 > at) return false;
  if (PropertyAt(TextOf(pieces, property, at)) == 0 && !pieces[property].Is(kMargin)) return false;
  const bool noun_behind = std::any_of(pieces.begin() + static_cast<ptrdiff_t>(property),
                                       pieces.begin() + static_cast<ptrdiff_t>(at),
                                       [](const Piece& piece) { return piece.text == "的"; });
  return noun_behind || (denial == 0 && pieces[denial].text == "无");
}

bool HasDenialBefore(const Pieces& pieces, size_t at) {
  return std::any_of(pieces.begin(), pieces.begin() + static_cast<ptrdiff_t>(at),
                     [](const Piece& piece) { return piece.IsDenial() || piece.Is(kInability); });
}

/// What turns a statement around: "no effusion but pneumonia".
bool IsTurn(const Piece& piece) {
  static constexpr std::array<std::string_view, 6> kTurns = {"but", "however", "although",
                                                             "但",  "但是",    "而是"};
  return std::find(kTurns.begin(), kTurns.end(), piece.text) != kTurns.end();
}

/// What denies all that follows: 没有, "no", and "neither … nor …".
bool DeniesAll(const Piece& piece) {
  return piece.Is(kAbsence) || piece.text == "neither" || piece.text == "nor";
}

/// Whether a denial before `at` governs it: 没有 and "no" all that follows, 不 and "not" the next
/// word. What is not excluded and what is denied twice is not denied.
bool IsDeniedBefore(const Pieces& pieces, size_t at) {
  bool adjacent = true;
  for (size_t i = at; i-- > 0;) {
    const Piece& piece = pieces[i];
    if (piece.Is(kNoDenial) || IsTurn(piece)) return false;
    if (piece.Is(kExclusion)) return !HasDenialBefore(pieces, i);
    const bool cannot = piece.text == "cannot" || piece.text == "could not";  // be the left lung
    if ((piece.IsDenial() || cannot) && adjacent) return i == 0 || !pieces[i - 1].IsDenial();
    if (DeniesAll(piece) && !IsOfModifier(pieces, i, at)) return true;
    if (!IsLink(piece)) adjacent = false;
  }
  return false;
}

/// Whether what was there is gone: 肿块消失, "the effusion has resolved".
bool IsGone(const Piece& piece) {
  static constexpr std::array<std::string_view, 9> kGone = {
      "free", "消失", "吸收", "切除", "治愈", "消退", "resolved", "removed", "gone"};
  return std::find(kGone.begin(), kGone.end(), piece.text) != kGone.end();
}

/// Whether what ends at `at` is denied behind: 结节未见, "the nodule is not seen". A denial that
/// has an object of its own denies that: 结节未见钙化.
bool IsDeniedBehind(const Pieces& pieces, size_t at) {
  bool denied = false;
  for (size_t i = at; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    if (piece.Is(kNoDenial)) return false;
    if (denied && piece.cue == nullptr) return false;
    const bool last = i + 1 == pieces.size();
    const bool excluded = piece.Is(kExclusion) && !denied;
    const bool sight = piece.Is(kDenial) && !last &&
                       (pieces[i + 1].IsAny({kPresence, kModal}) || pieces[i + 1].text == "明显");
    const bool negative = piece.Is(kNoAlone) && last && i > 0 && !pieces[i - 1].IsDenial();
    const bool partly = i > at && pieces[i - 1].text == "部分";
    denied =
        denied || piece.Is(kAbsence) || sight || excluded || negative || (IsGone(piece) && !partly);
  }
  return denied;
}

/// Whether a word leaves open whether it is so. 考虑肺炎 is how a report names what it finds.
bool IsDoubt(const Piece& piece) {
  return piece.Is(kDoubt) && !piece.Is(kAdvice) && piece.text != "考虑";
}

/// Whether pieces begin to end are left open: 可疑肿块, 肺炎待排, 不能除外肿块.
bool IsDoubted(const Pieces& pieces, size_t begin, size_t end) {
  for (size_t i = 0; i < begin; ++i) {
    if (IsDoubt(pieces[i]) || (pieces[i].Is(kExclusion) && HasDenialBefore(pieces, i))) return true;
  }
  bool denied = false;
  for (size_t i = end; i < pieces.size(); ++i) {
    denied = denied || pieces[i].IsDenial() || pieces[i].Is(kInability);
    if (IsDoubt(pieces[i]) || (denied && pieces[i].Is(kExclusion))) return true;
    if (pieces[i].cue == nullptr) return false;
  }
  return false;
}

/// Whether pieces begin to end are left out of what is said: 除肝脏外, 肝脏以外, "all but the
/// liver".
bool IsExcepted(const Pieces& pieces, size_t begin, size_t end) {
  static constexpr std::array<std::string_view, 4> kAll = {"anything", "everything", "all",
                                                           "everywhere"};
  for (size_t i = begin; i-- > 0;) {
    if (pieces[i].text.starts_with("外")) break;
    if (pieces[i].text == "excluding") return true;
    if (pieces[i].text == "but" && i > 0 &&
        std::find(kAll.begin(), kAll.end(), pieces[i - 1].text) != kAll.end()) {
      return true;
    }
    if (pieces[i].Is(kExcept) && !pieces[i].text.ends_with("外")) return true;
  }
  return std::any_of(
      pieces.begin() + static_cast<ptrdiff_t>(end), pieces.end(),
      [](const Piece& piece) { return piece.Is(kExcept) && piece.text.ends_with("外"); });
}

/// Whether pieces begin to end are one of two that may be: 左侧或右侧.
bool IsAlternative(const Pieces& pieces, size_t begin, size_t end) {
  return (begin > 0 && pieces[begin - 1].Is(kAlternative)) ||
         (end < pieces.size() && pieces[end].Is(kAlternative));
}

/// Whether what a denial governs is that something is affected or asked for: not involved, 未受累,
/// not the site.
bool IsInvolvement(const Pieces& pieces, size_t at) {
  static constexpr std::array<std::string_view, 12> kInvolved = {
      "site",     "location", "side", "place", "involved", "affected",
      "abnormal", "受累",     "累及", "受侵",  "受影响",   "侵犯"};
  while (at < pieces.size() && pieces[at].IsAny({kFiller, kModal, kPresence})) ++at;
  return at < pieces.size() &&
         std::any_of(kInvolved.begin(), kInvolved.end(),
                     [&](std::string_view word) { return pieces[at].text.starts_with(word); });
}

/// Whether pieces begin to end are a place of which nothing is told but that it is normal:
/// 左侧无异常, "the left lung is clear".
bool IsElsewhere(const Pieces& pieces, size_t begin, size_t end) {
  const std::string_view text = TextOf(pieces, begin, end);
  size_t next = end;
  while (next < pieces.size() && pieces[next].IsAny({kFiller, kParticle}) &&
         !pieces[next].Is(kNormal)) {
    ++next;
  }
  if (next == pieces.size() || !(NamesStructure(text) || HasSynonyms(text))) return false;
  if (pieces[next].Is(kNormal)) return next + 1 == pieces.size();
  if (pieces[next].text == "spared") return true;
  if (pieces[next].Is(kDenial)) return IsInvolvement(pieces, next + 1);
  return pieces[next].Is(kAbsence) && next + 1 < pieces.size();
}

/// What is looked for in an answer.
struct Wanted {
  Wanted(std::string_view text, size_t count)
      : named(HasSynonyms(text)),
        form(named ? AnswerForm(text) : ComparisonForm(text)),
        length(count) {}

  /// Whether pieces begin to end say it, under any name.
  bool IsSaid(const Pieces& pieces, size_t begin, size_t end) const {
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
  bool open = false;             ///< it is doubted or one of several itself
};

/// Whether a word of a reference leaves open what is so.
bool IsOpen(const Piece& piece) {
  return piece.IsAny({kDoubt, kExclusion, kExcept, kAlternative});
}

Part ReadPart(const Clause& clause, std::string_view form) {
  const Pieces pieces = PiecesOf(clause, form);
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
  Part part = {from(0), std::nullopt, std::any_of(pieces.begin(), pieces.end(), IsOpen)};
  const size_t denial = past(0, {kFiller, kPresence});
  if (denial == pieces.size() || !pieces[denial].IsDenial()) return part;
  const size_t object = past(denial + 1, {kFiller, kPresence, kModal});
  if (object < pieces.size()) part.denied = from(object);
  return part;
}

/// Whether pieces begin to end are affirmed.
bool IsAffirmed(const Pieces& pieces, size_t begin, size_t end, bool open) {
  if (IsDeniedBefore(pieces, begin) || IsDeniedBehind(pieces, end)) return false;
  return open || !(IsDoubted(pieces, begin, end) || IsExcepted(pieces, begin, end) ||
                   IsAlternative(pieces, begin, end) || IsElsewhere(pieces, begin, end));
}

/// Whether a number is the end of a longer one: the two of "twenty two".
bool IsPartOfNumber(const Pieces& pieces, size_t begin) {
  static constexpr std::array<std::string_view, 10> kTens = {
      "twenty",  "thirty", "forty",  "fifty",   "sixty",
      "seventy", "eighty", "ninety", "hundred", "point"};
  const bool number = pieces[begin].form[0] >= '0' && pieces[begin].form[0] <= '9';
  return number && begin > 0 &&
         std::find(kTens.begin(), kTens.end(), pieces[begin - 1].text) != kTens.end();
}

/// Whether a clause says the wanted somewhere, denied or not as it shall be.
bool ClauseSays(const Pieces& pieces, const Wanted& wanted, bool denied, bool open) {
  constexpr size_t kLonger = 4;  // pieces that another name, or a form, may have more
  for (size_t begin = 0; begin < pieces.size(); ++begin) {
    const size_t last = std::min(pieces.size(), begin + wanted.length + kLonger);
    for (size_t end = begin + 1; end <= last; ++end) {
      if (!wanted.IsSaid(pieces, begin, end) || IsPartOfNumber(pieces, begin)) continue;
      const bool is_denied = IsDeniedBefore(pieces, begin) || IsDeniedBehind(pieces, end);
      if (denied ? is_denied && (open || !IsDoubted(pieces, begin, end))
                 : IsAffirmed(pieces, begin, end, open)) {
        return true;
      }
    }
  }
  return false;
}

/// The clauses of an answer that tell something, and where "肿块：无" is denied behind the colon.
std::vector<Pieces> ToldBy(std::span<const Clause> clauses, std::string_view form, bool known) {
  std::vector<Pieces> told;
  for (size_t i = 0; i < clauses.size(); ++i) {
    const Clause& clause = clauses[i];
    // 无法判断是否为肺炎 does not say 肺炎.
    if (clause.asks || (known && CannotTell(clause.words))) continue;
    Pieces pieces = PiecesOf(clause, form);
    if (clause.heads && i + 1 < clauses.size()) {
      const Words& next = clauses[i + 1].words;
      const bool denied = next.size() == 1 && HasAny(next[0], {kAbsence, kNo, kNoAlone});
      if (denied) pieces.push_back({next[0].text, next[0].cue, ComparisonForm(next[0].text)});
    }
    told.push_back(std::move(pieces));
  }
  return told;
}

/// ClauseForm in which equal quantities are equal words, with their signs: "at least 5 cm", ≥50 mm.
std::string MeasuredForm(std::string_view text) {
  return WithQuantityWords(WithSigns(ClauseForm(text)));
}

/// A form in which commas part what an enumeration names: 左肺、右肺.
std::string ListAsClauses(std::string_view form) {
  constexpr std::string_view kMark = "、";
  std::string parted;
  for (size_t at; (at = form.find(kMark)) != std::string_view::npos;) {
    parted.append(form.substr(0, at)).append(",");
    form.remove_prefix(at + kMark.size());
  }
  return parted.append(form);
}

}  // namespace

bool Says(std::string_view answer, std::string_view reference) {
  const std::string reference_form = ListAsClauses(MeasuredForm(reference));
  const std::string answer_form = MeasuredForm(answer);
  const std::vector<Clause> parts = SplitClauses(reference_form);
  const bool known = std::none_of(parts.begin(), parts.end(),
                                  [](const Clause& clause) { return CannotTell(clause.words); });
  const std::vector<Pieces> said = ToldBy(SplitClauses(answer_form), answer_form, known);
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const Clause& clause) {
    const Part part = ReadPart(clause, reference_form);
    return std::any_of(said.begin(), said.end(), [&](const Pieces& pieces) {
      return ClauseSays(pieces, part.whole, /*denied=*/false, part.open) ||
             (part.denied && ClauseSays(pieces, *part.denied, /*denied=*/true, part.open));
    });
  });
}

}  // namespace roentgen
