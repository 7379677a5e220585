#include "roentgen/language/question_meaning.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "roentgen/language/answer_tokens.h"
#include "roentgen/language/synonyms.h"
#include "roentgen/language/word_edges.h"
#include "roentgen/language/word_form.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

// ---- Instructions -------------------------------------------------------------------------------

// Sentences that tell how to answer, as question sets put them before or behind each question:
// "Answer the question using a single word or phrase." and "Answer with the option's letter from
// the given choices directly." (LLaVA-1.5, arXiv:2310.03744, table 7), "Please answer yes or no."
// (MME, arXiv:2306.13394), "Question: {} Short answer:" (InstructBLIP, arXiv:2305.06500, appendix),
// "请用一个词或短语回答问题。", "请直接回答选项字母。" (MMBench-CN, arXiv:2307.06281). All their
// words are about answering, so a sentence of such words alone asks nothing.

/// Words of which such a sentence has one at least, in ComparisonForm.
constexpr auto kAnswering = std::to_array<std::string_view>(
    {"answer", "answers", "respond", "response", "reply", "option", "options", "choices",
     "question", "回答", "作答", "答案", "选项", "问题", "答复"});

/// The other words that it may have.
constexpr auto kAroundAnswering = std::to_array<std::string_view>(
    {"please", "using",   "use",        "with",     "in",        "from",    "by",     "on",
     "of",     "for",     "to",         "as",       "your",      "this",    "1",      "single",
     "word",   "words",   "phrase",     "sentence", "or",        "and",     "yes",    "no",
     "only",   "just",    "short",      "brief",    "briefly",   "concise", "simple", "directly",
     "letter", "letters", "s",          "given",    "provided",  "correct", "choose", "select",
     "pick",   "give",    "provide",    "output",   "following", "below",   "above",  "based",
     "image",  "without", "explanation"});
constexpr auto kAroundAnsweringInChinese = std::to_array<std::string_view>(
    {"请",    "根据", "图像", "图片", "影像", "依据", "使用", "用",   "以",   "1个",
     "1句话", "单个", "词",   "词语", "单词", "短语", "或者", "或",   "和",   "从",
     "在",    "下列", "以下", "上述", "下面", "该",   "这个", "给定", "给出", "提供",
     "中",    "选择", "选出", "正确", "的",   "地",   "来",   "直接", "仅",   "只",
     "需",    "要",   "即可", "简短", "简洁", "简要", "简单", "字母", "是",   "否",
     "不是",  "输出", "中文", "英文", "进行", "一下"});

/// Whether a sentence in ComparisonForm is of words about answering alone, or names the answers.
bool IsInstruction(std::string_view form) {
  static constexpr auto kSides = std::to_array<std::string_view>(
      {"yes or no", "yes no", "是或否", "是还是否", "是或者否", "有或无"});
  if (IsOneOf(form, kSides)) return true;
  bool answering = false;
  while (!form.empty()) {
    size_t taken = 0;
    bool anchor = false;
    if (StartsWithIdeograph(form) || form.starts_with("1个") || form.starts_with("1句话")) {
      for (const std::string_view word : kAnswering) {
        if (form.starts_with(word)) taken = word.size();
      }
      anchor = taken > 0;
      for (const std::string_view word : kAroundAnsweringInChinese) {
        if (form.starts_with(word) && word.size() > taken) {
          taken = word.size();
          anchor = false;
        }
      }
      if (taken == 0) return false;
    } else {
      taken = std::min(form.find(' '), form.size());
      const std::string_view word = form.substr(0, taken);
      anchor = IsOneOf(word, kAnswering);
      if (!anchor && !IsOneOf(word, kAroundAnswering)) return false;
    }
    answering = answering || anchor;
    form.remove_prefix(std::min(taken, form.size()));
    if (form.starts_with(' ')) form.remove_prefix(1);
  }
  return answering;
}

/// The length of a mark that ends a part of a text at this place: "?" at an end or before a blank,
/// "，" anywhere; 0 for none.
size_t MarkAt(std::string_view text, size_t at) {
  if (text[at] == '\n') return 1;
  if (std::string_view(".?!;:,").find(text[at]) != std::string_view::npos) {
    const bool ends = at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\n' ||
                      (text[at + 1] & 0x80) != 0;
    return ends ? 1 : 0;
  }
  if ((text[at] & 0x80) == 0) return 0;
  for (const std::string_view mark : {"。", "？", "！", "；", "：", "，", "（", "）"}) {
    if (text.substr(at).starts_with(mark)) return mark.size();
  }
  return 0;
}

/// The question in ComparisonForm without its instructions; as a whole if there is nothing else.
std::string AskedForm(std::string_view question) {
  std::string asked;
  size_t begin = 0;
  bool instructions = false;
  for (size_t at = 0; at <= question.size();) {
    const size_t mark = at == question.size() ? 1 : MarkAt(question, at);
    if (mark == 0) {
      ++at;
      continue;
    }
    const std::string form = ComparisonForm(question.substr(begin, at - begin));
    if (IsInstruction(form)) {
      instructions = true;
    } else if (!form.empty()) {
      if (!asked.empty()) asked += ' ';
      asked += form;
    }
    at += mark;
    begin = at;
  }
  return asked.empty() && instructions ? ComparisonForm(question) : asked;
}

// ---- Names --------------------------------------------------------------------------------------

/// Whether what follows a plane's name in a text lets it be a plane: "transverse or coronal",
/// "transverse CT", but not "transverse colon".
bool MayFollowPlane(std::string_view form, size_t at) {
  while (at < form.size() && form[at] == ' ') ++at;
  if (at == form.size() || NameAt(form, at)) return true;
  const std::string_view word = form.substr(at, form.find(' ', at) - at);
  return IsOneOf(word, std::to_array<std::string_view>({"or", "and", "in", "on"}));
}

/// Names of modalities, planes and views by the form that they have in common.
std::string WithOneName(std::string_view form) {
  std::string text;
  for (size_t at = 0; at < form.size();) {
    const auto name = NameAt(form, at);
    const bool taken = name && (!name->plane || MayFollowPlane(form, at + name->length));
    const std::string_view cxr = "cxr";
    size_t length = ReadUtf8(form, at).length;
    if (taken) {
      text += name->form;
      length = name->length;
    } else if (form.substr(at).starts_with(cxr) && IsBoundary(form, at) &&
               IsBoundary(form, at + cxr.size())) {
      text += "chest x ray";
      length = cxr.size();
    } else {
      while (at + length < form.size() && IsLatin(form[at + length - 1]) &&
             IsLatin(form[at + length])) {
        ++length;
      }
      text += form.substr(at, length);
    }
    at += length;
  }
  return text;
}

// ---- Words --------------------------------------------------------------------------------------

struct Rewriting {
  std::string_view from;
  std::string_view to;
  std::string_view not_before = {};  ///< a character behind it with which it is another word
};

/// Chinese words that say the same, the longest first: how one asks whether there is something,
/// sides, and organs with and without the word for a part or an organ.
constexpr auto kChineseWords = std::to_array<Rewriting>(
    {{"是否存在", "有"},   {"是否可见", "有"}, {"有没有", "有"},     {"是不是", "是"},
     {"是否有", "有"},     {"是否为", "是"},   {"是否是", "是"},     {"请问", ""},
     {"有无", "有"},       {"是否", "是"},     {"左侧", "左", "位"}, {"左边", "左"},
     {"右侧", "右", "位"}, {"右边", "右"},     {"双侧", "双", "位"}, {"双边", "双"},
     {"肺部", "肺"},       {"肺脏", "肺"},     {"心脏", "心"},       {"肝脏", "肝"},
     {"脾脏", "脾"},       {"肾脏", "肾"},     {"胰腺", "胰"},       {"胰脏", "胰"},
     {"胃部", "胃"},       {"脑部", "脑"},     {"头部", "头"},       {"颈部", "颈"},
     {"脖子", "颈"},       {"胸部", "胸"},     {"腹部", "腹"},       {"的", ""}});

std::string ChineseMeaning(std::string_view text) {
  std::string meaning;
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const auto* rewriting =
        std::find_if(kChineseWords.begin(), kChineseWords.end(), [&](const Rewriting& each) {
          if (!rest.starts_with(each.from)) return false;
          const bool other_word = !each.not_before.empty() &&
                                  rest.substr(each.from.size()).starts_with(each.not_before);
          return !other_word;
        });
    if (rewriting != kChineseWords.end()) {
      meaning += rewriting->to;
      at += rewriting->from.size();
    } else {
      const size_t length = ReadUtf8(rest, 0).length;
      meaning += rest.substr(0, length);
      at += length;
    }
  }
  return meaning;
}

/// An English word by its form; nothing for words that only make a question of a statement.
std::string EnglishMeaning(std::string_view word) {
  static constexpr auto kUnsaid =
      std::to_array<std::string_view>({"is", "are", "was", "were", "please"});
  if (IsOneOf(word, kUnsaid)) return {};
  if (word == "does" || word == "did") return "do";
  if (word == "has" || word == "had") return "have";
  if (word == "both") return "bilateral";
  return WordForm(word);
}

}  // namespace

std::string QuestionMeaning(std::string_view question) {
  std::string meaning;
  Tokens tokens = MeasuredTokens(WithSigns(WithOneName(AskedForm(question))));
  for (const std::string_view particle : {"吗", "呢", "么"}) {
    if (tokens.empty() || !tokens.back().text.ends_with(particle)) continue;
    tokens.back().text.resize(tokens.back().text.size() - particle.size());
    break;
  }
  for (const Token& token : tokens) {
    switch (token.kind) {
      case Token::Kind::kChinese:
        meaning += ChineseMeaning(token.text);
        break;
      case Token::Kind::kNumber:
        meaning += '#' + token.text + '#';
        break;
      case Token::Kind::kWord:
        meaning += EnglishMeaning(token.text);
        break;
      case Token::Kind::kSign:
        meaning += token.text;
        break;
    }
    // Words stay apart by what is between them: "x ray" is "xray", but "a b" is no "ab".
    if (token.kind == Token::Kind::kWord && token.text.size() == 1 && token.text != "x") {
      meaning += ' ';
    }
  }
  return meaning.empty() ? FoldText(question) : meaning;
}

}  // namespace roentgen
