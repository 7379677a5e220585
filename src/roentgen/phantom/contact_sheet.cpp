#include "roentgen/phantom/contact_sheet.h"

#include <algorithm>

#include "roentgen/phantom/phantom_image.h"

namespace roentgen {

ContactSheet DrawContactSheet(const std::vector<Patient>& patients, size_t columns, int side,
                              ThreadPool& pool) {
  constexpr int kGap = 4;  // pixels
  const size_t rows = (patients.size() + columns - 1) / columns;
  const auto length = [&](size_t count) { return static_cast<int>(count) * (side + kGap) - kGap; };
  ContactSheet sheet;
  sheet.size = {length(columns), length(rows)};
  sheet.pixels.assign(static_cast<size_t>(sheet.size.width) * sheet.size.height, 255);
  pool.ForEach(patients.size(), [&](size_t i, int /*worker*/) {
    const std::vector<uint8_t> picture = DrawPhantom(patients[i], side).EightBits();
    const size_t left = i % columns * static_cast<size_t>(side + kGap);
    const size_t top = i / columns * static_cast<size_t>(side + kGap);
    for (int row = 0; row < side; ++row) {
      std::copy_n(picture.begin() + static_cast<std::ptrdiff_t>(row) * side, side,
                  sheet.pixels.begin() +
                      static_cast<std::ptrdiff_t>((top + row) * sheet.size.width + left));
    }
  });
  return sheet;
}

}  // namespace roentgen
