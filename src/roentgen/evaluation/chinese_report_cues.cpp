#include <utility>

#include "roentgen/evaluation/chinese_report_tokens.h"

namespace roentgen {
namespace {

using enum ChineseRole;

/// Puts tokens together from left to right.
class Composer {
 public:
  explicit Composer(std::vector<ChineseToken> tokens) : in_(std::move(tokens)) {}

  std::vector<ChineseToken> Compose() {
    while (at_ < in_.size()) {
      if (IsOneOf(in_[at_].role, {kDeny, kCannot})) {
        Denial();
      } else if (in_[at_].role == kExclude) {
        out_.push_back(Excluded(in_[at_], Asked() ? kDoubt : kExclude));
        ++at_;
      } else if (in_[at_].role == kGone) {
        Add(IsPart() ? kBetter : kGone);
      } else if (in_[at_].role == kAbsorbed) {
        Add(!IsPart() && IsWhole() ? kGone : kBetter);
      } else {
        Add(in_[at_].role);
      }
    }
    return std::move(out_);
  }

 private:
  void Add(ChineseRole role) {
    out_.push_back(in_[at_]);
    out_.back().role = role;
    ++at_;
  }

  static ChineseToken Excluded(ChineseToken token, ChineseRole role) {
    token.role = role;
    return token;
  }

  /// Joins the tokens from `begin` to `end` as one of this role.
  void Join(size_t begin, size_t end, ChineseRole role) {
    ChineseToken token = in_[begin];
    const std::string_view last = in_[end - 1].text;
    token.text = {token.text.data(),
                  static_cast<size_t>(last.data() + last.size() - token.text.data())};
    token.role = role;
    token.words = nullptr;
    out_.push_back(token);
    at_ = end;
  }

  ChineseRole RoleAt(size_t i) const { return i < in_.size() ? in_[i].role : kStop; }

  /// Whether a denial, before the token `after`, is of a modifier of the finding that follows:
  /// 无移位骨折, 非张力性气胸, 无强化的结节. 未见 is of the finding, but in 未见移位的骨折.
  bool DeniesModifier(size_t after, bool verb) const {
    const bool kind = RoleAt(after) == kNeutral && IsKind(in_[after].text);
    const bool attribute = RoleAt(after) == kAttribute;
    size_t next = after + 1;
    bool of = false;
    while (IsOneOf(RoleAt(next), {kOf, kPlace, kSide, kNeutral, kAdverb})) {
      of |= RoleAt(next) == kOf;
      ++next;
    }
    const bool finding = IsOneOf(RoleAt(next), {kFinding, kWeakFinding});
    if ((attribute || kind) && finding && (!verb || of)) return true;
    if (verb) return false;
    for (size_t i = after; i < std::min(after + 3, in_.size()); ++i) {
      if (IsOneOf(in_[i].role, {kLink, kOr, kComma, kStop, kVerb})) return false;
      if (in_[i].role == kOf && i > after) return IsOneOf(RoleAt(i + 1), {kFinding, kOther});
    }
    return false;
  }

  /// 非张力性气胸, 未愈骨折: a finding of another kind.
  bool IsOtherKind(size_t after) const {
    if (after != at_ + 1) return false;
    const bool kind =
        in_[after < in_.size() ? after : at_].text.find("性") != std::string_view::npos;
    if (in_[at_].text == "非" && RoleAt(after) == kFinding && kind) return true;
    return IsOneOf(RoleAt(after), {kGone, kAbsorbed}) && RoleAt(after + 1) == kFinding;
  }

  /// 张力性, 粉碎型: words that say of what kind a finding is.
  static bool IsKind(std::string_view text) { return text.ends_with("性") || text.ends_with("型"); }

  void Denial() {
    const size_t begin = at_;
    size_t next = begin + 1;
    bool fresh = false;  // 未见新发: what was there before is not spoken of
    bool verb = false;
    while (IsOneOf(RoleAt(next), {kAdverb, kVerb, kComplete, kPartial, kCannot, kWith, kBehind}) ||
           (RoleAt(next) == kDeny && in_[next].text == "有")) {
      if (RoleAt(next) == kBehind && in_[next].text != "处") break;
      verb |= RoleAt(next) == kVerb;
      fresh |= in_[next].text.starts_with("新") && in_[next].text != "新鲜";
      ++next;
    }
    if (DeniesModifier(next, verb)) return Join(begin, next + 1, kNeutral);
    if (IsOtherKind(next)) {
      return Join(begin, RoleAt(next) == kFinding ? begin + 1 : next + 1, kNeutral);
    }
    const bool cannot = in_[begin].role == kCannot && !verb;  // 未能发现 is a denial
    if (cannot && RoleAt(next) == kDeny) return Join(begin, next + 1, kDoubt);  // 不能否认
    switch (RoleAt(next)) {
      case kExclude:
        return Join(begin, next + 1, kDoubt);
      case kDoubt:
      case kDoubtAfter:
        return Join(begin, next + 1, cannot ? kDoubt : kDeny);
      case kGone:
      case kAbsorbed:
      case kBetter:
      case kChange:
        // 未见复发肿块 denies the mass.
        if (RoleAt(next + 1) == kFinding) {
          return Join(begin, next + 1, in_[next].text.starts_with("新") ? kDoubt : kDeny);
        }
        return Join(begin, next + 1, kChange);
      case kUnsure:
        return Join(begin, next + 1, kUnsure);
      case kAbnormal:
        // 未见增大淋巴结 denies the node, 无扩张积气 both.
        if (IsOneOf(RoleAt(next + 1), {kPlace, kFinding, kOther})) return Join(begin, next, kDeny);
        return Join(begin, next + 1, cannot ? kUnsure : kNormal);
      case kNormal:
      case kFine:
        return Join(begin, next + 1, kOther);
      case kGrade:
        // 密度不高, 量不多; but 未见小结节.
        if (next == begin + 1 && !IsNounAt(next + 1)) return Join(begin, next + 1, kNeutral);
        return Join(begin, next, cannot || fresh ? kDoubt : kDeny);
      case kAbnormality:
        if (!IsOneOf(RoleAt(next + 1), {kFinding, kOther, kWeakFinding, kShape})) {
          return Join(begin, next + 1, cannot ? kUnsure : kNormal);
        }
        return Join(begin, next + 1, kDeny);
      default:
        return Join(begin, next, cannot || fresh ? kDoubt : kDeny);
    }
  }

  bool IsNounAt(size_t i) const { return i < in_.size() && IsNoun(in_[i]); }

  /// Whether the clause asked for something before: 建议CT排除, 待除外.
  bool Asked() const {
    for (size_t i = out_.size(); i-- > 0;) {
      if (IsOneOf(out_[i].role, {kComma, kStop})) return false;
      if (out_[i].role == kAsk) return true;
    }
    return false;
  }

  /// How complete 吸收 and 消失 are, from the words before them.
  bool IsPart() const {
    bool whole = false;
    for (size_t i = out_.size();
         i-- > 0 && IsOneOf(out_[i].role, {kAdverb, kComplete, kPartial});) {
      const std::string_view text = out_[i].text;
      if (out_[i].role == kPartial && (text != "较前" || !whole)) {
        return text != "较前" || in_[at_].role == kAbsorbed;
      }
      if (text == "明显") return true;
      whole |= out_[i].role == kComplete;
    }
    return false;
  }
  bool IsWhole() const {
    bool near = true;  // nothing but adverbs between
    for (size_t i = out_.size(); i-- > 0 && !IsOneOf(out_[i].role, {kComma, kStop});) {
      near = near && IsOneOf(out_[i].role, {kAdverb, kComplete, kPartial});
      if (near && out_[i].role == kComplete) return true;
      if (out_[i].text.starts_with("原")) return true;  // 原右肺炎症吸收
    }
    return false;
  }

  std::vector<ChineseToken> in_;
  std::vector<ChineseToken> out_;
  size_t at_ = 0;
};

}  // namespace

std::vector<ChineseToken> ComposeCues(std::vector<ChineseToken> tokens) {
  return Composer(std::move(tokens)).Compose();
}

}  // namespace roentgen
