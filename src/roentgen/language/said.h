#pragma once

#include <string_view>

namespace roentgen {

/// Whether what a reference says stands in an answer: each of its parts ("left lung, right lung"
/// has two) as whole words or under another name (synonyms.h), affirmed where the reference affirms
/// it and denied where it denies it. 这是CT图像 says CT, 磁共振图像 MRI and 无结节 未见结节; 不正常
/// does not say 正常, nor "no nodule" nodule, nor 结节 未见结节.
bool Says(std::string_view answer, std::string_view reference);

}  // namespace roentgen
