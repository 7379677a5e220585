#include "roentgen/language/context_question.h"

#include <algorithm>
#include <array>
#include <string>

#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using std::string_view_literals::operator""sv;

/// English words that point back. "this image" and "that shown" point at the image: see below.
constexpr std::array kPointing = {"it"sv,    "its"sv,  "they"sv,   "them"sv,  "their"sv, "he"sv,
                                  "she"sv,   "his"sv,  "her"sv,    "one"sv,   "ones"sv,  "these"sv,
                                  "those"sv, "that"sv, "this"sv,   "same"sv,  "other"sv, "else"sv,
                                  "so"sv,    "then"sv, "former"sv, "latter"sv};

/// Words behind which "this" and "these" name the image that is asked about.
constexpr std::array kImages = {"image"sv, "images"sv,     "picture"sv, "scan"sv,    "scans"sv,
                                "film"sv,  "radiograph"sv, "xray"sv,    "x"sv,       "ct"sv,
                                "mri"sv,   "slice"sv,      "study"sv,   "patient"sv, "view"sv,
                                "photo"sv, "figure"sv};

/// English words that ask, join or measure, and name nothing.
constexpr std::array kEmpty = {
    "what"sv,     "which"sv,     "where"sv,  "when"sv,     "why"sv,      "how"sv,     "who"sv,
    "is"sv,       "are"sv,       "was"sv,    "were"sv,     "be"sv,       "do"sv,      "does"sv,
    "did"sv,      "can"sv,       "could"sv,  "would"sv,    "there"sv,    "and"sv,     "or"sv,
    "of"sv,       "on"sv,        "in"sv,     "at"sv,       "to"sv,       "for"sv,     "about"sv,
    "with"sv,     "the"sv,       "a"sv,      "an"sv,       "side"sv,     "sides"sv,   "size"sv,
    "location"sv, "located"sv,   "large"sv,  "big"sv,      "small"sv,    "many"sv,    "much"sv,
    "long"sv,     "wide"sv,      "color"sv,  "colour"sv,   "shape"sv,    "left"sv,    "right"sv,
    "yes"sv,      "no"sv,        "not"sv,    "you"sv,      "sure"sv,     "exactly"sv, "please"sv,
    "more"sv,     "any"sv,       "type"sv,   "kind"sv,     "grade"sv,    "stage"sv,   "severe"sv,
    "benign"sv,   "malignant"sv, "normal"sv, "abnormal"sv, "describe"sv, "explain"sv};

/// Chinese words that point back.
constexpr std::array kPointingZh = {"它"sv,   "其"sv,   "该"sv,   "这个"sv, "那个"sv, "这些"sv,
                                    "那些"sv, "这里"sv, "那里"sv, "此处"sv, "上述"sv, "前者"sv,
                                    "后者"sv, "他"sv,   "她"sv,   "另"sv};

/// Chinese words that ask or measure, and name nothing; the longer of two first.
constexpr std::array kEmptyZh = {
    "是什么"sv, "为什么"sv, "什么样"sv, "是不是"sv, "有没有"sv, "有多大"sv, "多少"sv, "什么"sv,
    "哪里"sv,   "哪儿"sv,   "哪个"sv,   "哪些"sv,   "何处"sv,   "多大"sv,   "多长"sv, "大小"sv,
    "位置"sv,   "部位"sv,   "形态"sv,   "形状"sv,   "数量"sv,   "颜色"sv,   "性质"sv, "程度"sv,
    "边界"sv,   "最大"sv,   "直径"sv,   "怎么"sv,   "怎样"sv,   "如何"sv,   "是否"sv, "左侧"sv,
    "右侧"sv,   "左边"sv,   "右边"sv,   "双侧"sv,   "良性"sv,   "恶性"sv,   "正常"sv, "异常"sv,
    "描述"sv,   "位于"sv,   "请问"sv,   "哪"sv,     "侧"sv,     "边"sv,     "在"sv,   "有"sv,
    "是"sv,     "多"sv,     "几"sv,     "个"sv,     "的"sv,     "了"sv,     "呢"sv,   "吗"sv,
    "么"sv,     "还"sv,     "请"sv,     "和"sv,     "或"sv,     "左"sv,     "右"sv,   "大"sv,
    "小"sv,     "能"sv,     "看"sv,     "到"sv,     "出"sv,     "为"sv,     "何"sv};

template <size_t N>
bool Contains(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// 一 of 哪一侧 is 1 in ComparisonForm.
bool IsNumber(std::string_view word) {
  return word.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsHan(char32_t c) {
  return c >= 0x4e00 && c <= 0x9fff;
}

/// What is left of a run of Chinese characters without the words that name nothing.
bool NamesSomething(std::string_view run) {
  while (!run.empty()) {
    const auto word = std::find_if(kEmptyZh.begin(), kEmptyZh.end(),
                                   [&](std::string_view each) { return run.starts_with(each); });
    if (word == kEmptyZh.end()) return true;
    run.remove_prefix(word->size());
  }
  return false;
}

bool PointsBack(std::string_view word, std::string_view next) {
  if (!Contains(kPointing, word)) return false;
  const bool names_image = word == "this" || word == "these" || word == "that";
  return !(names_image && Contains(kImages, next));
}

/// The words of a folded text: runs of Chinese characters, and what stands between blanks.
std::vector<std::string_view> WordsOf(std::string_view form) {
  std::vector<std::string_view> words;
  size_t begin = 0;
  bool han = false;
  for (size_t at = 0; at <= form.size();) {
    const bool end = at == form.size();
    const Utf8Step step = end ? Utf8Step{} : ReadUtf8(form, at);
    const bool blank = end || form[at] == ' ';
    const bool is_han = !blank && IsHan(step.code_point);
    if (blank || (at > begin && is_han != han)) {
      if (at > begin) words.push_back(form.substr(begin, at - begin));
      begin = blank ? at + 1 : at;
    }
    han = is_han;
    at += end ? 1 : step.length;
  }
  return words;
}

}  // namespace

bool HangsOnContext(std::string_view question) {
  const std::string form = ComparisonForm(question);
  const std::vector<std::string_view> words = WordsOf(form);
  bool names = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (IsHan(ReadUtf8(word, 0).code_point)) {
      for (const std::string_view pointing : kPointingZh) {
        if (word.find(pointing) != std::string_view::npos) return true;
      }
      names = names || NamesSomething(word);
      continue;
    }
    if (PointsBack(word, i + 1 < words.size() ? words[i + 1] : "")) return true;
    names = names || !(IsNumber(word) || Contains(kEmpty, word));
  }
  return !names;
}

}  // namespace roentgen
