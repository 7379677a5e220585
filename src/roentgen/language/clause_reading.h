#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "roentgen/language/clauses.h"

namespace roentgen {

// How the words of one clause hang together: what the readings of an answer (answer.h) share.

using Words = std::vector<ClauseWord>;

bool HasAny(const ClauseWord& word, std::initializer_list<CueKind> kinds);

/// The first word from `at` that does not merely fill. A judgement may be denied and stops.
size_t PastFillers(const Words& words, size_t at);
size_t PastFillersAndModals(const Words& words, size_t at);
bool EndsAt(const Words& words, size_t at);
/// Whether nothing but particles follows.
bool IsLast(const Words& words, size_t at);

bool HasFrom(const Words& words, size_t at, CueKind kind);
bool HasBefore(const Words& words, size_t at, CueKind kind);
bool HasContentBefore(const Words& words, size_t at);

/// What stands in English content before its first preposition: "fracture" of "fracture of".
std::string_view BeforePreposition(std::string_view content);
/// Whether content names a part of the body that is there in everybody: 双肺, "the ribs".
bool NamesStructure(std::string_view content);

/// The length of the name of what a finding may have that a text begins with: 钙化, 移位; 0 for
/// none.
size_t PropertyAt(std::string_view text);
/// Whether an absence is that of a property of what it stands before: 没有钙化的肿块, 无移位骨折.
bool IsOfModifier(const Words& words, size_t absence);

/// Whether a word asks for more than yes or no: 哪里, "which".
bool AsksOpenly(const ClauseWord& word);

/// 看不到 and "cannot see" deny that something is seen, and may stand before a question.
bool DeniesSight(const ClauseWord& word);
/// Whether a denial is one of the judgement at `judge`: 不能确定 is. In 没有明确骨折 and 未明确显示
/// it is how clear the denied is.
bool IsJudged(const Words& words, size_t denial, size_t judge);
/// 难以发现骨折: what is not there can be seen by nobody. Other than with 难以看出是否, nothing is
/// asked.
bool CannotSee(const Words& words, size_t at);
/// Whether the denial at `at` is of what would allow an answer: 没有充分证据, "no conclusion can be
/// drawn", "there is no image". 没有证据表明有骨折 denies the fracture.
bool LacksMeans(const Words& words, size_t at);
/// Whether the denial at `at` is of an answer altogether: "No response", 无输出.
bool LacksAnswer(const Words& words, size_t at);
/// Whether a clause says that it cannot tell.
bool CannotTell(const Words& words);
/// Whether it says nothing else: 无法判断, but not 无法判断良恶性 nor 其余无法判断.
bool OnlyCannotTell(const Words& words);

}  // namespace roentgen
