#pragma once

#include <string>

#include "roentgen/base/output.h"

namespace roentgen {

struct HtmlTitle {
  std::string title;
  std::string subtitle;
  std::string style{};          ///< CSS beside the one that all pages have
  std::string script{};         ///< JavaScript; runs when the body is there
  std::string language = "en";  ///< of title and body: "en" or "zh-CN"
};

/// A page that needs no other file and no network, readable on paper and in the dark. It ends by
/// saying, in its language, that it is for research.
///
/// kind  by which a later page of the same kind may replace its file.
/// body  HTML; title and subtitle are text. The style has classes for a card, a grid of cards, a
///       sheet of figures with pictures, soft text, a note, and five colours --c0 to --c4.
std::string HtmlPage(FileKind kind, const HtmlTitle& title, const std::string& body);

/// A small copy of a picture, within the page; a tile that says so where it cannot be read, or
/// where the path is empty. The path's file name is shown, no more of it.
std::string PictureHtml(const std::string& path);

}  // namespace roentgen
