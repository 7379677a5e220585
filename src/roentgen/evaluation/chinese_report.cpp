// What a sentence of a Chinese report says of each finding. Every finding looks which cue governs
// it, by Chinese word order: a denial governs the list behind it up to a new verb or a new place
// with a side; 消失 and 可能 govern the list before them; a modifier's denial (无移位骨折) governs
// the modifier.

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "roentgen/evaluation/chinese_report_tokens.h"
#include "roentgen/evaluation/report_reading.h"

namespace roentgen {
namespace {

using enum ChineseRole;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

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
      if (token.role == kPlace || token.role == kStructure) {
        // 纵隔旁 is in the lung.
        if (i + 1 == size() || tokens_[i + 1].text != "旁" || token.role != kStructure) {
          if (token.place() != Place::kUnsaid) place_ = token.place();
          places_.push_back(i);
        }
      }
      if (token.role == kStructure && !IsLocation(i)) {
        AddLabels(reading, token.labels(), structure_[i]);
      } else if (IsMention(token) && state_[i] != Finding::kNotMentioned) {
        AddMention(reading, i);
      } else if (token.role == kAbnormality || token.role == kAbnormal) {
        AddState(reading, i);
      } else if (token.role == kAfterSurgery && !FollowsDevice(i) && !IsPartStart(i)) {
        reading.statements.push_back({std::nullopt, Finding::kPresent});
      }
    }
    return reading;
  }

  Place place() const { return place_; }

 private:
  ChineseRole RoleAt(size_t i) const { return i < tokens_.size() ? tokens_[i].role : kStop; }
  size_t size() const { return tokens_.size(); }
  bool SameGroup(size_t a, size_t b) const { return tokens_[a].group == tokens_[b].group; }

  /// Words that neither name nor end anything.
  bool IsFiller(size_t i) const {
    return IsOneOf(RoleAt(i), {kAdverb, kNeutral, kOf, kComplete, kPartial, kBehind, kSide, kChange,
                               kPastBefore});
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
    bool noun = false;
    for (size_t i = structure + 1; i < size(); ++i) {
      if (RoleAt(i) == kStop) return std::nullopt;
      const bool state = StateOf(RoleAt(i)) && tokens_[i].text != "?";
      // Over a comma a list may be normal: "肺门,纵隔,心影未见异常".
      if (state && (SameGroup(structure, i) || RoleAt(i) != kAbnormal || !noun)) return i;
      if (state) return std::nullopt;
      const bool listed = IsOneOf(RoleAt(i), {kStructure, kPlace}) && IsListedAfter(structure, i);
      if (IsNoun(tokens_[i]) && !listed) return std::nullopt;
      noun |= listed;
    }
    return std::nullopt;
  }

  /// "心影、纵隔及两肺门": nouns with links or nothing but fillers between.
  bool IsListedAfter(size_t first, size_t noun) const {
    for (size_t i = first + 1; i < noun; ++i) {
      const bool part = IsFiller(i) || IsOneOf(RoleAt(i), {kLink, kOr, kComma, kStructure, kPlace});
      if (!part) return false;
    }
    return true;
  }

  /// A state before its structure: 增大的心影, 未见增大心影.
  std::optional<size_t> StateBefore(size_t structure) const {
    size_t i = structure;
    while (i > 0 && RoleAt(i - 1) == kOf) --i;
    if (i > 0 && RoleAt(i - 1) == kAbnormal) return i - 1;
    return std::nullopt;
  }

  /// 心胸比约0.56: above one half is enlarged.
  std::optional<Finding> RatioState(size_t structure) const {
    if (tokens_[structure].text.find("心胸比") == std::string_view::npos) return std::nullopt;
    std::optional<double> bound;
    bool less = false;
    bool more = false;
    for (size_t i = structure + 1; i < size() && i < structure + 6; ++i) {
      const std::string_view text = tokens_[i].text;
      less |= text == "<" || text == "小于" || text == "不足" || text == "≤";
      more |= text == ">" || text == "大于" || text == "超过" || text == "≥";
      if (IsDigit(text.front())) {
        bound = std::atof(std::string(text).c_str());
        break;
      }
    }
    if (!bound) return std::nullopt;
    if (*bound >= 1) *bound /= 100;  // in per cent
    const bool enlarged = more || (!less && *bound > 0.5);
    return enlarged ? Finding::kPresent : Finding::kAbsent;
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

  /// An abnormal state that is doubted, denied or alternative.
  Finding WithCues(size_t state) const {
    for (size_t i = state + 1; i < size() && SameGroup(i, state); ++i) {
      if (RoleAt(i) == kDenyAfter) return Finding::kAbsent;
      if (IsOneOf(RoleAt(i), {kDoubtAfter, kDoubt})) return Finding::kUncertain;
      if (RoleAt(i) == kGone) return Finding::kAbsent;
      if (IsNoun(tokens_[i])) break;
    }
    for (size_t i = state; i-- > 0 && SameGroup(i, state);) {
      if (RoleAt(i) == kDoubt) return Finding::kUncertain;
      if (RoleAt(i) == kDeny) return Finding::kAbsent;
    }
    return Finding::kPresent;
  }

  // ---- Denial and doubt of findings

  void ApplyCue(size_t i) {
    switch (RoleAt(i)) {
      case kDeny:
        if (!Forward(i, Finding::kAbsent, /*over_commas=*/true)) Backward(i, Finding::kAbsent);
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
      case kAfterSurgery:
        // What was operated on is gone; what was put in is not.
        if (!FollowsDevice(i)) Backward(i, Finding::kAbsent);
        break;
      default:
        break;
    }
  }

  bool IsPartStart(size_t i) const {
    while (i > 0 && SkipsBack(i - 1)) --i;
    return i == 0 || IsOneOf(RoleAt(i - 1), {kComma, kStop});
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
    for (size_t i = cue + 1; i < size(); ++i) {
      if (RoleAt(i) == kStop) break;
      if (RoleAt(i) == kComma) {
        if (!over_commas || !found || !ContinuesList(i + 1)) break;
        continue;
      }
      if (IsOneOf(RoleAt(i), {kDeny, kDoubt, kExclude, kAsk})) break;
      if (RoleAt(i) == kVerb && object) break;
      if (RoleAt(i) == kSide && found && !Linked(i)) break;
      if (RoleAt(i) == kStructure && found && !Linked(i)) break;
      if (IsMention(tokens_[i])) {
        if (state_[i] != Finding::kNotMentioned) Lower(i, finding);
        found = true;
      }
      object |= IsNoun(tokens_[i]) || RoleAt(i) == kNeutral || RoleAt(i) == kAbnormal;
    }
    return object;
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
      const bool place = token.role == kPlace && token.place() != Place::kElsewhere;
      const bool filler = token.role == kLink || token.role == kOr ||
                          (token.role == kAdverb && IsSuffix(token.text)) ||
                          (token.role == kNeutral && IsKind(token.text)) ||
                          (token.role == kStructure && found) || token.text == "心包" ||
                          token.text == "骨" || token.text == "骨质";
      if (!IsMention(token) && !place && !filler) return false;
      if (IsMention(token) && BeginsElsewhere(token.text)) return false;
      found |= IsMention(token);
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
    constexpr std::array<std::string_view, 14> kSuffixes = {"征",   "征象", "影",     "灶",  "等",
                                                            "等等", "形成", "样",     "性",  "明显",
                                                            "明确", "者",   "改变影", "表现"};
    return std::find(kSuffixes.begin(), kSuffixes.end(), text) != kSuffixes.end();
  }
  static bool IsKind(std::string_view text) {
    return text.ends_with("性") || text.ends_with("型") || text.ends_with("样");
  }

  /// Applies a cue to the list that ends before it, or, where nothing stands before it in its part,
  /// to the list that ends the part before.
  void Backward(size_t cue, Finding finding) {
    size_t i = cue;
    while (i > 0 && SkipsBack(i - 1)) --i;
    const bool alone = i == 0 || IsOneOf(RoleAt(i - 1), {kComma, kStop});
    if (alone) {
      if (i == 0 || RoleAt(i - 1) == kStop) return;
      --i;
      while (i > 0 && (SkipsBack(i - 1) || RoleAt(i - 1) == kComma)) --i;
    }
    // 肋膈角消失: a structure that is gone is a finding itself.
    if (RoleAt(cue) == kGone && i > 0 && IsOneOf(RoleAt(i - 1), {kPlace, kStructure})) {
      tokens_[cue].role = kAbnormal;
      return;
    }
    bool linked = true;
    for (; i-- > 0;) {
      const ChineseRole role = RoleAt(i);
      if (IsOneOf(role, {kComma, kStop, kVerb, kWith, kDeny, kDoubt, kExclude, kAsk})) break;
      if (IsOneOf(role, {kLink, kOr})) {
        linked = true;
      } else if (IsMention(tokens_[i])) {
        if (!linked && state_[i] != Finding::kNotMentioned) break;
        if (state_[i] != Finding::kNotMentioned) Lower(i, finding);
        linked = tokens_[i].role == kShape;
      }
    }
  }

  bool SkipsBack(size_t i) const {
    return IsOneOf(RoleAt(i), {kAdverb, kNeutral, kOf, kComplete, kPartial, kPastBefore, kBehind,
                               kAbsorbed, kChange, kVerb, kUnsure, kPastAfter}) &&
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

  /// The places that a mention may be at: the nearest before it, and those linked with that.
  std::vector<Place> PlacesOf(size_t mention) const {
    std::vector<Place> places;
    size_t last = mention;
    for (size_t k = places_.size(); k-- > 0;) {
      const size_t i = places_[k];
      if (tokens_[i].place() == Place::kUnsaid) continue;
      if (!places.empty() && !IsLinkedPlace(i, last)) break;
      places.push_back(tokens_[i].place());
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
  std::vector<size_t> places_;      // tokens that are places, up to the one being read
  std::vector<Finding> state_;      // of mentions
  std::vector<Finding> structure_;  // of structures
  std::vector<bool> owner_;         // of states: whether a structure has it
};

}  // namespace

SentenceReading ChineseReportReader::Read(std::string_view text) {
  Sentence sentence(ComposeCues(CutChineseSentence(text)), place_);
  SentenceReading reading = sentence.Read();
  place_ = sentence.place();
  return reading;
}

}  // namespace roentgen
