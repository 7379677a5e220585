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

Reading ReadAnswer(std::string_view text) {
  const std::optional<bool> side = FindInvalidUtf8(text) ? std::nullopt : SideTaken(text);
  return !side ? Reading::kOther : *side ? Reading::kYes : Reading::kNo;
}

Reading Read(std::string_view text) {
  if (text.empty()) return Reading::kOther;
  return MayYetTakeSide(text) ? Reading::kOpen : ReadAnswer(text);
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
      : logits_(logits),
        likeliest_(
            static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin())),
        largest_(logits[likeliest_]) {
    for (const float logit : logits) sum_ += std::exp(logit - largest_);
  }
  double operator[](size_t id) const { return std::exp(logits_[id] - largest_) / sum_; }
  size_t size() const { return logits_.size(); }
  size_t likeliest() const { return likeliest_; }

 private:
  std::span<const float> logits_;
  size_t likeliest_;
  double largest_;
  double sum_ = 0;
};

/// Probabilities of the likeliest way to each side; 0: none was seen.
struct Sides {
  double yes = 0;
  double no = 0;
  bool parted = false;  ///< here the answer that was given takes its side

  void See(Reading reading, double probability) {
    if (reading == Reading::kYes) yes = std::max(yes, probability);
    if (reading == Reading::kNo) no = std::max(no, probability);
  }
  bool Both() const { return yes > 0 && no > 0; }
};

/// Tokens that leave the side open.
struct Beginning {
  std::vector<int32_t> ids;
  std::string text;
  double probability = 1;  ///< of its last token
  double reach = 1;        ///< of all its tokens; 1 for the beginning of the answer itself
  bool of_answer = false;  ///< that was given and takes a side
};

/// Looks at the beginnings of answers, token by token.
class Walk {
 public:
  Walk(const Tokenizer& tokenizer, std::span<const int32_t> answer,
       const YesNoTokens::LogitsBehind& behind)
      : tokenizer_(tokenizer),
        answer_(answer),
        side_(ReadAnswer(tokenizer.Decode(answer, /*skip_special=*/true))),
        behind_(behind) {}

  /// Whether there is an answer that takes one.
  bool takes_side() const { return side_ != Reading::kOther; }

  /// Takes a further token of a beginning into account: its side, or `open`, if it leaves it so.
  void See(const Beginning& beginning, int32_t token, double probability, Sides& sides,
           std::vector<Beginning>& open) const {
    Beginning longer = beginning;
    const size_t place = beginning.ids.size();
    longer.ids.push_back(token);
    longer.text += tokenizer_.DecodeBytes({&token, 1}, /*skip_special=*/true);
    longer.probability = probability;
    longer.of_answer = takes_side() && (place == 0 || beginning.of_answer) &&
                       place < answer_.size() && answer_[place] == token;
    longer.reach = longer.of_answer ? 1 : beginning.reach * probability;
    Reading reading = Read(longer.text);
    if (longer.of_answer) {
      if (reading != side_) reading = Reading::kOpen;
      sides.parted = reading == side_;
    }
    sides.See(reading, probability);
    const bool grows = longer.of_answer || longer.text.size() > beginning.text.size();
    if (reading == Reading::kOpen && grows) open.push_back(std::move(longer));
  }

  /// Adds what is behind the tokens that leave it open; the answer's own first.
  Sides Follow(Sides sides, std::vector<Beginning> open) {
    if (!behind_) return sides;
    std::stable_partition(open.begin(), open.end(),
                          [](const Beginning& each) { return each.of_answer; });
    for (const Beginning& beginning : open) {
      if (beginning.reach < YesNoTokens::kFollowed || passes_ >= kMostPasses) continue;
      const Sides behind = Behind(beginning);
      if (behind.parted && behind.Both()) return behind;
      if (behind.parted) {
        // Only its own side is likely behind the answer's beginning, which counts whole then.
        sides.parted = true;
        sides.See(side_, beginning.probability);
      } else {
        sides.See(Reading::kYes, beginning.probability * behind.yes);
        sides.See(Reading::kNo, beginning.probability * behind.no);
      }
    }
    return sides;
  }

 private:
  static constexpr int kMostPasses = 32;  ///< forward passes
  static constexpr double kRead = 1e-6;   ///< less likely tokens are not looked at

  Sides Behind(const Beginning& beginning) {
    ++passes_;
    const Softmax softmax(behind_(beginning.ids));
    Sides sides;
    std::vector<Beginning> open;
    for (size_t id = 0; id < softmax.size(); ++id) {
      if (beginning.reach * softmax[id] < kRead) continue;
      See(beginning, static_cast<int32_t>(id), softmax[id], sides, open);
    }
    return Follow(sides, std::move(open));
  }

  const Tokenizer& tokenizer_;
  std::span<const int32_t> answer_;
  Reading side_;  ///< of the answer; kOther without one
  const YesNoTokens::LogitsBehind& behind_;
  int passes_ = 0;
};

}  // namespace

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

std::optional<YesNoLogProbabilities> YesNoTokens::LogProbabilities(
    std::span<const float> logits, std::span<const int32_t> answer,
    const LogitsBehind& behind) const {
  const Softmax softmax(logits);
  const auto probability = [&](int32_t id) { return softmax[static_cast<size_t>(id)]; };
  Walk walk(tokenizer_, answer, behind);
  Sides sides;
  std::vector<Beginning> open;
  if (walk.takes_side()) walk.See({}, answer[0], probability(answer[0]), sides, open);
  const auto others = [&](const std::vector<int32_t>& ids, const auto& visit) {
    for (const int32_t id : ids) {
      if (!walk.takes_side() || id != answer[0]) visit(id);
    }
  };
  others(yes_, [&](int32_t id) { sides.See(Reading::kYes, probability(id)); });
  others(no_, [&](int32_t id) { sides.See(Reading::kNo, probability(id)); });
  others(open_, [&](int32_t id) {
    if (probability(id) >= kFollowed) walk.See({}, id, probability(id), sides, open);
  });
  sides = walk.Follow(sides, std::move(open));
  // A probability below what a double holds has no logarithm that JSON could.
  if (!sides.Both()) return std::nullopt;
  return YesNoLogProbabilities{std::min(std::log(sides.yes), 0.0),
                               std::min(std::log(sides.no), 0.0)};
}

}  // namespace roentgen
