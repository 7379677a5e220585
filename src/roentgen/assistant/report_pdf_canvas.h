#pragma once

#include <cairo.h>

#include <memory>
#include <string>

#include "roentgen/assistant/report_pdf_text.h"
#include "roentgen/imaging/image.h"

namespace roentgen {

/// Where something stands on a page: from the upper left corner, in points.
struct PdfBox {
  double x = 0, y = 0, width = 0, height = 0;
};

/// A PDF that cairo draws in memory, page by page (A4).
class PdfCanvas {
 public:
  static constexpr double kWidth = 595.28;
  static constexpr double kHeight = 841.89;

  PdfCanvas();
  PdfCanvas(const PdfCanvas&) = delete;
  PdfCanvas& operator=(const PdfCanvas&) = delete;

  /// Begins an element of the structure, by its name in PDF's standard structure; it may go on on
  /// further pages. Of one that holds others, cairo tags no content of its own.
  void Begin(const char* tag) { cairo_tag_begin(cairo_.get(), tag, nullptr); }
  void End(const char* tag) { cairo_tag_end(cairo_.get(), tag); }

  /// The line's upper edge is at y.
  void Draw(const PdfLines::Line& line, double x, double y);
  /// Every pixel is kept as it is, without loss.
  void Draw(const Image& image, const PdfBox& box);
  void DrawRule(double x, double y, double width);

  void NextPage() { cairo_show_page(cairo_.get()); }

  /// The PDF. Throws Error when something before failed.
  std::string Finish();

 private:
  std::string bytes_;
  std::unique_ptr<cairo_surface_t, PdfRelease<cairo_surface_destroy>> surface_;
  std::unique_ptr<cairo_t, PdfRelease<cairo_destroy>> cairo_;
};

}  // namespace roentgen
