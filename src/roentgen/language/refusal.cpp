#include "roentgen/language/refusal.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "roentgen/language/answer.h"
#include "roentgen/language/clauses.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/unicode.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using Texts = std::initializer_list<std::string_view>;
using Words = std::span<const std::string_view>;

bool IsOneOf(std::string_view word, Texts texts) {
  return std::find(texts.begin(), texts.end(), word) != texts.end();
}

// English: words of a statement, one after the other.

/// Nouns that can only be the image that was sent.
bool NamesFile(std::string_view word) {
  return IsOneOf(word, {"image", "images", "picture", "pictures", "photo", "photos", "photograph",
                        "attachment", "attachments", "file", "upload"});
}

/// Nouns that are the image or how it was made.
bool NamesImage(std::string_view word) {
  return NamesFile(word) ||
         IsOneOf(word, {"xray", "ray", "rays", "scan", "scans", "radiograph", "radiographs", "film",
                        "films", "ct", "mri", "mr", "ultrasound", "mammogram", "slice"});
}

bool Describes(std::string_view word) {
  return IsOneOf(word,
                 {"the",    "this",      "that",     "an",       "a",        "any",     "your",
                  "my",     "actual",    "attached", "uploaded", "provided", "given",   "medical",
                  "real",   "such",      "these",    "those",    "specific", "shared",  "chest",
                  "x",      "brain",     "clear",    "valid",    "visible",  "proper",  "usable",
                  "visual", "abdominal", "external", "of",       "content",  "contents"});
}

/// The words of a name of the image at the beginning: 3 of "an x ray here". 0 for none.
size_t ImageAt(Words words) {
  size_t at = 0;
  while (at < words.size() && Describes(words[at])) ++at;
  if (at == words.size() || !NamesImage(words[at])) return 0;
  while (at + 1 < words.size() && NamesImage(words[at + 1])) ++at;
  return at + 1;
}

/// Whether what follows a name of the image goes on without another thing: "I cannot see the image
/// clearly", but not "the image quality".
bool EndsThing(Words words) {
  return words.empty() ||
         IsOneOf(words[0], {"clearly", "directly",  "here",     "you",      "yet",  "or",    "and",
                            "at",      "that",      "because",  "so",       "as",   "to",    "in",
                            "itself",  "data",      "content",  "contents", "well", "from",  "with",
                            "which",   "attached",  "provided", "uploaded", "for",  "since", "but",
                            "given",   "available", "due",      "properly", "now",  "right"});
}

bool Denies(std::string_view word) {
  return IsOneOf(word, {"not", "cannot", "unable", "impossible", "never", "without", "lack",
                        "incapable", "forgot", "failed"});
}

/// Words that say that something was or is to be handed over.
bool Gives(std::string_view word) {
  return IsOneOf(word,
                 {"provided",  "attached", "uploaded", "shown",       "included", "given",
                  "supplied",  "shared",   "received", "available",   "present",  "displayed",
                  "here",      "found",    "visible",  "loaded",      "there",    "accessible",
                  "submitted", "sent",     "detected", "accompanying"});
}

bool HandsOver(std::string_view word) {
  return IsOneOf(word, {"provide", "upload", "attach", "share", "send", "reupload", "resend",
                        "include", "supply", "submit", "uploading", "attaching"});
}

/// "cannot see the image", "do not have access to images": a denial, what may stand between, a verb
/// of looking, and the image.
bool CannotLook(Words words) {
  for (size_t denial = 0; denial < words.size(); ++denial) {
    if (!Denies(words[denial])) continue;
    bool looks = false;
    size_t at = denial + 1;
    for (; at < words.size(); ++at) {
      const std::string_view word = words[at];
      const bool verb = IsOneOf(
          word, {"see",       "view",    "access",    "open",      "display",      "load",
                 "find",      "receive", "received",  "process",   "analyze",      "analyse",
                 "interpret", "read",    "examine",   "look",      "perceive",     "retrieve",
                 "viewing",   "seeing",  "analyzing", "visualize", "interpreting", "inspect",
                 "have",      "get",     "reading",   "accessing", "processing",   "seen"});
      const bool gives = HandsOver(word) || IsOneOf(word, {"provided", "uploaded", "attached",
                                                           "included", "shared", "sent"});
      looks = looks || verb || gives;
      if (!verb && !gives &&
          !IsOneOf(word,
                   {"to",         "able",     "be",       "being",      "been",     "actually",
                    "currently",  "directly", "really",   "the",        "any",      "ability",
                    "capability", "capacity", "possible", "physically", "visually", "of",
                    "for",        "in",       "a",        "an",         "position", "at",
                    "or",         "and",      "yet",      "me",         "actual",   "properly"})) {
        break;
      }
      const size_t image = looks ? ImageAt(words.subspan(at + 1)) : 0;
      if (image > 0 && EndsThing(words.subspan(at + 1 + image))) return true;
    }
  }
  return false;
}

/// "no image was provided", "without an image", "there is no picture".
bool HasNone(Words words) {
  for (size_t at = 0; at + 1 < words.size(); ++at) {
    if (!IsOneOf(words[at], {"no", "without", "any"})) continue;
    if (words[at] == "any" && (at == 0 || words[at - 1] != "not")) continue;
    const size_t length = ImageAt(words.subspan(at + 1));
    if (length == 0) continue;
    Words behind = words.subspan(at + 1 + length);
    const bool file = NamesFile(words[at + length]);
    if (behind.empty() && file && words[at] != "without") return true;
    while (!behind.empty() && IsOneOf(behind[0], {"was", "is", "were", "are", "has", "have", "been",
                                                  "seems", "to", "be", "appears", "file"})) {
      behind = behind.subspan(1);
    }
    if (!behind.empty() &&
        (Gives(behind[0]) ||
         (file && IsOneOf(behind[0], {"for", "in", "see", "view", "analyze"})))) {
      return true;
    }
  }
  return false;
}

/// Whether a statement about the image says that nothing is on it: "is blank", "was not provided",
/// "appears to be a solid grey".
bool IsEmptyState(Words words) {
  bool denied = false;
  bool plain = false;  // only, solid: what follows is all there is
  for (size_t at = 0; at < words.size(); ++at) {
    const std::string_view word = words[at];
    const Words behind = words.subspan(at + 1);
    const bool ends =
        behind.empty() || IsOneOf(behind[0], {"rectangle", "square", "background", "image", "field",
                                              "screen", "box", "picture", "pattern", "canvas"});
    if (IsOneOf(word, {"blank", "empty", "missing", "unavailable", "corrupted", "corrupt", "broken",
                       "unreadable", "inaccessible"})) {
      return !denied && (ends || EndsThing(behind));
    }
    if (IsOneOf(word, {"gray", "grey", "black", "white", "noise", "static"})) {
      return ends && !denied;
    }
    const bool gives =
        Gives(word) || HandsOver(word) ||
        IsOneOf(word, {"load", "loading", "display", "displaying", "open", "opening", "readable"});
    if (denied && gives) return EndsThing(behind);
    denied = denied || Denies(word) || word == "fails";
    plain = plain || IsOneOf(word, {"plain", "solid", "uniform", "uniformly", "only", "just",
                                    "completely", "entirely", "totally"});
    const bool shows = IsOneOf(word, {"contains", "shows", "displays"});
    const bool all =
        shows && !behind.empty() &&
        IsOneOf(behind[0], {"only", "just", "a", "nothing", "plain", "solid", "uniform"});
    if (!denied && !plain && !gives && !all &&
        !IsOneOf(word, {"is",     "are",    "was",  "were",  "appears", "seems", "looks", "has",
                        "have",   "did",    "does", "could", "to",      "be",    "been",  "all",
                        "simply", "mostly", "a",    "an",    "fully",   "you",   "i",     "it",
                        "random", "like",   "can",  "which", "that",    "being"})) {
      return false;
    }
  }
  return false;
}

/// "the image is blank", "this is an empty picture", "your X-ray was not attached"
bool IsEmpty(Words words) {
  for (size_t at = 0; at < words.size(); ++at) {
    if (IsOneOf(words[at], {"blank", "empty"}) && at + 1 < words.size() &&
        NamesImage(words[at + 1])) {
      return true;
    }
    if (!NamesImage(words[at]) || (at + 1 < words.size() && NamesImage(words[at + 1]))) continue;
    if (at > 0 && IsOneOf(words[at - 1], {"in", "on"})) continue;
    if (IsEmptyState(words.subspan(at + 1))) return true;
  }
  return false;
}

/// "please upload the image"
bool AsksForImage(Words words) {
  const auto ask = std::find_if(words.begin(), words.end(), [](std::string_view word) {
    return IsOneOf(word, {"please", "kindly", "could", "can", "would", "if", "need", "try"});
  });
  const bool needs = ask != words.end() && *ask == "need";
  const auto give = std::find_if(ask, words.end(), [&](std::string_view word) {
    return HandsOver(word) || (needs && (word == "see" || word == "view"));
  });
  if (give == words.end()) return false;
  const auto rest = static_cast<size_t>(give - words.begin()) + 1;
  for (size_t at = rest; at < std::min(words.size(), rest + 4); ++at) {
    if (ImageAt(words.subspan(at)) > 0) return true;
  }
  return false;
}

/// "I cannot help with that", "I am unable to provide a diagnosis"
bool CannotServe(Words words) {
  const bool speaks = std::any_of(words.begin(), words.end(), [](std::string_view word) {
    return IsOneOf(word, {"i", "we", "sorry", "unable"});
  });
  for (size_t at = 0; speaks && at < words.size(); ++at) {
    if (!Denies(words[at])) continue;
    size_t verb = at + 1;
    while (verb < words.size() &&
           IsOneOf(words[verb], {"to", "able", "be", "really", "currently"})) {
      ++verb;
    }
    if (verb < words.size() &&
        IsOneOf(words[verb], {"assist", "help", "provide", "offer", "comply", "respond", "fulfill",
                              "fulfil", "discuss", "advise", "give", "answer"})) {
      return true;
    }
  }
  return false;
}

// Chinese: the characters of a statement.

bool TakeOne(std::string_view& text, Texts texts) {
  std::string_view longest;
  for (const std::string_view candidate : texts) {
    if (candidate.size() > longest.size() && text.starts_with(candidate)) longest = candidate;
  }
  text.remove_prefix(longest.size());
  return !longest.empty();
}

/// Takes them one after the other; no phrase has very many. An answer is read from each of its
/// places, and one that repeats itself without end must not take time without end.
void TakeAll(std::string_view& text, Texts texts) {
  constexpr int kMost = 40;
  for (int taken = 0; taken < kMost && TakeOne(text, texts); ++taken) {
  }
}

bool TakeImage(std::string_view& text) {
  TakeAll(text,
          {"您", "你",   "的",   "任何", "这张", "这幅", "这个", "该", "此", "上传", "提供", "发送",
           "所", "具体", "实际", "医学", "有效", "张",   "幅",   "给", "我", "相关", "可见", "到",
           "一", "清晰", "可用", "本",   "原始", "附件", "对应", "那", "何", "胸部", "医疗"});
  if (!TakeOne(text, {"图像", "图片", "影像", "照片", "图", "片子", "胸片", "x光片", "x线片", "x光",
                      "ct", "mri", "附件", "扫描", "文件", "画面"})) {
    return false;
  }
  TakeAll(text, {"图像", "图片", "影像", "片", "内容", "文件", "信息", "数据", "本身", "附件",
                 "资料", "呢", "啊", "了", "哦"});
  return true;
}

/// From each place of a text on.
template <class Reads>
bool Anywhere(std::string_view text, const Reads& reads) {
  for (size_t at = 0; at < text.size(); at += ReadUtf8(text, at).length) {
    if (reads(text.substr(at))) return true;
  }
  return false;
}

/// 看不到图像, 无法查看您上传的图片, 没有收到图片
bool MissesImage(std::string_view text) {
  const bool unseen = TakeOne(text, {"看不到", "看不见", "看不了", "打不开", "未见", "未见到"});
  if (!unseen) {
    if (!TakeOne(text,
                 {"无法", "不能", "没能", "未能", "没办法", "没有办法", "没法", "没有", "没", "无",
                  "未", "并未", "并没有", "尚未", "缺少", "缺乏", "不支持", "不具备", "不会"})) {
      return false;
    }
    TakeAll(text, {"直接", "实际",   "真正",   "正常", "能力", "能够", "能",   "去",   "够",
                   "查看", "看到",   "看见",   "观看", "打开", "访问", "读取", "加载", "识别",
                   "获取", "接收到", "接收",   "收到", "处理", "分析", "解读", "显示", "浏览",
                   "观察", "查阅",   "看",     "到",   "出",   "提供", "上传", "发送", "附上",
                   "附带", "找到",   "检测到", "发现", "给出", "被",   "和",   "或",   "进行"});
  }
  return TakeImage(text) && text.empty();
}

bool Holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// 图像是空白的, 图片未上传, 空白图像
bool IsEmptyImage(std::string_view text) {
  std::string_view before = text;
  if (TakeOne(before, {"空白", "全黑", "全灰", "纯黑", "纯灰", "纯白", "全白"})) {
    TakeAll(before, {"的", "色"});
    if (TakeImage(before)) return true;
  }
  if (!TakeImage(text)) return false;
  const bool inside = text.starts_with("中") || text.starts_with("里") || text.starts_with("上");
  TakeAll(text, {"似乎", "好像",   "可能", "看起来", "看上去", "中",   "里",   "上", "是",
                 "为",   "显示为", "呈",   "呈现",   "一片",   "完全", "全部", "全", "都",
                 "被",   "已",     "仅",   "只",     "有",     "一",   "张",   "个", "幅"});
  // What is not seen in the image, 图中看不到, is something else.
  if (inside && (Holds(text, "看") || Holds(text, "见") || Holds(text, "示"))) return false;
  std::string_view state = text;
  if (TakeOne(state, {"空白",         "空的",       "空",       "缺失",     "损坏",     "黑屏",
                      "黑色",         "灰色",       "白色",     "纯黑",     "纯灰",     "纯白",
                      "黑的",         "灰的",       "加载失败", "上传失败", "打开失败", "读取失败",
                      "显示不出来",   "加载不出来", "噪声",     "噪点",     "无内容",   "没有内容",
                      "没有任何内容", "无任何内容", "打不开",   "不可见",   "看不到",   "看不见",
                      "黑",           "灰"})) {
    TakeAll(state, {"的", "色", "图像", "图片", "图", "背景", "一片", "状态", "画面", "了"});
    return state.empty();
  }
  if (!TakeOne(text, {"未", "没有", "没", "无法", "不能", "并未", "未能", "尚未", "并没有"}))
    return false;
  TakeAll(text, {"被", "正常", "成功", "能", "能够", "正确"});
  if (!TakeOne(text, {"显示", "加载", "上传", "提供", "打开", "查看", "识别", "附上", "发送",
                      "看到", "读取", "收到", "可见"})) {
    return false;
  }
  TakeAll(text, {"成功", "出来", "到", "出", "了", "给我"});
  return text.empty();
}

/// 请上传图片
bool RequestsImage(std::string_view text) {
  const bool needs = text.starts_with("需要");
  if (!TakeOne(text, {"请", "麻烦", "劳烦", "希望", "需要", "能否", "可否", "可以", "烦请"})) {
    return false;
  }
  TakeAll(text, {"您", "你", "先", "再次", "重新", "给我", "帮忙", "将", "把", "直接", "再", "能"});
  std::string_view object = text;  // 请把图片上传
  if (TakeImage(object) && TakeOne(object, {"上传", "提供", "发送", "发给", "发"})) return true;
  const bool gives =
      TakeOne(text, {"上传", "提供", "发送", "附上", "发给我", "发给", "发", "补充"});
  if (!gives && !(needs && TakeOne(text, {"看到", "查看", "看"}))) return false;
  TakeAll(text, {"一下", "更", "清晰", "完整", "给", "我"});
  return TakeImage(text) &&
         (text.empty() || TakeOne(text, {"才", "后", "以便", "吗", "吧", "给", "再"}));
}

/// 无法提供医疗建议, 不能帮您
bool IsNoService(std::string_view text) {
  if (!TakeOne(text, {"无法", "不能", "没办法", "没有办法", "没法"})) return false;
  TakeAll(text, {"为", "给", "您", "你", "对", "此", "直接", "进行", "任何", "这", "个"});
  return TakeOne(text, {"提供", "给出", "协助", "帮助", "帮", "回答", "作出", "做出", "满足"});
}

/// A statement without blanks, if it has Chinese.
std::string ChineseOf(std::string_view statement) {
  std::string text;
  bool chinese = false;
  for (size_t at = 0; at < statement.size();) {
    const Utf8Step step = ReadUtf8(statement, at);
    const CharClass kind = ClassOf(step.code_point);
    if (kind == CharClass::kLetter || kind == CharClass::kNumber) {
      text += statement.substr(at, step.length);
    }
    chinese = chinese || step.code_point >= 0x4e00;
    at += step.length;
  }
  return chinese ? text : "";
}

std::vector<std::string_view> EnglishOf(std::string_view statement) {
  std::vector<std::string_view> words;
  const auto in_word = [&](size_t i) {
    const char c = statement[i];
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  for (size_t at = 0; at < statement.size();) {
    if (!in_word(at)) {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < statement.size() && in_word(at)) ++at;
    words.push_back(statement.substr(begin, at - begin));
  }
  return words;
}

/// The statements of a text in ClauseForm, without the marks that part them.
std::vector<std::string_view> StatementsOf(std::string_view form) {
  std::vector<std::string_view> statements;
  constexpr std::u32string_view kMarks = U",.;:!?\n。，；：！？";
  size_t begin = 0;
  for (size_t at = 0; at < form.size();) {
    const Utf8Step step = ReadUtf8(form, at);
    if (kMarks.find(step.code_point) != kMarks.npos) {
      statements.push_back(form.substr(begin, at - begin));
      begin = at + step.length;
    }
    at += step.length;
  }
  statements.push_back(form.substr(begin));
  return statements;
}

bool CannotHelp(std::string_view answer) {
  const std::string form = ClauseForm(answer);
  const std::vector<std::string_view> statements = StatementsOf(form);
  return std::any_of(statements.begin(), statements.end(), [](std::string_view statement) {
    return CannotServe(EnglishOf(statement)) || Anywhere(ChineseOf(statement), IsNoService);
  });
}

/// Takes the marks and blanks off both ends.
std::string_view WithoutMarks(std::string_view text) {
  const auto is_mark = [](char32_t code_point) {
    const CharClass kind = ClassOf(code_point);
    return kind != CharClass::kLetter && kind != CharClass::kNumber;
  };
  size_t begin = text.size();
  size_t end = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (!is_mark(step.code_point)) {
      begin = std::min(begin, at);
      end = at + step.length;
    }
    at += step.length;
  }
  return end == 0 ? std::string_view() : text.substr(begin, end - begin);
}

bool IsLatinAt(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= 'a' && text[at] <= 'z';
}

/// Whether a folded text is nothing but excuses.
bool IsApology(std::string_view text) {
  bool apologises = false;
  while (!(text = WithoutMarks(text)).empty()) {
    const std::string_view before = text;
    const bool excuse =
        TakeOne(text, {"sorry", "apologies", "apologize", "apologise", "抱歉", "对不起", "不好意思",
                       "请原谅", "请见谅", "歉意", "pardon", "excuse"});
    const bool around = !excuse && TakeOne(text, {"i am",
                                                  "i'm",
                                                  "im",
                                                  "i",
                                                  "we are",
                                                  "we're",
                                                  "we",
                                                  "my",
                                                  "very",
                                                  "so",
                                                  "much",
                                                  "sincerely",
                                                  "deeply",
                                                  "really",
                                                  "but",
                                                  "me",
                                                  "about",
                                                  "that",
                                                  "for",
                                                  "this",
                                                  "please",
                                                  "the",
                                                  "inconvenience",
                                                  "any",
                                                  "非常",
                                                  "十分",
                                                  "很",
                                                  "真",
                                                  "表示",
                                                  "我",
                                                  "感到",
                                                  "真的",
                                                  "万分",
                                                  "深表",
                                                  "了",
                                                  "您",
                                                  "但是",
                                                  "但"});
    const bool cut = IsLatinAt(before, before.size() - text.size() - 1) && IsLatinAt(text, 0);
    if ((!excuse && !around) || cut) return false;
    apologises = apologises || excuse;
  }
  return apologises;
}

/// "error: …", "runtimeerror: …", "[exception]", "traceback (most recent call last)", 请求超时
bool IsErrorMessage(std::string_view text) {
  text = WithoutMarks(text);
  static constexpr std::string_view kWhole[] = {"error",
                                                "timeout",
                                                "timed out",
                                                "time out",
                                                "failed",
                                                "request failed",
                                                "internal error",
                                                "server error",
                                                "network error",
                                                "api error",
                                                "no response",
                                                "no output",
                                                "unknown error",
                                                "connection error",
                                                "failure",
                                                "empty response",
                                                "超时",
                                                "请求超时",
                                                "连接超时",
                                                "响应超时",
                                                "请求失败",
                                                "生成失败",
                                                "调用失败",
                                                "网络错误",
                                                "系统错误",
                                                "服务器错误",
                                                "内部错误",
                                                "发生错误",
                                                "出错",
                                                "出错了",
                                                "无响应",
                                                "无输出",
                                                "推理失败",
                                                "未知错误",
                                                "运行错误",
                                                "错误代码",
                                                "bad request",
                                                "bad gateway",
                                                "an error occurred",
                                                "request timeout",
                                                "rate limited",
                                                "request timed out",
                                                "connection reset",
                                                "service unavailable",
                                                "internal server error",
                                                "too many requests",
                                                "connection timed out",
                                                "an error has occurred"};
  if (std::find(std::begin(kWhole), std::end(kWhole), text) != std::end(kWhole)) return true;
  for (const std::string_view begins :
       {"traceback (most recent", "cuda out of memory", "out of memory", "rate limit", "an error ",
        "failed to generate", "failed to get", "connection refused", "请求失败", "请求超时",
        "生成失败", "调用失败", "发生错误", "系统错误", "网络错误", "服务器错误", "出现错误"}) {
    if (text.starts_with(begins)) return true;
  }
  for (const std::string_view whose :
       {"api ", "openai ", "network ", "server ", "http ", "connection ", "internal ", "runtime ",
        "inference ", "request ", "generation ", "model ", "cuda "}) {
    if (text.starts_with(std::string(whose) + "error")) {
      text.remove_prefix(whose.size());
    }
  }
  // A word before a colon that names an error: "error: …", "valueerror: …", "error 500: …", 错误：…
  const size_t colon = std::min(text.find(':'), text.find("："));
  const size_t code = text.find(' ');
  const std::string_view head = text.substr(0, std::min(colon, text.size()));
  const std::string_view word = text.substr(0, std::min(code, head.size()));
  const bool numbered =
      code != text.npos && code + 1 < text.size() && text[code + 1] >= '0' && text[code + 1] <= '9';
  const bool headed = colon != text.npos && (head == word || numbered);
  const bool names = word.ends_with("error") || word.ends_with("exception") || word == "timeout" ||
                     word == "http" || word.ends_with("错误") || word.ends_with("异常") ||
                     word == "超时";
  if (word == "异常") return false;  // a finding
  return names && (headed || numbered);
}

}  // namespace

bool IsNoAnswer(std::string_view answer) {
  const std::string form = FoldText(answer);
  const std::string_view text = WithoutMarks(form);
  static constexpr std::string_view kNothing[] = {
      "n/a",  "na",   "nan",           "null",           "nil",       "undefined", "empty",
      "n.a",  "void", "not available", "not applicable", "no answer", "不适用",    "空",
      "空值", "缺失", "无答案",        "没有答案",       "未回答",    "无回答",    "未作答",
      "未答", "tbd",  "待定",          "暂无答案",       "暂缺",      "n / a",     "无数据"};
  if (text.empty()) return form.find_first_of("+<>=±≥≤") == form.npos;
  return std::find(std::begin(kNothing), std::end(kNothing), text) != std::end(kNothing) ||
         IsApology(text) || IsErrorMessage(text);
}

bool SaysNone(std::string_view answer) {
  const std::string form = FoldText(answer);
  static constexpr std::string_view kNone[] = {"none", "nothing", "无",   "未见",  "暂无",
                                               "没",   "未",      "没见", "未见到"};
  return std::find(std::begin(kNone), std::end(kNone), WithoutMarks(form)) != std::end(kNone);
}

bool SaysNoImage(std::string_view answer) {
  const std::string form = ClauseForm(answer);
  const std::vector<std::string_view> statements = StatementsOf(form);
  return std::any_of(statements.begin(), statements.end(), [](std::string_view statement) {
    const std::vector<std::string_view> words = EnglishOf(statement);
    if (CannotLook(words) || HasNone(words) || IsEmpty(words) || AsksForImage(words)) return true;
    const std::string text = ChineseOf(statement);
    return Anywhere(text, MissesImage) || Anywhere(text, IsEmptyImage) ||
           Anywhere(text, RequestsImage);
  });
}

bool Refuses(std::string_view answer, std::string_view question) {
  if (SaysNoImage(answer)) return true;
  if (SideTaken(answer) || DeniesPremise(answer, question)) return false;
  return Declines(answer, question) || CannotHelp(answer);
}

}  // namespace roentgen
