#include "roentgen/language/clauses.h"

#include <array>
#include <cctype>
#include <utility>

#include "roentgen/text/normal_form.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool IsAsciiLetter(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsAsciiDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsAsciiWord(char c) {
  return IsAsciiLetter(c) || IsAsciiDigit(c);
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// Whether the character at `at` parts two statements.
bool PartsClauses(std::string_view form, size_t at, char32_t c) {
  if (c == '.') {  // 3.5
    return at + 1 == form.size() || at == 0 || !IsAsciiDigit(form[at - 1]) ||
           !IsAsciiDigit(form[at + 1]);
  }
  constexpr std::u32string_view kMarks = U",;:!?/\n。，；：！？∶";
  return kMarks.find(c) != kMarks.npos;
}

/// Words of a clause; what follows is another. Readers may look at each word beside each other one,
/// and a model that repeats itself without end must not take time without end.
constexpr size_t kMaxWords = 400;

/// Gathers the words of one clause after the other.
class ClauseBuilder {
 public:
  void AddCue(const Cue* cue, std::string_view text) {
    EndContent();
    if (clause_.words.size() >= kMaxWords) EndClause(',');
    clause_.words.push_back({cue, text});
    clause_.asks = cue->text == "吗";
  }
  /// A piece of content, adjacent to the last one or not.
  void AddContent(std::string_view text) {
    if (content_.empty()) {
      content_ = text;
    } else {
      content_ = {content_.data(),
                  static_cast<size_t>(text.data() + text.size() - content_.data())};
    }
    clause_.asks = false;
  }
  void EndContent() {
    if (!content_.empty()) clause_.words.push_back({nullptr, std::exchange(content_, {})});
  }
  void EndClause(char32_t mark) {
    EndContent();
    if (mark == '?') clause_.asks = true;
    clause_.heads = mark == ':' || mark == U'∶';
    clause_.parts = mark == '/';
    if (!clause_.words.empty()) clauses_.push_back(std::exchange(clause_, {}));
    clause_ = {};
  }
  bool HasContent() const { return !content_.empty(); }
  bool EndsWithSource() const {
    return content_.empty() && !clause_.words.empty() && clause_.words.back().Is(CueKind::kSource);
  }
  std::vector<Clause> Take() {
    EndClause('\n');
    return std::move(clauses_);
  }

 private:
  std::vector<Clause> clauses_;
  Clause clause_;
  std::string_view content_;
};

/// Whether a cue is a place that is only told of the image: 图像|上, but not 肾上腺.
bool IsPlaceInImage(const Cue& cue) {
  return cue.text == "上" || cue.text == "中" || cue.text == "内" || cue.text == "里";
}

/// The cue at a byte. 有无 asks only before what can be asked for: 有无数结节 says 有; 无数据 has
/// no data.
const Cue* ReadCue(std::string_view form, size_t at) {
  const Cue* cue = CueAt(form, at);
  if (cue == nullptr) return cue;
  if (cue->text == "无数") {
    const std::string_view behind = form.substr(at + cue->text.size());
    const bool of_noun =
        behind.starts_with("据") || behind.starts_with("值") || behind.starts_with("字");
    return of_noun ? CueAt(form.substr(0, at + std::string_view("无").size()), at) : cue;
  }
  if (cue->text != "有无") return cue;
  const size_t behind = at + std::string_view("有").size();
  return CueAt(form, behind)->text == "无" ? cue : CueAt(form.substr(0, behind), at);
}

}  // namespace

std::string WithoutContractions(std::string folded) {
  if (folded.find('\'') == std::string::npos) return folded;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kLong = {
      {{"can't", "cannot"},
       {"won't", "will not"},
       {"n't", " not"},
       {"it's", "it is"},
       {"there's", "there is"},
       {"i'm", "i am"},
       {"that's", "that is"}}};
  for (const auto& [contracted, full] : kLong) ReplaceAll(folded, contracted, full);
  return folded;
}

std::string ClauseForm(std::string_view text) {
  const std::string form = WithoutContractions(FoldText(text));
  std::string clean;
  clean.reserve(form.size());
  for (size_t i = 0; i < form.size(); ++i) {
    const bool hyphen = form[i] == '-' && i > 0 && i + 1 < form.size() &&
                        IsAsciiLetter(form[i - 1]) && IsAsciiWord(form[i + 1]);
    const char c = hyphen ? ' ' : form[i];
    if (c != ' ' || clean.empty() || clean.back() != ' ') clean += c;
  }
  return clean;
}

std::vector<Clause> SplitClauses(std::string_view form) {
  ClauseBuilder clauses;
  for (size_t at = 0; at < form.size();) {
    const Utf8Step step = ReadUtf8(form, at);
    const bool ascii_word = step.code_point < 0x80 && IsAsciiWord(form[at]);
    const Cue* cue = ReadCue(form, at);
    const bool inside = cue != nullptr && ((IsPlaceInImage(*cue) && !clauses.EndsWithSource()) ||
                                           (cue->text == "除" && clauses.HasContent()));
    if (cue != nullptr && !inside) {
      clauses.AddCue(cue, form.substr(at, cue->text.size()));
      at += cue->text.size();
    } else if (ascii_word) {
      const size_t begin = at;
      while (at < form.size() && IsAsciiWord(form[at])) ++at;
      clauses.AddContent(form.substr(begin, at - begin));
    } else {
      if (PartsClauses(form, at, step.code_point)) {
        clauses.EndClause(step.code_point);
      } else if (ClassOf(step.code_point) == CharClass::kLetter ||
                 ClassOf(step.code_point) == CharClass::kNumber ||
                 step.code_point == kReplacementCharacter) {
        clauses.AddContent(form.substr(at, step.length));
      }
      at += step.length;
    }
  }
  return clauses.Take();
}

}  // namespace roentgen
