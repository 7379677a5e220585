#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// A text from outside as CommonMark and GitHub's Markdown show it: rendered, it reads as
/// Printable(text) and is nothing but text. No heading, list, quotation, code, table, link, image,
/// emphasis, formula, HTML or footnote comes of it, also where it looks like an address. Lines stay
/// lines of the same paragraph. What cannot be taken for Markdown is not escaped, so that ordinary
/// sentences stay readable as they are.
///
/// It may stand in a paragraph, an item of a list and a quotation. What stands on one line, as
/// headings and cells of tables do, takes EscapeMarkdown(OneLine(text)). Put a blank between it and
/// Markdown of your own.
std::string EscapeMarkdown(std::string_view text);

}  // namespace roentgen
