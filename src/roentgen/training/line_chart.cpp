#include "roentgen/training/line_chart.h"

#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>

#include "roentgen/base/error.h"
#include "roentgen/base/output.h"

namespace roentgen {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 420;
constexpr double kLeft = 70;
constexpr double kRight = kWidth - 20;
constexpr double kTop = 40;
constexpr double kBottom = kHeight - 55;
constexpr double kFontSize = 13;
constexpr int kPngScale = 2;
constexpr const char* kAxisColour = "#444444";
constexpr const char* kGridColour = "#dddddd";

struct Point {
  double x;
  double y;
};

enum class Anchor { kStart, kMiddle, kEnd };

/// What can be drawn: the two pictures differ only in this.
class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void Line(const std::vector<Point>& points, const std::string& colour, double width,
                    double opacity) = 0;
  /// upwards: turned to be read from below.
  virtual void Text(Point at, const std::string& text, Anchor anchor, bool upwards) = 0;
};

std::string XmlText(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  }
  return escaped;
}

class SvgCanvas : public Canvas {
 public:
  void Line(const std::vector<Point>& points, const std::string& colour, double width,
            double opacity) override {
    body_ += "<polyline fill=\"none\" points=\"";
    for (const Point& point : points) body_ += fmt::format("{:.2f},{:.2f} ", point.x, point.y);
    body_ += fmt::format("\" stroke=\"{}\" stroke-width=\"{}\" stroke-opacity=\"{}\"/>\n", colour,
                         width, opacity);
  }
  void Text(Point at, const std::string& text, Anchor anchor, bool upwards) override {
    constexpr const char* kAnchors[] = {"start", "middle", "end"};
    body_ += fmt::format(
        "<text x=\"{0:.2f}\" y=\"{1:.2f}\" text-anchor=\"{2}\"{3}>{4}</text>\n", at.x, at.y,
        kAnchors[static_cast<size_t>(anchor)],
        upwards ? fmt::format(" transform=\"rotate(-90 {:.2f} {:.2f})\"", at.x, at.y) : "",
        XmlText(text));
  }
  std::string Document() const {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\" font-family=\"sans-serif\" font-size=\"{2}\" fill=\"#222222\">\n"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n{3}</svg>\n",
        kWidth, kHeight, kFontSize, body_);
  }

 private:
  std::string body_;
};

class PngCanvas : public Canvas {
 public:
  PngCanvas()
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                            kPngScale * static_cast<int>(kWidth),
                                            kPngScale * static_cast<int>(kHeight))),
        cairo_(cairo_create(surface_.get())) {
    cairo_scale(cairo_.get(), kPngScale, kPngScale);
    cairo_set_source_rgb(cairo_.get(), 1, 1, 1);
    cairo_paint(cairo_.get());
    cairo_select_font_face(cairo_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo_.get(), kFontSize);
  }

  void Line(const std::vector<Point>& points, const std::string& colour, double width,
            double opacity) override {
    SetColour(colour, opacity);
    cairo_new_path(cairo_.get());  // a text leaves a point behind
    cairo_set_line_width(cairo_.get(), width);
    cairo_set_line_join(cairo_.get(), CAIRO_LINE_JOIN_ROUND);
    for (const Point& point : points) cairo_line_to(cairo_.get(), point.x, point.y);
    cairo_stroke(cairo_.get());
  }
  void Text(Point at, const std::string& text, Anchor anchor, bool upwards) override {
    SetColour("#222222", 1);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), text.c_str(), &extents);
    cairo_save(cairo_.get());
    cairo_translate(cairo_.get(), at.x, at.y);
    if (upwards) cairo_rotate(cairo_.get(), -std::acos(0.0));
    cairo_move_to(cairo_.get(), -extents.x_advance * static_cast<int>(anchor) / 2, 0);
    cairo_show_text(cairo_.get(), text.c_str());
    cairo_restore(cairo_.get());
  }
  void Save(const std::filesystem::path& path) {
    std::string png;
    const auto append = [](void* to, const unsigned char* bytes, unsigned int count) {
      static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), count);
      return CAIRO_STATUS_SUCCESS;
    };
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface_.get(), append, &png);
    if (status != CAIRO_STATUS_SUCCESS) {
      throw Error(fmt::format("{}: {}", path.string(), cairo_status_to_string(status)));
    }
    WriteFile(path, png);
  }

 private:
  void SetColour(const std::string& colour, double opacity) {
    const unsigned long rgb = std::strtoul(colour.c_str() + 1, nullptr, 16);
    const auto part = [&](int shift) { return static_cast<double>(rgb >> shift & 255u) / 255; };
    cairo_set_source_rgba(cairo_.get(), part(16), part(8), part(0), opacity);
  }

  struct Destroy {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
  };
  std::unique_ptr<cairo_surface_t, Destroy> surface_;
  std::unique_ptr<cairo_t, Destroy> cairo_;
};

/// Values between two round numbers and where they are drawn.
class Axis {
 public:
  Axis(double least, double most, double from, double to) : from_(from), to_(to) {
    if (!(least <= most)) least = most = 0;
    if (least == most) most = least + 1;
    const double rough = (most - least) / 6;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double multiple : {1.0, 2.0, 5.0, 10.0}) {
      step_ = multiple * power;
      if (step_ >= rough) break;
    }
    begin_ = std::floor(least / step_) * step_;
    end_ = std::ceil(most / step_) * step_;
  }

  double At(double value) const {
    return from_ + (value - begin_) / (end_ - begin_) * (to_ - from_);
  }
  std::vector<double> Ticks() const {
    std::vector<double> ticks;
    const auto count = static_cast<int>(std::lround((end_ - begin_) / step_));
    for (int i = 0; i <= count; ++i) ticks.push_back(begin_ + i * step_);
    return ticks;
  }
  std::string Label(double tick) const {
    const int digits = std::max(0, static_cast<int>(-std::floor(std::log10(step_) + 1e-9)));
    return fmt::format("{:.{}f}", tick + 0.0, digits);
  }

 private:
  double from_;
  double to_;
  double step_ = 1;
  double begin_ = 0;
  double end_ = 1;
};

Axis AxisOver(const LineChart& chart, std::vector<double> ChartLine::*values, double from,
              double to) {
  double least = std::numeric_limits<double>::max();
  double most = std::numeric_limits<double>::lowest();
  for (const ChartLine& line : chart.lines) {
    for (const double value : line.*values) {
      if (!std::isfinite(value)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  return {least, most, from, to};
}

void DrawAxes(const LineChart& chart, const Axis& x, const Axis& y, Canvas& canvas) {
  for (const double tick : y.Ticks()) {
    const double at = y.At(tick);
    canvas.Line({{kLeft, at}, {kRight, at}}, kGridColour, 1, 1);
    canvas.Text({kLeft - 8, at + kFontSize / 3}, y.Label(tick), Anchor::kEnd, false);
  }
  for (const double tick : x.Ticks()) {
    const double at = x.At(tick);
    canvas.Line({{at, kBottom}, {at, kBottom + 5}}, kAxisColour, 1, 1);
    canvas.Text({at, kBottom + 20}, x.Label(tick), Anchor::kMiddle, false);
  }
  canvas.Line({{kLeft, kTop}, {kLeft, kBottom}, {kRight, kBottom}}, kAxisColour, 1, 1);
  canvas.Text({(kLeft + kRight) / 2, kTop - 16}, chart.title, Anchor::kMiddle, false);
  canvas.Text({(kLeft + kRight) / 2, kHeight - 12}, chart.x_label, Anchor::kMiddle, false);
  canvas.Text({18, (kTop + kBottom) / 2}, chart.y_label, Anchor::kMiddle, true);
}

void DrawLegend(const LineChart& chart, Canvas& canvas) {
  double at = kTop + 14;
  for (const ChartLine& line : chart.lines) {
    canvas.Line({{kRight - 130, at - 4}, {kRight - 106, at - 4}}, line.colour, 2, line.opacity);
    canvas.Text({kRight - 98, at}, line.name, Anchor::kStart, false);
    at += 18;
  }
}

void Draw(const LineChart& chart, Canvas& canvas) {
  const Axis x = AxisOver(chart, &ChartLine::x, kLeft, kRight);
  const Axis y = AxisOver(chart, &ChartLine::y, kBottom, kTop);
  DrawAxes(chart, x, y, canvas);
  for (const ChartLine& line : chart.lines) {
    std::vector<Point> points;
    for (size_t i = 0; i < line.x.size(); ++i) {
      if (std::isfinite(line.y[i])) points.push_back({x.At(line.x[i]), y.At(line.y[i])});
    }
    if (!points.empty()) canvas.Line(points, line.colour, 2, line.opacity);
  }
  DrawLegend(chart, canvas);
}

}  // namespace

std::string ChartAsSvg(const LineChart& chart) {
  SvgCanvas canvas;
  Draw(chart, canvas);
  return canvas.Document();
}

void SaveChartAsPng(const LineChart& chart, const std::filesystem::path& path) {
  PngCanvas canvas;
  Draw(chart, canvas);
  canvas.Save(path);
}

}  // namespace roentgen
