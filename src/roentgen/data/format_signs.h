#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace roentgen {

/// The first sign in a text, if any, that training takes for something else than text: a control
/// token of a chat's format ("<|im_end|>", "<|image_pad|>", any other "<|word|>") or the place of a
/// video or sound ("<video>", "<audio>"). Places of images (kImagePlaceholder) are not meant, nor
/// are the tokens that Qwen2-VL names objects and boxes in a picture with ("<|box_start|>"), which
/// answers are trained on.
std::optional<std::string_view> ForeignSignIn(std::string_view text);

/// How many such signs, and places of images, a text has.
size_t CountFormatSigns(std::string_view text);

}  // namespace roentgen
