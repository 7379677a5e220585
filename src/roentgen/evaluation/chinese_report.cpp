// What a sentence of a Chinese report says of each finding. Every finding looks which cue governs
// it, by Chinese word order: a denial governs the list behind it up to a new verb or a new place
// with a side; 消失 and 可能 govern the list before them; a modifier's denial (无移位骨折) governs
// the modifier.

#include <algorithm>
#include <array>
#include <utility>

#include "roentgen/evaluation/chinese_report_tokens.h"
#include "roentgen/evaluation/heart_ratio.h"
#include "roentgen/evaluation/report_reading.h"

namespace roentgen {
namespace {

using enum ChineseRole;

class Sentence {
 public:
  Sentence(std::vector<ChineseToken> tokens, Place place)
      : tokens_(std::move(tokens)), place_(place) {
    size_t group = 0;
    for (ChineseToken& token : tokens_) {
      if (IsOneOf(token.role, {kComma, kStop})) ++group;
      token.group = group;
    }
    state_.assign(tokens_.size(), Finding::kPresent);
    nothing_denied_.assign(tokens_.size(), false);
    MarkModifiers();
    MarkStates();
    for (size_t i = 0; i < tokens_.size(); ++i) ApplyCue(i);
    Alternatives();
  }

  SentenceReading Read() {
    SentenceReading reading;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const ChineseToken& token = tokens_[i];
      if (token.role == kUnknown) reading.unknown.emplace_back(token.text);
      if (token.role == kPlace || token.role == kStructure || NamesLung(token)) {
        // 纵隔旁 is in the lung.
        if (i + 1 == size() || tokens_[i + 1].text != "旁" || token.role != kStructure) {
          if (PlaceOf(token) != Place::kUnsaid) place_ = PlaceOf(token);
          places_.push_back(i);
        }
      }
      ReadToken(i, reading);
    }
    return reading;
  }

  Place place() const { return place_; }

 private:
  void ReadToken(size_t i, SentenceReading& reading) {
    const ChineseToken& token = tokens_[i];
    switch (token.role) {
      case kStructure:
        if (!IsLocation(i)) AddLabels(reading, token.labels(), structure_[i]);
        break;
      case kNormal:
      case kFine:
      case kDenyAfter:
        reading.normal = true;
        break;
      case kAbnormality:
      case kAbnormal:
        AddState(reading, i);
        break;
      case kAfterSurgery:
        if (IsSurgery(token.text) && !FollowsDevice(i) && !IsPartStart(i)) AddOther(reading);
        break;
      case kGrade:
        if (IsPredicate(i)) AddOther(reading);
        break;
      case kShadow:
        if (!IsNamedShadow(i)) AddOther(reading);
        break;
      case kChange:
        if (token.words != nullptr && !HasMentionBefore(i)) AddOther(reading);
        break;
      case kUnsure:
        if (token.text == "改变" && !HasMentionBefore(i)) AddOther(reading);
        break;
      case kDeny:
        if (nothing_denied_[i]) AddOther(reading);
        break;
      default:
        if (IsMention(token) && state_[i] != Finding::kNotMentioned) AddMention(reading, i);
    }
  }

  static void AddOther(SentenceReading& reading) {
    reading.statements.push_back({std::nullopt, Finding::kPresent});
  }

  // ---- What is abnormal without a noun of its own

  bool EndsPart(size_t i) const { return IsOneOf(RoleAt(i), {kComma, kStop}); }

  bool HasMentionBefore(size_t i) const {
    while (i > 0 && !EndsPart(i - 1)) {
      if (IsMention(tokens_[--i])) return true;
    }
    return false;
  }

  /// 心影小, 右肺密度高: at the end of a part that names no finding, but a place.
  bool IsPredicate(size_t i) const {
    size_t next = i + 1;
    while (IsOneOf(RoleAt(next), {kGrade, kAdverb})) ++next;
    if (!EndsPart(next) || HasMentionBefore(i)) return false;
    while (i > 0 && !EndsPart(i - 1)) {
      if (IsOneOf(RoleAt(--i), {kPlace, kStructure})) return true;
    }
    return false;
  }

  /// 心影, 血管影, 斑片状影, but neither 带状影 nor 椭圆形影; what is denied is none.
  bool IsNamedShadow(size_t i) const {
    for (size_t k = i; k-- > 0 && !EndsPart(k);) {
      if (IsNoun(tokens_[k]) || IsOneOf(RoleAt(k), {kDeny, kShadow, kNormal, kDoubt})) return true;
      if (RoleAt(k) == kVerb) break;
    }
    return IsMention(tokens_[std::min(i + 1, size() - 1)]);
  }

  ChineseRole RoleAt(size_t i) const { return i < tokens_.size() ? tokens_[i].role : kStop; }
  size_t size() const { return tokens_.size(); }
  bool SameGroup(size_t a, size_t b) const { return tokens_[a].group == tokens_[b].group; }

  /// Words that neither name nor end anything.
  bool IsFiller(size_t i) const {
    return IsOneOf(RoleAt(i), {kAdverb, kNeutral, kOf, kComplete, kPartial, kBehind, kSide, kChange,
                               kPastBefore, kFine, kGrade, kShadow, kBetter});
  }

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
        state_[i] = Finding::kNotMentioned;
      }
    }
  }

  // ---- States of structures

  /// 纵隔淋巴结, 心影后方, 纵隔旁: a place, of which nothing is said.
  bool IsLocation(size_t i) const { return RoleAt(i + 1) == kBehind || RoleAt(i + 1) == kPlace; }

  static std::optional<Finding> StateOf(ChineseRole role) {
    switch (role) {
      case kNormal:
      case kDenyAfter:
        return Finding::kAbsent;
      case kAbnormal:
        return Finding::kPresent;
      case kUnsure:
      case kDoubtAfter:
        return Finding::kUncertain;
      default:
        return std::nullopt;
    }
  }

  /// The nearest state behind a structure; in a later part only where that part names nothing of
  /// its own before it.
  std::optional<size_t> FindState(size_t structure) const {
    bool list = true;  // nothing but nouns, links and fillers so far: 心影、纵隔及两肺门
    bool noun = false;
    for (size_t i = structure + 1; i < size(); ++i) {
      if (RoleAt(i) == kStop) return std::nullopt;
      const bool state = StateOf(RoleAt(i)) && tokens_[i].text != "?";
      // Over a comma a list may be normal: "肺门,纵隔,心影未见异常".
      if (state && (SameGroup(structure, i) || RoleAt(i) != kAbnormal || !noun)) return i;
      if (state) return std::nullopt;
      const bool listed = list && IsOneOf(RoleAt(i), {kStructure, kPlace});
      if (IsNoun(tokens_[i]) && !listed) return std::nullopt;
      noun |= listed;
      list = list && (IsFiller(i) || listed || IsOneOf(RoleAt(i), {kLink, kOr, kComma}));
    }
    return std::nullopt;
  }

  /// A state before its structure: 增大的心影, 未见增大心影.
  std::optional<size_t> StateBefore(size_t structure) const {
    size_t i = structure;
    while (i > 0 && RoleAt(i - 1) == kOf) --i;
    if (i > 0 && RoleAt(i - 1) == kAbnormal) return i - 1;
    return std::nullopt;
  }

  std::optional<Finding> RatioState(size_t structure) const {
    const std::string_view word = tokens_[structure].text;
    const bool ratio = word.find("比") != std::string_view::npos || word == "ctr" || word == "c/t";
    if (!ratio || tokens_.empty()) return std::nullopt;
    const std::string_view last = tokens_.back().text;
    const char* begin = word.data() + word.size();
    return ReadHeartRatio({begin, static_cast<size_t>(last.data() + last.size() - begin)});
  }

  void MarkStates() {
    structure_.assign(size(), Finding::kNotMentioned);
    owner_.assign(size(), false);
    for (size_t i = 0; i < size(); ++i) {
      if (RoleAt(i) != kStructure || IsLocation(i)) continue;
      if (const auto ratio = RatioState(i)) {
        structure_[i] = *ratio;
        continue;
      }
      if (IsDeniedAbnormality(i)) {
        structure_[i] = Finding::kAbsent;
        continue;
      }
      std::optional<size_t> state = FindState(i);
      if (!state) state = StateBefore(i);
      if (!state) continue;
      structure_[i] = *StateOf(RoleAt(*state));
      if (structure_[i] == Finding::kPresent) {
        owner_[*state] = true;
        structure_[i] = WithCues(*state);
      }
    }
  }

  /// 未见明显心肺异常
  bool IsDeniedAbnormality(size_t structure) const {
    if (RoleAt(structure + 1) != kAbnormality) return false;
    for (size_t i = structure; i-- > 0 && SameGroup(i, structure);) {
      if (RoleAt(i) == kDeny) return true;
    }
    return false;
  }

  /// An abnormal state that is doubted, denied or alternative.
  Finding WithCues(size_t state) const {
    for (size_t i = state + 1; i < size() && SameGroup(i, state); ++i) {
      if (RoleAt(i) == kDenyAfter) return Finding::kAbsent;
      if (IsOneOf(RoleAt(i), {kDoubtAfter, kDoubt})) return Finding::kUncertain;
      if (RoleAt(i) == kGone) return Finding::kAbsent;
      // 纵隔增宽、心影增大均待排
      const bool listed = RoleAt(i) == kStructure && RoleAt(i - 1) == kLink;
      if (IsNoun(tokens_[i]) && !listed) break;
    }
    for (size_t i = state; i-- > 0 && SameGroup(i, state);) {
      if (RoleAt(i) == kDoubt) return Finding::kUncertain;
      if (RoleAt(i) == kDeny) return Finding::kAbsent;
      if (IsMention(tokens_[i])) break;
    }
    return Finding::kPresent;
  }

  // ---- Denial and doubt of findings

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
            state_[k] = Finding::kNotMentioned;
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
    nothing_denied_[i] = place;
  }

  bool IsPartStart(size_t i) const {
    while (i > 0 && SkipsBack(i - 1)) --i;
    return i == 0 || IsOneOf(RoleAt(i - 1), {kComma, kStop});
  }

  /// 术后 and the like, but 治疗后.
  static bool IsSurgery(std::string_view text) {
    return text.find("术") != std::string_view::npos || text.starts_with("切除");
  }

  bool FollowsDevice(size_t i) const {
    while (i > 0 && SkipsBack(i - 1)) --i;
    return i > 0 && (tokens_[i - 1].labels() & SetOf(ReportLabel::kSupportDevices)) != 0;
  }

  void Lower(size_t i, Finding finding) { state_[i] = std::min(state_[i], finding); }

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
        if (state_[i] != Finding::kNotMentioned && !owns) Lower(i, finding);
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

  /// 右侧, 右肺, 双肺.
  static bool HasSide(const ChineseToken& token) {
    if (token.role == kSide) return true;
    return token.role == kPlace && (token.text.starts_with("右") || token.text.starts_with("左") ||
                                    token.text.starts_with("双") || token.text.starts_with("两"));
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
        if (!linked && state_[i] != Finding::kNotMentioned) break;
        found = true;
        if (state_[i] != Finding::kNotMentioned) Lower(i, finding);
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

  bool SkipsBack(size_t i) const {
    return IsOneOf(RoleAt(i), {kAdverb, kNeutral, kOf, kComplete, kPartial, kPastBefore, kBehind,
                               kBetter, kChange, kVerb, kUnsure, kPastAfter, kShadow, kGrade}) &&
           !(RoleAt(i) == kVerb && tokens_[i].text != "显示" && tokens_[i].text != "存在" &&
             tokens_[i].text != "现");
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

  // ---- What is said

  static void AddLabels(SentenceReading& reading, LabelSet labels, Finding finding) {
    if (finding == Finding::kNotMentioned) return;
    for (size_t label = 0; label < kReportLabels; ++label) {
      if ((labels >> label & 1U) != 0) {
        reading.statements.push_back({static_cast<ReportLabel>(label), finding});
      }
    }
  }

  /// 肺不张, 肺炎: a finding that names its place.
  static bool NamesLung(const ChineseToken& token) {
    return IsMention(token) && token.text.starts_with("肺");
  }
  static Place PlaceOf(const ChineseToken& token) {
    return NamesLung(token) ? Place::kLung : token.place();
  }

  /// The places that a mention may be at: the nearest before it, and those linked with that.
  std::vector<Place> PlacesOf(size_t mention) const {
    std::vector<Place> places;
    size_t last = mention;
    for (size_t k = places_.size(); k-- > 0;) {
      const size_t i = places_[k];
      if (PlaceOf(tokens_[i]) == Place::kUnsaid) continue;
      if (!places.empty() && !IsLinkedPlace(i, last)) break;
      places.push_back(PlaceOf(tokens_[i]));
      last = i;
    }
    if (places.empty()) places.push_back(place_);
    return places;
  }

  bool IsLinkedPlace(size_t first, size_t second) const {
    bool link = false;
    for (size_t i = first + 1; i < second; ++i) {
      if (RoleAt(i) == kLink) {
        link = true;
      } else if (!IsOneOf(RoleAt(i), {kSide, kAdverb, kNeutral, kBehind, kPlace})) {
        return false;
      }
    }
    return link;
  }

  static bool IsLabelledIn(Place place, LabelledIn where) {
    switch (where) {
      case LabelledIn::kAnywhere:
        return true;
      case LabelledIn::kChest:
      case LabelledIn::kPleuralSpace:
        return place != Place::kElsewhere;
      case LabelledIn::kLung:
        return place == Place::kLung;
      case LabelledIn::kPleura:
        return place == Place::kPleura;
    }
    return true;
  }

  void AddMention(SentenceReading& reading, size_t i) {
    const ChineseToken& token = tokens_[i];
    const Finding finding =
        token.role == kWeakFinding ? std::min(state_[i], Finding::kUncertain) : state_[i];
    if (token.labels() == 0) {
      reading.statements.push_back({std::nullopt, finding});
      return;
    }
    if (token.place() != Place::kUnsaid) {
      AddLabels(reading, token.labels(), finding);
      return;
    }
    bool other = false;
    bool labelled = false;
    for (const Place place : PlacesOf(i)) {
      const bool here = IsLabelledIn(place, token.words->labelled_in);
      labelled |= here;
      other |= !here;
    }
    if (labelled) AddLabels(reading, token.labels(), finding);
    if (other) reading.statements.push_back({std::nullopt, finding});
  }

  /// A state that belongs to no structure with a label, or 异常 itself.
  void AddState(SentenceReading& reading, size_t i) {
    if (owner_[i]) return;
    // Of a finding it is a change: 结节增大.
    for (size_t k = i; k-- > 0 && SameGroup(k, i);) {
      if (IsOneOf(RoleAt(k), {kPlace, kStructure})) break;
      if (IsMention(tokens_[k])) return;
    }
    reading.statements.push_back({std::nullopt, WithCues(i)});
  }

  std::vector<ChineseToken> tokens_;
  Place place_;
  std::vector<size_t> places_;        // tokens that are places, up to the one being read
  std::vector<Finding> state_;        // of mentions
  std::vector<bool> nothing_denied_;  // of denials: a place itself is not seen
  std::vector<Finding> structure_;    // of structures
  std::vector<bool> owner_;           // of states: whether a structure has it
};

}  // namespace

SentenceReading ChineseReportReader::Read(std::string_view text) {
  Sentence sentence(ComposeCues(CutChineseSentence(text)), place_);
  SentenceReading reading = sentence.Read();
  place_ = sentence.place();
  return reading;
}

}  // namespace roentgen
