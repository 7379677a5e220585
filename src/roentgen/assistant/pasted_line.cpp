#include "roentgen/assistant/pasted_line.h"

#include "roentgen/assistant/characters.h"
#include "roentgen/assistant/narrow_text.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/assistant/written_words.h"
#include "roentgen/evaluation/words.h"

namespace roentgen {
namespace {

/// The length of what can be a path before the first blank.
size_t LengthOfPath(std::string_view text) {
  text = text.substr(0, kMaxPathBytes);
  const bool url = text.starts_with("file:");  // three bytes may stand for one
  size_t name = 0;
  size_t folders = 0;
  size_t end = 0;
  for (; end < text.size() && !IsSpace(text[end]); ++end) {
    if (IsOneOf(text[end], "/\\")) {
      if (++folders > kMaxFolders) break;
      name = 0;
    } else if (++name > kMaxNameBytes && !url) {
      break;
    }
  }
  while (end < text.size() && (text[end] & 0xc0) == 0x80) --end;
  return end;
}

bool HasMark(std::string_view word) {
  constexpr std::string_view kFullWidthDot = "．";
  for (size_t at = 0; at < word.size(); ++at) {
    if (IsOneOf(word[at], "/\\.'\"")) return true;
    if (word[at] == kFullWidthDot[0] && word.substr(at).starts_with(kFullWidthDot)) return true;
  }
  return false;
}

}  // namespace

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

const PastedLine::Place& PastedLine::Here() const {
  if (here_.at == at_) return here_;
  const std::string_view word = Rest().substr(0, LengthOfPath(Rest()));
  here_ = {at_, word, WithoutPunctuation(word), HasMark(word)};
  return here_;
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
