// What a sentence of a Chinese report states: its findings with their labels, which depend on the
// place, and what is abnormal without a finding's name.

#include <algorithm>
#include <utility>

#include "roentgen/evaluation/chinese_sentence.h"
#include "roentgen/evaluation/report_reading.h"

namespace roentgen {
namespace {

using enum ChineseRole;

/// Numbers the parts between commas.
std::vector<ChineseToken> WithParts(std::vector<ChineseToken> tokens) {
  size_t part = 0;
  for (ChineseToken& token : tokens) {
    if (IsOneOf(token.role, {kComma, kStop})) ++part;
    token.group = part;
  }
  return tokens;
}

class StatementReader : public ChineseSentence {
 public:
  StatementReader(std::vector<ChineseToken>& tokens, Place place)
      : ChineseSentence(tokens),
        states_(ReadStructureStates(tokens)),
        scopes_(ReadScopes(tokens)),
        place_(place) {}

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
        if (!IsLocation(i)) AddLabels(reading, token.labels(), states_.of[i]);
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
        if (scopes_.nothing_denied[i]) AddOther(reading);
        break;
      default:
        if (IsMention(token) && scopes_.of[i] != Finding::kNotMentioned) AddMention(reading, i);
    }
  }

  static void AddOther(SentenceReading& reading) {
    reading.statements.push_back({std::nullopt, Finding::kPresent});
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

  /// 术后 and the like, but 治疗后.
  static bool IsSurgery(std::string_view text) {
    return text.find("术") != std::string_view::npos || text.starts_with("切除");
  }

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
        token.role == kWeakFinding ? std::min(scopes_.of[i], Finding::kUncertain) : scopes_.of[i];
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
    if (states_.owned[i]) return;
    // Of a finding it is a change: 结节增大.
    for (size_t k = i; k-- > 0 && SameGroup(k, i);) {
      if (IsOneOf(RoleAt(k), {kPlace, kStructure})) break;
      if (IsMention(tokens_[k])) return;
    }
    reading.statements.push_back({std::nullopt, StateWithCues(tokens_, i)});
  }

  const StructureStates states_;
  const FindingScopes scopes_;
  Place place_;                 // the last that was named
  std::vector<size_t> places_;  // tokens that are places, up to the one being read
};

}  // namespace

SentenceReading ChineseReportReader::Read(std::string_view text) {
  std::vector<ChineseToken> tokens = WithParts(ComposeCues(CutChineseSentence(text)));
  StatementReader reader(tokens, place_);
  SentenceReading reading = reader.Read();
  place_ = reader.place();
  return reading;
}

}  // namespace roentgen
