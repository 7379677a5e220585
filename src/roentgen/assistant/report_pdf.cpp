#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <memory>

#include "roentgen/assistant/report_files.h"
#include "roentgen/base/error.h"

namespace roentgen {
namespace {

// A4, in points.
constexpr double kWidth = 595;
constexpr double kHeight = 842;
constexpr double kMargin = 54;
constexpr double kPictureHeight = 240;
constexpr const char* kFonts = "Noto Sans, Noto Sans CJK SC, Droid Sans Fallback, sans-serif";

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroyer<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Destroyer<cairo_destroy>>;
using Layout = std::unique_ptr<PangoLayout, Destroyer<g_object_unref>>;
using Font = std::unique_ptr<PangoFontDescription, Destroyer<pango_font_description_free>>;

struct Style {
  double size = 10.5;
  bool bold = false;
  double grey = 0.1;
  double before = 0;  // space above, in points
};
constexpr Style kTitle{20, true, 0.1, 0};
constexpr Style kHeading{13, true, 0.1, 16};
constexpr Style kBody{10.5, false, 0.1, 5};
constexpr Style kWarning{10.5, true, 0.1, 6};
constexpr Style kSmall{7.5, false, 0.4, 3};

/// Bytes of a PNG as cairo reads them.
struct PngReader {
  std::string_view rest;

  static cairo_status_t Read(void* closure, unsigned char* data, unsigned length) {
    auto& self = *static_cast<PngReader*>(closure);
    if (length > self.rest.size()) return CAIRO_STATUS_READ_ERROR;
    std::copy_n(self.rest.begin(), length, data);
    self.rest.remove_prefix(length);
    return CAIRO_STATUS_SUCCESS;
  }
};

/// Text that flows from page to page, with a notice and a number at the foot of each.
class Pages {
 public:
  explicit Pages(std::string notice) : notice_(std::move(notice)) {
    surface_.reset(cairo_pdf_surface_create_for_stream(Append, &bytes_, kWidth, kHeight));
    cairo_.reset(cairo_create(surface_.get()));
    const std::string title = "Radiology report (research use only)";
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_TITLE, title.c_str());
  }

  void Write(const std::string& text, const Style& style) {
    const Layout layout = MakeLayout(text, style);
    y_ += style.before;
    PangoLayoutIter* iterator = pango_layout_get_iter(layout.get());
    do {
      PangoRectangle extents;
      pango_layout_iter_get_line_extents(iterator, nullptr, &extents);
      const double height = pango_units_to_double(extents.height);
      if (y_ + height > kHeight - kMargin - 18) NewPage();
      SetGrey(style.grey);
      const int baseline = pango_layout_iter_get_baseline(iterator) - extents.y;
      cairo_move_to(cairo_.get(), kMargin + pango_units_to_double(extents.x),
                    y_ + pango_units_to_double(baseline));
      pango_cairo_show_layout_line(cairo_.get(), pango_layout_iter_get_line_readonly(iterator));
      y_ += height;
    } while (pango_layout_iter_next_line(iterator) != FALSE);
    pango_layout_iter_free(iterator);
  }

  /// Pictures in a row, as many as fit.
  void Draw(const std::vector<ShownPicture>& pictures) {
    double x = kMargin;
    double tallest = 0;
    for (const ShownPicture& picture : pictures) {
      PngReader reader{picture.png};
      const Surface image(cairo_image_surface_create_from_png_stream(PngReader::Read, &reader));
      const double width = cairo_image_surface_get_width(image.get());
      const double height = cairo_image_surface_get_height(image.get());
      if (width <= 0 || height <= 0) throw Error("a stored picture cannot be drawn");
      const double room = kWidth - kMargin - x;
      const double scale = std::min(kPictureHeight / height, (kWidth - 2 * kMargin) / width);
      if (width * scale > room) break;
      cairo_save(cairo_.get());
      cairo_translate(cairo_.get(), x, y_ + 10);
      cairo_scale(cairo_.get(), scale, scale);
      cairo_set_source_surface(cairo_.get(), image.get(), 0, 0);
      cairo_paint(cairo_.get());
      cairo_restore(cairo_.get());
      x += width * scale + 10;
      tallest = std::max(tallest, height * scale);
    }
    y_ += tallest + 14;
  }

  std::string Finish() {
    WriteFoot();
    cairo_.reset();
    cairo_surface_finish(surface_.get());
    const cairo_status_t status = cairo_surface_status(surface_.get());
    if (status != CAIRO_STATUS_SUCCESS) {
      throw Error(fmt::format("a PDF cannot be made: {}", cairo_status_to_string(status)));
    }
    return std::move(bytes_);
  }

 private:
  static cairo_status_t Append(void* closure, const unsigned char* data, unsigned length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
  }

  void SetGrey(double grey) { cairo_set_source_rgb(cairo_.get(), grey, grey, grey); }

  Layout MakeLayout(const std::string& text, const Style& style) {
    Layout layout(pango_cairo_create_layout(cairo_.get()));
    const Font font(pango_font_description_from_string(kFonts));
    pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
    if (style.bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_width(layout.get(), pango_units_from_double(kWidth - 2 * kMargin));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout.get(), 1.25F);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    if (pango_layout_get_unknown_glyphs_count(layout.get()) > 0) {
      throw Error("no installed font has all characters of the report",
                  "Install one, for Chinese: apt-get install fonts-droid-fallback");
    }
    return layout;
  }

  void NewPage() {
    WriteFoot();
    cairo_show_page(cairo_.get());
    ++page_;
    y_ = kMargin;
  }

  void WriteFoot() {
    const Layout layout = MakeLayout(fmt::format("{}    {}", notice_, page_), kSmall);
    SetGrey(kSmall.grey);
    cairo_move_to(cairo_.get(), kMargin, kHeight - kMargin + 6);
    pango_cairo_show_layout(cairo_.get(), layout.get());
  }

  std::string notice_;
  std::string bytes_;
  Surface surface_;
  Cairo cairo_;
  double y_ = kMargin;
  int page_ = 1;
};

void WritePart(const RadiologyReport& report, bool impression, Pages& pages) {
  const ReportWords& words = WordsOf(report.language);
  const char* between = report.language == Language::kEnglish ? " " : "";
  const std::vector<ReportSentence> sentences = Sentences(report, impression);
  for (size_t i = 0; i < sentences.size();) {
    const size_t answer = sentences[i].answer;
    const ReportStep& step = report.answers[answer].step;
    std::string text;
    if (!impression) text = fmt::format("{}{}", step.TopicIn(report.language), words.colon);
    for (bool first = true; i < sentences.size() && sentences[i].answer == answer; ++i) {
      if (!first) text += impression ? "\n" : between;
      text += sentences[i].text;
      first = false;
    }
    pages.Write(fmt::format("{} [{}]", text, answer + 1), kBody);
  }
  if (sentences.empty()) pages.Write("—", kBody);
}

}  // namespace

std::string ReportPdf(const RadiologyReport& report) {
  const ReportWords& words = WordsOf(report.language);
  Pages pages{std::string(words.notice)};
  pages.Write(std::string(words.title), kTitle);
  pages.Write(report.date, kSmall);
  pages.Write(std::string(words.notice), kWarning);
  pages.Draw(report.study.images);
  pages.Write(std::string(words.findings), kHeading);
  WritePart(report, false, pages);
  pages.Write(std::string(words.impression), kHeading);
  WritePart(report, true, pages);
  const std::string missing = NotAssessed(report);
  if (!missing.empty()) {
    pages.Write(fmt::format("{}{}{}", words.not_assessed, words.colon, missing), kWarning);
  }
  pages.Write(std::string(words.questions), kHeading);
  for (size_t i = 0; i < report.answers.size(); ++i) {
    pages.Write(fmt::format("{}. {}", i + 1, report.answers[i].step.QuestionIn(report.language)),
                kBody);
  }
  pages.Write("", kBody);
  for (const ShownPicture& picture : report.study.images) {
    pages.Write(fmt::format("picture {}: {}", picture.sha256, picture.facts), kSmall);
  }
  pages.Write(fmt::format("{}, model {} {}, weights {}", report.facts.program, report.facts.model,
                          report.facts.model_sha256, report.facts.weights),
              kSmall);
  for (const RunFacts::Adapter& adapter : report.facts.adapters) {
    pages.Write(fmt::format("adapter {} {}", adapter.name, adapter.sha256), kSmall);
  }
  pages.Write("settings " + ToJson(report.facts).at("sampling").dump(), kSmall);
  return pages.Finish();
}

}  // namespace roentgen
