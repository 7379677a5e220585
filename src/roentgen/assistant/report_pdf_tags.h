#pragma once

#include <array>
#include <string>
#include <vector>

namespace roentgen {

/// A picture in a PDF, for those who cannot see it.
struct PdfFigure {
  std::string text;
  std::array<double, 4> box;  ///< left, bottom, right, top, in points
};

/// What a PDF says about itself.
struct PdfDescription {
  std::string language;  ///< BCP 47
  std::string title;
  std::string author;
  std::string date;  ///< as UtcNow tells it
  std::string mark;  ///< MadeByMark: a comment at its head, where all else is compressed
  std::vector<PdfFigure> figures;  ///< in the order of their elements
};

/// Makes of a tagged PDF of cairo one that can be read aloud: with a language, a title, texts for
/// its figures, and heads of table rows told as such. `feet` has a page for each page, which is
/// laid over it as an artifact: no part of what is read. Equal inputs give equal bytes.
///
/// Throws Error when that fails.
std::string CompletePdf(const std::string& pages, const std::string& feet,
                        const PdfDescription& description);

}  // namespace roentgen
