#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "roentgen/imaging/image.h"

namespace roentgen {

/// Where an image stands in its row. All in points.
struct PdfImageCell {
  size_t image = 0;
  double x = 0;       ///< from the left margin
  double width = 0;   ///< of the image
  double height = 0;  ///< of the image
  double column = 0;  ///< width of image and caption
};
using PdfImageRow = std::vector<PdfImageCell>;

/// Images in rows, in their order, each once. Those of a row have one height, but for what is very
/// wide or very tall: it is as large as there is room, so that it can be seen. Few images stand in
/// one row. A pixel is at most 4 points large.
///
/// width, height  the room for a row in points
std::vector<PdfImageRow> ArrangeImages(std::span<const Size> images, double width, double height);

}  // namespace roentgen
