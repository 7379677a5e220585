#pragma once

#include <cstddef>
#include <string>

#include "roentgen/imaging/image.h"

namespace roentgen {

/// How a terminal can show a picture.
enum class PreviewKind {
  kBlocks24,   ///< half blocks in 24-bit colours
  kBlocks256,  ///< half blocks in the 256 colours of xterm
  kSixel,      ///< DEC's pixels
};

/// A small picture of at most so many columns and rows of a terminal, line by line, ending with a
/// newline and all colours reset. A cell is taken for twice as high as wide.
std::string DrawPreview(const Image& image, PreviewKind kind, size_t columns, size_t rows);

}  // namespace roentgen
