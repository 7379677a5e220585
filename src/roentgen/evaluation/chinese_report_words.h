#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "roentgen/evaluation/report_labels.h"
#include "roentgen/evaluation/report_reading.h"

namespace roentgen {

/// What a word of a Chinese report does in its clause.
enum class ChineseRole : uint8_t {
  kFinding,      ///< is there unless something else says otherwise
  kWeakFinding,  ///< uncertain at best: 肺淤血
  kShape,        ///< an opacity, unless it describes the finding that follows: 片状, 斑片状
  kOther,        ///< abnormal, without a label of its own
  kAttribute,    ///< kOther that 无 may deny of the finding that follows: 无移位骨折
  kStructure,    ///< says something with its state: 心影, 纵隔
  kPlace,
  kSide,         ///< 右侧: behind a finding it begins a new statement
  kAbnormal,     ///< state of a structure or a place: 增大
  kNormal,       ///< 正常
  kFine,         ///< 锐利, 清晰: normal, of anything but size
  kGrade,        ///< 小, 高: before a noun an adverb, at the end of a part abnormal
  kShadow,       ///< 影: abnormal where no noun before it says of what
  kBetter,       ///< 好转: a change that finds nothing new
  kUnsure,       ///< as it was, or between: 变化, 饱满
  kAbnormality,  ///< 异常
  kDeny,         ///< 未, 无, 没有
  kDenyAfter,    ///< 阴性, 不明显
  kCannot,       ///< 不能, 无法: with 排除 a doubt
  kExclude,      ///< 排除, 除外
  kAsk,          ///< 建议, 待: before 排除 a doubt
  kDoubt,        ///< of what follows in the clause, else of what precedes
  kDoubtAfter,   ///< 待排
  kGone,         ///< 消失; 部分消失 is not
  kAbsorbed,     ///< 吸收: gone only where it is complete
  kComplete,     ///< 完全, 已
  kPartial,      ///< 部分, 较前
  kChange,       ///< 增多, 好转: of a finding that is there
  kPastBefore,   ///< 既往
  kPastAfter,    ///< 病史
  kAfterSurgery,
  kVerb,  ///< 见: begins a statement, unless it belongs to a denial
  kWith,  ///< 伴: ends what a word behind it says of what stands before it
  kLink,  ///< 及, 、
  kOr,
  kComma,
  kStop,     ///< 但, 余: no scope passes
  kBehind,   ///< 内, 旁: the structure before it is a place only
  kAdverb,   ///< 明显, 明确
  kOf,       ///< 的
  kNeutral,  ///< understood, and says nothing of any observation
  kUnknown,
};

/// Which place gives a finding its labels; in others it is abnormal without a label.
enum class LabelledIn : uint8_t {
  kAnywhere,
  kChest,         ///< lung, pleura, or where nothing is said
  kLung,          ///< lung only: 水肿
  kPleura,        ///< pleura only: 增厚
  kPleuralSpace,  ///< pleura, lung, or where nothing is said: 积液
};

using LabelSet = uint16_t;
constexpr LabelSet SetOf(ReportLabel label) {
  return static_cast<LabelSet>(1U << static_cast<unsigned>(label));
}

/// Words of one kind, with blanks between them, in FoldText's form.
struct ChineseWords {
  ChineseRole role;
  std::string_view words;
  LabelSet labels = 0;  ///< of findings and structures
  LabelledIn labelled_in = LabelledIn::kAnywhere;
  Place place = Place::kUnsaid;  ///< of places, structures and findings that name theirs
};
/// Those with a part in the grammar of a report, and findings.
std::span<const ChineseWords> ChineseReportWords();
/// The others: anatomy outside the lungs, what is abnormal there, and the plain rest.
std::span<const ChineseWords> ChineseReportVocabulary();

}  // namespace roentgen
