#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "roentgen/evaluation/chinese_report_tokens.h"
#include "roentgen/evaluation/report_labels.h"

namespace roentgen {

/// The words of a sentence and what the readers of its parts ask of them. A part is what stands
/// between two commas.
class ChineseSentence {
 public:
  explicit ChineseSentence(std::vector<ChineseToken>& tokens) : tokens_(tokens) {}

  /// kStop behind the end.
  ChineseRole RoleAt(size_t i) const;
  size_t size() const;
  bool SameGroup(size_t a, size_t b) const;  ///< two words of one part
  bool EndsPart(size_t i) const;
  bool HasMentionBefore(size_t i) const;  ///< a finding stands before it in its part
  /// Words that neither name nor end anything.
  bool IsFiller(size_t i) const;
  /// Words over which a cue reaches back to its finding: 胸腔积液较前明显消失.
  bool SkipsBack(size_t i) const;
  bool IsPartStart(size_t i) const;    ///< nothing but such words stands before it in its part
  bool FollowsDevice(size_t i) const;  ///< nothing but such words stands between: 支架植入术后
  /// 右侧, 右肺, 双肺.
  static bool HasSide(const ChineseToken& token);
  /// 纵隔淋巴结, 心影后方, 纵隔旁: a place, of which nothing is said.
  bool IsLocation(size_t i) const;

 protected:
  std::vector<ChineseToken>& tokens_;
};

/// What a sentence says of the structures in it: heart and mediastinum.
struct StructureStates {
  std::vector<Finding> of;  ///< by token
  std::vector<bool> owned;  ///< by token: a state that belongs to one of them
};
StructureStates ReadStructureStates(std::vector<ChineseToken>& tokens);

/// What an abnormal state at this token comes to by denial and doubt around it.
Finding StateWithCues(std::vector<ChineseToken>& tokens, size_t state);

/// What a sentence says of its findings.
struct FindingScopes {
  std::vector<Finding> of;           ///< by token
  std::vector<bool> nothing_denied;  ///< by token: a denial of a place itself (右肋膈角未见显示)
};
/// Lets every cue govern what its position says. 消失 of a place (肋膈角消失) becomes a state.
FindingScopes ReadScopes(std::vector<ChineseToken>& tokens);

}  // namespace roentgen
