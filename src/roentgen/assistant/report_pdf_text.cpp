#include "roentgen/assistant/report_pdf_text.h"

#include <fmt/format.h>
#include <hb.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr const char* kFonts = "Noto Sans, Noto Sans CJK SC, Droid Sans Fallback, sans-serif";
constexpr float kLineSpacing = 1.28F;
constexpr size_t kLongestPart = 6000;  // in bytes

using Font = std::unique_ptr<PangoFontDescription, PdfRelease<pango_font_description_free>>;
using Attributes = std::unique_ptr<PangoAttrList, PdfRelease<pango_attr_list_unref>>;
using Iterator = std::unique_ptr<PangoLayoutIter, PdfRelease<pango_layout_iter_free>>;
using FontOptions = std::unique_ptr<cairo_font_options_t, PdfRelease<cairo_font_options_destroy>>;

void Style(PangoAttrList* list, PangoAttribute* attribute, size_t begin, size_t end) {
  attribute->start_index = static_cast<guint>(begin);
  attribute->end_index = static_cast<guint>(end);
  pango_attr_list_insert(list, attribute);
}

void Style(PangoAttrList* list, const PdfStyle& style, size_t begin, size_t end) {
  const auto grey = static_cast<guint16>(std::lround(style.grey * 0xffff));
  Style(list, pango_attr_size_new_absolute(static_cast<int>(style.size * PANGO_SCALE)), begin, end);
  Style(list, pango_attr_foreground_new(grey, grey, grey), begin, end);
  if (style.bold) Style(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), begin, end);
}

PangoLayout* Layout(PangoContext* context, const PdfText& pieces) {
  PangoLayout* layout = pango_layout_new(context);
  const Attributes attributes(pango_attr_list_new());
  std::string text;
  for (const PdfPiece& piece : pieces) {
    Style(attributes.get(), piece.style, text.size(), text.size() + piece.text.size());
    text += piece.text;
  }
  pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
  // A ligature is one glyph for several characters, which some readers of tagged text stop at.
  Style(attributes.get(), pango_attr_font_features_new("liga 0, clig 0"), 0, text.size());
  pango_layout_set_attributes(layout, attributes.get());
  return layout;
}

/// A newline is no glyph: who reads the PDF's text would find two words joined.
std::string WithBlankBeforeNewlines(std::string_view text) {
  std::string spaced;
  for (const char c : text) {
    if (c == '\n') spaced += ' ';
    spaced += c;
  }
  return spaced;
}

/// Where a text that is too long is parted, at or before `limit`: behind a newline or a blank, else
/// anywhere between characters.
size_t PartingPoint(std::string_view text, size_t limit) {
  for (const char behind : {'\n', ' '}) {
    const size_t found = text.rfind(behind, limit - 1);
    if (found != std::string_view::npos && found + 1 > limit / 2) return found + 1;
  }
  while (limit > 1 && (text[limit] & 0xc0) == 0x80) --limit;
  return limit;
}

/// Pango's time grows faster than a paragraph's length: very long text is laid out in parts.
std::vector<PdfText> Parts(const PdfText& text) {
  std::vector<PdfText> parts(1);
  size_t room = kLongestPart;
  for (const PdfPiece& piece : text) {
    std::string_view rest = piece.text;
    while (rest.size() > room) {
      const size_t end = PartingPoint(rest, room);
      parts.back().push_back({std::string(rest.substr(0, end)), piece.style});
      rest.remove_prefix(end);
      parts.emplace_back();
      room = kLongestPart;
    }
    parts.back().push_back({std::string(rest), piece.style});
    room -= rest.size();
  }
  return parts;
}

/// The text with the characters that a test tells as their numbers.
std::string Name(std::string_view text, const std::function<bool(std::string_view)>& named) {
  std::string shown;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    const std::string_view character = text.substr(at, step.length);
    if (named(character)) {
      shown += fmt::format("[U+{:04X}]", static_cast<uint32_t>(step.code_point));
    } else {
      shown += character;
    }
    at += step.length;
  }
  return shown;
}

/// Pango takes the glyph of a blank away where it ends a line. Cairo then writes the blank as a
/// replacement text, at which some readers of tagged text stop: it gets its glyph back, of no
/// width.
void RestoreBlanks(PangoLayoutLine* line, const char* text) {
  for (GSList* runs = line->runs; runs != nullptr; runs = runs->next) {
    const auto* run = static_cast<PangoLayoutRun*>(runs->data);
    hb_codepoint_t blank = 0;
    hb_font_t* font = pango_font_get_hb_font(run->item->analysis.font);
    if (hb_font_get_nominal_glyph(font, ' ', &blank) == 0) continue;
    for (int i = 0; i < run->glyphs->num_glyphs; ++i) {
      PangoGlyph& glyph = run->glyphs->glyphs[i].glyph;
      const int at = run->item->offset + run->glyphs->log_clusters[i];
      if (glyph == PANGO_GLYPH_EMPTY && text[at] == ' ') glyph = blank;
    }
  }
}

}  // namespace

void PdfLines::Add(PangoLayout* layout) {
  layouts_.emplace_back(layout);
  const Iterator iterator(pango_layout_get_iter(layout));
  do {
    PangoRectangle extents;
    pango_layout_iter_get_line_extents(iterator.get(), nullptr, &extents);
    const int baseline = pango_layout_iter_get_baseline(iterator.get()) - extents.y;
    PangoLayoutLine* line = pango_layout_iter_get_line(iterator.get());
    RestoreBlanks(line, pango_layout_get_text(layout));
    lines_.push_back({line, pango_units_to_double(extents.x), pango_units_to_double(baseline),
                      pango_units_to_double(extents.height)});
  } while (pango_layout_iter_next_line(iterator.get()) != FALSE);
}

double PdfLines::Width() const {
  int widest = 0;
  for (const auto& layout : layouts_) {
    int width = 0;
    pango_layout_get_size(layout.get(), &width, nullptr);
    widest = std::max(widest, width);
  }
  return pango_units_to_double(widest);
}

double PdfLines::HeightOf(size_t first, size_t end) const {
  double height = 0;
  for (size_t i = first; i < end; ++i) height += lines_[i].height;
  return height;
}

PdfTypesetter::PdfTypesetter(const std::string& language)
    : context_(pango_font_map_create_context(pango_cairo_font_map_get_default())) {
  // Paper has no pixels to fit letters to.
  const FontOptions options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context_.get(), options.get());
  pango_context_set_round_glyph_positions(context_.get(), FALSE);
  pango_context_set_language(context_.get(), pango_language_from_string(language.c_str()));
  const Font font(pango_font_description_from_string(kFonts));
  pango_context_set_font_description(context_.get(), font.get());
}

PdfLines PdfTypesetter::Set(const PdfText& text, double width) {
  PdfLines lines;
  for (PdfText& part : Parts(text)) {
    for (PdfPiece& piece : part) {
      piece.text = WithBlankBeforeNewlines(NameMissing(piece.text, piece.style));
    }
    PangoLayout* layout = Layout(context_.get(), part);
    pango_layout_set_width(layout, pango_units_from_double(width));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout, kLineSpacing);
    lines.Add(layout);
  }
  return lines;
}

int PdfTypesetter::MissingGlyphs(std::string_view text, const PdfStyle& style) {
  const std::unique_ptr<PangoLayout, PdfRelease<g_object_unref>> layout(
      Layout(context_.get(), {{std::string(text), style}}));
  return pango_layout_get_unknown_glyphs_count(layout.get());
}

std::string PdfTypesetter::NameMissing(std::string_view text, const PdfStyle& style) {
  if (MissingGlyphs(text, style) == 0) return std::string(text);
  std::string shown = Name(text, [&](std::string_view character) {
    const auto [found, added] = missing_.try_emplace({std::string(character), style.bold}, false);
    if (added) found->second = MissingGlyphs(character, style) > 0;
    return found->second;
  });
  // Some characters have glyphs, but not where they stand beside others.
  if (MissingGlyphs(shown, style) > 0) {
    shown = Name(text, [](std::string_view character) { return character.size() > 1; });
  }
  return shown;
}

}  // namespace roentgen
