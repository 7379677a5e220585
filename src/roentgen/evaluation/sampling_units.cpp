#include "roentgen/evaluation/sampling_units.h"

#include <string>
#include <unordered_map>

#include "roentgen/base/disjoint_sets.h"
#include "roentgen/evaluation/consistency.h"

namespace roentgen {
namespace {

/// The text of a field that has exactly one; empty otherwise.
std::string OneOf(const Example& example, const char* field) {
  const auto values = example.fields.find(field);
  return values != example.fields.end() && values->second.size() == 1 ? values->second[0] : "";
}

/// What a question has in common with the others of its unit. A letter before each keeps a patient
/// "1" apart from an image "1".
std::vector<std::string> KeysOf(const Example& example) {
  std::vector<std::string> keys;
  if (!example.patient.empty()) keys.push_back("patient " + example.patient);
  const bool hashed = example.image_hashes.size() >= example.images.size();
  for (const std::string& image : hashed ? example.image_hashes : example.images) {
    if (!image.empty()) keys.push_back("image " + image);
  }
  if (!keys.empty()) return keys;
  // A paraphrase's name may come again with every image, so it joins nothing beyond one.
  for (const char* field : {"paraphrase", "qid_linked_id"}) {
    const std::string name = OneOf(example, field);
    if (!name.empty()) keys.push_back("paraphrase " + name);
  }
  return keys;
}

/// Numbers as they first appear, in place of any others.
template <class Numbers>
size_t Renumber(const Numbers& numbers, std::vector<uint32_t>& anew) {
  std::unordered_map<size_t, uint32_t> places;
  for (const size_t number : numbers) {
    anew.push_back(places.try_emplace(number, static_cast<uint32_t>(places.size())).first->second);
  }
  return places.size();
}

}  // namespace

SamplingUnits FindSamplingUnits(std::span<const Example> examples) {
  DisjointSets sets(examples.size());
  std::unordered_map<std::string, size_t> first;
  SamplingUnits units;
  units.patients = !examples.empty();
  for (size_t i = 0; i < examples.size(); ++i) {
    for (const std::string& key : KeysOf(examples[i])) {
      sets.Join(first.try_emplace(key, i).first->second, i);
    }
    units.patients = units.patients && !examples[i].patient.empty();
    const bool unknown = examples[i].patient.empty() && examples[i].images.empty() &&
                         examples[i].image_hashes.empty();
    units.without_image += unknown ? 1 : 0;
  }
  for (const std::vector<size_t>& twin : TwinsAmong(examples)) {
    for (const size_t question : twin) sets.Join(twin.front(), question);
  }
  std::vector<size_t> found;
  for (size_t i = 0; i < examples.size(); ++i) found.push_back(sets.Find(i));
  units.count = Renumber(found, units.of);
  return units;
}

SamplingUnits Select(const SamplingUnits& units, std::span<const size_t> questions) {
  std::vector<size_t> kept;
  for (const size_t question : questions) kept.push_back(units.of[question]);
  SamplingUnits selected;
  selected.patients = units.patients;
  selected.count = Renumber(kept, selected.of);
  return selected;
}

}  // namespace roentgen
