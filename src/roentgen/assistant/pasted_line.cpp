#include "roentgen/assistant/pasted_line.h"

#include <algorithm>

#include "roentgen/assistant/characters.h"
#include "roentgen/assistant/narrow_text.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/assistant/written_words.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {

bool HasNoName(std::string_view text) {
  return text.find_first_not_of("./\\~") == std::string_view::npos;
}

bool ReadsAsName(std::string_view text) {
  return IsRooted(text) || HasSeparator(text) || HasEnding(text) || HoldsFileEnding(text);
}

PastedLine::PastedLine(std::string_view line, const LookAt& look, const ListNames& list)
    : text_(line), search_(look, list), endings_(FileEndings(line)) {
  const std::string_view stripped = Strip(line);
  begin_ = stripped.empty() ? 0 : static_cast<size_t>(stripped.data() - line.data());
  end_ = begin_ + stripped.size();
  words_end_ = begin_ + WithoutMarksBehind(stripped).size();
}

std::string_view PastedLine::BlankWord() const {
  const std::string_view rest = Rest().substr(0, kMaxPathBytes);
  return rest.substr(0, std::find_if(rest.begin(), rest.end(), IsSpace) - rest.begin());
}

bool PastedLine::StartsWord(size_t at) const {
  if (IsSpace(text_[at])) return false;
  if (at == 0) return true;
  const char before = text_[at - 1];
  if (IsSpace(before)) return true;
  if (!IsAscii(before)) return (text_[at] & 0xc0) != 0x80;
  if (before == '\'' && at > 1 && IsAlnum(text_[at - 2])) return false;
  return IsOneOf(before, "(:,;=<>[{}])'\"+&|!?*`");
}

bool PastedLine::IsMeant(std::string_view name, PathKind kind) const {
  if (!IsPlainWord(NarrowText(name).text())) return true;
  return at_ == begin_ && kind == PathKind::kPicture && !JoinsWords(at_ + name.size());
}

/// "左/右", "CT+MRI": a mark right between two words makes them parts of a term.
bool PastedLine::JoinsWords(size_t at) const {
  for (const std::string_view mark : {"/", "\\", "+", "／", "＼", "＋"}) {
    const size_t behind = at + mark.size();
    if (text_.substr(at).starts_with(mark) && behind < end_ && !IsSpace(text_[behind])) return true;
  }
  return false;
}

}  // namespace roentgen
