#pragma once

#include <string_view>

namespace roentgen {

/// Whether two answers to one question say the same, in English and Chinese.
///
/// They agree in spite of case, width, script (simplified and traditional), punctuation, articles,
/// singular and plural, British and American spelling (word_form.h); and where both
///
/// - say only yes or only no: Yes, "Yes, it is", 是的, 有. One that says more after its yes agrees
///   with a bare yes: "Yes, on the left";
/// - say that nothing is abnormal: normal, "no abnormality", 未见明显异常; or deny the same in
/// other
///   words: 无骨折, 没有看到骨折;
/// - give the same quantity: three, 3, 三; 2 cm, 20 mm, 2.0厘米; "2-3 cm", "20 to 30 mm";
///   "at least 5", ≥5 (units and the source of their factors: measures.h). A number without a unit
///   is none with one, 50% is not 0.5;
/// - name the same set in any order: "liver, spleen", "spleen and liver", 肝脏、脾脏, 脾和肝; a
/// left
///   and a right one are both: 双肺, 两侧肺, "both lungs", "left lung and right lung";
/// - use different names of one thing (synonyms.h), or words around it that add nothing: right,
///   "right side", "on the right"; axial, "axial plane"; T1, T1WI, T1加权.
///
/// Everything else differs: sides, levels (L4, L5), sequences, signs (<, ≥), grades, a denied and
/// an affirmed finding, a set and a part of it, words that are spelled alike (ileum, ilium).
///
/// Symmetric and reflexive. Takes some ten microseconds: for answers whose AnswerForm differs.
bool AnswersAgree(std::string_view a, std::string_view b);

}  // namespace roentgen
