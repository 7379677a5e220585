#include "roentgen/data/part_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "roentgen/data/blanks.h"
#include "roentgen/data/sample.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

/// What a word says about a part.
enum class Says {
  kTrain,
  kValidation,
  kTest,
  kHeldOut,    ///< the test part, unless another word says which
  kEvaluated,  ///< the validation part, unless another word says which
  kNothing     ///< which of several sets of one part it is
};

struct Word {
  std::string_view text;
  Says says;
};

/// Longer words before those that they begin with.
constexpr Word kWords[] = {
    {"training", Says::kTrain},
    {"train", Says::kTrain},
    {"trn", Says::kTrain},
    {"训练", Says::kTrain},
    {"validation", Says::kValidation},
    {"validate", Says::kValidation},
    {"validating", Says::kValidation},
    {"valid", Says::kValidation},
    {"val", Says::kValidation},
    {"development", Says::kValidation},
    {"devel", Says::kValidation},
    {"dev", Says::kValidation},
    {"tuning", Says::kValidation},
    {"tune", Says::kValidation},
    {"验证", Says::kValidation},
    {"校验", Says::kValidation},
    {"开发", Says::kValidation},
    {"调优", Says::kValidation},
    {"testing", Says::kTest},
    {"test", Says::kTest},
    {"tst", Says::kTest},
    {"测试", Says::kTest},
    {"盲测", Says::kTest},
    {"测验", Says::kTest},
    {"考核", Says::kTest},
    {"holdout", Says::kHeldOut},
    {"heldout", Says::kHeldOut},
    {"留出", Says::kHeldOut},
    {"evaluation", Says::kEvaluated},
    {"evaluate", Says::kEvaluated},
    {"eval", Says::kEvaluated},
    {"评估", Says::kEvaluated},
    {"评测", Says::kEvaluated},
    {"datasets", Says::kNothing},
    {"dataset", Says::kNothing},
    {"data", Says::kNothing},
    {"subset", Says::kNothing},
    {"sets", Says::kNothing},
    {"set", Says::kNothing},
    {"splits", Says::kNothing},
    {"split", Says::kNothing},
    {"part", Says::kNothing},
    {"partition", Says::kNothing},
    {"group", Says::kNothing},
    {"cohort", Says::kNothing},
    {"samples", Says::kNothing},
    {"sample", Says::kNothing},
    {"cases", Says::kNothing},
    {"case", Says::kNothing},
    {"patients", Says::kNothing},
    {"images", Says::kNothing},
    {"image", Says::kNothing},
    {"questions", Says::kNothing},
    {"internal", Says::kNothing},
    {"external", Says::kNothing},
    {"int", Says::kNothing},
    {"ext", Says::kNothing},
    {"public", Says::kNothing},
    {"private", Says::kNothing},
    {"hidden", Says::kNothing},
    {"blind", Says::kNothing},
    {"independent", Says::kNothing},
    {"official", Says::kNothing},
    {"final", Says::kNothing},
    {"standard", Says::kNothing},
    {"std", Says::kNothing},
    {"challenge", Says::kNothing},
    {"temporal", Says::kNothing},
    {"prospective", Says::kNothing},
    {"retrospective", Says::kNothing},
    {"center", Says::kNothing},
    {"centre", Says::kNothing},
    {"hospital", Says::kNothing},
    {"site", Says::kNothing},
    {"seen", Says::kNothing},
    {"unseen", Says::kNothing},
    {"clean", Says::kNothing},
    {"easy", Says::kNothing},
    {"hard", Says::kNothing},
    {"mini", Says::kNothing},
    {"small", Says::kNothing},
    {"large", Says::kNothing},
    {"full", Says::kNothing},
    {"all", Says::kNothing},
    {"open", Says::kNothing},
    {"closed", Says::kNothing},
    {"round", Says::kNothing},
    {"phase", Says::kNothing},
    {"version", Says::kNothing},
    {"the", Says::kNothing},
    {"for", Says::kNothing},
    {"of", Says::kNothing},
    {"en", Says::kNothing},
    {"zh", Says::kNothing},
    {"数据", Says::kNothing},
    {"资料", Says::kNothing},
    {"样本", Says::kNothing},
    {"样例", Says::kNothing},
    {"病例", Says::kNothing},
    {"患者", Says::kNothing},
    {"图像", Says::kNothing},
    {"问题", Says::kNothing},
    {"队列", Says::kNothing},
    {"部分", Says::kNothing},
    {"划分", Says::kNothing},
    {"内部", Says::kNothing},
    {"外部", Says::kNothing},
    {"公开", Says::kNothing},
    {"公共", Says::kNothing},
    {"私有", Says::kNothing},
    {"隐藏", Says::kNothing},
    {"非公开", Says::kNothing},
    {"独立", Says::kNothing},
    {"官方", Says::kNothing},
    {"最终", Says::kNothing},
    {"标准", Says::kNothing},
    {"前瞻性", Says::kNothing},
    {"回顾性", Says::kNothing},
    {"时间", Says::kNothing},
    {"多中心", Says::kNothing},
    {"单中心", Says::kNothing},
    {"中心", Says::kNothing},
    {"医院", Says::kNothing},
    {"阶段", Says::kNothing},
    {"中文", Says::kNothing},
    {"英文", Says::kNothing},
    {"子集", Says::kNothing},
    {"集", Says::kNothing},
    {"组", Says::kNothing},
    {"盲", Says::kNothing},
    {"用", Says::kNothing},
    {"的", Says::kNothing},
    {"第", Says::kNothing},
    {"号", Says::kNothing},
    {"期", Says::kNothing},
    {"批", Says::kNothing},
};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLetter(char c) {
  return c >= 'a' && c <= 'z';
}

/// A run of letters, of digits or of Chinese characters in a folded name.
struct Run {
  size_t begin;
  size_t end;
};

enum class Script { kNone, kDigits, kLatin, kChinese };

Script ScriptOf(char32_t c) {
  if (c < 0x80 && IsDigit(static_cast<char>(c))) return Script::kDigits;
  if (c < 0x80 && IsLetter(static_cast<char>(c))) return Script::kLatin;
  return IsIdeograph(c) ? Script::kChinese : Script::kNone;
}

std::vector<Run> RunsOf(std::string_view folded) {
  std::vector<Run> runs;
  Script before = Script::kNone;
  for (size_t at = 0; at < folded.size();) {
    const Utf8Step step = ReadUtf8(folded, at);
    const Script script = ScriptOf(step.code_point);
    if (script != Script::kNone && script != before) runs.push_back({at, at});
    at += step.length;
    if (script != Script::kNone) runs.back().end = at;
    before = script;
  }
  return runs;
}

/// Digits, one letter (test A, test_v2), a Roman or Chinese number: they count sets of one kind.
bool IsCount(std::string_view run) {
  if (IsDigit(run[0]) || run.size() == 1) return true;
  if (run.find_first_not_of("iv") == std::string_view::npos) return true;
  static constexpr std::string_view kNumbers = "一二三四五六七八九十甲乙丙丁";
  for (size_t at = 0; at < run.size(); at += 3) {
    if (kNumbers.find(run.substr(at, 3)) == std::string_view::npos) return false;
  }
  return true;
}

/// Takes the run apart into words ("testset", 外部测试集), as far as it consists of words alone;
/// one letter, an "s" or a Chinese number may follow them. False when it does not.
bool TakeApart(std::string_view run, std::vector<Says>& said) {
  constexpr size_t kLongest = 120;  // bytes: nobody's name for a part is longer in one run
  if (run.size() > kLongest) return false;
  for (const Word& word : kWords) {
    if (!run.starts_with(word.text)) continue;
    const std::string_view rest = run.substr(word.text.size());
    said.push_back(word.says);
    if (rest.empty() || IsCount(rest) || TakeApart(rest, said)) return true;
    said.pop_back();
  }
  // 一 and 第一 before words: 一期测试集
  if (run.size() > 3 && !IsLetter(run[0]) && IsCount(run.substr(0, 3))) {
    return TakeApart(run.substr(3), said);
  }
  return false;
}

/// What the words inside a run say that has others too. Chinese is written without blanks
/// (胸片问答测试集); of Latin letters a word inside another is chance ("contest").
void TakeWordsInside(std::string_view run, std::vector<Says>& said) {
  if (IsLetter(run[0]) || IsDigit(run[0])) return;
  for (size_t at = 0; at < run.size();) {
    const auto word = std::find_if(std::begin(kWords), std::end(kWords), [&](const Word& each) {
      return run.substr(at).starts_with(each.text);
    });
    if (word == std::end(kWords)) {
      at += ReadUtf8(run, at).length;
    } else {
      said.push_back(word->says);
      at += word->text.size();
    }
  }
}

/// What is said, taken together.
class Together {
 public:
  void Take(Says says) {
    const auto is = [&](Says other) { return says == other; };
    if (is(Says::kNothing)) return;
    const bool weak = is(Says::kHeldOut) || is(Says::kEvaluated);
    (weak ? weak_ : strong_).push_back(says);
  }

  bool any() const { return !strong_.empty() || !weak_.empty(); }

  /// Nothing when there is none, and when there are several.
  std::optional<std::string_view> Part() const {
    if (!any() || !IsOne(strong_)) return std::nullopt;
    if (strong_.empty()) {
      if (!IsOne(weak_)) return std::nullopt;
      return weak_[0] == Says::kHeldOut ? kTest : kValidation;
    }
    if (strong_[0] != Says::kTrain) return strong_[0] == Says::kTest ? kTest : kValidation;
    return weak_.empty() ? std::optional(kTrain) : std::nullopt;
  }

 private:
  static bool IsOne(const std::vector<Says>& said) {
    return std::all_of(said.begin(), said.end(), [&](Says each) { return each == said[0]; });
  }

  std::vector<Says> strong_;
  std::vector<Says> weak_;
};

/// With a blank where a capital begins a word: "vqaTest", "VQATest".
std::string WithWordsApart(std::string_view name) {
  const auto is_capital = [&](size_t at) {
    return at < name.size() && name[at] >= 'A' && name[at] <= 'Z';
  };
  const auto is_small = [&](size_t at) { return at < name.size() && IsLetter(name[at]); };
  std::string apart;
  for (size_t at = 0; at < name.size(); ++at) {
    const bool after_small = at > 0 && is_small(at - 1);
    const bool last_of_several = at > 0 && is_capital(at - 1) && is_small(at + 1);
    if (is_capital(at) && (after_small || last_of_several)) apart += ' ';
    apart += name[at];
  }
  return apart;
}

/// A folded name and its words.
struct Words {
  std::string folded;
  std::vector<Run> runs;

  explicit Words(std::string_view name)
      : folded(FoldText(WithWordsApart(WithoutBlanksAtEdges(name)))) {
    // "hold-out" is one word however it is written.
    for (const char* separator : {" ", "-", "_"}) {
      for (const char* begin : {"hold", "held"}) {
        const std::string apart = std::string(begin) + separator + "out";
        const size_t at = folded.find(apart);
        if (at != std::string::npos) folded.erase(at + 4, 1);
      }
    }
    runs = RunsOf(folded);
  }
  std::string_view At(const Run& run) const {
    return std::string_view(folded).substr(run.begin, run.end - run.begin);
  }
};

}  // namespace

std::optional<std::string_view> PartNamed(std::string_view name) {
  for (const std::string_view usual : {kTrain, kValidation, kTest}) {
    if (name == usual) return usual;
  }
  const Words words(name);
  Together together;
  for (const Run& run : words.runs) {
    const std::string_view word = words.At(run);
    std::vector<Says> said;
    if (TakeApart(word, said)) {
      for (const Says each : said) together.Take(each);
    } else if (!IsCount(word)) {
      return std::nullopt;
    }
  }
  return together.Part();
}

std::string PartOrName(std::string_view name) {
  return std::string(PartNamed(name).value_or(WithoutBlanksAtEdges(name)));
}

bool IsFold(std::string_view name) {
  const Words words(name);
  const auto digits = [&](const Run& run) { return IsDigit(words.At(run)[0]); };
  const std::vector<Run>& runs = words.runs;
  if (runs.size() == 2) {
    const std::string_view first = words.At(runs[0]);
    if ((first == "fold" || first == "折") && digits(runs[1])) return true;
    return digits(runs[0]) && words.At(runs[1]) == "折";
  }
  return runs.size() == 3 && words.At(runs[0]) == "第" && digits(runs[1]) &&
         words.At(runs[2]) == "折";
}

bool NamesFolds(std::string_view column) {
  constexpr std::array<std::string_view, 8> kFold = {"fold", "folds", "kfold", "cvfold",
                                                     "折",   "折数",  "折号",  "折编号"};
  constexpr std::array<std::string_view, 19> kBeside = {
      "cv",  "k",     "id",    "no",   "nr",  "num", "number",   "index", "idx",   "split",
      "set", "cross", "valid", "data", "the", "of",  "交叉验证", "数据",  "数据集"};
  const Words words(column);
  bool fold = false;
  for (const Run& run : words.runs) {
    const std::string_view word = words.At(run);
    if (std::find(kFold.begin(), kFold.end(), word) != kFold.end()) {
      fold = true;
    } else if (!IsDigit(word[0]) &&
               std::find(kBeside.begin(), kBeside.end(), word) == kBeside.end()) {
      return false;
    }
  }
  return fold;
}

std::optional<std::string> FoldNamed(std::string_view value) {
  const std::string_view name = WithoutBlanksAtEdges(value);
  if (IsFold(name)) return std::string(name);
  const std::string number = FoldText(name);
  constexpr size_t kMostDigits = 3;
  const bool counts = !number.empty() && number.size() <= kMostDigits &&
                      std::all_of(number.begin(), number.end(), IsDigit);
  return counts ? std::optional("fold-" + number) : std::nullopt;
}

bool IsFlag(std::string_view value) {
  constexpr std::array<std::string_view, 12> kFlags = {"0", "1", "true", "false", "yes", "no",
                                                       "y", "n", "t",    "f",     "是",  "否"};
  const std::string folded = FoldText(WithoutBlanksAtEdges(value));
  return std::find(kFlags.begin(), kFlags.end(), folded) != kFlags.end();
}

std::string PartInName(std::string_view name) {
  const Words words(name);
  Together together;
  size_t begin = std::string::npos;
  size_t end = 0;
  for (const Run& run : words.runs) {
    std::vector<Says> said;
    if (!TakeApart(words.At(run), said)) TakeWordsInside(words.At(run), said);
    Together here;
    for (const Says each : said) {
      here.Take(each);
      together.Take(each);
    }
    if (!here.any()) continue;
    begin = std::min(begin, run.begin);
    end = run.end;
  }
  if (!together.any()) return {};
  const std::string named = words.folded.substr(begin, end - begin);
  return std::string(together.Part().value_or(named));
}

}  // namespace roentgen
