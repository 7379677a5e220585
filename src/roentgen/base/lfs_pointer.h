#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// Throws Error when a file's content is a Git LFS pointer, which stands for a large file in a
/// repository that was cloned without git-lfs.
///
/// where  what the Error calls the file
void RefuseLfsPointer(std::string_view content, const std::string& where);

}  // namespace roentgen
