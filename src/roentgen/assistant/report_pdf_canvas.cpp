#include "roentgen/assistant/report_pdf_canvas.h"

#include <cairo-pdf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr double kRuleWidth = 0.4;
constexpr double kRuleGrey = 0.7;
constexpr int kLargestSurface = 32000;  // cairo's own limit is 32767 pixels a side

using Surface = std::unique_ptr<cairo_surface_t, PdfRelease<cairo_surface_destroy>>;

void Check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS) {
    throw Error(fmt::format("a PDF cannot be made: {}", cairo_status_to_string(status)));
  }
}

cairo_status_t Append(void* closure, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

struct Part {
  int left, top, width, height;
};

Surface SurfaceOf(const Image& image, const Part& part) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, part.width, part.height));
  Check(cairo_surface_status(surface.get()));
  cairo_surface_flush(surface.get());
  unsigned char* data = cairo_image_surface_get_data(surface.get());
  const ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < part.height; ++y) {
    auto* row = reinterpret_cast<uint32_t*>(data + y * stride);
    const uint8_t* pixel =
        &image.rgb[(static_cast<size_t>(part.top + y) * image.width + part.left) * 3];
    for (int x = 0; x < part.width; ++x, pixel += 3) {
      row[x] = (uint32_t{pixel[0]} << 16) | (uint32_t{pixel[1]} << 8) | pixel[2];
    }
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

}  // namespace

PdfCanvas::PdfCanvas()
    : surface_(cairo_pdf_surface_create_for_stream(Append, &bytes_, kWidth, kHeight)),
      cairo_(cairo_create(surface_.get())) {}

void PdfCanvas::Draw(const PdfLines::Line& line, double x, double y) {
  cairo_move_to(cairo_.get(), x + line.x, y + line.baseline);
  pango_cairo_show_layout_line(cairo_.get(), line.line);
}

void PdfCanvas::Draw(const Image& image, const PdfBox& box) {
  // A frame, before the image: cairo 1.16 forgets the tag of what is painted on an empty page.
  cairo_set_line_width(cairo_.get(), 2 * kRuleWidth);
  cairo_set_source_rgb(cairo_.get(), kRuleGrey, kRuleGrey, kRuleGrey);
  cairo_rectangle(cairo_.get(), box.x, box.y, box.width, box.height);
  cairo_stroke(cairo_.get());
  cairo_save(cairo_.get());
  cairo_translate(cairo_.get(), box.x, box.y);
  cairo_scale(cairo_.get(), box.width / image.width, box.height / image.height);
  for (int top = 0; top < image.height; top += kLargestSurface) {
    for (int left = 0; left < image.width; left += kLargestSurface) {
      const Surface part =
          SurfaceOf(image, {left, top, std::min(kLargestSurface, image.width - left),
                            std::min(kLargestSurface, image.height - top)});
      cairo_set_source_surface(cairo_.get(), part.get(), left, top);
      cairo_paint(cairo_.get());
    }
  }
  cairo_restore(cairo_.get());
}

void PdfCanvas::DrawRule(double x, double y, double width) {
  cairo_set_line_width(cairo_.get(), kRuleWidth);
  cairo_set_source_rgb(cairo_.get(), kRuleGrey, kRuleGrey, kRuleGrey);
  cairo_move_to(cairo_.get(), x, y);
  cairo_rel_line_to(cairo_.get(), width, 0);
  cairo_stroke(cairo_.get());
}

std::string PdfCanvas::Finish() {
  cairo_show_page(cairo_.get());
  Check(cairo_status(cairo_.get()));
  cairo_.reset();
  cairo_surface_finish(surface_.get());
  Check(cairo_surface_status(surface_.get()));
  return std::move(bytes_);
}

}  // namespace roentgen
