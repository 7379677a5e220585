#pragma once

#include <pango/pangocairo.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roentgen {

/// What C libraries make and want back.
template <auto Destroy>
struct PdfRelease {
  template <class T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

/// How a piece of a PDF's text looks: size in points, grey from 0 (black) to 1.
struct PdfStyle {
  double size = 10;
  bool bold = false;
  double grey = 0.12;
};

/// Text that flows together, in pieces of different looks.
struct PdfPiece {
  std::string text;
  PdfStyle style;
};
using PdfText = std::vector<PdfPiece>;

/// Text broken into lines.
class PdfLines {
 public:
  struct Line {
    PangoLayoutLine* line;  ///< of the layout
    double x;               ///< from the left edge of the text; not 0 where it runs to the left
    double baseline;        ///< from the line's upper edge
    double height;
  };

  PdfLines() = default;
  void Add(PangoLayout* layout);  ///< takes it over

  const std::vector<Line>& lines() const { return lines_; }
  double Width() const;
  double Height() const { return HeightOf(0, lines_.size()); }
  double HeightOf(size_t first, size_t end) const;

 private:
  std::vector<std::unique_ptr<PangoLayout, PdfRelease<g_object_unref>>> layouts_;
  std::vector<Line> lines_;
};

/// Breaks text into lines, with the fonts that are installed. A character that none of them has is
/// written as its number in Unicode, "[U+1F9B4]".
class PdfTypesetter {
 public:
  /// language  BCP 47; it chooses between the forms of Chinese characters.
  explicit PdfTypesetter(const std::string& language);

  /// width in points.
  PdfLines Set(const PdfText& text, double width);

  /// Whether the fonts have all characters of a text.
  bool HasAll(std::string_view text) { return MissingGlyphs(text, {}) == 0; }

 private:
  int MissingGlyphs(std::string_view text, const PdfStyle& style);
  std::string NameMissing(std::string_view text, const PdfStyle& style);

  std::unique_ptr<PangoContext, PdfRelease<g_object_unref>> context_;
  std::map<std::pair<std::string, bool>, bool> missing_;  ///< by character and weight
};

}  // namespace roentgen
