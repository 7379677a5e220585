#include "roentgen/data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "roentgen/base/error.h"
#include "roentgen/base/random.h"

namespace roentgen {
namespace {

/// Rows that go together: how many of each stratum.
struct Group {
  std::map<uint32_t, size_t> strata;
  size_t rows = 0;
  uint64_t order = 0;  // drawn from the seed
  uint32_t part = 0;
};

/// How much of what a part should get it still lacks, 1 at the beginning, 0 when it has its share.
class Part {
 public:
  Part(double share, const std::vector<size_t>& totals) : lack_(totals.size(), 1.0) {
    for (const size_t total : totals) wanted_.push_back(share * static_cast<double>(total));
    all_wanted_ = std::accumulate(wanted_.begin(), wanted_.end(), 0.0);
  }

  /// The lack of the group's strata, weighted by its rows.
  double Lacks(const Group& group) const {
    double lack = 0;
    for (const auto& [stratum, rows] : group.strata) {
      lack += lack_[stratum] * static_cast<double>(rows);
    }
    return lack / static_cast<double>(group.rows);
  }
  double Lack() const { return all_lack_; }

  void Take(const Group& group) {
    for (const auto& [stratum, rows] : group.strata) {
      lack_[stratum] -= static_cast<double>(rows) / wanted_[stratum];
    }
    all_lack_ -= static_cast<double>(group.rows) / all_wanted_;
  }

 private:
  std::vector<double> wanted_;  // rows of each stratum
  std::vector<double> lack_;
  double all_wanted_ = 0;
  double all_lack_ = 1;
};

}  // namespace

std::vector<uint32_t> SplitByGroup(std::span<const SplitRow> rows, std::span<const double> shares,
                                   uint64_t seed) {
  std::map<uint32_t, Group> groups;
  std::map<uint32_t, uint32_t> stratum_numbers;
  std::vector<size_t> totals;
  for (const SplitRow& row : rows) {
    const auto number = static_cast<uint32_t>(totals.size());
    const auto [stratum, added] = stratum_numbers.try_emplace(row.stratum, number);
    if (added) totals.push_back(0);
    ++totals[stratum->second];
    Group& group = groups[row.image_group];
    ++group.strata[stratum->second];
    ++group.rows;
  }
  if (groups.size() < shares.size()) {
    throw Error(
        fmt::format("{} cannot be dealt into {} parts",
                    groups.size() == 1 ? "1 image" : fmt::format("{} images", groups.size()),
                    shares.size()),
        "Ask for fewer parts: a share of 0 (--test-share 0, --validation-share 0) leaves one out.");
  }
  Random random(seed);
  std::vector<Group*> order;
  for (auto& [number, group] : groups) {
    group.order = random.NextBits();
    order.push_back(&group);
  }
  std::sort(order.begin(), order.end(), [](const Group* a, const Group* b) {
    return a->rows != b->rows ? a->rows > b->rows : a->order < b->order;
  });
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<Part> parts;
  for (const double share : shares) parts.emplace_back(share / sum, totals);
  for (Group* group : order) {
    // Half for the group's own strata, half for the part as a whole: many small strata must not
    // leave a part short of rows.
    const auto lack = [&](const Part& part) { return part.Lacks(*group) + part.Lack(); };
    const auto best =
        std::max_element(parts.begin(), parts.end(),
                         [&](const Part& a, const Part& b) { return lack(a) < lack(b); });
    best->Take(*group);
    group->part = static_cast<uint32_t>(best - parts.begin());
  }
  std::vector<uint32_t> result;
  result.reserve(rows.size());
  for (const SplitRow& row : rows) result.push_back(groups[row.image_group].part);
  return result;
}

}  // namespace roentgen
