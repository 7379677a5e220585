#include "roentgen/evaluation/yes_no_tokens.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "roentgen/language/answer.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// What the text of tokens says.
enum class Reading { kYes, kNo, kOpen, kOther };

Reading Read(std::string_view text) {
  if (text.empty()) return Reading::kOther;
  if (MayYetTakeSide(text)) return Reading::kOpen;
  const std::optional<bool> side = FindInvalidUtf8(text) ? std::nullopt : SideTaken(text);
  return !side ? Reading::kOther : *side ? Reading::kYes : Reading::kNo;
}

/// The side whose English word a vocabulary without the word itself begins with this token.
std::optional<bool> LetterOfASide(std::string_view text) {
  constexpr std::array<std::string_view, 2> kYes = {"y", "Y"};
  constexpr std::array<std::string_view, 2> kNo = {"n", "N"};
  if (std::find(kYes.begin(), kYes.end(), text) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), text) != kNo.end()) return false;
  return std::nullopt;
}

bool IsOneToken(const Tokenizer& tokenizer, std::string_view word) {
  return tokenizer.Encode(word).size() == 1;
}

/// Probabilities from logits.
class Softmax {
 public:
  explicit Softmax(std::span<const float> logits)
      : logits_(logits), largest_(*std::max_element(logits.begin(), logits.end())) {
    for (const float logit : logits) sum_ += std::exp(logit - largest_);
  }
  double operator[](size_t id) const { return std::exp(logits_[id] - largest_) / sum_; }
  size_t size() const { return logits_.size(); }

 private:
  std::span<const float> logits_;
  double largest_;
  double sum_ = 0;
};

}  // namespace

/// Tokens that take no side yet.
struct YesNoTokens::Beginning {
  std::vector<int32_t> ids;
  std::string text;
  double probability = 1;
};

struct YesNoTokens::Sums {
  double yes = 0;
  double no = 0;
  int followed = 0;  ///< beginnings
};

YesNoTokens::YesNoTokens(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {
  const bool by_letters = !IsOneToken(tokenizer, "yes") || !IsOneToken(tokenizer, "no");
  for (int32_t id = 0; id < tokenizer.id_limit(); ++id) {
    const std::string text = tokenizer.DecodeBytes({&id, 1}, /*skip_special=*/true);
    Reading reading = Read(text);
    if (const auto side = LetterOfASide(text); side && by_letters) {
      reading = *side ? Reading::kYes : Reading::kNo;
    }
    if (reading == Reading::kYes) yes_.push_back(id);
    if (reading == Reading::kNo) no_.push_back(id);
    if (reading == Reading::kOpen) open_.push_back(id);
  }
}

void YesNoTokens::Follow(const Beginning& beginning, const LogitsBehind& behind, Sums& sums) const {
  constexpr int kMostFollowed = 32;  // forward passes
  constexpr double kRead = 1e-6;     // less likely tokens are not looked at
  if (beginning.probability < kFollowed || sums.followed++ >= kMostFollowed) return;
  const std::span<const float> logits = behind(beginning.ids);
  const Softmax softmax(logits);
  std::vector<Beginning> open;
  for (size_t id = 0; id < softmax.size(); ++id) {
    const double probability = beginning.probability * softmax[id];
    if (probability < kRead) continue;
    const auto token = static_cast<int32_t>(id);
    Beginning longer = beginning;
    longer.ids.push_back(token);
    longer.text += tokenizer_.DecodeBytes({&token, 1}, /*skip_special=*/true);
    longer.probability = probability;
    const Reading reading = Read(longer.text);
    if (reading == Reading::kYes) sums.yes += probability;
    if (reading == Reading::kNo) sums.no += probability;
    const bool grows = longer.text.size() > beginning.text.size();
    if (reading == Reading::kOpen && grows) open.push_back(std::move(longer));
  }
  for (const Beginning& longer : open) Follow(longer, behind, sums);
}

std::optional<YesNoLogProbabilities> YesNoTokens::LogProbabilities(
    std::span<const float> logits, const LogitsBehind& behind) const {
  const Softmax softmax(logits);
  Sums sums;
  for (const int32_t id : yes_) sums.yes += softmax[static_cast<size_t>(id)];
  for (const int32_t id : no_) sums.no += softmax[static_cast<size_t>(id)];
  if (behind) {
    std::vector<Beginning> open;
    for (const int32_t id : open_) {
      const double probability = softmax[static_cast<size_t>(id)];
      if (probability < kFollowed) continue;
      open.push_back({{id}, tokenizer_.DecodeBytes({&id, 1}, /*skip_special=*/true), probability});
    }
    for (const Beginning& beginning : open) Follow(beginning, behind, sums);
  }
  // A probability below what a double holds has no logarithm that JSON could.
  if (sums.yes <= 0 || sums.no <= 0) return std::nullopt;
  return YesNoLogProbabilities{std::min(std::log(sums.yes), 0.0), std::min(std::log(sums.no), 0.0)};
}

}  // namespace roentgen
