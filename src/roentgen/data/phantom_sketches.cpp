#include <algorithm>
#include <array>
#include <string_view>

#include "roentgen/data/phantom_asking.h"

namespace roentgen {
namespace {

constexpr size_t kParts = 8;  // of a side
constexpr double kCoveredShare = 0.3;

/// By kind: nodule, effusion, pneumothorax, consolidation, heart, mediastinum, fracture, bleeding,
/// line, spot, kidney stone.
constexpr std::string_view kSigns = "nepchmfblsk";
static_assert(kSigns.size() == kFindingKinds);

constexpr PhantomTemplate kBrightness = {
    {{"Sketch this picture in letters, from a for black to h for white.",
      "Draw it with the letters a (dark) to h (bright).",
      "Put the picture into letters: a is black, h is white."},
     {"请用字母画出这张图片：a最暗，h最亮。", "把这张图片变成字母，从a（黑）到h（白）。",
      "请用a（暗）到h（亮）的字母描出这张图。"}}};
constexpr PhantomTemplate kWhatStandsOut = {
    {{"Mark in a sketch what stands out.", "Where does something stand out? Sketch it.",
      "Sketch only what is unusual."},
     {"请画图标出特别的地方。", "哪里有特别的地方？请画出来。", "只画出不寻常的地方。"}}};

using Grid = std::array<std::array<char, kParts>, kParts>;

std::string TextOf(const Grid& grid) {
  std::string text;
  for (const auto& row : grid) {
    for (const char letter : row) {
      if (!text.empty() && text.back() != '\n') text += ' ';
      text += letter;
    }
    text += '\n';
  }
  text.pop_back();
  return text;
}

/// Calls visit(row, column, part) for every part of a picture of this size.
template <class Visit>
void ForEachPart(const Size& size, const Visit& visit) {
  const double width = static_cast<double>(size.width) / kParts;
  const double height = static_cast<double>(size.height) / kParts;
  for (size_t row = 0; row < kParts; ++row) {
    for (size_t column = 0; column < kParts; ++column) {
      const double left = width * static_cast<double>(column);
      const double top = height * static_cast<double>(row);
      visit(row, column, PixelRectangle{left, top, left + width, top + height});
    }
  }
}

char BrightnessIn(const PhantomImage& image, const PixelRectangle& part) {
  uint64_t sum = 0;
  uint64_t count = 0;
  for (auto y = static_cast<size_t>(part.top); y < static_cast<size_t>(part.bottom); ++y) {
    for (auto x = static_cast<size_t>(part.left); x < static_cast<size_t>(part.right); ++x) {
      sum += image.pixels[y * static_cast<size_t>(image.size.width) + x];
      ++count;
    }
  }
  return static_cast<char>('a' + sum / std::max<uint64_t>(count, 1) / (65536 / 8));
}

bool IsIn(const PixelRectangle& finding, const PixelRectangle& part) {
  const double x = (finding.left + finding.right) / 2;
  const double y = (finding.top + finding.bottom) / 2;
  if (x >= part.left && x < part.right && y >= part.top && y < part.bottom) return true;
  const double width = std::min(finding.right, part.right) - std::max(finding.left, part.left);
  const double height = std::min(finding.bottom, part.bottom) - std::max(finding.top, part.top);
  const double whole = (part.right - part.left) * (part.bottom - part.top);
  return std::max(0.0, width) * std::max(0.0, height) >= kCoveredShare * whole;
}

}  // namespace

PhantomSketch SketchOf(const Patient& patient, const PhantomImage& image) {
  Grid brightness{};
  Grid signs{};
  ForEachPart(image.size, [&](size_t row, size_t column, const PixelRectangle& part) {
    brightness[row][column] = BrightnessIn(image, part);
    signs[row][column] = '.';
    for (size_t i = 0; i < patient.findings.size(); ++i) {
      if (!IsIn(image.finding[i], part)) continue;
      signs[row][column] = kSigns[static_cast<size_t>(patient.findings[i].kind)];
    }
  });
  return {TextOf(brightness), TextOf(signs)};
}

std::vector<PhantomQuestion> AskForSketches(const Patient& patient, const PhantomSketch& sketch,
                                            const std::vector<Language>& languages) {
  PhantomAsking asking(patient.seed, languages);
  const auto ask = [&](const char* what, const PhantomTemplate& wordings,
                       const std::string& answer) {
    asking.Add({what, "SKETCH"}, asking.LanguageOf(what), wordings, "",
               [&](size_t) { return answer; });
  };
  ask("brightness", kBrightness, sketch.brightness);
  ask("signs", kWhatStandsOut, sketch.signs);
  return asking.Take();
}

}  // namespace roentgen
