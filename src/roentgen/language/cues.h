#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace roentgen {

enum class CueLanguage { kEnglish, kChinese };

/// What a word does to the statement that it stands in.
enum class CueKind {
  kYes,       ///< an answer by itself: yes, 是的
  kNo,        ///< an answer by itself: nope, 否, 不对. "no" is kAbsence: it also governs nouns
  kYesAlone,  ///< yes where only particles follow: 对, but not 对称; correct
  kNoAlone,   ///< no where only particles follow: 错, incorrect
  kPresence,  ///< says that something is there or seen: 有, 可见, 显示, shows, there is
  kReport,  ///< of kPresence, what takes a whole statement: 显示 (没有), shows (no), there is (no)
  kContains,     ///< of kPresence, what a part of the body may be asked for with: 包含, contains
  kModal,        ///< says that it is so, or can be: 是, 能, 可以
  kDenial,       ///< denies what follows: 不, 未, not
  kAbsence,      ///< says that what follows is not there: 没有, 无, no, without
  kNoDenial,     ///< looks like a denial and strengthens: 不仅, 无疑, not only, no doubt
  kInability,    ///< cannot do what follows: 无法, 难以, unable to
  kJudge,        ///< a judgement, which may be denied: 确定, 看清, determine
  kExclusion,    ///< excludes what it governs: 排除, 除外, rule out
  kExcept,       ///< leaves out what it stands at: 除, 以外, except
  kDoubt,        ///< leaves open: 可能, 疑似, possible, suspicion
  kAdvice,       ///< of kDoubt, what says what to do: 建议, 需要
  kUnknown,      ///< says that it is not known: 信息不足, 不得而知, unclear
  kMeans,        ///< what an answer is drawn from: 证据, 信息, conclusion
  kObjection,    ///< what strengthens when it is denied: 异议, 例外
  kQuestion,     ///< asks: 有没有, 是否, 吗, whether
  kAlternative,  ///< between two that may be: 或, 还是, or
  kFiller,       ///< may stand between a cue and what it governs: 明显, 完全, 均, clearly
  kParticle,     ///< adds nothing: 的, 了, well
  kBoth,         ///< all there is of the thing asked for, before 均 or 都: 两侧, 两者
  kSource,       ///< names the image or the answer itself: 图中, 答案, the image
  kBasis,        ///< what follows is only named as the source: 根据, based on
  kRest,         ///< what has not been spoken of: 其余, 其他, otherwise
  kNormal,       ///< the state of health: 正常, 清晰, unremarkable
  kMargin,       ///< what may be blurred itself (边界不清 is a finding): 边界, 轮廓
  kAttributive   ///< a name with a cue's characters, which does nothing: 无移位, 会厌, 对称
};

struct Cue {
  std::string_view text;  ///< as FoldText has it; in English whole words with one blank between
  CueLanguage language;
  uint32_t kinds = 0;  ///< a bit for each CueKind: 确定 is a judgement and, before a noun, a filler

  bool Is(CueKind kind) const { return (kinds >> static_cast<unsigned>(kind) & 1U) != 0; }
};

/// All of them, in no order.
std::span<const Cue> Cues();

/// The longest cue that begins at a byte of a folded text; nullptr for none. English cues are found
/// at the beginning of a word and end at the end of one.
const Cue* CueAt(std::string_view folded, size_t at);

/// Whether some cue begins with the text and is longer. More bytes that are the beginning of one
/// character may stand behind the text: of the cue's, or of one that folds to it (無).
bool BeginsCue(std::string_view folded, std::string_view bytes = {});

}  // namespace roentgen
