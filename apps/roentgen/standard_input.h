#pragma once

#include <string>

namespace roentgen::app {

/// The one place where text comes from standard input when it is no terminal being edited on. A
/// byte order mark at its beginning, as Windows' editors and PowerShell write one, is no part of
/// the text. Bytes that are no UTF-8 (UTF-16, GBK), and zero bytes, are an error that says so.

/// The next line without its end; false when there is none any more.
bool ReadInputLine(std::string& line);

/// All that is left.
std::string ReadInput();

/// The text without a byte order mark before it: an argument may come out of such a file.
std::string WithoutByteOrderMark(std::string text);

}  // namespace roentgen::app
