#include "roentgen/data/phantom_asking.h"

#include <fmt/format.h>

#include "roentgen/base/hash.h"

namespace roentgen {

PhantomRandom PhantomAsking::Draws(std::string_view what) const {
  return {seed_, Fnv1a64(what, kFnv1a64Offset)};
}

Language PhantomAsking::LanguageOf(std::string_view what) const {
  PhantomRandom random = Draws(what);
  return languages_[static_cast<size_t>(random.Pick(static_cast<int>(languages_.size())))];
}

size_t PhantomAsking::WordingOf(std::string_view what) const {
  PhantomRandom random = Draws(what);
  random.Bits();  // the language's
  return static_cast<size_t>(random.Pick(kPhantomWordings));
}

void PhantomAsking::Add(const Form& form, Language language, const PhantomTemplate& wordings,
                        std::string_view about, const AnswerTo& answer) {
  AddIn(WordingOf(form.what), form, language, wordings, about, answer);
}

void PhantomAsking::AddAgain(const Form& form, Language language, const PhantomTemplate& wordings,
                             std::string_view about, const AnswerTo& answer) {
  const size_t next = (WordingOf(form.what) + 1) % kPhantomWordings;
  AddIn(next, form, language, wordings, about, answer);
}

void PhantomAsking::AddIn(size_t wording, const Form& form, Language language,
                          const PhantomTemplate& wordings, std::string_view about,
                          const AnswerTo& answer) {
  const std::string_view text = wordings[static_cast<size_t>(language)][wording];
  const std::string subject = fmt::format("{}/{}", form.what, CodeOf(language));
  PhantomQuestion question;
  question.key = fmt::format("{}/{}", subject, wording);
  question.subject = subject;
  question.type = form.type;
  question.closed = form.closed;
  question.false_premise = form.false_premise;
  question.language = language;
  question.question = fmt::format(fmt::runtime(text), about);
  question.answer = answer(wording);
  questions_.push_back(std::move(question));
}

}  // namespace roentgen
