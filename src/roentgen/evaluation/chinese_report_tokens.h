#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "roentgen/evaluation/chinese_report_words.h"

namespace roentgen {

/// A word of the sentence, or several that were put together.
struct ChineseToken {
  ChineseRole role = ChineseRole::kUnknown;
  std::string_view text;
  const ChineseWords* words = nullptr;  // its row of the table; null: a number or unknown
  size_t group = 0;                     // number of the part between commas

  LabelSet labels() const { return words == nullptr ? LabelSet{0} : words->labels; }
  Place place() const { return words == nullptr ? Place::kUnsaid : words->place; }
};

inline bool IsOneOf(ChineseRole role, std::initializer_list<ChineseRole> roles) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

/// Something that is there or is not.
inline bool IsMention(const ChineseToken& token) {
  using enum ChineseRole;
  return IsOneOf(token.role, {kFinding, kWeakFinding, kShape, kOther, kAttribute});
}

inline bool IsNoun(const ChineseToken& token) {
  using enum ChineseRole;
  return IsMention(token) || IsOneOf(token.role, {kStructure, kPlace, kAbnormality, kUnknown});
}

/// The row of the table that has this word; null when it has none.
const ChineseWords* FindChineseWord(std::string_view word);

/// Cuts a sentence into words of the table so that the least is unknown and, of those cuts, the
/// words are the fewest. A blank between Chinese characters is a comma.
std::vector<ChineseToken> CutChineseSentence(std::string_view sentence);

/// Puts together what is one cue: 未 + 见 + 明显 a denial, 不能 + 完全 + 排除 a doubt, 未见 + 增大
/// a normal state.
std::vector<ChineseToken> ComposeCues(std::vector<ChineseToken> tokens);

}  // namespace roentgen
