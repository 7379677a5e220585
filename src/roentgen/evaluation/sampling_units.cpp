#include "roentgen/evaluation/sampling_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <unordered_map>

#include "roentgen/base/disjoint_sets.h"
#include "roentgen/evaluation/consistency.h"
#include "roentgen/evaluation/number_text.h"

namespace roentgen {
namespace {

/// The text of a field that has exactly one; empty otherwise.
std::string OneOf(const Example& example, const char* field) {
  const auto values = example.fields.find(field);
  return values != example.fields.end() && values->second.size() == 1 ? values->second[0] : "";
}

/// What a question has in common with the others of its unit. A word before each keeps a patient
/// "1" apart from an image "1".
std::vector<std::string> KeysOf(const Example& example, const std::vector<std::string>& images) {
  std::vector<std::string> keys;
  if (!example.patient.empty()) keys.push_back("patient " + example.patient);
  for (const std::string& image : images) keys.push_back("image " + image);
  if (!keys.empty()) return keys;
  // A paraphrase's name may come again with every image, so it joins nothing beyond one.
  for (const char* field : {"paraphrase", "qid_linked_id"}) {
    const std::string name = OneOf(example, field);
    if (!name.empty()) keys.push_back("paraphrase " + name);
  }
  return keys;
}

/// The hash of one image of a question; empty where it is not known which is its.
std::string HashOf(const Example& example, size_t image) {
  return example.image_hashes.size() == example.images.size() ? example.image_hashes[image] : "";
}

std::string NormalPath(const std::string& image) {
  return std::filesystem::path(image).lexically_normal().generic_string();
}

/// The hash that goes with a path; empty where several do.
std::unordered_map<std::string, std::string> HashesByPath(std::span<const Example> examples) {
  std::unordered_map<std::string, std::string> hashes;
  for (const Example& example : examples) {
    for (size_t i = 0; i < example.images.size(); ++i) {
      const std::string hash = HashOf(example, i);
      if (hash.empty()) continue;
      std::string& known = hashes.try_emplace(NormalPath(example.images[i]), hash).first->second;
      if (known != hash) known.clear();
    }
  }
  return hashes;
}

/// Counts of units by what is known of them.
void CountKinds(std::span<const Example> examples, SamplingUnits& units) {
  enum Known { kNothing, kImage, kPatient };
  std::vector<Known> known(units.count, kNothing);
  for (size_t i = 0; i < examples.size(); ++i) {
    const bool image = !examples[i].images.empty() || !examples[i].image_hashes.empty();
    const Known here = !examples[i].patient.empty() ? kPatient : image ? kImage : kNothing;
    known[units.of[i]] = std::max(known[units.of[i]], here);
  }
  for (const Known unit : known) {
    ++(unit == kPatient ? units.patients
       : unit == kImage ? units.images
                        : units.units_without_image);
  }
  for (const uint32_t unit : units.of) units.without_image += known[unit] == kNothing ? 1 : 0;
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

std::string_view SamplingUnits::noun() const {
  if (patients > 0 && images == 0) return "patients";
  return images > 0 && patients == 0 ? "images" : "units";
}

std::string SamplingUnits::Counted() const {
  std::string text = CountText(count, noun());
  if (patients == 0 || images == 0) return text;
  return fmt::format("{} ({} and {})", text, CountText(patients, "patients"),
                     CountText(images, "images"));
}

std::string SamplingUnits::OfUnknown() const {
  if (without_image == 0) return "";
  const std::string text =
      fmt::format("Of {} the image is not known: ", CountText(without_image, "questions"));
  if (units_without_image == without_image) return text + "each counts as a unit of its own.";
  return fmt::format("{}they count as {}, paraphrases and twins as one.", text,
                     CountText(units_without_image, "units"));
}

std::vector<std::vector<std::string>> ImageKeys(std::span<const Example> examples) {
  const std::unordered_map<std::string, std::string> by_path = HashesByPath(examples);
  std::vector<std::vector<std::string>> keys;
  for (const Example& example : examples) {
    std::vector<std::string>& of_example = keys.emplace_back();
    if (example.images.size() < example.image_hashes.size()) of_example = example.image_hashes;
    if (!of_example.empty()) continue;
    for (size_t i = 0; i < example.images.size(); ++i) {
      if (example.images[i].empty() && HashOf(example, i).empty()) continue;
      const std::string path = NormalPath(example.images[i]);
      const auto known = by_path.find(path);
      std::string hash = HashOf(example, i);
      if (hash.empty() && known != by_path.end()) hash = known->second;
      of_example.push_back(hash.empty() ? "path " + path : hash);
    }
  }
  return keys;
}

SamplingUnits FindSamplingUnits(std::span<const Example> examples) {
  DisjointSets sets(examples.size());
  std::unordered_map<std::string, size_t> first;
  SamplingUnits units;
  const std::vector<std::vector<std::string>> images = ImageKeys(examples);
  for (size_t i = 0; i < examples.size(); ++i) {
    for (const std::string& key : KeysOf(examples[i], images[i])) {
      sets.Join(first.try_emplace(key, i).first->second, i);
    }
  }
  for (const std::vector<size_t>& twin : TwinsAmong(examples)) {
    for (const size_t question : twin) sets.Join(twin.front(), question);
  }
  std::vector<size_t> found;
  for (size_t i = 0; i < examples.size(); ++i) found.push_back(sets.Find(i));
  units.count = Renumber(found, units.of);
  CountKinds(examples, units);
  return units;
}

SamplingUnits Select(const SamplingUnits& units, std::span<const size_t> questions) {
  std::vector<size_t> kept;
  for (const size_t question : questions) kept.push_back(units.of[question]);
  SamplingUnits selected;
  selected.count = Renumber(kept, selected.of);
  return selected;
}

}  // namespace roentgen
