#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "roentgen/data/phantom_questions.h"
#include "roentgen/phantom/portable_math.h"

namespace roentgen {

/// How many ways there are to ask the same.
inline constexpr size_t kPhantomWordings = 3;

/// A question in several wordings. {} stands for what it asks about.
using PhantomWordings = std::array<std::string_view, kPhantomWordings>;
/// In both languages.
using PhantomTemplate = std::array<PhantomWordings, 2>;

/// Draws what a patient is asked, in which language and words. Each question has draws of its own
/// from the patient's seed, so that what one twin is asked besides changes nothing.
class PhantomAsking {
 public:
  PhantomAsking(uint64_t patient_seed, const std::vector<Language>& languages)
      : seed_(patient_seed), languages_(languages) {}

  PhantomRandom Draws(std::string_view what) const;
  bool Choose(std::string_view what, double probability) const {
    return Draws(what).Chance(probability);
  }
  Language LanguageOf(std::string_view what) const;

  struct Form {
    std::string what;  ///< "presence/nodule"; decides the draws
    const char* type = "";
    bool closed = false;
    bool false_premise = false;
  };
  /// The answer may depend on the wording that was drawn.
  using AnswerTo = std::function<std::string(size_t wording)>;

  void Add(const Form& form, Language language, const PhantomTemplate& wordings,
           std::string_view about, const AnswerTo& answer);
  /// The same again in the next wording.
  void AddAgain(const Form& form, Language language, const PhantomTemplate& wordings,
                std::string_view about, const AnswerTo& answer);

  std::vector<PhantomQuestion> Take() { return std::move(questions_); }

 private:
  size_t WordingOf(std::string_view what) const;
  void AddIn(size_t wording, const Form& form, Language language, const PhantomTemplate& wordings,
             std::string_view about, const AnswerTo& answer);

  uint64_t seed_;
  const std::vector<Language>& languages_;
  std::vector<PhantomQuestion> questions_;
};

}  // namespace roentgen
