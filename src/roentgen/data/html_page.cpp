#include "roentgen/data/html_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "roentgen/base/base64.h"
#include "roentgen/base/error.h"
#include "roentgen/base/made_by.h"
#include "roentgen/data/svg_chart.h"
#include "roentgen/imaging/encode_png.h"
#include "roentgen/imaging/load.h"
#include "roentgen/imaging/resize.h"

namespace roentgen {
namespace {

constexpr int kThumbnailSide = 220;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1b2530; --paper: #fbfbf9; --card: #fff; --soft: #5d6a77;
  --line: #dde1e5; --warn: #a86412;
  --c0: #2c6a99; --c1: #cf8428; --c2: #4f9160; --c3: #8463ab; --c4: #b5526a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8eb; --paper: #12171c; --card: #191f26;
  --soft: #98a5b0; --line: #2b343c; --warn: #e2a95a;
  --c0: #5ba3d7; --c1: #e2a451; --c2: #79bd89; --c3: #ae92d3; --c4: #df8299; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC",
  "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: var(--ink); background: var(--paper);
  max-width: 1200px; margin: 0 auto; padding: 2.2rem 1.2rem 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; font-weight: 650; line-height: 1.2; letter-spacing: -.01em; margin: 0; }
h2 { font-size: 1.2rem; font-weight: 650; margin: 2.6rem 0 .9rem; }
h3 { font-size: .95rem; font-weight: 600; margin: 0 0 .55rem; }
.soft, footer { color: var(--soft); }
.subtitle { margin: .3rem 0 1.4rem; color: var(--soft); }
.note { margin: .5rem 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid var(--warn);
  max-width: 75ch; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1.2rem 0; }
td, th { padding: .28rem 0 .28rem 1.6rem; text-align: right; font-variant-numeric: tabular-nums;
  border-bottom: 1px solid var(--line); overflow-wrap: normal; }
td:first-child, th:first-child { text-align: left; padding-left: 0; }
th { font-weight: 500; color: var(--soft); }
.key { margin: 0 0 1.1rem; color: var(--soft); }
.key span { margin-right: 1.2rem; white-space: nowrap; }
.key i { display: inline-block; width: .75em; height: .75em; margin-right: .4em; border-radius: 2px; }
.grid { columns: 340px; column-gap: 1.1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: .95rem 1.05rem; margin: 0 0 1.1rem; break-inside: avoid; }
.card p { margin: .4rem 0 0; font-size: .85rem; }
svg { display: block; width: 100%; height: auto; }
.label { text-anchor: end; font-size: 13px; fill: var(--ink); }
.number { font-size: 12.5px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.end { text-anchor: end; }
.axis { stroke: var(--line); fill: none; }
.part0 { fill: var(--c0); } .part1 { fill: var(--c1); } .part2 { fill: var(--c2); }
.part3 { fill: var(--c3); } .part4 { fill: var(--c4); }
.key0 { background: var(--c0); } .key1 { background: var(--c1); } .key2 { background: var(--c2); }
.key3 { background: var(--c3); } .key4 { background: var(--c4); }
.sheet { display: grid; gap: 1.1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); }
.sheet figure { margin: 0; overflow: hidden; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; break-inside: avoid; }
.sheet img, .missing { display: block; width: 100%; height: 210px; object-fit: contain; background: #000; }
.missing { display: flex; align-items: center; justify-content: center; color: #aaa; font-size: .8rem;
  padding: 1rem; text-align: center; }
figcaption { padding: .6rem .75rem .75rem; font-size: .86rem; line-height: 1.4; }
figcaption p { margin: .25rem 0 0; } figcaption .soft { font-size: .76rem; margin: 0 0 .35rem; }
.answer { font-weight: 600; color: var(--c0); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem; font-size: .82rem; }
@media print { body { max-width: none; } }
)";

Image Thumbnail(const std::string& path) {
  const Image image = LoadImage(path);
  const double scale =
      std::min(1.0, static_cast<double>(kThumbnailSide) / std::max(image.width, image.height));
  return ResizeBicubic(image, {std::max(1, static_cast<int>(image.width * scale)),
                               std::max(1, static_cast<int>(image.height * scale))});
}

}  // namespace

std::string HtmlPage(FileKind kind, const HtmlTitle& title, const std::string& body) {
  const std::string script =
      title.script.empty() ? "" : fmt::format("<script>{}</script>\n", title.script);
  const char* footer = title.language == "en"
                           ? "For research. Not a medical device. Made by roentgen {}."
                           : "仅供研究使用，不是医疗器械。由 roentgen {} 生成。";
  return fmt::format(
      "<!doctype html>\n<html lang=\"{6}\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"generator\" content=\"{8}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title><style>{1}{2}</style></head><body>\n<h1>{0}</h1>\n"
      "<p class=\"subtitle\">{3}</p>\n{4}<footer>{5}</footer>\n{7}</body></html>\n",
      EscapeMarkup(title.title), kStyle, title.style, EscapeMarkup(title.subtitle), body,
      fmt::format(fmt::runtime(footer), ROENTGEN_VERSION), EscapeMarkup(title.language), script,
      MadeByMark(kind));
}

std::string PictureHtml(const std::string& path) {
  if (path.empty()) return R"(<div class="missing">no image</div>)";
  try {
    return fmt::format(R"(<img alt="" src="data:image/png;base64,{}">)",
                       Base64(EncodePng(Thumbnail(path))));
  } catch (const Error&) {
    const std::string name = std::filesystem::path(path).filename().string();
    return fmt::format(R"(<div class="missing">{} cannot be shown</div>)", EscapeMarkup(name));
  }
}

}  // namespace roentgen
