#include "roentgen/data/cleaning_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

#include "roentgen/base/made_by.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/data/html_page.h"
#include "roentgen/data/svg_chart.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr size_t kContextBytes = 80;  // of a long text, on each side of what differs
constexpr size_t kTextBytes = 600;

constexpr const char* kStyle = R"(
del, ins { text-decoration: none; border-radius: 3px; padding: 0 .12em; white-space: pre-wrap; }
del { background: #f3c9c4; color: #5e130b; } ins { background: #c5e5c9; color: #0d4318; }
.against { border-top: 1px solid var(--line); margin-top: .5rem; padding-top: .35rem; }
.done { font-weight: 600; }
)";

/// The last place up to `at` where a character begins.
size_t CharacterStart(std::string_view text, size_t at) {
  at = std::min(at, text.size());
  while (at > 0 && at < text.size() && (text[at] & 0xc0) == 0x80) --at;
  return at;
}

std::string Cut(std::string_view text) {
  if (text.size() <= kTextBytes) return std::string(text);
  return std::string(text.substr(0, CharacterStart(text, kTextBytes))) + " …";
}

/// With every blank as a sign.
std::string Visible(std::string_view text) {
  std::string visible;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (step.code_point == U'\t') {
      visible += "⇥";
    } else if (IsLineEnd(step.code_point)) {
      visible += "↵";
    } else if (IsBlank(step.code_point)) {
      visible += "␣";
    } else {
      visible += text.substr(at, step.length);
    }
    at += step.length;
  }
  return visible;
}

/// Words, and every other character by itself.
std::vector<std::string_view> Pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    if (end == at) end += ReadUtf8(text, at).length;
    pieces.push_back(text.substr(at, end - at));
    at = end;
  }
  return pieces;
}

/// Which pieces of both are not in their longest common subsequence.
struct Changes {
  std::vector<bool> of_before;
  std::vector<bool> of_after;
};

Changes FindChanges(std::span<const std::string_view> before,
                    std::span<const std::string_view> after) {
  constexpr size_t kMostCells = size_t{1} << 24;  // of longer texts all counts as changed
  Changes changes{std::vector<bool>(before.size(), true), std::vector<bool>(after.size(), true)};
  size_t begin = 0;  // what both begin with
  while (begin < std::min(before.size(), after.size()) && before[begin] == after[begin]) {
    changes.of_before[begin] = changes.of_after[begin] = false;
    ++begin;
  }
  const std::span a = before.subspan(begin);
  const std::span b = after.subspan(begin);
  const size_t width = b.size() + 1;
  if ((a.size() + 1) * width > kMostCells) return changes;
  // lengths[i · width + j]: of the longest common subsequence of a from i on and b from j on.
  std::vector<uint16_t> lengths((a.size() + 1) * width);
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      const size_t at = i * width + j;
      lengths[at] = a[i] == b[j] ? static_cast<uint16_t>(lengths[at + width + 1] + 1)
                                 : std::max(lengths[at + width], lengths[at + 1]);
    }
  }
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      changes.of_before[begin + i++] = changes.of_after[begin + j++] = false;
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return changes;
}

/// What is the same, between two changes or beside one: only what is near them.
std::string Context(std::string_view text, bool first, bool last) {
  const size_t shown = (first || last ? 1 : 2) * kContextBytes;
  if (text.size() <= shown + kContextBytes) return EscapeMarkup(text);
  const std::string begin =
      first ? "" : EscapeMarkup(text.substr(0, CharacterStart(text, kContextBytes)));
  const std::string end =
      last ? "" : EscapeMarkup(text.substr(CharacterStart(text, text.size() - kContextBytes)));
  return begin + " … " + end;
}

std::string Mark(std::span<const std::string_view> pieces, const std::vector<bool>& changed,
                 const char* tag) {
  std::string html;
  for (size_t i = 0; i < pieces.size();) {
    size_t end = i;
    while (end < pieces.size() && changed[end] == changed[i]) ++end;
    const std::string_view run(
        pieces[i].data(),
        static_cast<size_t>(pieces[end - 1].data() + pieces[end - 1].size() - pieces[i].data()));
    html += changed[i] ? fmt::format("<{0}>{1}</{0}>", tag, EscapeMarkup(Visible(run)))
                       : Context(run, i == 0, end == pieces.size());
    i = end;
  }
  return html;
}

std::string QuestionHtml(const CleaningFinding::Asked& asked) {
  return fmt::format("<p>{}</p><p class=\"answer\">{}</p>",
                     EscapeMarkup(Cut(WithoutImagePlaces(asked.question))),
                     EscapeMarkup(Cut(asked.answer)));
}

std::string Place(const CleaningFinding::Asked& row) {
  return EscapeMarkup(fmt::format("row {} of {}{}{}", row.source.row, row.source.file,
                                  row.split.empty() ? "" : " · ", row.split));
}

std::string FindingHtml(const CleaningFinding& finding) {
  if (!finding.field.empty()) {
    const MarkedTexts texts = MarkDifference(finding.before, finding.after);
    return fmt::format("<p class=\"soft\">{}</p><p>{}</p><p>{}</p>", EscapeMarkup(finding.field),
                       texts.before, texts.after);
  }
  std::string html = "<p class=\"soft\">" + EscapeMarkup(Cut(finding.reason)) + "</p>";
  if (finding.asked) html += QuestionHtml(*finding.asked);
  if (finding.other && !finding.other->question.empty()) {
    html += fmt::format("<div class=\"against\"><p class=\"soft\">{}</p>{}</div>",
                        Place(*finding.other), QuestionHtml(*finding.other));
  }
  return html;
}

std::string RowKey(const SourceRow& source) {
  return fmt::format("{}:{}", source.file, source.row);
}

/// "2 dropped, 40 mended", without what is none.
std::string CountsText(size_t dropped, size_t mended, size_t reported) {
  std::string text;
  for (const auto& [count, what] :
       {std::pair(dropped, "dropped"), {mended, "mended"}, {reported, "only reported"}}) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", Grouped(count), what);
  }
  return text;
}

}  // namespace

MarkedTexts MarkDifference(std::string_view before, std::string_view after) {
  const std::vector<std::string_view> old_pieces = Pieces(before);
  const std::vector<std::string_view> new_pieces = Pieces(after);
  const Changes changes = FindChanges(old_pieces, new_pieces);
  return {Mark(old_pieces, changes.of_before, "del"), Mark(new_pieces, changes.of_after, "ins")};
}

void CleaningPage::Add(const Sample& sample, const CleaningFinding& finding) {
  OfRule& rule = rules_[static_cast<size_t>(finding.rule)];
  using Action = CleaningFinding::Action;
  ++(finding.action == Action::kDropped  ? rule.dropped
     : finding.action == Action::kMended ? rule.mended
                                         : rule.reported);
  if (rule.shown.size() == kShown || rule.shown_of_kind[finding.tally] == kShownOfAKind) return;
  if (finding.other) {  // a pair that is reported of both rows is shown once
    std::string row = RowKey(sample.source);
    std::string other = RowKey(finding.other->source);
    if (other < row) std::swap(row, other);
    if (!rule.compared.emplace(std::move(row), std::move(other)).second) return;
  }
  ++rule.shown_of_kind[finding.tally];
  rule.shown.push_back({sample.images.empty() ? "" : sample.images[0],
                        {sample.id, sample.source, sample.split, "", ""},
                        finding});
}

std::string CleaningPage::Finish(const std::string& title) const {
  std::string html;
  std::map<std::string, std::string> pictures;
  for (const RuleInfo& info : AllRules()) {
    const OfRule& rule = rules_[static_cast<size_t>(info.rule)];
    if (rule.shown.empty()) continue;
    html +=
        fmt::format("<h2>{}</h2>\n<p class=\"soft\">{}: {}; {} shown.</p>\n<div class=\"sheet\">\n",
                    info.name, EscapeMarkup(info.what),
                    CountsText(rule.dropped, rule.mended, rule.reported), rule.shown.size());
    for (const Shown& shown : rule.shown) {
      const auto [picture, added] = pictures.try_emplace(shown.image);
      if (added) picture->second = PictureHtml(shown.image);
      html += fmt::format(
          "<figure>{}<figcaption><p class=\"soft\">{} · <span class=\"done\">{}</span></p>{}"
          "</figcaption></figure>\n",
          picture->second, Place(shown.row), ActionName(shown.finding.action),
          FindingHtml(shown.finding));
    }
    html += "</div>\n";
  }
  if (html.empty()) html = "<p>Nothing was found.</p>\n";
  return Sealed(
      FileKind::kCleaning,
      HtmlPage(
          FileKind::kCleaning,
          {title,
           "What cleaning found: some of each rule, red before and green after; the log names all",
           kStyle, ""},
          html));
}

}  // namespace roentgen
