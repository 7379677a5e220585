#pragma once

#include <string>

#include "roentgen/imaging/image.h"

namespace roentgen::app {

/// Ways to show a picture in the terminal; "auto" takes what the environment says that it can.
inline constexpr const char* kPreviewNames[] = {"auto", "blocks", "sixel", "off"};

/// A small picture for standard error; empty where it is no terminal, NO_COLOR is set, or the
/// terminal has no colours. name: one of kPreviewNames.
std::string PreviewFor(const Image& image, const std::string& name);

}  // namespace roentgen::app
