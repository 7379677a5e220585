#include "roentgen/evaluation/report_labels.h"

#include <algorithm>
#include <utility>

#include "roentgen/evaluation/report_reading.h"
#include "roentgen/language/report_sections.h"
#include "roentgen/language/sentences.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

bool HasIdeograph(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (IsIdeograph(step.code_point)) return true;
    at += step.length;
  }
  return false;
}

/// A text whose Chinese characters are set apart by blanks ("右 侧 胸 腔"), without these.
std::string WithoutSpacing(std::string text) {
  size_t characters = 0;
  size_t apart = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    at += step.length;
    if (!IsIdeograph(step.code_point)) continue;
    ++characters;
    apart += at < text.size() && text[at] == ' ' ? 1 : 0;
  }
  if (characters > 2 && 4 * apart >= 3 * characters) std::erase(text, ' ');
  return text;
}

/// A sentence that goes on over the ends of lines, in one. Between English words a blank is left.
std::string WithoutLineEnds(const std::string& text) {
  std::string joined;
  joined.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\n') {
      joined += text[at++];
      continue;
    }
    while (!joined.empty() && joined.back() == ' ') joined.pop_back();
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n')) ++at;
    const bool chinese = (!joined.empty() && (joined.back() & 0x80) != 0) ||
                         (at < text.size() && (text[at] & 0x80) != 0);
    if (!chinese) joined += ' ';
  }
  return joined;
}

/// Bytes of a sentence that are read together. A model that repeats itself without end must not
/// take time without end: the work on a sentence grows with the square of its length.
constexpr size_t kMaxSentence = 16'000;

/// The piece that a long sentence begins with, up to a comma where there is one.
std::string_view FirstPiece(std::string_view sentence) {
  if (sentence.size() <= kMaxSentence) return sentence;
  size_t end = kMaxSentence;
  while (end > 0 && (static_cast<uint8_t>(sentence[end]) & 0xc0) == 0x80) --end;
  if (end == 0) end = kMaxSentence;  // no UTF-8
  const std::string_view piece = sentence.substr(0, end);
  for (const std::string_view comma : {"，", ",", "、", " "}) {
    const size_t at = piece.rfind(comma);
    if (at != std::string_view::npos && at > kMaxSentence / 2) {
      return piece.substr(0, at + comma.size());
    }
  }
  return piece;
}

/// In Chinese a full stop of ASCII may stand for any mark, also for the 、 of a list:
/// "未见斑片影.结节". Sentences that such a stop alone divides are read as one.
std::vector<std::string_view> JoinHalfWidth(const std::vector<std::string_view>& sentences) {
  std::vector<std::string_view> joined;
  for (const std::string_view sentence : sentences) {
    const bool goes_on = !joined.empty() && joined.back().ends_with('.') &&
                         joined.back().data() + joined.back().size() == sentence.data() &&
                         HasIdeograph(joined.back()) &&
                         IsIdeograph(ReadUtf8(sentence, 0).code_point);
    if (goes_on) {
      joined.back() = {joined.back().data(), joined.back().size() + sentence.size()};
    } else {
      joined.push_back(sentence);
    }
  }
  return joined;
}

/// Gathers what sentences say.
class Gatherer {
 public:
  void Add(std::string_view sentence) {
    while (!sentence.empty()) {
      const std::string_view piece = FirstPiece(sentence);
      sentence.remove_prefix(piece.size());
      AddPiece(piece);
    }
  }

  ReportReading Finish() {
    bool abnormal = reading_.other;
    for (size_t i = 0; i < kReportLabels; ++i) {
      if (i != static_cast<size_t>(ReportLabel::kSupportDevices)) {
        abnormal |= reading_.labels[i] >= Finding::kUncertain;
      }
    }
    if (!abnormal && stated_ && reading_.unread.empty()) {
      reading_.labels[static_cast<size_t>(ReportLabel::kNoFinding)] = Finding::kPresent;
    }
    return std::move(reading_);
  }

 private:
  void AddPiece(std::string_view piece) {
    const std::string folded = WithoutSpacing(WithoutLineEnds(FoldText(piece)));
    SentenceReading read =
        HasIdeograph(folded) ? chinese_.Read(folded) : ReadEnglishSentence(folded);
    stated_ |= read.normal || !read.statements.empty();
    for (const ReportStatement& said : read.statements) {
      if (!said.label) {
        reading_.other |= said.finding >= Finding::kUncertain;
        continue;
      }
      Finding& label = reading_.labels[static_cast<size_t>(*said.label)];
      label = std::max(label, said.finding);
    }
    if (!read.unknown.empty()) reading_.unread.push_back({piece, std::move(read.unknown)});
  }

  ReportReading reading_;
  ChineseReportReader chinese_;
  bool stated_ = false;  // anything, also that something is normal
};

}  // namespace

ReportReading ReadReport(std::string_view report) {
  Gatherer gatherer;
  for (const ReportSection& section : SplitReport(report)) {
    if (section.part == ReportPart::kOther) continue;
    for (const std::string_view sentence : JoinHalfWidth(SplitSentences(section.text))) {
      gatherer.Add(sentence);
    }
  }
  return gatherer.Finish();
}

}  // namespace roentgen
