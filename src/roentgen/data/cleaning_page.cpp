#include "roentgen/data/cleaning_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "roentgen/data/blanks.h"
#include "roentgen/data/chat_messages.h"
#include "roentgen/data/html_page.h"
#include "roentgen/data/svg_chart.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr size_t kContextBytes = 160;  // of a long text, on each side of what differs
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

size_t CommonBeginning(std::string_view a, std::string_view b) {
  const auto [at, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return CharacterStart(a, static_cast<size_t>(at - a.begin()));
}

/// What the first `common` bytes are is known; of the rest how many bytes both end with.
size_t CommonEnd(std::string_view a, std::string_view b, size_t common) {
  const size_t most = std::min(a.size(), b.size()) - common;
  size_t count = 0;
  while (count < most && a[a.size() - 1 - count] == b[b.size() - 1 - count]) ++count;
  while (count > 0 && (a[a.size() - count] & 0xc0) == 0x80) --count;  // not inside a character
  return count;
}

std::string Mark(std::string_view text, size_t begin, size_t end, const char* tag) {
  const size_t from = begin > kContextBytes ? CharacterStart(text, begin - kContextBytes) : 0;
  const size_t to = CharacterStart(text, end + kContextBytes);
  const std::string_view changed = text.substr(begin, end - begin);
  return fmt::format("{}{}<{}>{}</{}>{}{}", from > 0 ? "… " : "",
                     EscapeMarkup(text.substr(from, begin - from)), tag,
                     EscapeMarkup(Visible(changed)), tag, EscapeMarkup(text.substr(end, to - end)),
                     to < text.size() ? " …" : "");
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
  const size_t begin = CommonBeginning(before, after);
  const size_t end = CommonEnd(before, after, begin);
  return {Mark(before, begin, before.size() - end, "del"),
          Mark(after, begin, after.size() - end, "ins")};
}

void CleaningPage::Add(const Sample& sample, const CleaningFinding& finding) {
  OfRule& rule = rules_[static_cast<size_t>(finding.rule)];
  using Action = CleaningFinding::Action;
  ++(finding.action == Action::kDropped  ? rule.dropped
     : finding.action == Action::kMended ? rule.mended
                                         : rule.reported);
  if (rule.shown.size() == kShown || rule.shown_of_kind[finding.tally] == kShownOfAKind) return;
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
  return HtmlPage(
      {title,
       "What cleaning found: some of each rule, red before and green after; the log names all",
       kStyle, ""},
      html);
}

}  // namespace roentgen
