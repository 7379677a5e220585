#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "roentgen/data/sample.h"

namespace roentgen {

/// What can be wrong with a row, in the order in which rows are looked at. A row that one rule
/// drops is not seen by those after it.
enum class Rule {
  kEntities,
  kLostComma,
  kWhitespace,
  kIntegerAnswer,
  kSeveralLabels,
  kLabelSpelling,
  kSynonyms,
  kOversized,
  kMalformed,
  kTurns,
  kEmptyText,
  kControlToken,
  kImageCount,
  kMissingImage,
  kUnreadableImage,
  kDuplicateId,
  kTestLeak,
  kNearTestLeak,
  kDuplicate,
  kNearDuplicate,
  kContradiction,
  kClosedNotYesNo,
  kBlur,
  kNearDuplicateImage,
};
inline constexpr size_t kRules = static_cast<size_t>(Rule::kNearDuplicateImage) + 1;

enum class RuleMode {
  kOff,     ///< not looked for
  kReport,  ///< listed, nothing is changed
  kApply,   ///< the row is mended or dropped, and listed
};

enum class Remedy {
  kMend,           ///< the row is put right
  kDrop,           ///< the row goes, but never out of an official test or validation part
  kDropEverywhere  ///< nobody can use the row
};

struct RuleInfo {
  Rule rule;
  std::string_view name;  ///< on the command line and in cleaning.jsonl
  std::string_view what;  ///< what it looks for, for people
  Remedy remedy;
  RuleMode default_mode;
};

/// All rules, in their order.
std::span<const RuleInfo, kRules> AllRules();
const RuleInfo& InfoOf(Rule rule);

/// Which rules are on.
class RuleModes {
 public:
  RuleModes();  ///< the defaults
  static RuleModes AllOff();

  RuleMode operator[](Rule rule) const { return modes_[static_cast<size_t>(rule)]; }
  bool On(Rule rule) const { return (*this)[rule] != RuleMode::kOff; }
  bool Applies(Rule rule) const { return (*this)[rule] == RuleMode::kApply; }
  void Set(Rule rule, RuleMode mode) { modes_[static_cast<size_t>(rule)] = mode; }

  /// "NAME=off", "NAME=report" or "NAME=apply". Throws Error that lists what there is.
  void Set(std::string_view assignment);

 private:
  std::array<RuleMode, kRules> modes_;
};

/// What was found in a row, and what became of it: a line of cleaning.jsonl.
struct CleaningFinding {
  enum class Action { kReported, kMended, kDropped };
  Rule rule;
  Action action;
  std::string reason;  ///< for people
  std::string field;   ///< which one, where there is one
  std::string before;  ///< of a mended field
  std::string after;
  std::string tally;  ///< findings with the same words here are counted together

  /// A question and its answer, in a row.
  struct Asked {
    std::string id;
    SourceRow source;
    std::string split;
    std::string question;
    std::string answer;
  };
  bool can_act = true;              ///< the rule would do something if it were asked to
  std::optional<Asked> asked = {};  ///< the question that is meant, where one is
  std::optional<Asked> other = {};  ///< what it is compared with; its texts, where they differ
};
std::string_view ActionName(CleaningFinding::Action action);

}  // namespace roentgen
