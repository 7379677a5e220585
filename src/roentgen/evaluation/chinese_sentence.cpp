#include "roentgen/evaluation/chinese_sentence.h"

namespace roentgen {

using enum ChineseRole;

ChineseRole ChineseSentence::RoleAt(size_t i) const {
  return i < tokens_.size() ? tokens_[i].role : kStop;
}

size_t ChineseSentence::size() const {
  return tokens_.size();
}

bool ChineseSentence::SameGroup(size_t a, size_t b) const {
  return tokens_[a].group == tokens_[b].group;
}

bool ChineseSentence::EndsPart(size_t i) const {
  return IsOneOf(RoleAt(i), {kComma, kStop});
}

bool ChineseSentence::HasMentionBefore(size_t i) const {
  while (i > 0 && !EndsPart(i - 1)) {
    if (IsMention(tokens_[--i])) return true;
  }
  return false;
}

bool ChineseSentence::IsFiller(size_t i) const {
  return IsOneOf(RoleAt(i), {kAdverb, kNeutral, kOf, kComplete, kPartial, kBehind, kSide, kChange,
                             kPastBefore, kFine, kGrade, kShadow, kBetter});
}

bool ChineseSentence::SkipsBack(size_t i) const {
  return IsOneOf(RoleAt(i), {kAdverb, kNeutral, kOf, kComplete, kPartial, kPastBefore, kBehind,
                             kBetter, kChange, kVerb, kUnsure, kPastAfter, kShadow, kGrade}) &&
         !(RoleAt(i) == kVerb && tokens_[i].text != "显示" && tokens_[i].text != "存在" &&
           tokens_[i].text != "现");
}

bool ChineseSentence::IsPartStart(size_t i) const {
  while (i > 0 && SkipsBack(i - 1)) --i;
  return i == 0 || IsOneOf(RoleAt(i - 1), {kComma, kStop});
}

bool ChineseSentence::FollowsDevice(size_t i) const {
  while (i > 0 && SkipsBack(i - 1)) --i;
  return i > 0 && (tokens_[i - 1].labels() & SetOf(ReportLabel::kSupportDevices)) != 0;
}

bool ChineseSentence::HasSide(const ChineseToken& token) {
  if (token.role == kSide) return true;
  return token.role == kPlace && (token.text.starts_with("右") || token.text.starts_with("左") ||
                                  token.text.starts_with("双") || token.text.starts_with("两"));
}

bool ChineseSentence::IsLocation(size_t i) const {
  return RoleAt(i + 1) == kBehind || RoleAt(i + 1) == kPlace;
}

}  // namespace roentgen
