#include "roentgen/assistant/report_pdf_images.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace roentgen {
namespace {

constexpr double kGap = 12;
constexpr double kLeastColumn = 70;  // a caption needs it
constexpr double kLargestPixel = 4;
constexpr double kTallestRow = 250;
constexpr double kLowestSingleRow = 120;
constexpr double kLowestRow = 128;
constexpr double kStep = 2;
constexpr double kTall = 0.5;  // width to height; what is narrower gets more height

PdfImageCell Scale(Size image, double row_height, double width, double height) {
  const double ratio = static_cast<double>(image.width) / image.height;
  PdfImageCell cell;
  cell.height = std::min({row_height * std::sqrt(std::max(1.0, kTall / ratio)), height,
                          kLargestPixel * image.height, width / ratio});
  cell.width = cell.height * ratio;
  cell.column = std::max(cell.width, kLeastColumn);
  return cell;
}

std::vector<PdfImageRow> RowsOf(std::span<const Size> images, double row_height, double width,
                                double height) {
  std::vector<PdfImageRow> rows;
  double x = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    PdfImageCell cell = Scale(images[i], row_height, width, height);
    constexpr double kRounding = 1e-6;
    if (rows.empty() || x + cell.column > width + kRounding) {
      rows.emplace_back();
      x = 0;
    }
    cell.image = i;
    cell.x = x;
    x += cell.column + kGap;
    rows.back().push_back(cell);
  }
  return rows;
}

/// With room for captions.
double HeightOf(const std::vector<PdfImageRow>& rows) {
  constexpr double kCaption = 40;
  double total = 0;
  for (const PdfImageRow& row : rows) {
    double tallest = 0;
    for (const PdfImageCell& cell : row) tallest = std::max(tallest, cell.height);
    total += tallest + kCaption;
  }
  return total;
}

}  // namespace

std::vector<PdfImageRow> ArrangeImages(std::span<const Size> images, double width, double height) {
  for (double row = kTallestRow; row >= kLowestSingleRow; row -= kStep) {
    std::vector<PdfImageRow> rows = RowsOf(images, row, width, height);
    if (rows.size() <= 1) return rows;
  }
  std::vector<PdfImageRow> best;
  double least = 0;
  const double three_squares = (width - 2 * kGap) / 3;
  for (double row = three_squares; row >= kLowestRow; row -= kStep) {
    std::vector<PdfImageRow> rows = RowsOf(images, row, width, height);
    const double total = HeightOf(rows);
    if (best.empty() || total < least) {
      best = std::move(rows);
      least = total;
    }
  }
  return best;
}

}  // namespace roentgen
