#pragma once

#include <string_view>

namespace roentgen {

/// Whether an answer says that there is no image to look at, in English or Chinese: "I cannot see
/// an image", "No image was provided.", "The image is blank", "Please upload the X-ray.",
/// 我看不到图像, 未提供图片, 图像是空白的, 请上传图片. What is not seen in an image is something
/// else: "I cannot see a fracture in the image", 图像未显示骨折.
bool SaysNoImage(std::string_view answer);

/// Whether an answer refuses instead of answering: it SaysNoImage, cannot help, or says that it
/// cannot tell before it gives what the question asks for, and takes no side. A finding that is
/// denied is an answer.
bool Refuses(std::string_view answer, std::string_view question = {});

/// Whether a text stands where an answer should and is none: blank or only marks, a word for no
/// value ("N/A", "nan", "null", 不适用), only an apology ("Sorry.", 抱歉), or what a program says
/// when it fails: "Error: timeout", "CUDA out of memory", 请求超时. Neither a refusal in words nor
/// "None" and 无, which may be right.
bool IsNoAnswer(std::string_view answer);

/// Whether a text is "None", 无, 未见, …: no answer but where there is nothing to name.
bool SaysNone(std::string_view answer);

}  // namespace roentgen
