#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// Facts that are kept in English (ShownPicture::facts, RunFacts::weights) in Chinese, for people:
/// "DICOM 512×512 → 28×28，1 个 token，CT，第 7/12 层". What is no known phrase, as a name or what
/// somebody wrote into a file, stays as it is.
std::string FactsInChinese(std::string_view english);

}  // namespace roentgen
