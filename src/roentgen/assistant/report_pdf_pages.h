#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/assistant/report_pdf_canvas.h"
#include "roentgen/assistant/report_pdf_images.h"
#include "roentgen/assistant/report_pdf_tags.h"
#include "roentgen/assistant/report_pdf_text.h"

namespace roentgen {

/// An image of a PDF.
struct PdfImage {
  Image pixels;
  std::string text;  ///< for those who cannot see it
  PdfText caption;
};

/// Pages on which text and images flow from above, tagged with what they are. Names of tags are
/// those of PDF's standard structure: "H1", "P", "Table" …
class PdfPages {
 public:
  /// The room for a row of images with short captions, and the width of all else, in points.
  static constexpr double kWidth = PdfCanvas::kWidth - 2 * 56;
  static constexpr double kRowHeight = 400;

  explicit PdfPages(const std::string& language);

  /// Begins an element that holds others; Close ends the one that was begun last. One in which
  /// nothing is written leaves no trace.
  void Open(const char* tag) { waiting_.push_back(tag); }
  void Close();

  /// before  space above it, in points; none at the head of a page
  void Write(const char* tag, const PdfText& text, double before);

  /// Text that stands on the page on which what follows it begins.
  void WriteHeading(const char* tag, const PdfText& text, double before);

  /// Two texts beside each other, as elements of their own; the right one may go on on further
  /// pages.
  void WritePair(const char* left_tag, const PdfText& left, double left_width,
                 const char* right_tag, const PdfText& right, double before);

  /// The images in rows (of ArrangeImages), a caption under each.
  void Draw(std::span<const PdfImage> images, std::span<const PdfImageRow> rows);

  /// The PDF, with a notice and the number of the page at the foot of each: "2 / 5". The
  /// description's figures are filled in. Throws Error when it cannot be made.
  std::string Finish(const std::string& notice, PdfDescription description);

 private:
  struct Heading {
    const char* tag;
    PdfLines lines;
    double before;
  };

  void Begin(double before, double need);
  void WriteWaitingHeading();
  void NextPage();
  void Flow(const char* tag, const PdfLines& lines, double x);
  void DrawCell(const PdfImage& image, const PdfImageCell& cell, const PdfLines& caption);
  std::string Feet(const std::string& notice);

  PdfTypesetter typesetter_;
  PdfCanvas canvas_;
  std::vector<const char*> waiting_;  // elements into which nothing was written so far
  std::vector<const char*> open_;
  std::optional<Heading> heading_;  // that waits for what follows it
  std::vector<PdfFigure> figures_;
  double y_;
  int page_ = 1;
};

}  // namespace roentgen
