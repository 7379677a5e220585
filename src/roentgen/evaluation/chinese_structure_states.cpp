// In which state heart and mediastinum are said to be.

#include <optional>
#include <utility>

#include "roentgen/evaluation/chinese_sentence.h"
#include "roentgen/evaluation/heart_ratio.h"

namespace roentgen {
namespace {

using enum ChineseRole;

class StateReader : public ChineseSentence {
 public:
  explicit StateReader(std::vector<ChineseToken>& tokens) : ChineseSentence(tokens) {}

  StructureStates Read() {
    MarkStates();
    return std::move(states_);
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

 private:
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
    states_.of.assign(size(), Finding::kNotMentioned);
    states_.owned.assign(size(), false);
    for (size_t i = 0; i < size(); ++i) {
      if (RoleAt(i) != kStructure || IsLocation(i)) continue;
      if (const auto ratio = RatioState(i)) {
        states_.of[i] = *ratio;
        continue;
      }
      if (IsDeniedAbnormality(i)) {
        states_.of[i] = Finding::kAbsent;
        continue;
      }
      std::optional<size_t> state = FindState(i);
      if (!state) state = StateBefore(i);
      if (!state) continue;
      states_.of[i] = *StateOf(RoleAt(*state));
      if (states_.of[i] == Finding::kPresent) {
        states_.owned[*state] = true;
        states_.of[i] = WithCues(*state);
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

  StructureStates states_;
};

}  // namespace

StructureStates ReadStructureStates(std::vector<ChineseToken>& tokens) {
  return StateReader(tokens).Read();
}

Finding StateWithCues(std::vector<ChineseToken>& tokens, size_t state) {
  return StateReader(tokens).WithCues(state);
}

}  // namespace roentgen
