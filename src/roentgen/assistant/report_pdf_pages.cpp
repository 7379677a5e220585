#include "roentgen/assistant/report_pdf_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace roentgen {
namespace {

constexpr double kLeft = (PdfCanvas::kWidth - PdfPages::kWidth) / 2;
constexpr double kTop = 56;
constexpr double kBottom = PdfCanvas::kHeight - 74;  // where text ends
constexpr double kFoot = PdfCanvas::kHeight - 52;
constexpr double kRowGap = 12;
constexpr double kCaptionGap = 5;
constexpr PdfStyle kFootStyle{7.5, false, 0.45};

/// How many lines from `line` on stand on one page: no line of a paragraph stands alone.
size_t LinesTogether(size_t line, size_t count) {
  if (line == 0) return count <= 3 ? count : 2;
  return line + 2 == count ? 2 : 1;
}

double FirstHeight(const PdfLines& lines) {
  return lines.HeightOf(0, LinesTogether(0, lines.lines().size()));
}

}  // namespace

PdfPages::PdfPages(const std::string& language) : typesetter_(language), y_(kTop) {
  canvas_.Begin("Document");
}

void PdfPages::Close() {
  if (!waiting_.empty()) return waiting_.pop_back();
  canvas_.End(open_.back());
  open_.pop_back();
}

void PdfPages::Write(const char* tag, const PdfText& text, double before) {
  const PdfLines lines = typesetter_.Set(text, kWidth);
  Begin(before, FirstHeight(lines));
  Flow(tag, lines, kLeft);
}

void PdfPages::WriteHeading(const char* tag, const PdfText& text, double before) {
  if (heading_) Begin(0, 0);
  heading_.emplace(Heading{tag, typesetter_.Set(text, kWidth), before});
}

void PdfPages::WritePair(const char* left_tag, const PdfText& left, double left_width,
                         const char* right_tag, const PdfText& right, double before) {
  constexpr double kGap = 8;
  const PdfLines left_lines = typesetter_.Set(left, left_width - kGap);
  const PdfLines right_lines = typesetter_.Set(right, kWidth - left_width);
  // Both stand on one baseline.
  const double lower = right_lines.lines().front().baseline - left_lines.lines().front().baseline;
  const double left_shift = std::max(lower, 0.0);
  const double right_shift = std::max(-lower, 0.0);
  Begin(before, std::max(left_shift + left_lines.Height(), right_shift + FirstHeight(right_lines)));
  const double top = y_;
  const int page = page_;
  y_ = top + left_shift;
  Flow(left_tag, left_lines, kLeft);
  const double left_end = std::exchange(y_, top + right_shift);
  Flow(right_tag, right_lines, kLeft + left_width);
  if (page_ == page) y_ = std::max(y_, left_end);
}

void PdfPages::Draw(std::span<const PdfImage> images, std::span<const PdfImageRow> rows) {
  for (const PdfImageRow& row : rows) {
    std::vector<PdfLines> captions;
    double height = 0;
    for (const PdfImageCell& cell : row) {
      captions.push_back(typesetter_.Set(images[cell.image].caption, cell.column));
      height = std::max(height, cell.height + kCaptionGap + captions.back().Height());
    }
    Begin(kRowGap, height);
    for (size_t i = 0; i < row.size(); ++i) DrawCell(images[row[i].image], row[i], captions[i]);
    y_ += height;
  }
}

void PdfPages::DrawCell(const PdfImage& image, const PdfImageCell& cell, const PdfLines& caption) {
  const PdfBox box{kLeft + cell.x, y_, cell.width, cell.height};
  const double bottom = PdfCanvas::kHeight - box.y - box.height;
  figures_.push_back({image.text, {box.x, bottom, box.x + box.width, bottom + box.height}});
  canvas_.Begin("Div");
  canvas_.Begin("Figure");
  canvas_.Draw(image.pixels, box);
  canvas_.End("Figure");
  canvas_.Begin("Caption");
  double y = box.y + box.height + kCaptionGap;
  for (const PdfLines::Line& line : caption.lines()) {
    canvas_.Draw(line, box.x, y);
    y += line.height;
  }
  canvas_.End("Caption");
  canvas_.End("Div");
}

std::string PdfPages::Finish(const std::string& notice, PdfDescription description) {
  WriteWaitingHeading();
  canvas_.End("Document");
  description.figures = std::move(figures_);
  const std::string pages = canvas_.Finish();
  return CompletePdf(pages, Feet(notice), description);
}

std::string PdfPages::Feet(const std::string& notice) {
  constexpr double kNumberWidth = 60;
  PdfCanvas feet;
  const PdfLines text = typesetter_.Set({{notice, kFootStyle}}, kWidth - kNumberWidth);
  for (int page = 1; page <= page_; ++page) {
    if (page > 1) feet.NextPage();
    feet.DrawRule(kLeft, kFoot, kWidth);
    double y = kFoot + 5;
    const PdfLines number =
        typesetter_.Set({{fmt::format("{} / {}", page, page_), kFootStyle}}, kNumberWidth);
    feet.Draw(number.lines().front(), kLeft + kWidth - number.Width(), y);
    for (const PdfLines::Line& line : text.lines()) {
      feet.Draw(line, kLeft, y);
      y += line.height;
    }
  }
  return feet.Finish();
}

/// Sees that what comes has the room that it needs on one page, with the heading before it.
void PdfPages::Begin(double before, double need) {
  const double above = heading_ ? heading_->before : before;
  const double room = heading_ ? heading_->lines.Height() + before + need : need;
  if (y_ > kTop && y_ + above + room > kBottom) {
    NextPage();
  } else if (y_ > kTop) {
    y_ += above;
  }
  if (heading_) {
    WriteWaitingHeading();
    y_ += before;
  }
  for (const char* tag : waiting_) canvas_.Begin(tag);
  open_.insert(open_.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
}

void PdfPages::WriteWaitingHeading() {
  if (!heading_) return;
  const Heading heading = *std::exchange(heading_, std::nullopt);
  Flow(heading.tag, heading.lines, kLeft);
}

void PdfPages::NextPage() {
  canvas_.NextPage();
  ++page_;
  y_ = kTop;
}

void PdfPages::Flow(const char* tag, const PdfLines& lines, double x) {
  canvas_.Begin(tag);
  const size_t count = lines.lines().size();
  for (size_t i = 0; i < count; ++i) {
    const double need = lines.HeightOf(i, i + LinesTogether(i, count));
    if (y_ > kTop && y_ + need > kBottom) NextPage();
    const PdfLines::Line& line = lines.lines()[i];
    canvas_.Draw(line, x, y_);
    y_ += line.height;
  }
  canvas_.End(tag);
}

}  // namespace roentgen
