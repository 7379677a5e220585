#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace roentgen {

/// The rows that a `split` names, as Hugging Face's datasets (4.0, ReadInstruction) reads it for
/// one local file, whose only part is "train": "train", "train[:2]", "train[10%:20%]",
/// "train[-5:]", and several of these with "+" between them, in that order.
class RowSelection {
 public:
  RowSelection() = default;  ///< all rows

  /// Throws Error, as datasets does, for another part than "train" and for what is no slice.
  explicit RowSelection(const std::string& split);

  bool all() const { return slices_.empty(); }

  /// Rows from first up to second, counted from 0, in a file of so many. Throws Error when these
  /// are none.
  std::vector<std::pair<size_t, size_t>> Ranges(size_t rows) const;

 private:
  struct Slice {
    std::optional<int64_t> from;  ///< negative: from the end
    std::optional<int64_t> to;
    bool percent = false;
    bool whole_percents = false;  ///< a percent is the hundredth part rounded down
  };

  static Slice ParseSlice(const std::string& text, const std::string& split);

  std::string split_;
  std::vector<Slice> slices_;
};

}  // namespace roentgen
