#include "roentgen/training/row_order.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/numpy_random.h"
#include "roentgen/base/random.h"

namespace roentgen {
namespace {

template <class T>
void Shuffle(std::vector<T>& list, Random& random) {
  for (size_t i = list.size(); i > 1; --i) {
    std::swap(list[i - 1],
              list[static_cast<size_t>(random.NextUniform() * static_cast<double>(i))]);
  }
}

std::vector<size_t> ImagesOf(const TrainingRow& row) {
  std::vector<size_t> images;
  for (const EncodedSample& sample : row) {
    images.insert(images.end(), sample.images.begin(), sample.images.end());
  }
  return images;
}

}  // namespace

ValidationSplit SplitValidation(size_t rows, double val_size, uint64_t seed) {
  const double wanted = val_size < 1 ? std::ceil(static_cast<double>(rows) * val_size) : val_size;
  if (!(wanted >= 0 && wanted < static_cast<double>(rows))) {
    throw Error(fmt::format("val_size {} leaves none of {} rows for training", val_size, rows));
  }
  const std::vector<size_t> order = NumpyGenerator(seed).Permutation(rows);
  const auto middle = order.begin() + static_cast<ptrdiff_t>(wanted);
  return {{middle, order.end()}, {order.begin(), middle}};
}

RowOrder::RowOrder(std::span<const TrainingRow> rows, const OrderOptions& options)
    : options_(options), rows_(rows.size()) {
  std::map<std::vector<size_t>, size_t> group_of;
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::vector<size_t> images = ImagesOf(rows[i]);
    size_t group = groups_.size();
    if (options.group_by_image && !images.empty()) {
      group = group_of.try_emplace(images, group).first->second;
    }
    if (group == groups_.size()) groups_.emplace_back();
    groups_[group].push_back(i);
  }
}

std::vector<size_t> RowOrder::OfEpoch(size_t epoch) const {
  std::vector<std::vector<size_t>> groups = groups_;
  if (options_.shuffle) {
    Random random(SplitMix64(options_.seed + kSplitMixGamma * (epoch + 1)));
    Shuffle(groups, random);
    for (std::vector<size_t>& group : groups) Shuffle(group, random);
  }
  std::vector<size_t> order;
  order.reserve(rows_);
  for (const std::vector<size_t>& group : groups) {
    order.insert(order.end(), group.begin(), group.end());
  }
  return order;
}

}  // namespace roentgen
