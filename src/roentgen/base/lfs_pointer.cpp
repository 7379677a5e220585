#include "roentgen/base/lfs_pointer.h"

#include "roentgen/base/error.h"

namespace roentgen {

void RefuseLfsPointer(std::string_view content, const std::string& where) {
  if (!content.starts_with("version https://git-lfs")) return;
  throw Error(where + ": a Git LFS pointer, not the file itself",
              "Fetch the file with: git lfs pull");
}

}  // namespace roentgen
