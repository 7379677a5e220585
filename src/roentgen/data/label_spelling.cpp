#include "roentgen/data/label_spelling.h"

#include <algorithm>
#include <utility>

namespace roentgen {
namespace {

constexpr size_t kRarer = 20;
constexpr size_t kLettersForDistance = 4;

std::string Folded(std::string_view label) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = label.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  std::string folded(label.substr(begin, label.find_last_not_of(kBlanks) + 1 - begin));
  for (char& c : folded) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return folded;
}

/// One letter added, left out or changed, or two neighbours swapped.
bool OneEditApart(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const size_t same =
      static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  a.remove_prefix(same);
  b.remove_prefix(same);
  if (a.size() < b.size()) return a == b.substr(1);
  if (a.empty()) return false;
  const bool swapped = a.size() > 1 && a[0] == b[1] && a[1] == b[0];
  return a.substr(1) == b.substr(1) || (swapped && a.substr(2) == b.substr(2));
}

bool Misspells(std::string_view label, std::string_view right) {
  const std::string a = Folded(label);
  const std::string b = Folded(right);
  if (a == b) return true;
  return std::min(a.size(), b.size()) >= kLettersForDistance && OneEditApart(a, b);
}

}  // namespace

void LabelSpelling::Decide() {
  right_.clear();
  for (const auto& [label, count] : counts_) {
    const std::pair<const std::string, size_t>* best = nullptr;
    for (const auto& other : counts_) {
      if (other.second < kRarer * count || other.first == label) continue;
      if (best != nullptr && other.second <= best->second) continue;
      if (Misspells(label, other.first)) best = &other;
    }
    if (best != nullptr) right_[label] = best->first;
  }
}

const std::string& LabelSpelling::Right(const std::string& label) const {
  const auto right = right_.find(label);
  return right == right_.end() ? label : right->second;
}

}  // namespace roentgen
