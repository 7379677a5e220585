// Which findings a cue governs, by Chinese word order: a denial the list behind it up to a new verb
// or a new place with a side; 消失 and 可能 the list before them; a modifier's denial (无移位骨折)
// the modifier.

#include <array>
#include <optional>
#include <utility>

#include "roentgen/evaluation/chinese_sentence.h"

namespace roentgen {
namespace {

using enum ChineseRole;

class ScopeReader : public ChineseSentence {
 public:
  explicit ScopeReader(std::vector<ChineseToken>& tokens) : ChineseSentence(tokens) {}

  FindingScopes Read() {
    scopes_.of.assign(size(), Finding::kPresent);
    scopes_.nothing_denied.assign(size(), false);
    MarkModifiers();
    for (size_t i = 0; i < size(); ++i) ApplyCue(i);
    Alternatives();
    return std::move(scopes_);
  }

 private:
  /// A shape that describes the finding behind it is no finding: 片状实变影.
  void MarkModifiers() {
    bool named = false;  // something that a later shape may describe: "钙化,呈片状"
    for (size_t i = 0; i < size(); ++i) {
      if (RoleAt(i) != kShape) {
        named |= IsMention(tokens_[i]);
        continue;
      }
      size_t next = i + 1;
      while (IsFiller(next) && tokens_[next].role != kChange) ++next;
      if (IsOneOf(RoleAt(next), {kFinding, kWeakFinding, kOther, kShape}) ||
          (named && RoleAt(i - 1) == kVerb && IsOneOf(RoleAt(next), {kComma, kStop}))) {
        scopes_.of[i] = Finding::kNotMentioned;
      }
    }
  }

  void ApplyCue(size_t i) {
    switch (RoleAt(i)) {
      case kDeny:
        ApplyDenial(i);
        break;
      case kExclude:
        if (!Forward(i, Finding::kAbsent, false)) Backward(i, Finding::kAbsent);
        break;
      case kDoubt:
        if (!Forward(i, Finding::kUncertain, false)) Backward(i, Finding::kUncertain);
        break;
      case kDoubtAfter:
        Backward(i, Finding::kUncertain);
        break;
      case kGone:
        if (IsWished(i)) break;
        // 拔除气管插管
        if (IsPartStart(i) && IsMention(tokens_[std::min(i + 1, size() - 1)])) {
          Forward(i, Finding::kAbsent, false);
          break;
        }
        [[fallthrough]];
      case kDenyAfter:
        Backward(i, Finding::kAbsent);
        break;
      case kPastBefore:
        Forward(i, Finding::kAbsent, false);
        break;
      case kPastAfter:
        Backward(i, Finding::kAbsent);
        break;
      case kAsk:
        // 建议置管, 拟行气管插管: it is not there yet.
        if (!IsWish(tokens_[i].text)) break;
        for (size_t k = i + 1; k < size() && !EndsPart(k) && RoleAt(k) != kVerb; ++k) {
          if (IsOneOf(RoleAt(k), {kGone, kUnsure, kBetter})) break;
          if ((tokens_[k].labels() & SetOf(ReportLabel::kSupportDevices)) != 0 &&
              RoleAt(k) == kFinding) {
            scopes_.of[k] = Finding::kNotMentioned;
          }
        }
        break;
      case kAfterSurgery:
        // What was operated on is gone; what was put in is not.
        if (!FollowsDevice(i)) Backward(i, Finding::kAbsent);
        break;
      default:
        break;
    }
  }

  static bool IsWish(std::string_view text) {
    constexpr std::array<std::string_view, 6> kWishes = {"建议", "拟", "需", "宜", "应", "必要时"};
    return std::any_of(kWishes.begin(), kWishes.end(),
                       [&](std::string_view wish) { return text.starts_with(wish); });
  }

  /// 建议拔除引流管: it is there yet.
  bool IsWished(size_t i) const {
    while (i > 0 && IsOneOf(RoleAt(i - 1), {kAdverb, kNeutral})) --i;
    return i > 0 && RoleAt(i - 1) == kAsk && IsWish(tokens_[i - 1].text);
  }

  /// Where neither what follows nor what precedes is a finding, a place itself is not seen:
  /// 右肋膈角未见显示, 右肺无肺纹理.
  void ApplyDenial(size_t i) {
    const bool object = Forward(i, Finding::kAbsent, /*over_commas=*/true);
    const bool subject = !object && Backward(i, Finding::kAbsent);
    if (subject) return;
    bool place = false;
    for (size_t k = i; k-- > 0 && !EndsPart(k);) place |= IsOneOf(RoleAt(k), {kPlace, kStructure});
    if (object) {
      place = false;
      for (size_t k = i + 1; k < size() && !EndsPart(k); ++k) {
        if (RoleAt(k) != kPlace && !IsOneOf(RoleAt(k), {kAdverb, kSide})) return;
        place |= RoleAt(k) == kPlace;
      }
    }
    scopes_.nothing_denied[i] = place;
  }

  void Lower(size_t i, Finding finding) { scopes_.of[i] = std::min(scopes_.of[i], finding); }

  /// Applies a cue to the list behind it. Whether there is anything behind it that it can be about.
  bool Forward(size_t cue, Finding finding, bool over_commas) {
    bool object = false;
    bool found = false;  // a finding of the list
    bool sided = false;  // a side in it
    for (size_t i = cue + 1; i < size(); ++i) {
      if (RoleAt(i) == kStop) break;
      if (RoleAt(i) == kComma) {
        const bool opens = !object && (tokens_[i].text == "(" || tokens_[i].text == ":");
        if (opens && over_commas) continue;
        if (!over_commas || !found || !ContinuesList(i + 1)) break;
        continue;
      }
      if (IsOneOf(RoleAt(i), {kDeny, kDoubt, kExclude, kAsk})) break;
      if (RoleAt(i) == kVerb && object) break;
      if (found && BeginsStatement(i, sided)) break;
      sided |= HasSide(tokens_[i]);
      // 未见骨折移位 denies the displacement.
      const bool owns = IsMention(tokens_[i]) && RoleAt(i + 1) == kAttribute;
      if (IsMention(tokens_[i])) {
        if (scopes_.of[i] != Finding::kNotMentioned && !owns) Lower(i, finding);
        found = true;
      }
      object |= IsNoun(tokens_[i]) ||
                IsOneOf(RoleAt(i), {kNeutral, kAbnormal, kNormal, kUnsure, kAfterSurgery, kFine});
    }
    return object;
  }

  /// Whether a new statement begins here, within a list that a denial governs: at a side or a
  /// structure without a link (未见结节右侧胸腔积液), and behind 、 at a side in a list without
  /// sides or at what has a state or an amount of its own (无气胸、右侧少量胸腔积液,
  /// 无气胸、心影增大).
  bool BeginsStatement(size_t i, bool sided) const {
    const bool side = HasSide(tokens_[i]);
    if (!Linked(i)) return side || RoleAt(i) == kStructure;
    if (i == 0 || !IsEnumeration(i - 1)) return false;
    if (side && !sided) return true;
    for (size_t k = i; k < size() && !EndsPart(k) && !IsOneOf(RoleAt(k), {kLink, kOr}); ++k) {
      const std::string_view text = tokens_[k].text;
      if (IsOneOf(RoleAt(k), {kAbnormal, kNormal, kFine})) return true;
      if (text.ends_with("量") && RoleAt(k) == kAdverb) return true;
    }
    return false;
  }

  bool IsEnumeration(size_t i) const {
    return RoleAt(i) == kLink && (tokens_[i].text == "、" || tokens_[i].text == "/");
  }

  bool Linked(size_t i) const {
    while (i > 0 && IsOneOf(RoleAt(i - 1), {kSide, kAdverb, kNeutral, kOf})) --i;
    return i > 0 && IsOneOf(RoleAt(i - 1), {kLink, kOr});
  }

  /// Whether the part between commas that begins here is nothing but more of a list: findings and
  /// what names them (胸腔积液), no side, no size, no verb, no state.
  bool ContinuesList(size_t begin) const {
    bool found = false;
    for (size_t i = begin; i < size() && !IsOneOf(RoleAt(i), {kComma, kStop}); ++i) {
      const ChineseToken& token = tokens_[i];
      const bool place = token.role == kPlace && !HasSide(token) &&
                         (token.place() == Place::kPleura || token.text == "肺");
      const bool filler = token.role == kLink || token.role == kOr ||
                          (token.role == kAdverb && IsSuffix(token.text)) ||
                          (token.role == kNeutral && IsKind(token.text)) || token.role == kShadow ||
                          (token.role == kStructure && found) || token.text == "心包" ||
                          token.text == "骨" || token.text == "骨质";
      if (!IsMention(token) && !place && !filler) return false;
      if (IsMention(token) && BeginsElsewhere(token.text)) return false;
      found |= IsMention(token) && token.labels() != 0;
    }
    return found;
  }

  /// Words of the table that name a place outside lung and pleura themselves: 主动脉硬化.
  static bool BeginsElsewhere(std::string_view word) {
    for (size_t length = 3; length < word.size(); length += 3) {
      const ChineseWords* part = FindChineseWord(word.substr(0, length));
      if (part != nullptr && part->role == kPlace && part->place == Place::kElsewhere) return true;
    }
    return false;
  }

  static bool IsSuffix(std::string_view text) {
    constexpr std::array<std::string_view, 14> kSuffixes = {"征",   "征象", "迹象",   "灶",  "等",
                                                            "等等", "形成", "样",     "性",  "明显",
                                                            "明确", "者",   "改变影", "表现"};
    return std::find(kSuffixes.begin(), kSuffixes.end(), text) != kSuffixes.end();
  }

  static bool IsKind(std::string_view text) {
    return text.ends_with("性") || text.ends_with("型") || text.ends_with("样");
  }

  /// Applies a cue to the list that ends before it, or, where nothing stands before it in its part,
  /// to the list that ends the part before.
  bool Backward(size_t cue, Finding finding) {
    size_t i = cue;
    // "骨折待MRI排除": what is asked for stands between. A denial is of the finding alone:
    // 密度不高, 性质不明 are not.
    const bool asked = IsOneOf(RoleAt(cue), {kDoubt, kExclude});
    const bool denial = IsOneOf(RoleAt(cue), {kDeny, kDenyAfter});
    bool neutral = false;
    while (i > 0 && (SkipsBack(i - 1) || (asked && RoleAt(i - 1) == kAsk))) {
      neutral |= RoleAt(--i) == kNeutral;
    }
    if (denial && neutral) return false;
    const bool alone = i == 0 || EndsPart(i - 1);
    if (alone) {
      if (i == 0 || RoleAt(i - 1) == kStop || neutral) return false;
      --i;
      while (i > 0 && (SkipsBack(i - 1) || RoleAt(i - 1) == kComma)) --i;
    }
    // 肋膈角消失: a structure that is gone is a finding itself.
    if (RoleAt(cue) == kGone && i > 0 && IsOneOf(RoleAt(i - 1), {kPlace, kStructure})) {
      tokens_[cue].role = kAbnormal;
      return true;
    }
    bool found = false;
    bool linked = true;
    for (; i-- > 0;) {
      const ChineseRole role = RoleAt(i);
      const bool with = role == kWith && !IsExclusion(tokens_[cue]);
      if (with || IsOneOf(role, {kComma, kStop, kVerb, kDeny, kDoubt, kExclude, kAsk})) break;
      if (IsOneOf(role, {kLink, kOr, kWith})) {
        linked = true;
      } else if (IsMention(tokens_[i])) {
        if (!linked && scopes_.of[i] != Finding::kNotMentioned) break;
        found = true;
        if (scopes_.of[i] != Finding::kNotMentioned) Lower(i, finding);
        // 肺炎浸润已消退, 髓内钉内固定已取出: two words for one thing.
        linked = tokens_[i].role == kShape ||
                 (finding == Finding::kAbsent && i > 0 && IsMention(tokens_[i - 1]) &&
                  tokens_[i].role != kAttribute);
      }
    }
    return found;
  }

  /// 不能排除: of all that stands before it, 肺炎合并实变不能排除.
  static bool IsExclusion(const ChineseToken& cue) {
    return cue.role == kDoubt && (cue.text.ends_with("排除") || cue.text.ends_with("除外"));
  }

  /// "结节或肿块": one of the two.
  void Alternatives() {
    for (size_t i = 0; i < size(); ++i) {
      if (RoleAt(i) != kOr) continue;
      const auto before = Neighbour(i, -1);
      const auto after = Neighbour(i, +1);
      if (!before || !after) continue;
      Lower(*before, Finding::kUncertain);
      Lower(*after, Finding::kUncertain);
    }
  }

  std::optional<size_t> Neighbour(size_t from, int step) const {
    for (size_t i = from + static_cast<size_t>(step); i < size(); i += static_cast<size_t>(step)) {
      if (IsMention(tokens_[i])) return i;
      if (IsOneOf(RoleAt(i), {kComma, kStop, kVerb, kLink})) return std::nullopt;
    }
    return std::nullopt;
  }

  FindingScopes scopes_;
};

}  // namespace

FindingScopes ReadScopes(std::vector<ChineseToken>& tokens) {
  return ScopeReader(tokens).Read();
}

}  // namespace roentgen
