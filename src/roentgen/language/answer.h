#pragma once

#include <optional>
#include <string_view>

namespace roentgen {

// What an answer says to a question that can be answered by yes or no, or that takes something for
// granted, in English and Chinese. All of these are views of one reading: the answer's clauses as
// words that deny, affirm, doubt, exclude or ask (cues.h) and what they govern.

/// The side that an answer takes by what it begins with: yes (true), no (false) or neither. "No,
/// the heart is normal." and 没有异常 say no, 可见骨折 and "There is a fracture." yes; "Normal", a
/// question (有没有骨折) and what leaves it open (不确定, 不能排除骨折, 可能有) say neither, nor do
/// both sides (yes/no), one that is taken back ("Yes, but I cannot tell"), and what says that there
/// is no image or no answer (图像是空的, "No response"). Words that only name the image or the
/// answer may come first: 图中未见骨折, "The answer is yes."
std::optional<bool> SideTaken(std::string_view answer);

/// Whether an answer says yes (true) or no (false) and nothing else. 都是 answers "which of both".
std::optional<bool> YesOrNo(std::string_view answer);

/// Whether an answer says somewhere that it cannot tell: 难以确定, "This cannot be determined."
/// Neither what is not seen (看不出明显异常) nor what is not excluded is meant.
bool CannotTell(std::string_view answer);

/// Whether an answer says that what was asked for is not there: 未发现骨折, "There is no fracture."
/// One that says something else about it does not, nor one that denies only the rest:
/// 右侧第5肋骨骨折，余未见异常。 Where the question is known, a denial of what it names counts
/// wherever it stands.
bool DeniesPremise(std::string_view answer, std::string_view question = {});

/// Whether an answer to a question that takes something for granted declines: it cannot tell, or
/// denies the premise, before it gives what was asked for. 约3cm，看不清边界 does not; a normal
/// state, 中线居中, and "0" do.
bool Declines(std::string_view answer, std::string_view question = {});

/// Whether the side of an answer that begins with these bytes, which may end inside a character or
/// a word, hangs on what follows: "The", 图中, 可 of 可见, and "There is", behind which "no" may
/// come.
bool MayYetTakeSide(std::string_view beginning);

}  // namespace roentgen
