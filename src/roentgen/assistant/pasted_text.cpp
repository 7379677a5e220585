#include "roentgen/assistant/pasted_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "roentgen/assistant/arrange_parts.h"
#include "roentgen/assistant/characters.h"
#include "roentgen/assistant/missing_names.h"
#include "roentgen/assistant/narrow_text.h"
#include "roentgen/assistant/pasted_line.h"
#include "roentgen/assistant/path_forms.h"
#include "roentgen/assistant/present_paths.h"
#include "roentgen/assistant/written_words.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOpenTag = "<image>";
constexpr std::string_view kCloseTag = "</image>";

/// Where a mark is next in a line that is gone through once.
class NextOf {
 public:
  NextOf(std::string_view line, std::string_view mark)
      : line_(line), mark_(mark), next_(line.find(mark)) {}

  /// The first one at this place or behind it; npos: there is none.
  size_t From(size_t at) {
    if (next_ < at) next_ = line_.find(mark_, at);
    return next_;
  }

 private:
  std::string_view line_;
  std::string_view mark_;
  size_t next_;
};

/// Goes through a line once. At each place where a name can begin, each way of writing one takes
/// what is its, from the most explicit to the vaguest; what none takes is text.
class Splitter {
 public:
  Splitter(std::string_view line, const LookAt& look, const ListNames& list,
           const NumbersOf& numbers)
      : line_(line, look, list),
        numbers_(numbers),
        narrow_(line),
        next_close_tag_(line, kCloseTag),
        next_source_(line, "src="),
        next_angle_(line, ">"),
        next_target_(line, "]("),
        last_bracket_(line.rfind(')')) {
    if (narrow_.differs()) narrow_line_.emplace(narrow_.text(), look, list);
  }

  PastedText Split() {
    while (line_.at() < line_.text().size() && !Exhausted()) {
      if (!Tagged() &&
          !(line_.StartsWord(line_.at()) && (Address() || Quoted() || WidePath() || Path() ||
                                             PartedPaths() || BareName() || MissingPath()))) {
        KeepAsText();
      }
    }
    FlushText();
    RefuseMissingSiblings();
    if (Exhausted()) result_.unreadable.push_back({UnreadableName::Reason::kTooMany, "", {}});
    return std::move(result_);
  }

 private:
  bool Exhausted() {
    return line_.search().exhausted() || (narrow_line_ && narrow_line_->search().exhausted());
  }

  // What becomes of a name.

  void KeepAsText() {
    text_ += line_.Rest()[0];
    line_.Skip(1);
  }

  /// Whatever looks like a file's name in words that nothing took must not be asked.
  void FlushText() {
    size_t before = 0;
    for (const size_t end : FileEndings(text_)) {
      size_t begin = end;
      while (begin > before && !IsSpace(text_[begin - 1])) --begin;
      Refuse(UnreadableName::Reason::kMissing, std::string_view(text_).substr(begin, end - begin));
      before = end;
    }
    if (!text_.empty()) result_.parts.push_back({PastedPart::Kind::kText, text_, {}});
    text_.clear();
  }

  /// Of "IM1001 and IM1002", "影像1和影像2" one may be missing: what is named as an image of the
  /// line but for its number is a name, too.
  void RefuseMissingSiblings() {
    for (const NamedImage& image : result_.Images()) {
      const std::string stem = NarrowText(image.path.stem().string()).text();
      const size_t letters = stem.find_last_not_of("0123456789") + 1;
      const size_t digits = stem.size() - letters;
      if (digits == 0 || letters == 0 || (letters < 3 && digits < 4)) continue;
      for (const PastedPart& part : std::vector<PastedPart>(result_.parts)) {
        RefuseSiblings(NarrowText(part.text), stem, letters);
      }
    }
  }

  void RefuseSiblings(const NarrowText& words, std::string_view stem, size_t letters) {
    const std::string_view text = words.text();
    const std::string_view name = stem.substr(0, letters);
    for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
      size_t end = at + letters;
      while (end < text.size() && IsDigit(text[end])) ++end;
      const std::string_view sibling = text.substr(at, end - at);
      const bool begins = at == 0 || !IsAlnum(text[at - 1]) || !IsAscii(name[0]);
      const bool ends = end == text.size() || !(IsAlnum(text[end]) || NameGoesOn(text, end));
      if (sibling.size() > letters && sibling != stem && begins && ends &&
          !line_.search().ExactOrNear(sibling))
        Refuse(UnreadableName::Reason::kMissing, words.AsWritten(at, sibling.size()));
    }
  }

  /// The words next to a name are Chinese.
  bool IsAmongChinese(size_t begin, size_t end) const {
    constexpr size_t kNear = 24;
    return HasHan(line_.text().substr(end, kNear)) ||
           HasHan(line_.text().substr(begin - std::min(begin, kNear), std::min(begin, kNear)));
  }

  void AddImage(NamedImage image) {
    FlushText();
    result_.parts.push_back({PastedPart::Kind::kPicture, "", std::move(image)});
  }

  /// What an image of the conversation is called instead of its name.
  std::string KnownImage(const fs::path& name, bool chinese) const {
    const std::vector<size_t> numbers = numbers_ ? numbers_(name) : std::vector<size_t>();
    if (numbers.empty()) return chinese ? "该图像" : "the image";
    return chinese ? fmt::format("第{}张图像", fmt::join(numbers, "或"))
                   : fmt::format("image {}", fmt::join(numbers, " or "));
  }

  void Take(FoundPath found, size_t length) {
    if (found.kind == PathKind::kKnown) {
      text_ += KnownImage(found.path, IsAmongChinese(line_.at(), line_.at() + length));
    } else {
      AddImage({std::move(found.path), "", found.kind});
    }
    line_.Skip(length);
  }

  void Refuse(UnreadableName::Reason reason, std::string_view text) {
    const bool missing = reason == UnreadableName::Reason::kMissing;
    result_.unreadable.push_back(
        {reason, std::string(text),
         missing ? line_.search().Alternatives(text) : std::vector<fs::path>()});
  }

  void TakeMissing(std::string_view text, size_t length) {
    Refuse(UnreadableName::Reason::kMissing, text);
    line_.Skip(length);
  }

  void TakeAddress(std::string_view address, size_t length) {
    if (!IsDataAddress(address)) {
      Refuse(UnreadableName::Reason::kAddress, address);
    } else if (std::optional<std::string> bytes = DecodeDataAddress(address)) {
      AddImage({"data address", std::move(*bytes)});
    } else {
      Refuse(UnreadableName::Reason::kDataAddress, KindOfDataAddress(address));
    }
    line_.Skip(length);
  }

  /// Something that stands where nothing but an image can be named.
  void TakeNamed(std::string_view name, size_t length) {
    if (AddressLength(name) > 0) return TakeAddress(name, length);
    if (FoundPath found = line_.search().ExactOrNear(name)) return Take(std::move(found), length);
    TakeMissing(name, length);
  }

  // The ways of writing a name.

  bool Tagged() { return ImageTag() || HtmlTag() || MarkdownImage(); }

  /// "<image>path</image>", and "path</image>", which takes the longest end of the words before it
  /// that is a path.
  bool ImageTag() {
    const size_t close = next_close_tag_.From(line_.at());
    if (close == std::string_view::npos) return false;
    const size_t length = close + kCloseTag.size() - line_.at();
    if (line_.Rest().starts_with(kOpenTag)) {
      const size_t begin = line_.at() + kOpenTag.size();
      TakeNamed(Unquote(line_.text().substr(begin, close - begin)), length);
      return true;
    }
    const std::string_view inside = line_.text().substr(line_.at(), close - line_.at());
    if (!line_.StartsWord(line_.at()) || inside.size() > kMaxPathBytes ||
        inside.find(kOpenTag) != std::string_view::npos) {
      return false;
    }
    if (FoundPath found = line_.search().ExactOrNear(Unquote(inside))) {
      Take(std::move(found), length);
      return true;
    }
    // No path begins here; the last word that could is the one to complain about.
    if (std::any_of(inside.begin(), inside.end(), IsSpace)) return false;
    TakeNamed(inside, length);
    return true;
  }

  /// "<img src="…">".
  bool HtmlTag() {
    if (!line_.Rest().starts_with("<img ") && !line_.Rest().starts_with("<IMG ")) return false;
    const size_t close = next_angle_.From(line_.at());
    const size_t source_at = next_source_.From(line_.at());
    if (source_at == std::string_view::npos || source_at > close) return false;
    const std::string_view tag = line_.Rest().substr(0, close - line_.at());
    const std::optional<std::string_view> source = SourceOfTag(tag);
    if (!source) return false;
    TakeNamed(*source, close == std::string_view::npos ? tag.size() : tag.size() + 1);
    return true;
  }

  /// "![what it shows](path)".
  bool MarkdownImage() {
    if (!line_.Rest().starts_with("![")) return false;
    const size_t open = next_target_.From(line_.at());
    if (open == std::string_view::npos) return false;
    const size_t begin = open + 2;
    if (last_bracket_ == std::string_view::npos || last_bracket_ < begin) return false;
    const size_t close = begin + MarkdownTargetLength(line_.text().substr(begin));
    TakeNamed(MarkdownTarget(Strip(line_.text().substr(begin, close - begin))),
              close + 1 - line_.at());
    return true;
  }

  /// Up to the bracket that closes it, where its own brackets are in pairs; else to the first one.
  static size_t MarkdownTargetLength(std::string_view rest) {
    int brackets = 1;
    for (size_t close = 0; close < std::min(rest.size(), kMaxPathBytes); ++close) {
      if (rest[close] == '(') ++brackets;
      if (rest[close] == ')' && --brackets == 0) return close;
    }
    return rest.find(')');
  }

  bool Address() {
    const size_t length = AddressLength(line_.Rest());
    if (length == 0) return false;
    TakeAddress(line_.Rest().substr(0, length), length);
    return true;
  }

  /// A path in quotes, with PowerShell's "& " before it or not.
  bool Quoted() {
    const size_t skipped = line_.Rest().starts_with("& ") ? 2 : 0;
    const std::string_view rest = line_.Rest().substr(skipped, kMaxPathBytes);
    for (const QuotePair& quotes : kQuotes) {
      if (!rest.starts_with(quotes.open)) continue;
      const size_t end = rest.find(quotes.close, quotes.open.size());
      if (end == std::string_view::npos) return false;
      const std::string_view inside = rest.substr(quotes.open.size(), end - quotes.open.size());
      if (AddressLength(inside) > 0) return false;  // taken without its quotes
      const size_t length = skipped + end + quotes.close.size();
      const bool named = ReadsAsName(inside) && !HasNoName(inside);
      FoundPath found = named ? line_.search().ExactOrNear(inside) : line_.search().Exact(inside);
      if (!found) found = line_.search().Exact(NarrowText(inside).text());
      if (found && (named || found.kind == PathKind::kPicture)) {
        Take(std::move(found), length);
        return true;
      }
      // 'it'\''s.png' is one word to a shell.
      const ShellWord word = ReadShellWord(rest);
      if (word.quoted && word.length > end + 1) return false;
      if (!QuotedReadsAsName(NarrowText(inside).text())) return false;
      TakeMissing(inside, length);
      return true;
    }
    return false;
  }

  /// Whether words in quotes that lead nowhere can be nothing but a name.
  bool QuotedReadsAsName(std::string_view inside) {
    const std::vector<size_t> endings = FileEndings(inside);
    if (!endings.empty() && endings.back() == inside.size()) return true;
    if (ReadsAsPath(line_, inside) || IsNumberedName(inside)) return true;
    const bool one_word = std::none_of(inside.begin(), inside.end(), IsSpace);
    return one_word && HasShortEnding(inside) && !IsPlainWord(inside);
  }

  bool Path() {
    FoundName name = LongestPath(line_);
    if (FoundName other = InNarrow(LongestPath); other.length > name.length)
      name = std::move(other);
    if (!name.found) return false;
    Take(std::move(name.found), name.length);
    return true;
  }

  /// What is found at this place of the line in ASCII, with its length as it is written.
  template <class Find>
  std::invoke_result_t<Find, PastedLine&> InNarrow(const Find& find) {
    const size_t at = narrow_.At(line_.at());
    if (!narrow_line_ || !narrow_line_->StartsWord(at)) return {};
    narrow_line_->MoveTo(at);
    auto name = find(*narrow_line_);
    name.length = narrow_.AsWritten(at, name.length).size();
    return name;
  }

  /// "／data／a.png", typed in full width. A name within it, "a.png", must not be taken for it.
  bool WidePath() {
    const auto end = std::upper_bound(line_.endings().begin(), line_.endings().end(), line_.at());
    if (end == line_.endings().end() || *end > line_.at() + kMaxPathBytes || IsRooted(line_.Rest()))
      return false;
    size_t root = line_.at();  // behind three characters: "Ｃ：＼"
    for (int i = 0; i < 3 && root < *end; ++i) root += ReadUtf8(line_.text(), root).length;
    if (!IsRooted(FoldLookalikes(line_.text().substr(line_.at(), root - line_.at())))) return false;
    const std::string_view name = line_.text().substr(line_.at(), *end - line_.at());
    if (std::any_of(name.begin(), name.end(), IsSpace)) return false;
    // "左图／a.png" are alternatives.
    const bool within_word =
        line_.at() > line_.begin() &&
        HasHan(line_.text().substr(line_.at() - std::min<size_t>(line_.at(), 3), 3));
    if (within_word && !line_.search().ExactOrNear(FoldLookalikes(name))) return false;
    TakeNamed(FoldLookalikes(name), name.size());
    return true;
  }

  /// "a.png/b.png": images with a slash between, where all of them are there.
  bool PartedPaths() {
    const size_t here = line_.at();
    for (FoundName& image : PartedImages(line_, here)) {
      if (line_.at() > here) KeepAsText();
      Take(std::move(image.found), image.length);
    }
    return line_.at() > here;
  }

  /// A name without separator and ending: the whole line, or a word of it.
  bool BareName() {
    if (line_.at() == line_.begin()) {
      const std::string_view whole =
          line_.text().substr(line_.begin(), line_.end() - line_.begin());
      if (FoundPath found = line_.search().Exact(whole);
          found && whole.find_first_not_of("/\\~") != std::string_view::npos) {
        Take(std::move(found), whole.size());
        return true;
      }
    }
    FoundName name = BareWord(line_);
    if (!name.found) name = InNarrow(BareWord);
    if (!name.found) return false;
    Take(std::move(name.found), name.length);
    return true;
  }

  static FoundName BareWord(PastedLine& line) {
    const std::string_view word = line.Word();
    for (const std::string_view name : {word, AsciiName(word)}) {
      if (name.empty() || name.size() > kMaxNameBytes || HasNoName(name)) continue;
      if (!line.IsMeant(name, PathKind::kPicture)) continue;
      FoundPath found = line.search().Exact(name);
      if (found && line.IsMeant(name, found.kind)) return {std::move(found), name.size()};
    }
    return {};
  }

  static MissingName Missing(PastedLine& line) {
    return FindMissingName(line).value_or(MissingName());
  }

  bool MissingPath() {
    const MissingName missing = narrow_line_ ? InNarrow(Missing) : Missing(line_);
    if (missing.length == 0) return false;
    Refuse(missing.reason, line_.Rest().substr(0, missing.length));
    line_.Skip(missing.length);
    return true;
  }

  PastedLine line_;
  const NumbersOf& numbers_;
  const NarrowText narrow_;
  std::optional<PastedLine> narrow_line_;  // where the line has letters or digits of full width
  NextOf next_close_tag_;
  NextOf next_source_;
  NextOf next_angle_;
  NextOf next_target_;
  size_t last_bracket_;
  std::string text_;
  PastedText result_;
};

}  // namespace

std::vector<NamedImage> PastedText::Images() const {
  std::vector<NamedImage> images;
  for (const PastedPart& part : parts) {
    if (part.kind == PastedPart::Kind::kPicture) images.push_back(part.image);
  }
  return images;
}

std::string PastedText::Words() const {
  std::string words;
  for (const PastedPart& part : parts) {
    if (part.kind == PastedPart::Kind::kText) words += part.text;
  }
  return std::string(Strip(words));
}

PastedText SplitPastedText(std::string_view line, const LookAt& look, const ListNames& list,
                           const NumbersOf& numbers) {
  PastedText result = Splitter(line, look, list, numbers).Split();
  ArrangeParts(result.parts);
  return result;
}

}  // namespace roentgen
