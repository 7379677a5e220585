#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace roentgen {

/// No system opens a longer path.
inline constexpr size_t kMaxPathBytes = 4096;
/// Systems name no longer files.
inline constexpr size_t kMaxNameBytes = 255;
/// Of folders before a name; nobody has so many.
inline constexpr size_t kMaxFolders = 64;
/// Around the number of a copy.
inline constexpr std::pair<std::string_view, std::string_view> kCopyBrackets[] = {{"(", ")"},
                                                                                  {"（", "）"}};

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
/// asked in Chinese may follow at once, and so may a sentence: "a.png.What is it?". The dot and the
/// ending may be in full width: "a．ｐｎｇ".
std::vector<size_t> FileEndings(std::string_view line);
/// Whether a name goes on behind a place where it could end: "a.jpg.1", "a.png-old", "a.tif/b",
/// "a.png%20", "a.png~", "a.png(1)".
bool NameGoesOn(std::string_view text, size_t end);
/// Whether there is such an ending in a word, at or behind `begin`, even where the name goes on
/// behind it.
bool HoldsFileEnding(std::string_view word, size_t begin = 0);
/// Ends as names of files do: in a dot and an ending that begins with a letter, whatever it is.
bool HasEnding(std::string_view word);
/// The same with an ending of one case and at most five characters: no "Normal.Yes".
bool HasShortEnding(std::string_view word);

/// A name that a program gave: "IM000001", "PAT001", "scan_02". No word of English or Chinese, and
/// no term of medicine (COVID19, CA125, L4), is written so.
bool IsNumberedName(std::string_view word);
/// Such a name that cannot be meant otherwise, so that it names a file anywhere in a sentence: a
/// number with a zero before it right behind two letters ("IM000001", "PAT001"; of one letter five
/// digits, "I00001"), a number behind letters and an underscore ("study_02"), a DICOM UID.
/// "ICD10 J189", "RTOG-0617", "b1000" and "G0202" are none.
bool IsProgramName(std::string_view word);
/// May stand in a sentence as a word, whatever is in the folder: "report", "CT", "T1", "图像",
/// "张三CT", and numbers with units and abbreviations ("3.0T", "No.3", "e.g"). Names with longer
/// numbers, underscores, or four capital letters and no others are none.
bool IsPlainWord(std::string_view word);
/// The length of the number of a copy at this place, "(1)" or "（1）"; 0 where there is none.
size_t CopyNumberLength(std::string_view text, size_t at);

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
