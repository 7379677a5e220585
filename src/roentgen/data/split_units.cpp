#include "roentgen/data/split_units.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <string_view>

#include "roentgen/base/hash.h"
#include "roentgen/base/random.h"

namespace roentgen {
namespace {

/// The ties of a set and what they join.
class TieGraph {
 public:
  uint32_t Node(UnitTie tie, std::string_view name) {
    const std::string_view kind(reinterpret_cast<const char*>(&tie), 1);
    const uint64_t hash = SplitMix64(Fnv1a64(name, Fnv1a64(kind)));
    const auto [entry, added] =
        numbers_.try_emplace({tie, hash}, static_cast<uint32_t>(parent_.size()));
    if (added) {
      parent_.push_back(entry->second);
      best_.push_back({tie, hash});
    }
    return entry->second;
  }
  uint32_t Node(UnitTie tie, uint64_t name) {
    return Node(tie, std::string_view(reinterpret_cast<const char*>(&name), sizeof name));
  }

  void Unite(uint32_t a, uint32_t b) {
    a = Find(a);
    b = Find(b);
    if (a == b) return;
    parent_[b] = a;
    best_[a] = std::min(best_[a], best_[b]);
  }

  SplitUnit UnitOf(uint32_t node) { return best_[Find(node)]; }

 private:
  uint32_t Find(uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }

  std::map<SplitUnit, uint32_t> numbers_;
  std::vector<uint32_t> parent_;
  std::vector<SplitUnit> best_;  // of a root: the strongest tie, the lowest hash
};

class Units {
 public:
  Units(const SetFacts& facts, std::span<const ImageFacts> images)
      : facts_(facts), images_(images), owned_(images.size()) {
    for (uint32_t i = 0; i < images.size(); ++i) image_nodes_.push_back(NodeOfImage(i));
    for (const RowFacts& row : facts.rows) row_nodes_.push_back(NodeOfRow(row));
  }

  void TieAlike(std::span<const NearPair> near_pairs) {
    for (const NearPair& pair : near_pairs) {
      if (owned_[pair.first] && owned_[pair.second]) continue;
      graph_.Unite(image_nodes_[pair.first], image_nodes_[pair.second]);
    }
  }

  std::vector<SplitUnit> Finish() {
    std::vector<SplitUnit> units;
    units.reserve(row_nodes_.size());
    for (const uint32_t node : row_nodes_) units.push_back(graph_.UnitOf(node));
    return units;
  }

 private:
  using enum UnitTie;

  uint32_t NodeOfImage(uint32_t image) {
    const ImageFacts& facts = images_[image];
    // What cannot be read is known by its name alone.
    const uint32_t node =
        graph_.Node(kImage, facts.problem.empty()
                                ? facts.pixels_sha256
                                : std::filesystem::path(facts_.images[image]).filename().string());
    if (!facts.dicom.patient.empty()) {
      graph_.Unite(node, graph_.Node(kDicomPatient, facts.dicom.patient));
      owned_[image] = true;
    }
    if (!facts.dicom.study.empty()) graph_.Unite(node, graph_.Node(kStudy, facts.dicom.study));
    return node;
  }

  uint32_t NodeOfRow(const RowFacts& row) {
    const std::vector<uint32_t>& set = facts_.image_sets[row.image_set];
    std::vector<uint32_t> nodes;
    if (row.patient != 0) nodes.push_back(graph_.Node(kPatient, row.patient));
    for (const uint32_t image : set) {
      nodes.push_back(image_nodes_[image]);
      if (row.patient != 0) owned_[image] = true;
    }
    if (nodes.empty()) {
      for (uint32_t i = 0; i < row.questions; ++i) {
        nodes.push_back(graph_.Node(kQuestion, facts_.questions[row.first_question + i].question));
      }
    }
    if (nodes.empty()) nodes.push_back(graph_.Node(kQuestion, row.exact));
    for (const uint32_t node : nodes) graph_.Unite(nodes[0], node);
    return nodes[0];
  }

  const SetFacts& facts_;
  std::span<const ImageFacts> images_;
  TieGraph graph_;
  std::vector<bool> owned_;  // of each image: it is known whose it is
  std::vector<uint32_t> image_nodes_;
  std::vector<uint32_t> row_nodes_;
};

}  // namespace

std::vector<SplitUnit> SplitUnits(const SetFacts& facts, std::span<const ImageFacts> images,
                                  std::span<const NearPair> near_pairs) {
  Units units(facts, images);
  units.TieAlike(near_pairs);
  return units.Finish();
}

uint32_t PartOfUnit(const SplitUnit& unit, std::span<const double> shares, uint64_t seed) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  double left = Random(unit.hash ^ SplitMix64(seed + kSplitMixGamma)).NextUniform() * sum;
  for (size_t i = 0; i + 1 < shares.size(); ++i) {
    if (left < shares[i]) return static_cast<uint32_t>(i);
    left -= shares[i];
  }
  return static_cast<uint32_t>(shares.size() - 1);
}

}  // namespace roentgen
