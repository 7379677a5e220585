#include "roentgen/evaluation/same_questions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/evaluation/words.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

enum Kind { kQuestions, kReferences, kImages };

std::string Quote(std::string_view text) {
  constexpr size_t kShown = 90;
  size_t shown = std::min(text.size(), kShown);
  while (shown < text.size() && shown > 0 && (text[shown] & 0xC0) == 0x80) --shown;
  return fmt::format("\"{}{}\"", text.substr(0, shown), shown < text.size() ? "…" : "");
}

/// What a text is compared in; of a text of marks alone, the marks.
std::string FormOf(std::string_view text) {
  std::string form = ComparisonForm(text);
  return form.empty() ? FoldText(Strip(text)) : form;
}

/// The length of the tag that begins here, <image>, <|im_start|>, </s>; 0 where none does.
size_t TagAt(std::string_view text) {
  if (text.size() < 3 || text[0] != '<') return 0;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (!letter(text[1]) && text[1] != '|' && text[1] != '/') return 0;
  const size_t end = text.find_first_of("<> \n", 1);
  return end != std::string_view::npos && text[end] == '>' ? end + 1 : 0;
}

/// The text without the tags of a chat template. Those of images leave nothing; for the others,
/// which begin and end turns, `between` stands.
std::string WithoutTags(std::string_view text, std::string_view between) {
  std::string without;
  while (!text.empty()) {
    const size_t length = TagAt(text);
    const std::string_view tag = text.substr(0, length);
    const bool image = tag.find("im") != tag.npos && tag.find("im_") == tag.npos;
    if (length == 0) {
      without += text[0];
    } else if (!image && tag.find("vision") == tag.npos) {
      without += between;
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return without;
}

/// Whether a sentence ends behind this place: at a line's end, or at a mark that is none of a
/// number's ("5.6 cm").
bool EndsAt(std::string_view text, size_t at) {
  constexpr std::string_view kAscii = ".?!:;";
  static constexpr std::string_view kWide[] = {"。", "？", "！", "：", "；"};
  if (text[at] == '\n') return true;
  if (kAscii.find(text[at]) != std::string_view::npos) {
    return at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\n';
  }
  return at >= 2 &&
         std::find(std::begin(kWide), std::end(kWide), text.substr(at - 2, 3)) != std::end(kWide);
}

/// Whether a word begins here that names who speaks or what follows: "ASSISTANT:".
bool NameBeginsAt(std::string_view text, size_t at) {
  if (at == 0 || text[at - 1] != ' ') return false;
  const size_t end = text.find_first_of(" \n:", at);
  return end != std::string_view::npos && end > at && text[end] == ':';
}

/// The sentences and lines of a prompt in ComparisonForm, without empty ones.
std::vector<std::string> SentenceForms(std::string_view prompt) {
  std::vector<std::string> forms;
  std::string sentence;
  const auto finish = [&] {
    if (std::string form = ComparisonForm(sentence); !form.empty()) {
      forms.push_back(std::move(form));
    }
    sentence.clear();
  };
  for (size_t i = 0; i < prompt.size(); ++i) {
    if (NameBeginsAt(prompt, i)) finish();
    sentence += prompt[i];
    if (EndsAt(prompt, i)) finish();
  }
  finish();
  return forms;
}

/// Whether two askings have the same question; nothing where it is not known of both.
std::optional<bool> SameQuestion(const AskedQuestion& one, const AskedQuestion& other) {
  const auto equal = [](const std::string& a, const std::string& b) {
    return FormOf(WithoutTags(a, " ")) == FormOf(WithoutTags(b, " "));
  };
  if (!one.question.empty() && !other.question.empty()) return equal(one.question, other.question);
  if (!one.question.empty() && !other.prompt.empty()) return Asks(other.prompt, one.question);
  if (!one.prompt.empty() && !other.question.empty()) return Asks(one.prompt, other.question);
  if (one.prompt.empty() || other.prompt.empty()) return std::nullopt;
  return equal(one.prompt, other.prompt);
}

std::vector<std::string> NormalNames(const std::vector<std::string>& images) {
  std::vector<std::string> names;
  for (const std::string& image : images) {
    names.push_back(std::filesystem::path(image).lexically_normal().generic_string());
  }
  return names;
}

/// Whether paths end alike: in their last two parts, or the one of a name without a folder. Sets
/// name their images by patient ("p1/image.png"); the folders above are of a machine.
bool EndAlike(const std::string& one, const std::string& other) {
  const std::filesystem::path a(one);
  const std::filesystem::path b(other);
  if (a.filename() != b.filename()) return false;
  const auto folder = [](const std::filesystem::path& path) {
    return path.parent_path().filename();
  };
  return folder(a).empty() || folder(b).empty() || folder(a) == folder(b);
}

std::string ShownQuestion(const AskedQuestion& asked) {
  if (!asked.question.empty()) return Quote(asked.question);
  return Quote(Strip(WithoutTags(asked.prompt, " ")));
}

}  // namespace

AskedQuestion Asked(const Prediction& prediction) {
  return {prediction.id,    prediction.question,     prediction.prompt,
          prediction.label, prediction.image_hashes, NormalNames(prediction.images)};
}

AskedQuestion Asked(const Example& example) {
  // Where a file gives the prompt alone, it stands for the question, too.
  AskedQuestion asked = {example.id,        example.question,     example.prompt,
                         example.reference, example.image_hashes, NormalNames(example.images)};
  if (asked.question == asked.prompt) asked.question.clear();
  return asked;
}

AskedQuestion Asked(const Sample& sample, std::vector<std::string> image_hashes) {
  return {sample.id, QuestionOf(sample), "", AnswerOf(sample), std::move(image_hashes), {}};
}

bool Asks(std::string_view prompt, std::string_view question) {
  const std::string wanted = ComparisonForm(WithoutTags(question, " "));
  if (wanted.empty()) return true;  // nothing but an image
  const std::vector<std::string> sentences = SentenceForms(WithoutTags(prompt, "\n"));
  for (size_t first = 0; first < sentences.size(); ++first) {
    std::string run;
    for (size_t i = first; i < sentences.size() && run.size() < wanted.size(); ++i) {
      run = ComparisonForm(run + " " + sentences[i]);
      if (run == wanted) return true;
    }
  }
  return false;
}

std::optional<QuestionDifference> SameQuestions::ImageDifference(const AskedQuestion& one,
                                                                 const AskedQuestion& other) const {
  if (images_ == ImageRule::kAny) return std::nullopt;
  const bool same = images_ == ImageRule::kSame;
  if (!one.image_hashes.empty() && !other.image_hashes.empty()) {
    if ((one.image_hashes == other.image_hashes) == same) return std::nullopt;
    return QuestionDifference{"image", fmt::format("SHA-256 {}", fmt::join(one.image_hashes, ", ")),
                              fmt::format("SHA-256 {}", fmt::join(other.image_hashes, ", "))};
  }
  if (one.image_names.empty() || other.image_names.empty()) return std::nullopt;
  const bool wrong =
      same ? !std::equal(one.image_names.begin(), one.image_names.end(), other.image_names.begin(),
                         other.image_names.end(), EndAlike)
           : images_ == ImageRule::kOtherFiles && one.image_names == other.image_names;
  if (!wrong) return std::nullopt;
  return QuestionDifference{"image", Quote(Join(one.image_names, ", ")),
                            Quote(Join(other.image_names, ", "))};
}

std::optional<QuestionDifference> SameQuestions::Difference(const AskedQuestion& one,
                                                            const AskedQuestion& other) {
  ++rows_;
  if (!one.id.empty() && !other.id.empty() && one.id != other.id) {
    return QuestionDifference{"id", Quote(one.id), Quote(other.id)};
  }
  const std::optional<bool> question = SameQuestion(one, other);
  if (question == false) {
    return QuestionDifference{other.question.empty() ? "prompt" : "question", ShownQuestion(one),
                              ShownQuestion(other)};
  }
  const bool references = one.reference && other.reference;
  if (references && FormOf(*one.reference) != FormOf(*other.reference)) {
    return QuestionDifference{"reference", Quote(Strip(*one.reference)),
                              Quote(Strip(*other.reference))};
  }
  if (auto difference = ImageDifference(one, other)) return difference;
  const bool images = !one.image_hashes.empty() && !other.image_hashes.empty();
  unchecked_[kQuestions] += question ? 0 : 1;
  unchecked_[kReferences] += references ? 0 : 1;
  unchecked_[kImages] += images || images_ == ImageRule::kAny ? 0 : 1;
  return std::nullopt;
}

std::string Describe(const QuestionDifference& difference, std::string_view place) {
  if (difference.one == difference.other) {
    return fmt::format("the {} is the same as {}", difference.what, place);
  }
  return fmt::format("the {} is {} there, but {} {}", difference.what, difference.other,
                     difference.one, place);
}

std::optional<std::string> SameQuestions::Unchecked() const {
  constexpr std::array<const char*, 3> kNames = {"questions", "references", "images"};
  std::vector<std::string> kinds;
  for (size_t kind = 0; kind < kNames.size(); ++kind) {
    if (unchecked_[kind] == 0) continue;
    kinds.push_back(unchecked_[kind] == rows_
                        ? kNames[kind]
                        : fmt::format("{} ({} of {} rows)", kNames[kind], unchecked_[kind], rows_));
  }
  if (kinds.empty()) return std::nullopt;
  const std::string last = std::move(kinds.back());
  kinds.pop_back();
  return fmt::format("{}{}{} could not be compared: not both have them", Join(kinds, ", "),
                     kinds.empty() ? "" : " and ", last);
}

std::vector<Example> InOrderOf(std::span<const Example> first, std::vector<Example> second) {
  std::unordered_map<std::string_view, size_t> places;
  for (size_t i = 0; i < first.size(); ++i) places.try_emplace(first[i].id, i);
  constexpr size_t kNone = SIZE_MAX;
  std::vector<size_t> of_place(first.size(), kNone);
  bool same = first.size() == second.size() && places.size() == first.size();
  for (size_t i = 0; same && i < second.size(); ++i) {
    const auto place = places.find(second[i].id);
    same = !second[i].id.empty() && place != places.end() && of_place[place->second] == kNone;
    if (same) of_place[place->second] = i;
  }
  if (!same) return second;
  std::vector<Example> ordered;
  for (const size_t place : of_place) ordered.push_back(std::move(second[place]));
  return ordered;
}

std::optional<std::string> RequireSameQuestions(std::span<const Example> one,
                                                std::span<const Example> other) {
  SameQuestions check(ImageRule::kSame);
  for (size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
    const auto difference = check.Difference(Asked(one[i]), Asked(other[i]));
    if (!difference) continue;
    throw Error(fmt::format("the runs are not over the same questions: number {}{} has the {} {} "
                            "in one and {} in the other",
                            i + 1,
                            one[i].id.empty() || difference->what == "id"
                                ? ""
                                : fmt::format(" (\"{}\")", one[i].id),
                            difference->what, difference->one, difference->other),
                "Only answers to the same questions about the same images can be compared.");
  }
  if (one.size() != other.size()) {
    throw Error(fmt::format("the runs are not over the same questions: {} in one, {} in the other",
                            one.size(), other.size()));
  }
  return check.Unchecked();
}

void RequireSameData(const Json& one, const Json& other) {
  const auto hash = [](const Json& description) -> std::string {
    const Json data = description.is_object() ? description.value("data", Json()) : Json();
    const Json value = data.is_object() ? data.value("sha256", Json()) : Json();
    return value.is_string() ? value.get<std::string>() : "";
  };
  if (hash(one).empty() || hash(other).empty() || hash(one) == hash(other)) return;
  throw Error(fmt::format("the runs are not over the same data: its SHA-256 is {} in one and {} in "
                          "the other",
                          hash(one), hash(other)),
              "Ids, questions and references agree; earlier turns, system prompts or the images' "
              "files differ. Run both over one set.");
}

}  // namespace roentgen
