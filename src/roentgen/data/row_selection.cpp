#include "roentgen/data/row_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>

#include "roentgen/base/error.h"

namespace roentgen {
namespace {

constexpr size_t kLongest = 1000;  // bytes: std::regex recurses over the text
constexpr const char* kExamples =
    "Write \"train\", or rows of it: \"train[:100]\", \"train[90%:]\".";

[[noreturn]] void ThrowNoSplit(const std::string& split) {
  throw Error(fmt::format("\"{}\" is not a split that can be read", split), kExamples);
}

/// Python's int() of digits with a sign and single underscores among them.
std::optional<int64_t> Bound(std::string digits, const std::string& split) {
  if (digits.empty()) return std::nullopt;
  std::erase(digits, '_');
  int64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, number);
  if (problem != std::errc() || stop != end) ThrowNoSplit(split);
  return number;
}

}  // namespace

RowSelection::RowSelection(const std::string& split) : split_(split) {
  // "all" is every part of a set, and a file has one.
  if (split == "train" || split == "all") return;
  if (split.size() > kLongest) ThrowNoSplit(split.substr(0, kLongest) + "…");
  static const std::regex kPlus(R"(\s*\+\s*)");
  const std::sregex_token_iterator end;
  for (std::sregex_token_iterator at(split.begin(), split.end(), kPlus, -1); at != end; ++at) {
    slices_.push_back(ParseSlice(at->str(), split));
  }
  if (slices_.empty()) ThrowNoSplit(split);
}

RowSelection::Slice RowSelection::ParseSlice(const std::string& text, const std::string& split) {
  static const std::regex kSlice(
      R"((\w+(?:\.\w+)*)(?:\[(?:(-?[\d_]+)(%)?)?:(?:(-?[\d_]+)(%)?)?\])?(?:\(([^)]*)\))?)");
  std::smatch match;
  if (!std::regex_match(text, match, kSlice)) ThrowNoSplit(split);
  if (match[1] != "train") {
    throw Error(
        fmt::format("unknown split \"{}\": a file has one, which is called \"train\"",
                    match[1].str()),
        "Make the other part a file and a dataset of its own, or name rows: \"train[90%:]\".");
  }
  Slice slice;
  slice.from = Bound(match[2], split);
  slice.to = Bound(match[4], split);
  slice.percent = match[3].matched || match[5].matched;
  const std::string rounding = match[6];
  slice.whole_percents = rounding == "pct1_dropremainder";
  if (match[6].matched && (!slice.percent || (rounding != "closest" && !slice.whole_percents))) {
    ThrowNoSplit(split);
  }
  for (const auto& bound : {slice.from, slice.to}) {
    if (slice.percent && bound && (*bound < -100 || *bound > 100)) ThrowNoSplit(split);
  }
  return slice;
}

std::vector<std::pair<size_t, size_t>> RowSelection::Ranges(size_t rows) const {
  const auto count = static_cast<int64_t>(rows);
  const auto place = [&](std::optional<int64_t> bound, int64_t fallback, const Slice& slice) {
    int64_t row = bound.value_or(fallback);
    if (bound && slice.whole_percents) {
      row = *bound * (count / 100);
    } else if (bound && slice.percent) {
      // Halves go to the even neighbour, as in Python's round().
      row = std::llrint(static_cast<double>(*bound * count) / 100.0);
    }
    return std::clamp(row < 0 ? row + count : row, int64_t{0}, count);
  };
  if (all()) return {{0, rows}};
  std::vector<std::pair<size_t, size_t>> ranges;
  for (const Slice& slice : slices_) {
    const int64_t from = place(slice.from, 0, slice);
    const int64_t to = place(slice.to, count, slice);
    if (from < to) ranges.emplace_back(from, to);
  }
  if (ranges.empty()) {
    throw Error(fmt::format("split \"{}\" takes none of the {} rows", split_, rows), kExamples);
  }
  return ranges;
}

}  // namespace roentgen
