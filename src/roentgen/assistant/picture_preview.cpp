#include "roentgen/assistant/picture_preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "roentgen/imaging/resize.h"

namespace roentgen {
namespace {

// Of a cell, where a terminal draws pixels; the usual fonts' size.
constexpr int kCellWidth = 8;
constexpr int kCellHeight = 16;
// Six steps for each of red, green and blue: xterm's cube, and a sixel palette that any has room
// for.
constexpr int kSteps = 6;

struct Colour {
  int red, green, blue;
  bool operator==(const Colour&) const = default;
  bool IsGrey() const { return red == green && green == blue; }
};

Colour PixelAt(const Image& image, int x, int y) {
  const size_t at =
      3 * (static_cast<size_t>(y) * static_cast<size_t>(image.width) + static_cast<size_t>(x));
  return {image.rgb[at], image.rgb[at + 1], image.rgb[at + 2]};
}

/// The picture fitted into a box.
Image Fitted(const Image& image, int width, int height) {
  const double scale = std::min(static_cast<double>(width) / image.width,
                                static_cast<double>(height) / image.height);
  const auto side = [&](int length, int most) {
    return std::clamp(static_cast<int>(std::lround(length * scale)), 1, most);
  };
  return ResizeBicubic(image, Size{side(image.width, width), side(image.height, height)});
}

/// xterm's colours: 24 greys from 232 on, a cube of 6 × 6 × 6 from 16 on.
int XtermColour(Colour colour) {
  if (colour.IsGrey()) return 232 + std::clamp((colour.red - 3) / 10, 0, 23);
  const auto step = [](int level) { return (level * (kSteps - 1) + 127) / 255; };
  return 16 + 36 * step(colour.red) + 6 * step(colour.green) + step(colour.blue);
}

std::string Paint(Colour colour, bool background, PreviewKind kind) {
  const int role = background ? 48 : 38;
  if (kind == PreviewKind::kBlocks256) {
    return fmt::format("\x1b[{};5;{}m", role, XtermColour(colour));
  }
  return fmt::format("\x1b[{};2;{};{};{}m", role, colour.red, colour.green, colour.blue);
}

/// Two pixels in each cell, the upper as the block's colour, the lower as its ground.
std::string DrawBlocks(const Image& image, PreviewKind kind) {
  std::string text;
  for (int y = 0; y < image.height; y += 2) {
    for (int x = 0; x < image.width; ++x) {
      text += Paint(PixelAt(image, x, y), false, kind);
      if (y + 1 < image.height) text += Paint(PixelAt(image, x, y + 1), true, kind);
      text += "▀";
    }
    text += "\x1b[0m\n";
  }
  return text;
}

/// Grey pictures in 64 greys, others in 216 colours.
class SixelWriter {
 public:
  explicit SixelWriter(const Image& image) : image_(image) {
    for (int y = 0; y < image.height && grey_; ++y) {
      for (int x = 0; x < image.width && grey_; ++x) grey_ = PixelAt(image, x, y).IsGrey();
    }
  }

  std::string Write() {
    text_ = fmt::format("\x1bPq\"1;1;{};{}", image_.width, image_.height);
    WritePalette();
    for (int y = 0; y < image_.height; y += 6) {
      WriteBand(y);
      text_ += '-';
    }
    return text_ + "\x1b\\\n";
  }

 private:
  static constexpr int kGreys = 64;

  int Colours() const { return grey_ ? kGreys : kSteps * kSteps * kSteps; }

  int IndexOf(Colour colour) const {
    if (grey_) return colour.red / 4;
    const auto step = [](int level) { return (level * (kSteps - 1) + 127) / 255; };
    return (step(colour.red) * kSteps + step(colour.green)) * kSteps + step(colour.blue);
  }

  /// Levels from 0 to 100.
  void WritePalette() {
    for (int i = 0; i < Colours(); ++i) {
      const auto level = [](int step, int steps) { return 100 * step / (steps - 1); };
      const int grey = level(i, kGreys);
      text_ += grey_ ? fmt::format("#{};2;{};{};{}", i, grey, grey, grey)
                     : fmt::format("#{};2;{};{};{}", i, level(i / kSteps / kSteps, kSteps),
                                   level(i / kSteps % kSteps, kSteps), level(i % kSteps, kSteps));
    }
  }

  /// Six rows: for each colour in them the columns' bits, runs shortened.
  void WriteBand(int top) {
    const int rows = std::min(6, image_.height - top);
    std::vector<std::vector<uint8_t>> bits(static_cast<size_t>(Colours()));
    for (int row = 0; row < rows; ++row) {
      for (int x = 0; x < image_.width; ++x) {
        auto& columns = bits[static_cast<size_t>(IndexOf(PixelAt(image_, x, top + row)))];
        columns.resize(static_cast<size_t>(image_.width));
        columns[static_cast<size_t>(x)] |= static_cast<uint8_t>(1 << row);
      }
    }
    for (size_t colour = 0; colour < bits.size(); ++colour) {
      if (bits[colour].empty()) continue;
      text_ += fmt::format("#{}", colour);
      WriteRuns(bits[colour]);
      text_ += '$';
    }
  }

  void WriteRuns(const std::vector<uint8_t>& columns) {
    for (size_t x = 0; x < columns.size();) {
      size_t end = x + 1;
      while (end < columns.size() && columns[end] == columns[x]) ++end;
      const char sixel = static_cast<char>('?' + columns[x]);
      text_ += end - x > 3 ? fmt::format("!{}{}", end - x, sixel) : std::string(end - x, sixel);
      x = end;
    }
  }

  const Image& image_;
  bool grey_ = true;
  std::string text_;
};

}  // namespace

std::string DrawPreview(const Image& image, PreviewKind kind, size_t columns, size_t rows) {
  const auto wide = static_cast<int>(columns);
  const auto high = static_cast<int>(rows);
  if (kind == PreviewKind::kSixel) {
    return SixelWriter(Fitted(image, wide * kCellWidth, high * kCellHeight)).Write();
  }
  return DrawBlocks(Fitted(image, wide, 2 * high), kind);
}

}  // namespace roentgen
