#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// How paths, file names and addresses are written. Nothing here looks at the disk: these functions
/// say what a piece of text can mean, and whether it can be anything but a name of something.

/// The paths that a piece of text may mean, the likeliest first: as it is, without backslash
/// escapes, out of file:// with percent codes, below the home folder for `~/`, below /mnt/c for
/// `C:\`, where WSL has it, and with "/" for "\".
std::vector<std::filesystem::path> PathsMeant(std::string_view text);

/// Begins as nothing but a path does: with /, ~/, ./, ../, \\, a drive or file:/.
bool IsRooted(std::string_view text);
/// C:\ or C:/.
bool IsDrivePath(std::string_view text);
bool HasSeparator(std::string_view text);
/// The text up to its first separator.
std::string_view FirstComponent(std::string_view text);

/// Where endings of files end in a line: of images, medical data, documents, archives, tables and
/// videos, behind a name, where the name does not go on (as in "a.jpg.1" or "a.png-old"). What is
/// asked in Chinese may follow at once, and so may a sentence: "a.png.What is it?".
std::vector<size_t> FileEndings(std::string_view line);
/// Whether there is such an ending anywhere in a word, even where the name goes on behind it.
bool HoldsFileEnding(std::string_view word);
/// Ends as names of files do: in a dot and an ending that begins with a letter, whatever it is.
bool HasEnding(std::string_view word);

/// A name that a program gave: "IM000001", "PAT001", "scan_02". No word of English or Chinese, and
/// no term of medicine (COVID19, CA125, L4), is written so.
bool IsNumberedName(std::string_view word);
/// Not written as a word is: has digits, underscores, or four capital letters and no others.
bool IsNoPlainWord(std::string_view word);

/// The length of the address that the text begins with, to the blank, quote or Chinese punctuation
/// behind it; 0 where it begins with none. Addresses are SCHEME://…, www.… and data:…; file:// is
/// a path.
size_t AddressLength(std::string_view text);
bool IsDataAddress(std::string_view text);
/// host.name/path, host:8042/path or 10.0.0.1/path: an address without its scheme. "and/or",
/// "1.5/2.0" and "e.g./i.e." are none.
bool ReadsAsHost(std::string_view word);

/// What is written in a data: address: its bytes, where they are in base 64; nothing else is read.
std::optional<std::string> DecodeDataAddress(std::string_view address);
/// The beginning of a data: address, up to its data: "data:image/png;base64".
std::string_view KindOfDataAddress(std::string_view address);

}  // namespace roentgen
