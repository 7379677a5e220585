#include "roentgen/data/split_units.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "roentgen/base/disjoint_sets.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/random.h"

namespace roentgen {
namespace {

/// The ties of a set and what they join.
class TieGraph {
 public:
  uint32_t Node(UnitTie tie, std::string_view name) {
    const std::string_view kind(reinterpret_cast<const char*>(&tie), 1);
    const SplitUnit unit{tie, SplitMix64(Fnv1a64(name, Fnv1a64(kind)))};
    const auto [entry, added] = numbers_.try_emplace(unit, static_cast<uint32_t>(nodes_.size()));
    if (added) nodes_.push_back(unit);
    return entry->second;
  }
  uint32_t Node(UnitTie tie, uint64_t name) {
    return Node(tie, std::string_view(reinterpret_cast<const char*>(&name), sizeof name));
  }

  void Join(uint32_t a, uint32_t b) { joined_.emplace_back(a, b); }

  /// Of each node the unit that it is in: that of the strongest tie, of several the lowest hash.
  std::vector<SplitUnit> Units() const {
    DisjointSets sets(nodes_.size());
    for (const auto& [a, b] : joined_) sets.Join(a, b);
    std::vector<SplitUnit> units = nodes_;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      SplitUnit& best = units[sets.Find(i)];
      best = std::min(best, nodes_[i]);
    }
    for (size_t i = 0; i < nodes_.size(); ++i) units[i] = units[sets.Find(i)];
    return units;
  }

 private:
  std::map<SplitUnit, uint32_t> numbers_;
  std::vector<SplitUnit> nodes_;
  std::vector<std::pair<uint32_t, uint32_t>> joined_;
};

class Units {
 public:
  Units(const SetFacts& facts, std::span<const ImageFacts> images)
      : facts_(facts),
        images_(images),
        owned_(images.size()),
        dicom_tells_patients_(TellsPatients(images)) {
    for (uint32_t i = 0; i < images.size(); ++i) image_nodes_.push_back(NodeOfImage(i));
    for (const RowFacts& row : facts.rows) row_nodes_.push_back(NodeOfRow(row));
  }

  void TieAlike(std::span<const NearPair> near_pairs) {
    for (const NearPair& pair : near_pairs) {
      if (owned_[pair.first] && owned_[pair.second]) continue;
      graph_.Join(image_nodes_[pair.first], image_nodes_[pair.second]);
    }
  }

  std::vector<SplitUnit> Finish() const {
    const std::vector<SplitUnit> of_nodes = graph_.Units();
    std::vector<SplitUnit> units;
    units.reserve(row_nodes_.size());
    for (const uint32_t node : row_nodes_) units.push_back(of_nodes[node]);
    return units;
  }

 private:
  using enum UnitTie;

  static bool TellsPatients(std::span<const ImageFacts> images) {
    std::set<std::string_view> patients;
    std::set<std::string_view> studies;
    for (const ImageFacts& image : images) {
      if (image.dicom.study.empty()) continue;
      patients.insert(image.dicom.patient);
      studies.insert(image.dicom.study);
    }
    return patients.size() > 1 || studies.size() <= 1;
  }

  uint32_t NodeOfImage(uint32_t image) {
    const ImageFacts& facts = images_[image];
    // What cannot be read is known by its name alone.
    const uint32_t node =
        graph_.Node(kImage, facts.problem.empty()
                                ? facts.pixels_sha256
                                : std::filesystem::path(facts_.images[image]).filename().string());
    if (!facts.dicom.patient.empty() && dicom_tells_patients_) {
      graph_.Join(node, graph_.Node(kDicomPatient, facts.dicom.patient));
      owned_[image] = true;
    }
    if (!facts.dicom.study.empty())
      graph_.Join(node, graph_.Node(kStudy, Fnv1a64(facts.dicom.study)));
    return node;
  }

  uint32_t NodeOfRow(const RowFacts& row) {
    const std::vector<uint32_t>& set = facts_.image_sets[row.image_set];
    std::vector<uint32_t> nodes;
    const Owner& owner = facts_.owners[row.owner];
    for (const uint64_t patient : owner.patients) nodes.push_back(graph_.Node(kPatient, patient));
    if (owner.study) nodes.push_back(graph_.Node(kStudy, *owner.study));
    for (const uint32_t image : set) {
      nodes.push_back(image_nodes_[image]);
      if (!owner.patients.empty()) owned_[image] = true;
    }
    if (nodes.empty()) {
      for (uint32_t i = 0; i < row.questions; ++i) {
        nodes.push_back(graph_.Node(kQuestion, facts_.questions[row.first_question + i].question));
      }
    }
    if (nodes.empty()) nodes.push_back(graph_.Node(kQuestion, row.exact));
    for (const uint32_t node : nodes) graph_.Join(nodes[0], node);
    return nodes[0];
  }

  const SetFacts& facts_;
  std::span<const ImageFacts> images_;
  TieGraph graph_;
  std::vector<bool> owned_;  // of each image: it is known whose it is
  bool dicom_tells_patients_;
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
